"""newest: the entity that was created last below each of many parents, in a few calls."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from converters.entity import Entity
from converters.kinds import JsonObject, Node
from model_registry_proxy.errors import BadRequest
from model_registry_proxy.mlmd.listing import Order
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row
from model_registry_proxy.verbs.id_lists import ids_in
from model_registry_proxy.verbs.list import list_

_MOST_PARENTS = 200


async def newest(request: Request, entity: type[Entity], query: Mapping[str, Any]) -> JsonObject:
    """Returns, for each parent that `ids` names, its id and its newest entity; a parent without one is left out.

    So is one that does not exist or is hidden. Raises `BadRequest` where no id is named, or too many.
    """
    parent = entity.parent
    assert parent  # noqa: S101 (the table of operations binds no other entity)
    ids = ids_in(query.get("ids", ""), "ids", _MOST_PARENTS)
    if not ids:
        raise BadRequest(f"ids must name {parent.words}s by their ids, separated by commas.")
    parents = await asyncio.gather(*(request.store.get(parent.kind, id_) for id_ in ids if id_ > 0))
    shown = [node.id for node in parents if node is not None and request.entity_of(node) is parent]
    found = await _newest(request, entity, shown)
    key = f"{parent.json_name()}Id"
    items = [{key: str(id_), entity.json_name(): found[id_]} for id_ in shown if id_ in found]
    return {"items": items, "size": len(items)}


async def _newest(request: Request, entity: type[Entity], parents: Sequence[int]) -> Mapping[int, JsonObject]:
    """The newest entity that the user may see below each parent. Where the newest of all is hidden, that parent takes a list."""
    nodes = await request.store.newest(entity.kind, request.type_id(entity), parents)
    visible = {node.id for node in await request.access.visible(list(nodes.values()))}
    found = await asyncio.gather(*(_seen(request, entity, id_, node, visible) for id_, node in nodes.items()))
    return {id_: item for id_, item in zip(nodes, found, strict=True) if item}


async def _seen(
    request: Request, entity: type[Entity], parent: int, node: Node, visible: set[int]
) -> JsonObject | None:
    if node.id in visible:
        return await row(request, node, parent)
    assert entity.parent  # noqa: S101 (see `newest`)
    query = {"pageSize": 1, "orderBy": Order.CREATE_TIME.value, "sortOrder": "DESC"}
    page = await list_(request, entity, query, (entity.parent, parent))
    return next(iter(page["items"]), None)
