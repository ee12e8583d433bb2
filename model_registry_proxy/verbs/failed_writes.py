"""Why MLMD refused a write: found out only then, so that a write that succeeds pays nothing."""

from converters.entities import Entity, Kind
from converters.nodes import JsonObject, Node
from model_registry_proxy.errors import AlreadyExists, BadRequest, Conflict, RegistryError, Rejected, StoreError
from model_registry_proxy.registry import Registry, no_such

_SMALL = 2**31
_TOO_LARGE = ("Out of range value", "Data too long", "out of range for")


async def explain(
    registry: Registry, entity: type[Entity], node: Node, body: JsonObject, error: StoreError
) -> RegistryError:
    """What to tell the client about a refused write of `node`, which `body` asked for."""
    if any(words in error.details for words in _TOO_LARGE):
        return BadRequest(_too_large(body))
    if isinstance(error, Rejected) and node.id:
        return await not_changeable(registry, entity, node.id, body) or error
    external_id = body.get("externalId")
    if external_id:
        others = [other.id for other in await registry.store.find_by_external_id(entity.kind, external_id)]
        if others and others != [node.id]:
            return Conflict(f"externalId {external_id!r} is taken by the {entity.kind} with id {others[0]}.")
    if isinstance(error, AlreadyExists):
        return Conflict(f"A {entity.words} named {body.get('name')!r} exists already{_where(entity, body)}.")
    return error


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


def _where(entity: type[Entity], body: JsonObject) -> str:
    return f" under {entity.parent.words} {body[entity.parent_id]}" if entity.parent and entity.parent_id else ""


def _too_large(body: JsonObject) -> str:
    numbers = {key: value for key, value in body.items() if isinstance(value, int)}
    numbers |= {
        f"customProperties.{key}": int(value["int_value"])
        for key, value in (body.get("customProperties") or {}).items()
        if "int_value" in value
    }
    for place, number in numbers.items():
        if not -_SMALL <= number < _SMALL:
            return f"{place} is {number}, but this store's database keeps whole numbers of 32 bits only."
    return "A value is longer than this store's database keeps."
