"""Orders of rows, and pages of them.

What has no value comes last in both directions; rows of equal value are in the order of their ids. A token holds the value and the
id of the last row of a page, so the next page begins behind these, also if the catalog was loaded in the meantime.
"""

import base64
import binascii
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from converters.errors import RefusedError

_LONGEST_TOKEN = 1024
_LONGEST_VALUE = 120  # 720 characters at most, when each is written as an escape; as many as fit into a token


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the rows of a table.

    Attributes:
        values: By which the rows are ordered, for each row; texts or numbers, None for none. Rows are in the order of their ids.
        descending: Whether the largest comes first.
    """

    values: Sequence[Any]
    descending: bool = False

    def sorted(self, rows: Sequence[int]) -> Sequence[int]:
        """Rows, given in the order of their ids, in this order."""
        values = self.values
        present = [row for row in rows if values[row] is not None]
        missing = [row for row in rows if values[row] is None] if len(present) < len(rows) else []
        present.sort(key=values.__getitem__, reverse=self.descending)
        return array("I", present + missing)

    def is_behind(self, row: int, number: int, place: "PagePosition") -> bool:
        """Whether a row, whose id is `number`, comes behind the row of a token. Raises `RefusedError`."""
        value = self.values[row]
        if value is None or place.value is None:
            same_kind = value is None and place.value is None
            return number > place.number if same_kind else value is None
        if isinstance(value, str) is not isinstance(place.value, str):
            raise RefusedError("invalid nextPageToken: it is of a list in another order")
        if value == place.value:
            return number > place.number
        return bool(value < place.value if self.descending else value > place.value)


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Where a page ended: the value and the id of its last row."""

    value: Any
    number: int
    is_cut: bool = False

    def token(self) -> str:
        """The place as a token. Only the beginning of a long text goes into it."""
        is_cut = isinstance(self.value, str) and len(self.value) > _LONGEST_VALUE
        value = self.value[:_LONGEST_VALUE] if is_cut else self.value
        content = orjson.dumps([self.number, value, True] if is_cut else [self.number, value])
        return base64.urlsafe_b64encode(content).decode().rstrip("=")


def position_of(token: str) -> PagePosition:
    """The place of a token; raises `RefusedError`."""
    try:
        content = base64.b64decode(token[:_LONGEST_TOKEN] + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        number, value, *is_cut = orjson.loads(content)
        if type(number) is int and (value is None or type(value) in {str, int, float}):
            return PagePosition(value, number, is_cut == [True])
    except (ValueError, TypeError, binascii.Error):
        pass
    raise RefusedError("invalid nextPageToken: it must be the nextPageToken of the page before")


def first_behind(ordered: Sequence[int], order: Order, ids: Sequence[int], token: str) -> int:
    """Where in `ordered` the page of a token begins; `ids` has the id of each row. Raises `RefusedError`."""
    if not token:
        return 0
    place = position_of(token)
    if place.is_cut:
        place = next(
            (PagePosition(order.values[row], place.number) for row in ordered if ids[row] == place.number), place
        )
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        row = ordered[middle]
        if order.is_behind(row, ids[row], place):
            high = middle
        else:
            low = middle + 1
    return low
