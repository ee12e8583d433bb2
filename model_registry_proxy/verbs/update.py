"""update: PATCH by field mask. What the body does not mention is left alone, also by concurrent writers. Two calls."""

from converters.entities import Entity
from converters.nodes import JsonObject, Node, check_order, from_node, merged_for_exact_doubles, to_change
from model_registry_proxy.errors import NotFound, StoreError
from model_registry_proxy.registry import Registry, no_such
from model_registry_proxy.verbs.failed_writes import explain, not_changeable


async def update(registry: Registry, entity: type[Entity], id_: int, body: JsonObject) -> JsonObject:
    """Changes what `body` mentions and answers the whole entity.

    Raises `NotFound`, `Conflict` (a taken externalId), `BadRequest`.
    """
    await change(registry, entity, id_, body)
    return await registry.row(await changeable(registry, entity, id_, body))


async def change(registry: Registry, entity: type[Entity], id_: int, body: JsonObject) -> bool:
    """The write of `update`; answers whether there was anything to write.

    What has a history is also written as a whole, with what was read before: such writes take turns.
    """
    if entity.history is None:
        return await _change(registry, entity, id_, body)
    async with registry.alone(id_):
        return await _change(registry, entity, id_, body)


async def _change(registry: Registry, entity: type[Entity], id_: int, body: JsonObject) -> bool:
    """Reads first only where `body` refers to others, touches exact doubles, or has a number that is bound to another."""
    if id_ <= 0:
        raise no_such(entity, id_)
    fields = entity.fields.values()
    refers = any(field.references and body.get(field.rest) for field in fields)
    is_ordered = any(field.not_before and {field.rest, field.not_before} & body.keys() for field in fields)
    merged = body
    if refers or is_ordered or merged_for_exact_doubles(entity, body, {}) is not body:
        stored = from_node(entity, await changeable(registry, entity, id_, body))
        await registry.check_references(entity, body, stored)
        check_order(entity, {**stored, **body})
        merged = merged_for_exact_doubles(entity, body, stored)
    node, mask = to_change(entity, id_, merged, type_id=registry.type_id(entity))
    if not mask:
        await registry.check_change(entity, id_)
        return False
    try:
        await registry.store.put(entity.kind, node, mask)
    except StoreError as error:
        raise await explain(registry, entity, node, body, error) from None
    return True


async def changeable(registry: Registry, entity: type[Entity], id_: int, body: JsonObject) -> Node:
    """The node that `body` is about; raises `NotFound`, or `BadRequest` where `body` says another artifact type."""
    try:
        return await registry.node(entity, id_)
    except NotFound as missing:
        raise await not_changeable(registry, entity, id_, body) or missing from None
