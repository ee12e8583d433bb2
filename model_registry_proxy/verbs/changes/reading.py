"""Finds the rows of one kind that have changed behind a place, oldest first."""

import time
from collections.abc import Sequence
from dataclasses import replace

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.listing import Listing, Order, Position
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.changes.cursor import MOST_SEEN, OVERLAP_MS, STABLE_MS, FeedPosition, Version


async def changed(
    request: Request, kind: Kind, types: Sequence[int], place: FeedPosition, most: int
) -> tuple[list[Node], FeedPosition]:
    """Returns at most `most` rows of these types that are new behind `place`, and the place behind them."""
    listing = _listing(kind, types)
    stable = await _stable_until(request, listing)
    found: list[Node] = []
    last = Position(place.id, place.time)
    seen = set(place.seen)
    position: Position | None = last if last.time else None
    while True:
        page = await request.store.list_nodes(replace(listing, after=position))
        for node in page.nodes:
            version = node.id, node.last_update_time_since_epoch
            is_stable = version[1] <= stable
            if version not in seen:
                if len(found) == most or (not is_stable and len(seen) >= MOST_SEEN):
                    return found, _behind(last, seen)
                found.append(node)
            if is_stable:
                last = Position(*version)
            else:
                seen.add(version)
        if page.rest is None:
            return found, _behind(last, seen)
        position = page.rest


async def now(request: Request, kind: Kind, types: Sequence[int]) -> FeedPosition:
    """Returns the place behind all that the store has now."""
    stable = await _stable_until(request, _listing(kind, types))
    _, place = await changed(request, kind, types, FeedPosition(max(stable, 0)), MOST_SEEN)
    return place


def _behind(last: Position, seen: set[Version]) -> FeedPosition:
    return FeedPosition(
        last.time, last.id, frozenset((id_, time) for id_, time in seen if (time, id_) > (last.time, last.id))
    )


async def _stable_until(request: Request, listing: Listing) -> int:
    """Returns the time up to which no further row may appear. It follows the clock of the store, that of its newest row."""
    page = await request.store.list_nodes(replace(listing, is_ascending=False, limit=1))
    newest = page.nodes[0].last_update_time_since_epoch if page.nodes else 0
    return max(newest - OVERLAP_MS, time.time_ns() // 1_000_000 - STABLE_MS)


def _listing(kind: Kind, types: Sequence[int]) -> Listing:
    return Listing(kind, types=tuple(types), order=Order.LAST_UPDATE_TIME)
