"""A page of a list: what a listing describes, in which order, and where the next page begins."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from converters.companion import kept_as
from converters.entity import Kind
from converters.filters import Filter
from converters.kinds import Node

MOST_LISTED = 100
"""Rows of one page of a store. Above it an MLMD server drops its page token, and the rest is out of reach."""


class Row(Protocol):
    """What places a row in a list: a node, or what is known of one. It has the times of a node too."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def type_id(self) -> int:
        """The id of its MLMD type."""

    @property
    def name(self) -> str:
        """Its stored name."""


AnyRow = TypeVar("AnyRow", bound=Row)


class Position(NamedTuple):
    """A position in a sorted list: the id of the last row shown, and its time in ms since the epoch (0 in the order of ids).

    `until`: rows of a later time are left out; 0 for no limit.
    """

    id: int
    time: int = 0
    until: int = 0


class Page(NamedTuple):
    """One page of a list: its nodes, and where the next page begins (`None`: no row follows).

    `nodes` may be empty although rows follow. `scanned` counts the rows that the store looked at.
    """

    nodes: list[Node]
    rest: Position | None
    scanned: int


class Order(enum.StrEnum):
    """The orders of a list. Rows of one time are sorted by id."""

    ID = "ID"
    CREATE_TIME = "CREATE_TIME"
    LAST_UPDATE_TIME = "LAST_UPDATE_TIME"


@dataclass(frozen=True, slots=True)
class NameIs:
    """Nodes by name: their stored name is `prefix`, a colon and `name`; without a colon where `prefix` is `None`.

    `any_prefix`: whatever stands before the colon, or no colon at all. `suffix`: text that must follow, with anything after it.
    """

    name: str
    prefix: str | None = None
    any_prefix: bool = False
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class NameBegins:
    """Nodes whose stored name begins with this text."""

    beginning: str


@dataclass(frozen=True, slots=True)
class CreatedUntil:
    """Nodes that were created at this time or before it, in ms since the epoch."""

    time: int


@dataclass(frozen=True, slots=True)
class ExternalIdIs:
    """Nodes with this external id."""

    external_id: str


@dataclass(frozen=True, slots=True)
class NumberIn:
    """Nodes whose property of this stored name is one of these whole numbers, or what a column of 32 bits keeps for it."""

    stored: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MadeStandalone:
    """Nodes whose stored name begins with a UUID, as names of artifacts do that were created without a parent."""


Criterion = NameIs | NameBegins | CreatedUntil | ExternalIdIs | NumberIn | MadeStandalone


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of nodes of one kind. A store may return more nodes than the criteria describe; the caller checks each row.

    `types` are the ids of the types that are wanted (none: all), `without` those that are not. `below` is a context: for
    contexts their parent, for others the context that they are linked to. `limit` is the number of nodes that are wanted: a page
    has at most so many.
    """

    kind: Kind
    types: tuple[int, ...] = ()
    without: tuple[int, ...] = ()
    below: int | None = None
    criteria: tuple[Criterion, ...] = ()
    filter: Filter | None = None
    order: Order = Order.ID
    is_ascending: bool = True
    limit: int = MOST_LISTED
    after: Position | None = None

    def has_type_of(self, node: Row) -> bool:
        """Returns whether a node is of a type that is wanted."""
        return (not self.types or node.type_id in self.types) and node.type_id not in self.without

    def takes(self, node: Node) -> bool:
        """Returns whether a node is of a type that is wanted and meets all criteria. `below` and `filter` are not looked at."""
        return self.has_type_of(node) and all(_meets(criterion, node) for criterion in self.criteria)

    def may_take(self, node: Row) -> bool:
        """Returns whether a node may be one that `takes` accepts, as far as its type and name show."""
        return self.has_type_of(node) and all(_may_meet(criterion, node.name) for criterion in self.criteria)

    @property
    def time(self) -> str | None:
        """The attribute of a node that orders the list; `None` in the order of ids."""
        return _TIMES.get(self.order)

    def position_of(self, node: Row) -> Position:
        """Returns the position behind `node`; its `until` is that of `after`."""
        time = getattr(node, self.time) if self.time else 0
        return Position(node.id, time, self.after.until if self.after else 0)

    def page(self, nodes: Sequence[Node], *, is_more: bool = False, scanned: int | None = None) -> Page:
        """Returns the first of `nodes`, which are sorted, as a page. `is_more`: rows follow behind them.

        `scanned` is the number of rows that were looked at; by default that of the nodes.
        """
        shown = list(nodes[: self.limit])
        is_more = is_more or len(nodes) > len(shown)
        return Page(shown, self.position_of(shown[-1]) if is_more else None, len(shown) if scanned is None else scanned)

    def behind(self, nodes: Iterable[AnyRow]) -> list[AnyRow]:
        """Returns those of `nodes` that come behind `after`, sorted. The limit is not applied."""
        time, after = self.time, self.after
        keyed = [((getattr(node, time) if time else 0, node.id), node) for node in nodes]
        if after and after.until:
            keyed = [(key, node) for key, node in keyed if key[0] <= after.until]
        if after:
            last = (after.time, after.id)
            keyed = [(key, node) for key, node in keyed if (key > last if self.is_ascending else key < last)]
        return [node for _, node in sorted(keyed, key=_key, reverse=not self.is_ascending)]


_UUID_LENGTH = 36
_TIMES = {Order.CREATE_TIME: "create_time_since_epoch", Order.LAST_UPDATE_TIME: "last_update_time_since_epoch"}


def _key(pair: tuple[tuple[int, int], Row]) -> tuple[int, int]:
    return pair[0]


def _meets(criterion: Criterion, node: Node) -> bool:
    match criterion:
        case ExternalIdIs(external_id):
            return node.external_id == external_id
        case CreatedUntil(time):
            return node.create_time_since_epoch <= time
        case NumberIn(stored, numbers):
            return stored in node.properties and node.properties[stored].int_value in kept_as(numbers)
        case _:
            return _may_meet(criterion, node.name)


def _may_meet(criterion: Criterion, stored_name: str) -> bool:
    """Returns whether a node of this name may meet a criterion."""
    match criterion:
        case NameIs(name, prefix, any_prefix, suffix):
            own = stored_name
            if any_prefix:
                own = own.partition(":")[2] or own
            elif prefix is not None:
                before, _, own = own.partition(":")
                if before != prefix:
                    return False
            return own.startswith(name + suffix) if suffix else own == name
        case NameBegins(beginning):
            return stored_name.startswith(beginning)
        case MadeStandalone():
            return len(stored_name) > _UUID_LENGTH and stored_name[_UUID_LENGTH] == ":"
        case _:
            return True
