"""Why MLMD refused a write: found out only then, so that a write that succeeds pays nothing."""

import re
from collections.abc import Callable

from converters import names
from converters.entity import Entity, Kind
from converters.filters.mlmd_text import equals
from converters.kinds import JsonObject, Node
from converters.lookalikes import pairs
from model_registry_proxy.errors import AlreadyExists, BadRequest, Conflict, RegistryError, Rejected, StoreError
from model_registry_proxy.mlmd.listings import Listing
from model_registry_proxy.registry.registry import Registry, no_such

_CLASH = re.compile(r"UNIQUE constraint failed: (.+?) query|Duplicate entry .* for key '([^']+)'", re.DOTALL)
"""How SQLite and MySQL say that something unique is there already."""
_SAME = "this store's database takes for the same"
_REMEDIES = {
    True: "MySQL ignores spaces at the end: choose another name.",
    False: "Choose another name, or let the operator convert the database to COLLATE utf8mb4_bin (docs/deployment.md).",
}
"""By whether the two differ in spaces at the end alone."""
_TOO_LONG = ("Data too long", "value too long for")
"""How MySQL and PostgreSQL say that a text does not fit its column."""


async def explain(
    registry: Registry, entity: type[Entity], node: Node, body: JsonObject, error: StoreError
) -> RegistryError:
    """What to tell the client about a refused write of `node`, which `body` asked for."""
    by_database = not isinstance(
        error, AlreadyExists | Rejected
    )  # the words of these hold names that clients have chosen
    if by_database and any(words in error.details for words in _TOO_LONG):
        return BadRequest("A value is longer than this store's database keeps.")
    if isinstance(error, Rejected) and node.id:
        return await not_changeable(registry, entity, node.id, body) or error
    if clash := _CLASH.search(error.details):
        return await _clashing(registry, entity, node, body, next(filter(None, clash.groups())))
    if isinstance(error, AlreadyExists):
        return Conflict(f"Another {entity.words} named {body.get('name')!r} already exists{_where(entity, body)}.")
    return error


async def _clashing(
    registry: Registry, entity: type[Entity], node: Node, body: JsonObject, index: str
) -> RegistryError:
    """Something unique is there already, or looks so to the database: `index` is its name for what clashes."""
    external_id = body.get("externalId")
    if external_id and "external" in index.lower():
        others = await registry.store.find_by_external_id(entity.kind, external_id)
        bearer = f": {_told(registry, others[0])} has it." if others else ""
        like = bearer or await _lookalike(
            registry, entity, external_id, equals("external_id", external_id), _external_id
        )
        return Conflict(f"externalId {external_id!r} already exists{like}")
    if any(word in index.lower() for word in ("property", "primary")):
        pair = next(pairs(body.get("customProperties") or ()), None)
        which = f"{pair[0]!r} and {pair[1]!r}" if pair else "two names"
        return BadRequest(f"customProperties has {which}, which {_SAME}. {_remedy(*pair or ('', 'x'))}")
    found = await registry.store.find_by_name(entity.kind, entity.stored_as, node.name)
    name = str(body.get("name"))
    like = "." if found else await _lookalike(registry, entity, name, equals("name", node.name), _name)
    return Conflict(f"Another {entity.words} named {name!r} already exists{_where(entity, body)}{like}")


async def _lookalike(
    registry: Registry, entity: type[Entity], text: str, condition: str, of: Callable[[type[Entity], Node], str]
) -> str:
    """Which text the database takes for `text`, where the client may see its node, and what helps."""
    conditions = (f"type_id = {registry.type_id(entity)}", condition)
    found, _ = await registry.store.list_nodes(Listing(entity.kind, conditions=conditions))
    shown = await registry.shown(found) if registry.hides else found
    if len(shown) != 1:
        return f", or one that {_SAME}. {_remedy(text, text.rstrip(' '))}"
    other = of(entity, shown[0])
    return f": it is {other!r}, which {_SAME}. {_remedy(text, other)}"


def _name(entity: type[Entity], node: Node) -> str:
    return names.split(entity, node.name)[1]


def _external_id(_: type[Entity], node: Node) -> str:
    return node.external_id


def _remedy(one: str, other: str) -> str:
    return _REMEDIES[one != other and one.rstrip(" ") == other.rstrip(" ")]


async def not_changeable(registry: Registry, entity: type[Entity], id_: int, body: JsonObject) -> RegistryError | None:
    """Why `body` cannot change what has this id: there is nothing, or it is of another type; `None` where it can."""
    node = await registry.store.get(entity.kind, id_)
    stored = registry.entity_of(node) if node else None
    if stored is entity:
        return None
    if "artifactType" in body and stored and stored.is_listed and stored.kind is Kind.ARTIFACT:
        return BadRequest(
            f"cannot change artifact type from '{stored.artifact_type}' to '{entity.artifact_type}': "
            f"artifact {id_} keeps the type that it was created with."
        )
    return no_such(entity, id_)


def _told(registry: Registry, node: Node) -> str:
    entity = registry.entity_of(node)
    return f"the {entity.words if entity else 'node'} with id {node.id}"


def _where(entity: type[Entity], body: JsonObject) -> str:
    return f" under {entity.parent.words} {body[entity.parent_id]}" if entity.parent and entity.parent_id else ""
