"""Why the store refused a write, in words for the client. It is looked up only then: a write that succeeds pays nothing."""

from collections.abc import Callable

from converters import names
from converters.entity import Entity, Kind
from converters.kinds import JsonObject, Node
from converters.lookalikes import pairs
from model_registry_proxy.errors import BadRequest, Conflict, RegistryError, StoreError
from model_registry_proxy.mlmd import port
from model_registry_proxy.mlmd.listing import Criterion, ExternalIdIs, Listing, NameIs
from model_registry_proxy.mlmd.port import Taken
from model_registry_proxy.registry.request import Request, no_such

_SAME = "this store's database takes for the same"
_REMEDIES = {
    True: "MySQL ignores spaces at the end: choose another name.",
    False: "Choose another name, or let the operator convert the database to COLLATE utf8mb4_bin (docs/deployment.md).",
}
"""By whether the two texts differ only in spaces at the end."""


async def explain(
    request: Request, entity: type[Entity], node: Node, body: JsonObject, error: StoreError
) -> RegistryError:
    """Returns the error for the client about a refused write of `node`, which `body` asked for."""
    if isinstance(error, port.ValueTooLong):
        return BadRequest("A value is longer than this store's database keeps.")
    if isinstance(error, port.NotFound) and node.id:
        return await not_changeable(request, entity, node.id, body) or error
    if isinstance(error, port.NotUnique | port.AlreadyExists) and error.taken:
        return await _clashing(request, entity, node, body, error.taken)
    if isinstance(error, port.AlreadyExists):
        return Conflict(f"Another {entity.words} named {body.get('name')!r} already exists{_where(entity, body)}.")
    return error


async def _clashing(
    request: Request, entity: type[Entity], node: Node, body: JsonObject, taken: Taken
) -> RegistryError:
    """Something unique is there already, or the database takes two texts for the same."""
    external_id = body.get("externalId")
    if external_id and taken is Taken.EXTERNAL_ID:
        others = await request.store.find_by_external_id(entity.kind, external_id)
        owner = f": {_described(request, others[0])} has it." if others else ""
        like = owner or await _lookalike(request, entity, external_id, ExternalIdIs(external_id), _external_id)
        return Conflict(f"externalId {external_id!r} already exists{like}")
    if taken is Taken.PROPERTY_NAME:
        pair = next(pairs(body.get("customProperties") or ()), None)
        which = f"{pair[0]!r} and {pair[1]!r}" if pair else "two names"
        return BadRequest(f"customProperties has {which}, which {_SAME}. {_remedy(*pair or ('', 'x'))}")
    found = await request.store.find_by_name(entity.kind, entity.stored_as, node.name)
    name = str(body.get("name"))
    like = "." if found else await _lookalike(request, entity, name, NameIs(node.name), _name)
    return Conflict(f"Another {entity.words} named {name!r} already exists{_where(entity, body)}{like}")


async def _lookalike(
    request: Request, entity: type[Entity], text: str, criterion: Criterion, of: Callable[[type[Entity], Node], str]
) -> str:
    """Returns which text the database takes for `text`, where the client may see its node, and what helps."""
    listing = Listing(entity.kind, types=(request.type_id(entity),), criteria=(criterion,))
    page = await request.store.list_nodes(listing)
    visible = await request.access.visible(page.nodes)
    if len(visible) != 1:
        return f", or one that {_SAME}. {_remedy(text, text.rstrip(' '))}"
    other = of(entity, visible[0])
    return f": it is {other!r}, which {_SAME}. {_remedy(text, other)}"


def _name(entity: type[Entity], node: Node) -> str:
    return names.split(entity, node.name)[1]


def _external_id(_: type[Entity], node: Node) -> str:
    return node.external_id


def _remedy(one: str, other: str) -> str:
    return _REMEDIES[one != other and one.rstrip(" ") == other.rstrip(" ")]


async def not_changeable(request: Request, entity: type[Entity], id_: int, body: JsonObject) -> RegistryError | None:
    """Returns why `body` cannot change the node of this id: it is missing, or of another type; `None` where it can."""
    node = await request.store.get(entity.kind, id_)
    stored = request.entity_of(node) if node else None
    if stored is entity:
        return None
    if "artifactType" in body and stored and stored.is_listed and stored.kind is Kind.ARTIFACT:
        return BadRequest(
            f"cannot change artifact type from '{stored.artifact_type}' to '{entity.artifact_type}': "
            f"artifact {id_} keeps the type that it was created with."
        )
    return no_such(entity, id_)


def _described(request: Request, node: Node) -> str:
    entity = request.entity_of(node)
    return f"the {entity.words if entity else 'node'} with id {node.id}"


def _where(entity: type[Entity], body: JsonObject) -> str:
    return f" under {entity.parent.words} {body[entity.parent_id]}" if entity.parent and entity.parent_id else ""
