"""update: PATCH by field mask. What the body does not mention is left alone, also by concurrent writers. Two calls.

A change that depends on what is stored (a condition, or numbers that share one companion) reads it first, and takes a turn
of its own among the writes of this process to the entity. For artifacts MLMD itself refuses it when another process has been
quicker; for contexts it has no such way.
"""

from collections.abc import Sequence
from typing import Any

from converters.entity import Entity
from converters.kinds import JsonObject, Node
from converters.nodes import check_order, from_node, merged_for_companion, to_change
from model_registry_proxy.contract import safe_integers
from model_registry_proxy.contract.entity_tags import Tags, as_bytes, tag_of
from model_registry_proxy.errors import ChangedMeanwhile, NotFound, PreconditionFailed, StoreError
from model_registry_proxy.registry.registry import Registry, check_size, no_such
from model_registry_proxy.verbs.failed_writes import explain, not_changeable

_TRIES = 10
_MOST_FIELDS = 32
"""More than an entity has: where none has its share of the largest message, all together are no larger than that."""


async def update(
    registry: Registry, entity: type[Entity], id_: int, body: JsonObject, condition: Tags | None = None
) -> JsonObject:
    """Changes what `body` mentions and answers the whole entity.

    Raises `NotFound`, `PreconditionFailed` where `condition` names no tag of what is stored, `Conflict` (a taken externalId),
    `BadRequest`.
    """
    await change(registry, entity, id_, body, condition)
    return await registry.row(await changeable(registry, entity, id_, body))


async def change(
    registry: Registry, entity: type[Entity], id_: int, body: JsonObject, condition: Tags | None = None
) -> bool:
    """The write of `update`; answers whether there was anything to write."""
    if id_ <= 0:
        raise no_such(entity, id_)
    is_bound = condition is not None or entity.history is not None or _reads_first(registry, entity, body)
    turn = registry.alone if is_bound else registry.alone.beside
    for _ in range(_TRIES):
        try:
            async with turn((entity.kind, id_)):
                return await _change(registry, entity, id_, body, condition)
        except ChangedMeanwhile as error:
            changed = error
    raise changed


def _reads_first(registry: Registry, entity: type[Entity], body: JsonObject) -> bool:
    """Whether `body` touches what shares a companion with numbers that it may not mention, or texts that stand for numbers."""
    stands_for_numbers = registry.safe_integers and safe_integers.may_hold(body)
    return stands_for_numbers or merged_for_companion(entity, body, {}) is not body


async def _change(registry: Registry, entity: type[Entity], id_: int, body: JsonObject, condition: Tags | None) -> bool:
    """Reads first only where a condition says so, `body` refers to others, or it has a number that is bound to another."""
    fields = entity.fields.values()
    refers = any(field.references and body.get(field.rest) for field in fields)
    is_ordered = any(field.not_before and {field.rest, field.not_before} & body.keys() for field in fields)
    shares = _reads_first(registry, entity, body)
    before, merged, seen = None, body, None
    if condition or refers or is_ordered or shares:
        before = await changeable(registry, entity, id_, body)
        if condition and not _is_met(registry, condition, await registry.row(before)):
            raise PreconditionFailed(
                f"The {entity.words} {id_} is not, or no longer, the one that If-Match names; read it again."
            )
        stored = from_node(entity, before)
        await registry.check_references(entity, body, stored)
        check_order(entity, {**stored, **body})
        if registry.safe_integers:
            body = safe_integers.restored(body, stored)
        merged = merged_for_companion(entity, body, stored)
        seen = before if condition or shares else None
    node, mask = to_change(entity, id_, merged, type_id=registry.type_id(entity))
    if not mask:
        await registry.check_change(entity, id_)
        return False
    if node.ByteSize() * _MOST_FIELDS > registry.limits.message:
        check_size(registry, _changed(before or await changeable(registry, entity, id_, body), node, mask))
    try:
        await registry.store.put(entity.kind, node, mask, seen=seen)
    except ChangedMeanwhile:
        raise
    except StoreError as error:
        raise await explain(registry, entity, node, body, error) from None
    return True


def _is_met(registry: Registry, condition: Tags, row: JsonObject) -> bool:
    """Whether a condition names the tag of an entity as it is answered, also with large numbers as text."""
    answers = (row, safe_integers.shown(row)) if registry.safe_integers else (row,)
    return any(condition.match(tag_of(as_bytes(answer))) for answer in answers)


def _changed(stored: Node, change: Node, mask: Sequence[str]) -> Node:
    """What a change makes of a node, as MLMD does it."""
    changed: Any = type(stored)()
    changed.CopyFrom(stored)
    for path in mask:
        place, _, key = path.partition(".")
        if key:
            getattr(changed, place).pop(key, None)
        else:
            changed.ClearField(place)
    changed.MergeFrom(change)
    return changed  # type: ignore[no-any-return]


async def changeable(registry: Registry, entity: type[Entity], id_: int, body: JsonObject) -> Node:
    """The node that `body` is about; raises `NotFound`, or `BadRequest` where `body` says another artifact type."""
    try:
        return await registry.node(entity, id_)
    except NotFound as missing:
        raise await not_changeable(registry, entity, id_, body) or missing from None
