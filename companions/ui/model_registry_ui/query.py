"""What a list shows: filters, sort, page and columns, from the URL and to it, and as parameters of the API."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

from model_registry_ui.filters import EXACT, MOST_OF_A_KIND, PARENTS, Filters, PropertyCondition

PAGE_SIZES = (25, 50, 100, 200)
"""The numbers of rows that a page may have."""
MOST_SORTED = 1000
"""How many rows the UI sorts by itself at most: one page of the API."""
SERVER_SORTS: Mapping[str, str] = {"updated": "LAST_UPDATE_TIME", "created": "CREATE_TIME", "id": "ID"}
"""The sorts that the API knows. The UI sorts by all others."""
ALL = "all"
"""What the URL says for no filter, where the list has a preset value such as LIVE."""
Pairs = Iterable[tuple[str, str]]
_TEXTS = ("text", *EXACT, *PARENTS, "updated_since")
_CHOICES = ("status", "meant")
"""Filters with a few values, whose form sends `ALL` for none. `state` is one too, and may have a preset."""
_SIGNS = ("+", "-")
_NAMES_IN_URL = {"text": "q", "updated_since": "since"}


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list: `key` is a key of `SERVER_SORTS`, the name of another column, or a custom property."""

    key: str = "updated"
    is_descending: bool = True

    @classmethod
    def from_url(cls, written: str) -> "Sort":
        """Reads a sort: the key, with a minus sign before it for descending. A plus sign is left out."""
        return cls(written[1:] if written[:1] in _SIGNS else written, written.startswith("-"))

    def to_url(self) -> str:
        """Returns the sort as the URL has it."""
        if self.is_descending:
            return f"-{self.key}"
        return f"+{self.key}" if self.key[:1] in _SIGNS else self.key

    @property
    def is_by_server(self) -> bool:
        """Whether the API can sort so."""
        return self.key in SERVER_SORTS


NEWEST_CHANGE = Sort()
NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Preset:
    """What a list shows when its URL says nothing.

    Attributes:
        state: The value of the filter `state`.
        sort: The order.
        page_size: The number of rows.
        columns: The columns.
        are_columns_kept: Whether the columns are those that the user has chosen before. Then every address says its columns, so
            that it shows another user the same.
    """

    state: str = "LIVE"
    sort: Sort = NEWEST_CHANGE
    page_size: int = 50
    columns: tuple[str, ...] = ()
    are_columns_kept: bool = False


