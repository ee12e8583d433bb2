"""list: pages of entities. MLMD's pages of 100 are fetched on until the page asked for is full."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from converters.entities import ARTIFACT_BY_TYPE
from converters.entity import Entity, Stored
from converters.kinds import JsonObject, Node
from model_registry_proxy.mlmd.listings import MOST_LISTED
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.verbs.page_tokens import Place, digest, from_token, to_token
from model_registry_proxy.verbs.walks import Walk, walk_for

_DENSE = 20
"""Ids per row of a type up to which its rows lie close together."""
_MOST_HELD = 16 * 2**20
"""Bytes of nodes after which a page is full, whatever its number of rows: nobody should have to hold a thousand large ones."""
_TICK = 0.002
"""Seconds after which the store's clock, which counts milliseconds, has moved on."""


async def list_(
    registry: Registry, entity: type[Entity], query: Mapping[str, Any], under: tuple[type[Entity], int] | None = None
) -> JsonObject:
    """One page as REST answers it. `under` is the entity and id of the parent that the path names.

    Raises `NotFound` for a missing parent, `BadRequest` for a filter or token that does not fit.
    """
    variants = (ARTIFACT_BY_TYPE[query["artifactType"]],) if query.get("artifactType") else entity.variants()
    return await list_page(registry, walk_for(registry, variants, query, under[1] if under else None), query, under)


async def list_page(
    registry: Registry, walk: Walk, query: Mapping[str, Any], under: tuple[type[Entity], int] | None
) -> JsonObject:
    """The page of `walk` that `query` asks for by `pageSize` and `nextPageToken`."""
    size = min(query.get("pageSize", registry.limits.page), registry.limits.page)
    fingerprint = digest(
        [entity.stored_as for entity in walk.variants], under and [under[0].stored_as, under[1]], walk.question
    )
    token = query.get("nextPageToken")
    place = from_token(token, fingerprint) if token else None
    parent = asyncio.ensure_future(registry.context(*under)) if under else None
    try:
        if place is None and walk.listing.order == "LAST_UPDATE_TIME" and walk.listing.is_ascending:
            place = await _start_of_moving_rows(registry, walk)
        rows, rest = await collect(registry, walk, place, size)
    finally:
        if parent:
            await parent
    return {
        "items": rows,
        "nextPageToken": to_token(rest, fingerprint) if rest else "",
        "pageSize": size,
        "size": len(rows),
    }


async def _start_of_moving_rows(registry: Registry, walk: Walk) -> Place:
    """A walk in ascending order of change ends at what was the newest change when it began.

    Otherwise a row shown early and then changed would move to the end and show up again. The pause keeps a change that
    happens after the first page from bearing the same millisecond.
    """
    descending = replace(walk, listing=replace(walk.listing, is_ascending=False))
    if registry.hides:  # the token must not tell when somebody else's rows have changed
        rows, _ = await collect(registry, descending, None, 1)
        newest = int(rows[0]["lastUpdateTimeSinceEpoch"]) if rows else 0
    else:
        nodes, _ = await registry.store.list_nodes(replace(descending.listing, limit=1))
        newest = nodes[0].last_update_time_since_epoch if nodes else 0
    await asyncio.sleep(_TICK)
    return Place(0, 0, newest)


async def collect(
    registry: Registry, walk: Walk, place: Place | None, size: int
) -> tuple[list[JsonObject], Place | None]:
    """Up to `size` rows behind `place`, and where the next page begins (`None`: nothing follows).

    A page may stay short when as many rows were looked at in vain as the scan limit allows, or when its rows are large; its
    token goes on from there.
    """
    rows: list[JsonObject] = []
    has_tests = bool(walk.tests) or registry.hides
    shown: Node | None = None
    scanned, held = 0, 0
    while True:
        is_sieved = has_tests or scanned > len(rows)  # or rows of other programs are among them
        limit = MOST_LISTED if is_sieved else min(MOST_LISTED, size - len(rows))
        nodes, is_more = await _fetch(registry, walk, place, limit)
        for node, row in await _candidates(registry, walk, nodes):
            if len(rows) == size:
                return rows, walk.place_of(shown, place) if shown else place
            rows.append(row)
            shown = node
        if not is_more:
            return rows, None
        place = walk.place_of(nodes[-1], place)
        scanned += len(nodes)
        if scanned - len(rows) >= registry.limits.scan or (len(rows) == size and not has_tests):
            return rows, place
        held += sum(node.ByteSize() for node in nodes)
        if held > _MOST_HELD:
            return rows, place


async def _fetch(registry: Registry, walk: Walk, place: Place | None, limit: int) -> tuple[Sequence[Node], bool]:
    """The next nodes of a walk and whether more follow.

    The children of a parent that is known to have few are fetched by the call that has no pages: it takes a fifth of the time.
    """
    if walk.family is not None and registry.small_families.has(walk.family):
        family = await registry.store.children(walk.family)
        if len(family) > 2 * MOST_LISTED:
            registry.small_families.drop(walk.family)
        nodes = walk.behind(place, family)
        return nodes[:limit], len(nodes) > limit
    nodes, is_more = await registry.store.list_nodes(walk.after(place, limit))
    if walk.family is not None and place is None and not is_more and not walk.tests:
        registry.small_families.add(walk.family)
    if walk.type_id is not None and nodes:
        _note_density(registry, walk.type_id, nodes, is_more=is_more)
    return nodes, is_more


def _note_density(registry: Registry, type_id: int, nodes: Sequence[Node], *, is_more: bool) -> None:
    """Notes whether rows of a type lie close together by id: MLMD finds the next of them best without the type's index then."""
    if is_more and abs(nodes[-1].id - nodes[0].id) < _DENSE * len(nodes):
        registry.dense_types.add(type_id)
    else:
        registry.dense_types.drop(type_id)


async def _candidates(registry: Registry, walk: Walk, nodes: Sequence[Node]) -> list[tuple[Node, JsonObject]]:
    """The rows of a page of MLMD that are of the right entities and pass every test."""
    ours: Sequence[Node] = [node for node in nodes if registry.entity_of(node) in walk.variants]
    if registry.hides:
        ours = await registry.shown(ours)
    rows = [walk.shown_as(row) for row in await registry.rows(ours, walk.listing.context_id)]
    facts = rows
    if Stored.BY_ATTRIBUTION in walk.needs:
        facts = await registry.with_runs(ours, rows)
    if Stored.OF_PARENT in walk.needs and walk.listing.context_id:
        facts = await registry.with_parent(walk.variants[0], walk.listing.context_id, rows)
    return [
        (node, row) for node, row, fact in zip(ours, rows, facts, strict=True) if all(test(fact) for test in walk.tests)
    ]
