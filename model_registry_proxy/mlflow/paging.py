"""Pages of a search that is sorted by what the store cannot sort by, such as names.

Every row is read for each page, but only the rows of the page are kept. A page token has the place of the last row shown, so a row
that is created later shows up where it belongs, or not at all.
"""

import base64
import binascii
import heapq
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from model_registry_proxy.errors import BadRequest
from model_registry_proxy.mlflow.orders import Key, sort_key
from model_registry_proxy.verbs.page_tokens import digest

Row = TypeVar("Row")
_BAD_TOKEN = "Invalid page token, could not base64-decode"  # noqa: S105 (a message)


class SortedPage(NamedTuple, Generic[Row]):
    """The rows of a page, and the token of the next one; empty on the last page."""

    rows: list[Row]
    token: str


async def sorted_page(
    rows: AsyncIterator[Row],
    keys: Sequence[Key],
    place: Callable[[Row], list[Any]],
    *,
    size: int,
    token: str,
    question: Any,
) -> SortedPage[Row]:
    """Returns the page behind `token`.

    `place` gives the values of a row that the keys compare, as JSON. `question` is what the search asks, as JSON. Raises
    `BadRequest` for a strange token.
    """
    fingerprint = digest(question, [list(key) for key in keys])
    after = sort_key(keys, _read(token, fingerprint, len(keys))) if token else None
    heap: list[_Latest[Row]] = []
    async for row in rows:
        values = place(row)
        key = sort_key(keys, values)
        if after is not None and not after < key:
            continue
        if len(heap) <= size:
            heapq.heappush(heap, _Latest(key, values, row))
        else:
            heapq.heappushpop(heap, _Latest(key, values, row))
    found = sorted(heap, reverse=True)
    shown = found[:size]
    rest = _write(shown[-1].values, fingerprint) if len(found) > size else ""
    return SortedPage([entry.row for entry in shown], rest)


class _Latest(Generic[Row]):
    """A row in the heap, whose first entry is the last one of the page."""

    __slots__ = ("key", "row", "values")

    def __init__(self, key: tuple[Any, ...], values: list[Any], row: Row) -> None:
        self.key, self.values, self.row = key, values, row

    def __lt__(self, other: "_Latest[Row]") -> bool:
        return other.key < self.key


def _write(values: list[Any], fingerprint: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([fingerprint, *values])).rstrip(b"=").decode()


def _read(token: str, fingerprint: str, count: int) -> list[Any]:
    try:
        found, *values = list(
            orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        )
    except (binascii.Error, ValueError, TypeError):
        raise BadRequest(f"{_BAD_TOKEN}. Ask for the first page without it.") from None
    if found != fingerprint or len(values) != count:
        raise BadRequest(
            "The page token comes from another search; keep filter and order_by the same from page to page."
        )
    return values
