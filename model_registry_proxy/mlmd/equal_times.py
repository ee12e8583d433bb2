"""Lists by time where more rows have the same time than fit into a page (see `list_tokens.py` for how MLMD goes on)."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.list_tokens import Start, at_time, behind_id, start_of
from model_registry_proxy.mlmd.listing import Listing, Order, Position
from model_registry_proxy.mlmd.memory import Memory

_MOST_LISTED_IDS = 500
"""With more changes at one time, rows of that time are found by their ids; MLMD would get the ids of all that were shown."""


class Found(NamedTuple):
    """Rows behind a position, where the next rows begin (`None`: no row follows), and how many rows were looked at."""

    nodes: list[Node]
    rest: Position | None
    scanned: int


class Fetch(Protocol):
    """Fetches a page of rows from a start on, in the order of the list or in another."""

    async def __call__(self, start: Start | None, order: Order | None = None) -> tuple[Sequence[Node], bool]:
        """Returns rows, and whether more follow."""


def found(listing: Listing, nodes: list[Node], *, is_more: bool) -> Found:
    """Returns the rows of a page; the next ones begin behind the last row."""
    return Found(nodes, listing.position_of(nodes[-1]) if is_more and nodes else None, len(nodes))


class EqualTimes:
    """Finds the rows behind a position in an order of times."""

    def __init__(self) -> None:
        self._frequent: Memory[tuple[Kind, int], bool] = Memory()
        """Times in ms at which very many rows have changed."""

    async def behind(self, listing: Listing, after: Position, fetch: Fetch) -> Found:
        """Returns the next rows behind `after`."""
        if listing.order is Order.LAST_UPDATE_TIME and (listing.kind, after.time) in self._frequent:
            return await _behind_frequent_change(listing, after, fetch)
        nodes, is_more = await fetch(start_of(listing))
        rows = listing.behind(nodes)
        if listing.order is Order.CREATE_TIME and is_more and not rows and _time(listing, nodes) == after.time:
            return await _behind_equal_creations(listing, after, fetch)
        listed: list[int] = []
        while is_more and not rows and _time(listing, nodes) == after.time:  # rows of later times are behind `until`
            listed += [node.id for node in nodes]
            if len(listed) >= _MOST_LISTED_IDS:
                self._frequent[listing.kind, after.time] = True
                return await _behind_frequent_change(listing, after, fetch)
            nodes, is_more = await fetch(Start(after.time, listed=listed))
            rows = listing.behind(nodes)
        return found(listing, rows, is_more=is_more and not _ends(listing, after, nodes))


async def _behind_equal_creations(listing: Listing, after: Position, fetch: Fetch) -> Found:
    """MLMD goes on by id among rows of one time only; the rows of the next times are asked for by time."""
    nodes, is_more = await fetch(Start(after.time, after.id))
    same = [node for node in nodes if node.create_time_since_epoch == after.time]
    if is_more and len(same) == len(nodes):
        return found(listing, same, is_more=True)
    later, is_more = await fetch(_next_time(listing, after))
    return found(listing, [*same, *later], is_more=is_more)


async def _behind_frequent_change(listing: Listing, after: Position, fetch: Fetch) -> Found:
    """Rows of the time of `after` are found in the order of ids, up to the last row of the store."""
    nodes, is_more = await fetch(behind_id(after.id), Order.ID)
    same = [node for node in nodes if node.last_update_time_since_epoch == after.time]
    if is_more:
        return Found(same, after._replace(id=nodes[-1].id), len(nodes))
    nodes, is_more = await fetch(_next_time(listing, after))
    later = listing.behind(nodes)
    rows = found(listing, later, is_more=is_more and not _ends(listing, after, nodes))
    return Found([*same, *later], rows.rest, len(same) + len(later))


def _next_time(listing: Listing, after: Position) -> Start:
    return at_time(listing, after.time + (1 if listing.is_ascending else -1))


def _time(listing: Listing, nodes: Sequence[Node]) -> int:
    """Returns the time of the last row."""
    return listing.position_of(nodes[-1]).time


def _ends(listing: Listing, after: Position, nodes: Sequence[Node]) -> bool:
    """Returns whether the last row is behind the limit of a position."""
    return bool(after.until and nodes and _time(listing, nodes) > after.until)
