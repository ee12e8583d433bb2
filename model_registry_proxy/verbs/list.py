"""list: pages of entities. The store's pages of 100 rows are fetched until the page that was asked for is full."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from converters.entities import ARTIFACT_BY_TYPE
from converters.entity import Entity, Kind, Stored
from converters.kinds import JsonObject, Node
from model_registry_proxy.mlmd.listing import MOST_LISTED, Order, Position
from model_registry_proxy.mlmd.port import all_nodes
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import rows, with_attributions, with_parent
from model_registry_proxy.verbs.page_tokens import digest, from_token, to_token
from model_registry_proxy.verbs.scans import Scan, scan_for

_MOST_HELD = 16 * 2**20
"""Bytes of nodes after which a page is full, however few rows it has: a client should not have to hold a thousand large ones."""
_TICK = 0.002
"""Seconds after which the store's clock, which counts milliseconds, has moved on."""


async def list_(
    request: Request, entity: type[Entity], query: Mapping[str, Any], under: tuple[type[Entity], int] | None = None
) -> JsonObject:
    """Returns one page as REST answers it. `under` is the entity and id of the parent in the path.

    Raises `NotFound` for a missing parent, `BadRequest` for a filter or token that does not fit.
    """
    scan = scan_for(request, variants_of(entity, query), query, under[1] if under else None)
    return await list_page(request, scan, query, under)


def variants_of(entity: type[Entity], query: Mapping[str, Any]) -> tuple[type[Entity], ...]:
    """Returns the entities that the rows of a list may be: the one that `artifactType` names, or all variants."""
    return (ARTIFACT_BY_TYPE[query["artifactType"]],) if query.get("artifactType") else entity.variants()


async def list_page(
    request: Request, scan: Scan, query: Mapping[str, Any], under: tuple[type[Entity], int] | None
) -> JsonObject:
    """Returns the page of `scan` that `query` asks for by `pageSize` and `nextPageToken`."""
    size = min(query.get("pageSize", request.limits.page), request.limits.page)
    fingerprint = digest(
        [entity.stored_as for entity in scan.variants], under and [under[0].stored_as, under[1]], scan.question
    )
    token = query.get("nextPageToken")
    position = from_token(token, fingerprint) if token else None
    parent = asyncio.ensure_future(request.context(*under)) if under else None
    try:
        if position is None and scan.listing.order is Order.LAST_UPDATE_TIME and scan.listing.is_ascending:
            position = await start_of_moving_rows(request, scan)
        items, rest = await collect(request, scan, position, size)
    finally:
        if parent:
            await parent
    return {
        "items": items,
        "nextPageToken": to_token(rest, fingerprint) if rest else "",
        "pageSize": size,
        "size": len(items),
    }


async def start_of_moving_rows(request: Request, scan: Scan) -> Position:
    """Returns a start whose limit is the newest change so far: a scan in ascending order of change ends there.

    Otherwise a row that is shown early and then changed would move to the end and show up again. The pause gives a change that
    happens after the first page a later millisecond.
    """
    descending = replace(scan, listing=replace(scan.listing, is_ascending=False))
    if request.access.sees_all:
        first = await anext(all_nodes(request.store, descending.page(None, 1)), None)
        newest = first.last_update_time_since_epoch if first else 0
    else:  # the token must not reveal when rows changed that the user may not see
        found, _ = await collect(request, descending, None, 1)
        newest = int(found[0]["lastUpdateTimeSinceEpoch"]) if found else 0
    await asyncio.sleep(_TICK)
    return Position(0, 0, newest)


async def collect(
    request: Request, scan: Scan, position: Position | None, size: int
) -> tuple[list[JsonObject], Position | None]:
    """Returns up to `size` rows behind `position`, and where the next page begins (`None`: no row follows).

    A page may be short when the scan limit was reached, or when its rows are large; its token continues from there.
    """
    found: list[JsonObject] = []
    has_tests = bool(scan.tests) or not request.access.sees_all
    shown: Node | None = None
    scanned, held = 0, 0
    while True:
        is_sieved = has_tests or scanned > len(found)  # or rows of other programs are among them
        listing = scan.page(position, MOST_LISTED if is_sieved else size - len(found))
        page = await request.store.list_nodes(listing)
        for node, row in await matching(request, scan, page.nodes):
            if len(found) == size:
                return found, listing.position_of(shown) if shown else position
            found.append(row)
            shown = node
        if page.rest is None:
            return found, None
        position = page.rest
        scanned += page.scanned
        if scanned - len(found) >= request.limits.scan or (len(found) == size and not has_tests):
            return found, position
        held += sum(node.ByteSize() for node in page.nodes)
        if held > _MOST_HELD:
            return found, position


async def matching(request: Request, scan: Scan, nodes: Sequence[Node]) -> list[tuple[Node, JsonObject]]:
    """Returns the rows of a page of the store that are of the right entities, visible, and pass every test."""
    ours: Sequence[Node] = [node for node in nodes if request.entity_of(node) in scan.variants]
    if not request.access.sees_all:
        ours = await request.access.visible(ours)
    below = scan.listing.below if scan.listing.kind is not Kind.CONTEXT else None
    found = [scan.shown_as(row) for row in await rows(request, ours, below)]
    facts = found
    if Stored.BY_ATTRIBUTION in scan.needs:
        facts = await with_attributions(request, ours, found)
    if Stored.OF_PARENT in scan.needs and below:
        facts = await with_parent(request, scan.variants[0], below, found)
    return [
        (node, row)
        for node, row, fact in zip(ours, found, facts, strict=True)
        if all(test(fact) for test in scan.tests)
    ]
