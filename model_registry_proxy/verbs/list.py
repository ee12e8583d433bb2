"""list: pages of entities. MLMD's pages of 100 are fetched on until the page asked for is full."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from converters.entities import ARTIFACT_BY_TYPE, ENTITIES, Entity, Kind
from converters.filters import parse_filter
from converters.nodes import JsonObject, Node
from model_registry_proxy.metadata_store import MOST_LISTED, Listing
from model_registry_proxy.page_tokens import Place, digest, from_token, to_token
from model_registry_proxy.registry import Registry
from model_registry_proxy.verbs import conditions

Wanted = Callable[[JsonObject], bool]

_TIMES = {"CREATE_TIME": "create_time_since_epoch", "LAST_UPDATE_TIME": "last_update_time_since_epoch"}
_TICK = 0.002
"""Seconds after which the store's clock, which counts milliseconds, has moved on."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A question for a list: what MLMD is asked, of which entities its rows may be, and which of these count."""

    listing: Listing
    variants: tuple[type[Entity], ...]
    tests: tuple[Wanted, ...]
    needs_runs: bool = False
    family: int | None = None
    shown_as: Callable[[JsonObject], JsonObject] = lambda row: row

    @property
    def time(self) -> str | None:
        """The node's attribute that orders the walk; `None` for one by id."""
        return _TIMES.get(self.listing.order)

    def after(self, place: Place | None, limit: int) -> Listing:
        """What to ask MLMD for the rows behind `place`."""
        if place is None:
            return replace(self.listing, limit=limit)
        if self.time is None:
            return replace(self.listing, limit=limit, after_id=place.id)
        bounds = conditions.behind(self.time, place, is_ascending=self.listing.is_ascending)
        return replace(self.listing, limit=limit, conditions=(*self.listing.conditions, *bounds))

    def behind(self, place: Place | None, nodes: Sequence[Node]) -> list[Node]:
        """What `after` asks for, of nodes that are at hand."""
        keys = {node.id: (getattr(node, self.time) if self.time else 0, node.id) for node in nodes}
        rest = [node for node in nodes if not place or not place.until or keys[node.id][0] <= place.until]
        if place:
            mark = (place.time, place.id)
            rest = [
                node for node in rest if (keys[node.id] > mark if self.listing.is_ascending else keys[node.id] < mark)
            ]
        return sorted(rest, key=lambda node: keys[node.id], reverse=not self.listing.is_ascending)

    def place_of(self, node: Node, before: Place | None) -> Place:
        """Where the walk stands when `node` is the last row shown."""
        return Place(node.id, getattr(node, self.time) if self.time else 0, before.until if before else 0)


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
    asked = {key: value for key, value in query.items() if key not in ("pageSize", "nextPageToken")}
    fingerprint = digest(
        [entity.stored_as for entity in walk.variants], under and [under[0].stored_as, under[1]], asked
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


def walk_for(
    registry: Registry,
    variants: tuple[type[Entity], ...],
    query: Mapping[str, Any],
    parent: int | None,
) -> Walk:
    """The walk that a question needs, below a parent or everywhere; raises `FilterError`."""
    kind = variants[0].kind
    wide: list[str] = []
    tests: list[Wanted] = []
    needs_runs = False
    type_name = variants[0].stored_as if len(variants) == 1 else None
    if kind is Kind.CONTEXT and parent is not None:
        wide.append(conditions.child_of(parent))
    if kind is not Kind.CONTEXT and (parent is not None or type_name is None):
        wide.extend(_type_conditions(registry, variants))
    if name := query.get("name"):
        wide.append(conditions.named(variants[0], parent, name))
        tests.append(lambda row: row.get("name") == name)
    if external_id := query.get("externalId"):
        wide.append(conditions.with_external_id(external_id))
        tests.append(lambda row: row.get("externalId") == external_id)
    if (text := query.get("filterQuery")) and (chosen := parse_filter(text, variants)):
        wide.extend([chosen.wide_query] if chosen.wide_query else [])
        tests.append(chosen.matches)
        needs_runs = chosen.needs_runs and kind is Kind.ARTIFACT
    listing = Listing(
        kind,
        type_name,
        context_id=parent if kind is not Kind.CONTEXT else None,
        conditions=tuple(wide),
        order=query.get("orderBy", "ID"),
        is_ascending=query.get("sortOrder", "ASC") == "ASC",
    )
    family = parent if kind is Kind.CONTEXT else None
    return Walk(listing, variants, tuple(tests), needs_runs, family)


def _type_conditions(registry: Registry, variants: tuple[type[Entity], ...]) -> Sequence[str]:
    """Keeps other types out: all but one where one is wanted, else those that no list shows."""
    if len(variants) == 1:
        return [f"type_id = {registry.type_id(variants[0])}"]
    hidden = (entity for entity in ENTITIES if entity.kind is variants[0].kind and not entity.is_listed)
    return [f"type_id != {registry.type_id(entity)}" for entity in hidden]


async def _start_of_moving_rows(registry: Registry, walk: Walk) -> Place:
    """A walk in ascending order of change ends at what was the newest change when it began.

    Otherwise a row shown early and then changed would move to the end and show up again. The pause keeps a change that
    happens after the first page from bearing the same millisecond.
    """
    nodes, _ = await registry.store.list_nodes(replace(walk.listing, is_ascending=False, limit=1))
    await asyncio.sleep(_TICK)
    return Place(0, 0, nodes[0].last_update_time_since_epoch if nodes else 0)


async def collect(
    registry: Registry, walk: Walk, place: Place | None, size: int
) -> tuple[list[JsonObject], Place | None]:
    """Up to `size` rows behind `place`, and where the next page begins (`None`: nothing follows).

    A page may stay short when as many rows were looked at in vain as the scan limit allows; its token goes on from there.
    """
    rows: list[JsonObject] = []
    shown, scanned = place, 0
    while True:
        is_sieved = bool(walk.tests) or scanned > len(rows)  # or rows of other programs are among them
        limit = MOST_LISTED if is_sieved else min(MOST_LISTED, size - len(rows))
        nodes, is_more = await _fetch(registry, walk, place, limit)
        for node, row in await _candidates(registry, walk, nodes):
            if len(rows) == size:
                return rows, shown
            rows.append(row)
            shown = walk.place_of(node, place)
        if not is_more:
            return rows, None
        place = walk.place_of(nodes[-1], place)
        scanned += len(nodes)
        if scanned - len(rows) >= registry.limits.scan or (len(rows) == size and not walk.tests):
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
    fetched = await registry.store.list_nodes(walk.after(place, limit))
    if walk.family is not None and place is None and not fetched[1] and not walk.tests:
        registry.small_families.add(walk.family)
    return fetched


async def _candidates(registry: Registry, walk: Walk, nodes: Sequence[Node]) -> list[tuple[Node, JsonObject]]:
    """The rows of a page of MLMD that are of the right entities and pass every test."""
    ours = [node for node in nodes if registry.entity_of(node) in walk.variants]
    rows = [walk.shown_as(row) for row in await registry.rows(ours)]
    facts = await registry.with_runs(ours, rows) if walk.needs_runs else rows
    return [
        (node, row) for node, row, fact in zip(ours, rows, facts, strict=True) if all(test(fact) for test in walk.tests)
    ]
