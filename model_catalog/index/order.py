"""Orders of rows, and pages of them.

What has no value comes last in both directions; rows of equal value are in the order of their ids. A token holds the value and the
id of the last row of a page, so the next page begins behind these, also if the catalog was loaded in the meantime.
"""

import base64
import binascii
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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

    def is_behind(self, row: int, number: int, position: "PagePosition") -> bool:
        """Whether a row, whose id is `number`, comes behind the row of a token. Raises `RefusedError`."""
        value = self.values[row]
        if value is None or position.value is None:
            same_kind = value is None and position.value is None
            return number > position.number if same_kind else value is None
        if isinstance(value, str) is not isinstance(position.value, str):
            raise RefusedError("invalid nextPageToken: it is of a list in another order")
        if value == position.value:
            return number > position.number
        return bool(value < position.value if self.descending else value > position.value)


@dataclass(frozen=True, slots=True)
class PagePosition:
    """Where a page ended.

    Attributes:
        value: That of its last row.
        number: The id of this row.
        mark: By which the row is known if it has another id in the meantime; 0 for none.
        is_cut: Whether the value is only the beginning of a long text.
    """

    value: Any
    number: int
    mark: int = 0
    is_cut: bool = False

    def token(self) -> str:
        """The position as a token. Only the beginning of a long text goes into it."""
        is_cut = isinstance(self.value, str) and len(self.value) > _LONGEST_VALUE
        value = self.value[:_LONGEST_VALUE] if is_cut else self.value
        content = orjson.dumps([self.number, value, self.mark, *[True] * is_cut])
        return base64.urlsafe_b64encode(content).decode().rstrip("=")


def position_of(token: str) -> PagePosition:
    """The position of a token; raises `RefusedError`."""
    try:
        content = base64.b64decode(token[:_LONGEST_TOKEN] + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        number, value, mark, *is_cut = orjson.loads(content)
        if type(number) is type(mark) is int and (value is None or type(value) in {str, int, float}):
            return PagePosition(value, number, mark, is_cut == [True])
    except (ValueError, TypeError, binascii.Error):
        pass
    raise RefusedError("invalid nextPageToken: it must be the nextPageToken of the page before")


@dataclass(frozen=True, slots=True)
class OrderedRows:
    """Rows in an order, to be shown page by page.

    Attributes:
        rows: Their numbers in this order.
        order: The order.
        ids: The ids of all rows, by their numbers.
        mark_of: Gives the mark of a row.
    """

    rows: Sequence[int]
    order: Order
    ids: Sequence[int]
    mark_of: Callable[[int], int] = lambda _: 0

    def page(self, token: str, size: int) -> tuple[Sequence[int], str]:
        """The rows of the page of a token, and the token of the next page. Raises `RefusedError`."""
        start = self._first_behind(token)
        chosen = self.rows[start : start + size]
        if start + size >= len(self.rows):
            return chosen, ""
        last = chosen[-1]
        return chosen, PagePosition(self.order.values[last], self.ids[last], self.mark_of(last)).token()

    def _first_behind(self, token: str) -> int:
        if not token:
            return 0
        position = position_of(token)
        values = self.order.values
        if position.is_cut:
            same = (row for row in self.rows if self.ids[row] == position.number)
            position = next((replace(position, value=values[row]) for row in same), position)
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            row = self.rows[middle]
            if self.order.is_behind(row, self.ids[row], position):
                high = middle
            else:
                low = middle + 1
        has_moved = low < len(self.rows) and position.mark and self._is_same(self.rows[low], position)
        return low + 1 if has_moved else low

    def _is_same(self, row: int, position: PagePosition) -> bool:
        """Whether a row is the last one of the page before, which has another id since its file changed."""
        return bool(self.order.values[row] == position.value and self.mark_of(row) == position.mark)
