"""update: PATCH by field mask. Fields that the body does not mention stay as they are, also for concurrent writers. Two calls.

A change that depends on what is stored (a condition, or numbers that share one companion) reads it first, and holds the entity's
lock within this process. For artifacts MLMD itself refuses it when another process was quicker; for contexts MLMD has no such way.
Custom properties are replaced as a whole, with the hidden marks of the create among them, so these are read first too.
"""

from collections.abc import Sequence
from typing import Any

from converters.entity import Entity
from converters.idempotency import MARKS, mark
from converters.kinds import JsonObject, Node
from converters.nodes import check_order, from_node, merged_for_companion, to_change
from model_registry_proxy.contract import safe_integers
from model_registry_proxy.contract.entity_tags import Tags, as_bytes, tag_of
from model_registry_proxy.errors import NotFound, PreconditionFailed, StoreError
from model_registry_proxy.mlmd.port import Conflict
from model_registry_proxy.registry.conflicts import until_no_conflict
from model_registry_proxy.registry.references import check_references
from model_registry_proxy.registry.request import Request, no_such
from model_registry_proxy.registry.rows import row
from model_registry_proxy.verbs.failed_writes import explain, not_changeable
from model_registry_proxy.verbs.replays import is_replay

_MOST_FIELDS = 32
"""More than an entity has: where no field has its share of the largest message, all together are no larger than that."""


async def update(
    request: Request, entity: type[Entity], id_: int, body: JsonObject, condition: Tags | None = None
) -> JsonObject:
    """Changes what `body` mentions and returns the whole entity.

    Raises `NotFound`, `PreconditionFailed` where `condition` names no tag of what is stored, `errors.Conflict` (a taken
    externalId), `BadRequest`, and the store's `Conflict` where others have changed it first each time.
    """
    await change(request, entity, id_, body, condition)
    return await row(request, await changeable(request, entity, id_, body))


async def change(
    request: Request, entity: type[Entity], id_: int, body: JsonObject, condition: Tags | None = None
) -> bool:
    """Does the write of `update`; returns whether there was anything to write."""
    if id_ <= 0:
        raise no_such(entity, id_)
    for check in request.registry.checks.get(entity, ()):
        await check(request, id_, body)
    locks, key = request.registry.locks, (entity.kind, id_)
    is_bound = bool(condition or entity.history or request.attempt) or _reads_first(request, entity, body)

    async def attempt() -> bool:
        async with locks.exclusive(key) if is_bound else locks.shared(key):
            return await _change(request, entity, id_, body, condition)

    return await until_no_conflict(attempt)


def _reads_first(request: Request, entity: type[Entity], body: JsonObject) -> bool:
    """Whether `body` touches what shares a companion with numbers that it may not mention, or texts that stand for numbers."""
    stands_for_numbers = request.registry.safe_integers and safe_integers.may_hold(body)
    return stands_for_numbers or merged_for_companion(entity, body, {}) is not body


async def _change(request: Request, entity: type[Entity], id_: int, body: JsonObject, condition: Tags | None) -> bool:
    """Reads first only where a condition or a key requires it, `body` refers to others, or what is in it is bound to more.

    A change that an earlier request with the same key has made is not made again.
    """
    fields = entity.fields.values()
    refers = any(field.references and body.get(field.rest) for field in fields)
    is_ordered = any(field.not_before and {field.rest, field.not_before} & body.keys() for field in fields)
    shares = _reads_first(request, entity, body) or request.attempt is not None
    before, merged, seen = None, body, None
    if condition or refers or is_ordered or shares or "customProperties" in body:
        before = await changeable(request, entity, id_, body)
        if is_replay(request, entity, before):
            return True
        if condition and not _is_met(request, condition, await row(request, before)):
            raise PreconditionFailed(
                f"The {entity.words} {id_} is not, or no longer, the one that If-Match names; read it again."
            )
        stored = from_node(entity, before)
        await check_references(request, entity, body, stored)
        check_order(entity, {**stored, **body})
        if request.registry.safe_integers:
            body = safe_integers.restored(body, stored)
        merged = merged_for_companion(entity, body, stored)
        seen = before if condition or shares else None
    node, mask = to_change(entity, id_, merged, type_id=request.type_id(entity))
    if "custom_properties" in mask or request.attempt:
        mark(node, request.attempt, before)
        mask += [] if "custom_properties" in mask else [f"custom_properties.{MARKS}"]
    if not mask:
        await request.access.check_change(entity, id_)
        return False
    if node.ByteSize() * _MOST_FIELDS > request.limits.message:
        request.check_size(_changed(before or await changeable(request, entity, id_, body), node, mask))
    try:
        await request.store.change(node, mask, seen=seen)
    except Conflict:
        raise
    except StoreError as error:
        raise await explain(request, entity, node, body, error) from None
    return True


def _is_met(request: Request, condition: Tags, answer: JsonObject) -> bool:
    """Whether a condition names the tag of an entity as it is answered, also with large numbers as text."""
    answers = (answer, safe_integers.shown(answer)) if request.registry.safe_integers else (answer,)
    return any(condition.match(tag_of(as_bytes(each))) for each in answers)


def _changed(stored: Node, change: Node, mask: Sequence[str]) -> Node:
    """Returns the node that a change makes of a stored one, by MLMD's rules for masks."""
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


async def changeable(request: Request, entity: type[Entity], id_: int, body: JsonObject) -> Node:
    """Returns the node that `body` is about; raises `NotFound`, or `BadRequest` where `body` names another artifact type."""
    try:
        return await request.node(entity, id_)
    except NotFound as missing:
        raise await not_changeable(request, entity, id_, body) or missing from None
