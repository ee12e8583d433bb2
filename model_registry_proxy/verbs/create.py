"""create: a new entity, on its own or below a parent.

Alone: one put. A context below a parent: a put, then its link, since MLMD has no call for both; the link is what makes it
exist. An artifact or execution below a context: one `PutLineageSubgraph`, which is one transaction. Then one read answers.
"""

import asyncio
from collections.abc import Sequence

from converters import names
from converters._generated.metadata_store_pb2 import Context
from converters.entity import Entity, Kind
from converters.kinds import JsonObject, Node, kind_of
from converters.nodes import from_node, to_node
from converters.values import whole_number
from model_registry_proxy.errors import AlreadyExists, StoreError
from model_registry_proxy.mlmd.outages import settled
from model_registry_proxy.registry.known_contexts import Known
from model_registry_proxy.registry.registry import NOWHERE, Registry, check_size
from model_registry_proxy.verbs.arrivals import with_arrival
from model_registry_proxy.verbs.failed_writes import explain
from model_registry_proxy.verbs.namesakes import note_new

_NEVER = float("nan")
_GRACE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Seconds to wait, step by step, for somebody else to link what they have just put."""


async def create(registry: Registry, entity: type[Entity], body: JsonObject, under: Known | None = None) -> JsonObject:
    """Creates `body`, below `under` where the path names a parent, else below the parent that the body names.

    Raises `NotFound` (a parent or a reference), `Conflict` (name or externalId), `BadRequest`.
    """
    body = with_arrival(entity, body)
    parent = under or await _parent_in(registry, entity, body)
    await registry.check_references(entity, body, under=parent)
    node = new_node(registry, entity, body, parent)
    try:
        if parent is None:
            id_ = await put_new(registry, entity, node)
        elif entity.kind is Kind.CONTEXT:
            return await _create_child(registry, entity, node, parent)
        else:
            (id_,) = await _put_below(registry, entity, node, parent)
    except StoreError as error:
        if entity.is_upserted and parent and isinstance(error, AlreadyExists):
            raise  # `attach` updates the namesake
        raise await explain(registry, entity, node, body, error) from None
    return await read(registry, entity, id_, parent.id if parent else NOWHERE)


def new_node(registry: Registry, entity: type[Entity], body: JsonObject, parent: Known | None) -> Node:
    """The node for a new entity. One without a name gets a made-up one, in `body` too."""
    body["name"] = body.get("name") or names.made_up()
    node = to_node(
        entity,
        body,
        type_id=registry.type_id(entity),
        name=names.stored_name(entity, body["name"], parent.id if parent else None),
        own_name=body["name"],
        parent_name=names.split(entity.parent, parent.name)[1] if parent and entity.parent else "",
    )
    check_size(registry, node)
    return node


async def read(registry: Registry, entity: type[Entity], id_: int, below: int | None = None) -> JsonObject:
    """What was just written, as MLMD keeps it."""
    return await registry.row(await registry.node(entity, id_), below)


async def _parent_in(registry: Registry, entity: type[Entity], body: JsonObject) -> Known | None:
    if entity.parent is None or entity.parent_id is None:
        return None
    return await registry.home(entity.parent, whole_number(body[entity.parent_id], entity.parent_id), entity)


async def put_under(registry: Registry, parent: Known, nodes: Sequence[Node]) -> Sequence[int]:
    """Creates artifacts or executions and links them to `parent` in one transaction; answers their ids.

    MLMD finds the parent by type and name. Should the remembered name be gone, because somebody renamed the parent over
    gRPC, MLMD would create another context; the NaN, which no database keeps, makes that fail and undo everything. Should
    another context have got the name since, unknown to us, the nodes are linked to it as well.
    """
    for attempt in range(2):
        context = Context(type_id=parent.type_id, type=_type_name(registry, parent), name=parent.name)
        context.custom_properties["never created"].double_value = _NEVER
        try:
            ids, linked = await _put_once(registry, parent, context, nodes)
        except AlreadyExists:  # a node's name or externalId, whatever the parent's name is by now
            raise
        except StoreError:
            fresh = await _read_again(registry, parent)
            if attempt or fresh == parent:
                raise
            parent = fresh
            continue
        registry.contexts.confirm(parent, linked)
        if linked not in (None, parent.id):  # MLMD cannot undo that link, but the right one need not be missing
            for node, id_ in zip(nodes, ids, strict=True):
                await registry.store.tie(kind_of(node), id_, parent.id)
        return ids
    raise AssertionError


async def put_new(registry: Registry, entity: type[Entity], node: Node) -> int:
    """Puts a new node once, outages or not; answers its id."""

    async def landed() -> int | None:
        found = await _stored(registry, node)
        return found.id if found else None

    return await settled(lambda: registry.store.put(entity.kind, node), landed, registry.store.patience)


async def _put_once(
    registry: Registry, parent: Known, context: Context, nodes: Sequence[Node]
) -> tuple[Sequence[int], int | None]:
    """Puts nodes below a context once, outages or not; answers their ids and that of the context where it is told.

    They are put together or not at all, so one that is found as it was sent tells of all: others may have changed the rest.
    """

    async def landed() -> tuple[Sequence[int], int | None] | None:
        found = [await _namesake(registry, node) for node in nodes]
        ids = [namesake.id for namesake in found if namesake]
        is_there = any(_is_like(registry, node, namesake) for node, namesake in zip(nodes, found, strict=True))
        if len(ids) < len(nodes) or not is_there:
            return None
        for node, id_ in zip(nodes, ids, strict=True):
            await registry.store.tie(kind_of(node), id_, parent.id)
        return ids, None

    return await settled(lambda: registry.store.put_under(parent.id, context, nodes), landed, registry.store.patience)


async def _stored(registry: Registry, node: Node) -> Node | None:
    """The stored node of the name and content of `node`: most likely what an interrupted write of it has made."""
    found = await _namesake(registry, node)
    return found if _is_like(registry, node, found) else None


async def _namesake(registry: Registry, node: Node) -> Node | None:
    entity = registry.entity_of(node)
    return await registry.store.find_by_name(entity.kind, entity.stored_as, node.name) if entity else None


def _is_like(registry: Registry, node: Node, found: Node | None) -> bool:
    entity = registry.entity_of(node)
    return entity is not None and found is not None and _content(entity, found) == _content(entity, node)


def _content(entity: type[Entity], node: Node) -> JsonObject:
    given_by_mlmd = ("id", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch")
    return {key: value for key, value in from_node(entity, node).items() if key not in given_by_mlmd}


def _type_name(registry: Registry, known: Known) -> str:
    entity = registry.entity_of_type(known.type_id)
    return entity.stored_as if entity else ""


async def _read_again(registry: Registry, known: Known) -> Known:
    registry.contexts.forget(known.id)
    return await registry.contexts.get(known.id) or known


async def _create_child(registry: Registry, entity: type[Entity], node: Node, parent: Known) -> JsonObject:
    """Puts a context and links it to its parent. Of several who race for one name, who makes the link has created it."""
    try:
        id_ = await put_new(registry, entity, node)
    except AlreadyExists:
        node.id = id_ = await _left_unlinked(registry, entity, node, parent)
        if not id_:
            raise
        await _complete(registry, entity, node)
    note_new(registry, id_)
    _, row = await asyncio.gather(registry.store.link(id_, parent.id), read(registry, entity, id_))
    return row


async def _complete(registry: Registry, entity: type[Entity], node: Node) -> None:
    """Puts the content of a child that was left without its link; of two who do so at once MySQL may refuse one."""
    try:
        await registry.store.put(entity.kind, node)
    except StoreError as error:
        raise AlreadyExists if "Duplicate entry" in error.details else error from None


async def _put_below(registry: Registry, entity: type[Entity], node: Node, parent: Known) -> Sequence[int]:
    """Puts an artifact or execution with its link."""
    try:
        return await put_under(registry, parent, [node])
    except AlreadyExists:
        if entity.is_upserted:  # the caller updates it, and links it then
            raise
        node.id = await _left_unlinked(registry, entity, node, parent)
        if not node.id:
            raise
        return await put_under(registry, parent, [node])


async def _left_unlinked(registry: Registry, entity: type[Entity], node: Node, parent: Known) -> int:
    """The id of a node of this name whose creation was cut off before its link, if it stays without one for a while; else 0."""
    for seconds in (0, *_GRACE):
        await asyncio.sleep(seconds)
        found = await registry.store.find_by_name(entity.kind, entity.stored_as, node.name)
        if found is None or await registry.store.is_linked(entity.kind, found.id, parent.id):
            return 0
    return found.id if found else 0