PRESET = Preset()


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list shows.

    Attributes:
        filters: The simple filters.
        raw: A query of the filter language. It replaces the simple filters.
        former: The query whose rows are shown where the API refuses `raw`; `None` if none is known.
        sort: The order.
        page_size: The number of rows on a page: one of `PAGE_SIZES`.
        after: The token of the page; empty for the first one.
        columns: The columns: names of fields and of custom properties.
    """

    filters: Filters = NO_FILTERS
    raw: str = ""
    former: str | None = None
    sort: Sort = NEWEST_CHANGE
    page_size: int = 50
    after: str = ""
    columns: tuple[str, ...] = ()

    @classmethod
    def from_url(cls, pairs: Pairs, preset: Preset = PRESET) -> "ListQuery":
        """Reads the parameters of a URL. Parameters that are missing or make no sense get the preset."""
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        last = {name: values[-1] for name, values in given.items()}
        return cls(
            filters=_filters(given, last, preset),
            raw=last.get("query", ""),
            former=last.get("former"),
            sort=Sort.from_url(last["sort"]) if last.get("sort", "").strip("+-") else preset.sort,
            page_size=_page_size(last.get("size", ""), preset.page_size),
            after=last.get("after", ""),
            columns=tuple(dict.fromkeys(filter(None, given.get("cols", ())))) or preset.columns,
        )

    def to_url(self, preset: Preset = PRESET) -> str:
        """Returns the query string of the URL, without what the preset says; `from_url` reads it again."""
        return urlencode(list(self.pairs(preset)))

    def pairs(self, preset: Preset = PRESET) -> Iterator[tuple[str, str]]:
        """Yields the parameters of the URL, without what the preset says."""
        if self.raw:
            yield "query", self.raw
        if self.former is not None:
            yield "former", self.former
        yield from _filter_pairs(self.filters, preset)
        if self.sort != preset.sort:
            yield "sort", self.sort.to_url()
        if self.page_size != preset.page_size:
            yield "size", str(self.page_size)
        if preset.are_columns_kept or self.columns != preset.columns:
            yield from (("cols", column) for column in self.columns)
        if self.after:
            yield "after", self.after

    def filter_query(self) -> str:
        """Returns the query of the filter language; an empty text without filters."""
        return self.raw.strip() or self.filters.to_query()

    def api_parameters(self) -> dict[str, str]:
        """Returns the parameters of a list request: one page, or, for an order of the UI's own, as much as it can sort."""
        parameters = {"filterQuery": self.filter_query(), "pageSize": str(self.page_size)}
        if self.sort.is_by_server:
            parameters |= {
                "orderBy": SERVER_SORTS[self.sort.key],
                "sortOrder": "DESC" if self.sort.is_descending else "ASC",
                "nextPageToken": self.after,
            }
        else:
            parameters["pageSize"] = str(MOST_SORTED)
        return {name: value for name, value in parameters.items() if value}

    def changed(self, **changes: Any) -> "ListQuery":
        """Returns the list with other values of these attributes, from its first page on unless `after` is one of them."""
        return replace(self, **{"after": "", **changes})

    def sorted_by(self, key: str) -> "ListQuery":
        """Returns the list in the order of a column; in the opposite order if it has this order already."""
        opposite = self.sort.key == key and not self.sort.is_descending
        return self.changed(sort=Sort(key, opposite))


def part_of_sorted(rows: Sequence[Any], after: str, page_size: int) -> tuple[Sequence[Any], str]:
    """Returns a page of rows that the UI has sorted, and the `after` of the next one (empty on the last page).

    Here `after` is the number of rows before the page. Anything else means the first page.
    """
    start = int(after) if after.isascii() and after.isdigit() and len(after) <= len(str(MOST_SORTED)) else 0
    end = start + page_size
    return rows[start:end], str(end) if end < len(rows) else ""


def _filters(given: Mapping[str, Sequence[str]], last: Mapping[str, str], preset: Preset) -> Filters:
    texts = {name: last.get(_NAMES_IN_URL.get(name, name), "").strip() for name in _TEXTS}
    texts |= {name: "" for name in _CHOICES if texts[name] == ALL}
    state = last.get("state", preset.state)
    parts = zip_longest(given.get("property", ()), given.get("op", ()), given.get("value", ()), fillvalue="")
    labels = tuple(filter(None, given.get("label", ())))
    conditions = tuple(PropertyCondition(name, operator or "=", value) for name, operator, value in parts if name)
    return Filters(
        **{**texts, "state": "" if state == ALL else state},
        in_descriptions=last.get("desc", "") == "1",
        labels=labels[:MOST_OF_A_KIND],
        properties=conditions[:MOST_OF_A_KIND],
        is_cut=max(len(labels), len(conditions)) > MOST_OF_A_KIND,
    )


def _filter_pairs(filters: Filters, preset: Preset) -> Iterator[tuple[str, str]]:
    for name in _TEXTS:
        if name != "state" and (value := getattr(filters, name)):
            yield _NAMES_IN_URL.get(name, name), value
    if filters.state != preset.state:
        yield "state", filters.state or ALL
    if filters.in_descriptions:
        yield "desc", "1"
    yield from (("label", label) for label in filters.labels)
    for condition in filters.properties:
        yield from (("property", condition.name), ("op", condition.operator), ("value", condition.value))


def _page_size(written: str, preset: int) -> int:
    return int(written) if written in map(str, PAGE_SIZES) else preset
