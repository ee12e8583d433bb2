"""All models, or all MCP servers, of a catalog: lists of them and of their parts, and single ones.

A table is never changed. What it works out (columns of orders, rows of filters) it keeps, within bounds; two threads may work out
the same, which does no harm.
"""

import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, reduce
from itertools import accumulate, chain, compress, pairwise
from operator import and_
from typing import Any

from converters.errors import RefusedError
from converters.filters.tree import And, Node
from model_catalog.entries import JsonObject
from model_catalog.reading.settings import NamedQuery

from .conditions import ColumnRows, Decision, decide, marks_of, set_of
from .costs import cost_for, refuse_too_much
from .decided import Decided
from .language import comparing, parsed
from .named_queries import tree_of
from .options import filter_options, options_of, with_bounds
from .order import Order, OrderedRows
from .queries import NAME, Page, Query
from .ranks import ranks
from .row import Row
from .search import words_of
from .segment import EntryKind, Segment
from .sort_values import best_of_parts, sort_values

_KEPT_FILTERS, _KEPT_LISTS, _KEPT_PART_VALUES, _KEPT_WORDS = 256, 32, 8, 64


class Table:
    """The entries of all sources of one kind.

    Attributes:
        kind: What they are.
        segments: For each source its entries. Those of models are in the order of their ids.
        named_queries: The named queries for these entries.
    """

    def __init__(
        self, kind: EntryKind, segments: Iterable[Segment] = (), named_queries: Mapping[str, NamedQuery] | None = None
    ) -> None:
        self.kind = kind
        self.segments = tuple(segments)
        self.named_queries = named_queries or {}
        self._first_rows = [0, *accumulate(len(segment.items) for segment in self.segments)]
        self._decided = Decided(_KEPT_FILTERS, self._decide)
        self._listed = lru_cache(_KEPT_LISTS)(self._list)
        self._found = lru_cache(_KEPT_WORDS)(self._find_word)
        self._order_values = lru_cache(_KEPT_LISTS)(self._order_values_of)
        self._part_order_values = lru_cache(_KEPT_PART_VALUES)(self._part_order_values_of)

    def __len__(self) -> int:
        return self._first_rows[-1]

    # Single entries

    @cached_property
    def items(self) -> Sequence[bytes]:
        """Each entry as JSON, with its id."""
        return list(chain.from_iterable(segment.items for segment in self.segments))

    @cached_property
    def ids(self) -> Sequence[int]:
        """The id of each entry."""
        ids = (self.values_of("id", segment) for segment in self.segments)
        return array("Q", map(int, chain.from_iterable(ids)))

    @cached_property
    def _row_of_id(self) -> Mapping[int, int]:
        return {number: row for row, number in enumerate(self.ids)}

    def find(self, source_id: str, name: Any) -> Row | None:
        """The entry of a name in a source; for servers the name is a pair of name and version. None if there is none."""
        for place, segment in enumerate(self.segments):
            if segment.source_id == source_id and name in segment.by_name:
                return Row(self, self._first_rows[place] + segment.by_name[name])
        return None

    def find_id(self, number: int) -> Row | None:
        """The entry of an id, None if there is none."""
        row = self._row_of_id.get(number)
        return None if row is None else Row(self, row)

    def row(self, number: int) -> Row:
        """The entry of a number on a page."""
        return Row(self, number)

    def place(self, row: int) -> tuple[Segment, int]:
        """The source of a row, and its number there."""
        place = bisect_right(self._first_rows, row) - 1
        return self.segments[place], row - self._first_rows[place]

    @staticmethod
    def values_of(field: str, segment: Segment) -> list[Any]:
        """The values of a field in all entries of a source."""
        column = segment.columns.fields.get(field)
        return column.of_rows(0, len(segment.items)) if column else [None] * len(segment.items)

    # Lists

    def page(self, query: Query) -> Page:
        """A page of entries. Raises `RefusedError` for a filter, an order or a token that is not valid."""
        return self.page_of(self._listed(replace(query, page_size=1, token="")), query)

    def page_of(self, ordered: OrderedRows, query: Query) -> Page:
        """The page that a query asks for, of rows in an order."""
        chosen, token = ordered.page(query.token, query.page_size)
        return Page([self.items[row] for row in chosen], token, chosen)

    def in_order(self, rows: Sequence[int], order: Order) -> OrderedRows:
        """Rows, given in the order of their ids, in another order."""
        return OrderedRows(order.sorted(rows), order, self.ids, self._mark_of)

    def _mark_of(self, row: int) -> int:
        segment, place = self.place(row)
        fields = segment.columns.fields
        key = [
            segment.source_id,
            *(fields[field].of_row(place) or "" for field in self.kind.key_fields if field in fields),
        ]
        return zlib.crc32("\0".join(key).encode())

    def matching(self, query: Query) -> Decision:
        """The entries that a query asks for, and what it asks of their parts. Raises `FilterError`."""
        decision = self._decided.of((query.filter, query.named_query))
        rows = decision.rows
        if query.sources is not None:
            rows &= self._of_sources(query.sources)
        if query.name is not None:
            rows &= self._named(query.name)
        for word in words_of(query.q):
            rows &= self._with_word(word, in_readme=query.q_in_readme)
        return Decision(rows, decision.parts)

    def _list(self, query: Query) -> OrderedRows:
        decision = self.matching(query)
        order = self.order(query, decision)
        is_all = decision.rows == self.all_rows.full
        if is_all and decision.parts is None and order.values is self._usual.values and not query.descending:
            return self._usual_list
        rows = self._by_id if is_all else self.numbers(decision.rows)
        return self.in_order(rows, order)

    def numbers(self, rows: int) -> Sequence[int]:
        """The numbers of the rows of a set, in the order of ids."""
        marks = marks_of(rows, len(self))
        if isinstance(self._by_id, range):
            return list(compress(self._by_id, marks))
        return list(compress(self._by_id, map(marks.__getitem__, self._by_id)))

    @cached_property
    def _by_id(self) -> Sequence[int]:
        """All rows in the order of ids."""
        ids = self.ids
        if all(before < after for before, after in pairwise(ids)):
            return range(len(self))
        return sorted(range(len(self)), key=ids.__getitem__)

    @cached_property
    def _usual(self) -> Order:
        return Order(self._order_values(self.kind.default_order))

    @cached_property
    def _usual_list(self) -> OrderedRows:
        return self.in_order(self._by_id, self._usual)

    @cached_property
    def options(self) -> Mapping[str, JsonObject]:
        """The options of filters, by the names that filters understand."""
        return options_of(self)

    @cached_property
    def filter_options(self) -> bytes:
        """The options of filters and the named queries, as JSON."""
        return filter_options(self.options, self.named_queries.values())

    def prepare(self) -> None:
        """Works out what nearly all questions need, so that the first of them is quick too."""
        self.page(Query())
        self._row_of_id, self._owner_of_part, self.filter_options  # noqa: B018 - they are kept

    # What the rows of a list must have

    @cached_property
    def all_rows(self) -> ColumnRows:
        """All entries."""
        stretches = [(segment.columns, 0, segment.columns.count) for segment in self.segments]
        return ColumnRows(self.kind.fields, stretches)

    @cached_property
    def all_parts(self) -> ColumnRows:
        """All parts."""
        stretches = [(segment.part_columns, 0, segment.part_columns.count) for segment in self.segments]
        return ColumnRows(self.kind.fields.parts or self.kind.part_fields, stretches)

    @cached_property
    def _owner_of_part(self) -> Sequence[int]:
        """The row of each part."""
        owners = array("I")
        for first, segment in zip(self._first_rows, self.segments, strict=False):
            starts = segment.starts
            for row in range(len(segment.items)):
                owners.extend([first + row] * (starts[row + 1] - starts[row]))
        return owners

    def owners(self, parts: int) -> int:
        """The entries that have at least one of a set of parts."""
        digits = bytearray(b"0") * len(self)
        for row in compress(self._owner_of_part, marks_of(parts, len(self._owner_of_part))):
            digits[row] = 49
        return set_of(bytes(digits))

    def _decide(self, text: str, named_query: str | None) -> Decision:
        node = self._tree(text, named_query)
        if node is None:
            return Decision(self.all_rows.full)
        with comparing():
            refuse_too_much(node, self.all_rows, self.all_parts)
            return decide(node, self)

    def seconds(self, text: str, named_query: str | None) -> float:
        """About how long it takes to decide a filter; 0 if it is decided. Raises `RefusedError` if it is malformed."""
        node = None if (text, named_query) in self._decided else self._tree(text, named_query)
        return cost_for(node, self) if node else 0.0

    def _tree(self, text: str, named_query: str | None) -> Node | None:
        nodes = [node for node in (parsed(text), self._named_query(named_query)) if node]
        return And(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else None

    def _named_query(self, name: str | None) -> Node | None:
        if name is None:
            return None
        if name not in self.named_queries:
            raise RefusedError(f'unknown named query "{name}": bad request')
        query = self.named_queries[name]
        return tree_of(query.name, with_bounds(query.filters, self.options))

    def _of_sources(self, sources: frozenset[str]) -> int:
        return set_of(
            b"".join((b"1" if segment.source_id in sources else b"0") * len(segment.items) for segment in self.segments)
        )

    def _named(self, name: str) -> int:
        digits = bytearray(b"0") * len(self)
        for first, segment in zip(self._first_rows, self.segments, strict=False):
            for row, value in enumerate(self.values_of("name", segment)):
                if value == name:
                    digits[first + row] = 49
        return set_of(bytes(digits))

    def _with_word(self, word: str, *, in_readme: bool) -> int:
        """The entries with a text in which a word stands."""
        found = self._found(word, in_readme=False)
        return found | self._found(word, in_readme=True) if in_readme else found

    def _find_word(self, word: str, *, in_readme: bool) -> int:
        words = (segment.readme_words if in_readme else segment.words for segment in self.segments)
        return set_of(b"".join(each.marks(word) for each in words).translate(_AS_DIGITS))

    # Orders

    def order(self, query: Query, decision: Decision) -> Order:
        """The order that a query asks for. What it does not know is the order by id."""
        words = words_of(query.q)
        if query.order_by == "RELEVANCE" and words:
            in_fields = reduce(and_, (self._with_word(word, in_readme=False) for word in words))
            return Order(ranks(self, words, decision.rows, self.all_rows.full & ~in_fields))
        name = query.order_by or self.kind.default_order
        name = {"ACCURACY": "artifacts.overall_average.double_value", "RELEVANCE": NAME}.get(name, name)
        if name.startswith("artifacts."):
            values = self._part_order_values(name)
            if values is None:
                return Order(self.ids)
            owners, count = self._owner_of_part, len(self)
            best = best_of_parts(values, owners, count, decision.parts, descending=query.descending)
            return Order(best, query.descending)
        return Order(self._order_values(name), query.descending)

    def _order_values_of(self, name: str) -> Sequence[Any]:
        stretches = [(segment.columns, 0, segment.columns.count) for segment in self.segments]
        found = sort_values(self.kind.fields, stretches, name)
        return self.ids if found is None else found

    def _part_order_values_of(self, name: str) -> Sequence[Any] | None:
        parts = self.all_parts
        return sort_values(parts.table, parts.stretches, name.removeprefix("artifacts."))

    @property
    def owner_of_part(self) -> Sequence[int]:
        """The row of each part."""
        return self._owner_of_part

    # Parts

    def parts(self, row: int, query: Query) -> Page:
        """A page of the parts of an entry. Raises `RefusedError` for a filter, an order or a token that is not valid."""
        entry = Row(self, row)
        return entry.page(entry.listed(query), query)


_AS_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
