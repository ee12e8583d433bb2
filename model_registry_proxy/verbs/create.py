"""create: a new entity, standalone or below a parent.

Standalone: one put. A context below a parent: a put, then its link, since MLMD has no call for both; the link is what makes it
exist. An artifact or execution below a context: one transaction. Then one read answers.
"""

import asyncio
from collections.abc import Sequence

from converters import names
from converters.entity import Entity, Kind
from converters.idempotency import mark
from converters.kinds import JsonObject, Node
from converters.nodes import to_node
from converters.whole_numbers import whole_number
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.port import AlreadyExists, KnownContext, NotUnique, Taken
from model_registry_proxy.registry.references import check_references
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import NOWHERE, row
from model_registry_proxy.verbs.default_times import with_default_times
from model_registry_proxy.verbs.failed_writes import explain
from model_registry_proxy.verbs.namesakes import note_new
from model_registry_proxy.verbs.replays import created_before, is_replay, is_too_old, made_up

_GRACE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Seconds to wait, step by step, for another request to link the child that it has just put."""


async def create(
    request: Request, entity: type[Entity], body: JsonObject, under: KnownContext | None = None
) -> JsonObject:
    """Creates `body`, below `under` where the path names a parent, else below the parent that the body names.

    Raises `NotFound` (a parent or a reference), `Conflict` (name or externalId), `BadRequest`, `KeyReused`.
    """
    asked = dict(body)
    body = with_default_times(entity, body)
    parent = under or await _parent_in(request, entity, body)
    await check_references(request, entity, body, under=parent)
    node = new_node(request, entity, body, parent)
    try:
        if parent is None:
            id_ = await request.store.put(node)
        elif entity.kind is Kind.CONTEXT:
            return await _create_child(request, entity, node, parent)
        else:
            (id_,) = await _put_below(request, entity, node, parent)
    except StoreError as error:
        if entity.is_upserted and parent and isinstance(error, AlreadyExists):
            raise  # `attach` updates the namesake
        former = await created_before(request, entity, node, error)
        if former and is_replay(request, entity, former):
            return await row(request, former, parent.id if parent else None)
        if former and request.attempt and is_too_old(request, former):
            request.attempt = request.attempt.after(former.id)
            return await create(request, entity, asked, under)
        raise await explain(request, entity, node, body, error) from None
    return await read(request, entity, id_, parent.id if parent else NOWHERE)


def new_node(request: Request, entity: type[Entity], body: JsonObject, parent: KnownContext | None) -> Node:
    """Returns the node for a new entity. A body without a name gets a generated one."""
    body["name"] = body.get("name") or made_up(request, "name")
    node = to_node(
        entity,
        body,
        type_id=request.type_id(entity),
        name=names.stored_name(entity, body["name"], parent.id if parent else made_up(request, "prefix")),
        own_name=body["name"],
        parent_name=names.split(entity.parent, parent.name)[1] if parent and entity.parent else "",
    )
    mark(node, request.attempt)
    request.check_size(node)
    return node


async def read(request: Request, entity: type[Entity], id_: int, below: int | None = None) -> JsonObject:
    """Returns the entity that was just written, as the store has it."""
    return await row(request, await request.node(entity, id_), below)


async def _parent_in(request: Request, entity: type[Entity], body: JsonObject) -> KnownContext | None:
    if entity.parent is None or entity.parent_id is None:
        return None
    return await request.parent(entity.parent, whole_number(body[entity.parent_id], entity.parent_id), entity)


async def _create_child(request: Request, entity: type[Entity], node: Node, parent: KnownContext) -> JsonObject:
    """Puts a context and links it to its parent. Of several requests for one name, the one that makes the link has created it."""
    try:
        id_ = await request.store.put(node)
    except AlreadyExists:
        node.id = id_ = await _left_unlinked(request, entity, node, parent)
        if not id_:
            raise
        await _complete(request, node)
    note_new(request, id_)
    _, answer = await asyncio.gather(request.store.link(id_, parent.id), read(request, entity, id_))
    return answer


async def _complete(request: Request, node: Node) -> None:
    """Puts the content of a child that was left without its link. Of two that do so at the same time MySQL may refuse one."""
    try:
        await request.store.put(node)
    except NotUnique as error:
        taken = None if error.taken is Taken.PROPERTY_NAME else error.taken
        raise AlreadyExists(error.details, taken) from None


async def _put_below(request: Request, entity: type[Entity], node: Node, parent: KnownContext) -> Sequence[int]:
    """Puts an artifact or execution with its link."""
    try:
        return await request.store.put_below(parent, [node])
    except AlreadyExists:
        if entity.is_upserted:  # the caller updates it, and links it then
            raise
        node.id = await _left_unlinked(request, entity, node, parent)
        if not node.id:
            raise
        return await request.store.put_below(parent, [node])


async def _left_unlinked(request: Request, entity: type[Entity], node: Node, parent: KnownContext) -> int:
    """Returns the id of the node of this name if it stays without its link for a while: its creation was cut off. Else 0."""
    for seconds in (0, *_GRACE):
        await asyncio.sleep(seconds)
        found = await request.store.find_by_name(entity.kind, entity.stored_as, node.name)
        if found is None or parent.id in await request.store.owners(entity.kind, found.id):
            return 0
    return found.id if found else 0
