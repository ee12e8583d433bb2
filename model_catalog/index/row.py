"""One entry of a table, and lists of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from .conditions import ColumnRows, marks_of, satisfying
from .costs import refuse_too_much
from .language import comparing, parsed
from .order import Order, OrderedRows
from .queries import Page, Query
from .segment import Segment
from .sort_values import part_values

if TYPE_CHECKING:
    from .table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a table.

    Attributes:
        table: The table.
        number: Of the entry in the table, from 0.
    """

    table: "Table"
    number: int

    @property
    def json(self) -> bytes:
        """The entry as JSON, with its id."""
        return self.table.items[self.number]

    @property
    def id(self) -> int:
        """Its id."""
        return self.table.ids[self.number]

    def stretch(self) -> tuple[Segment, int, int]:
        """Where its parts are: the source, the first part there, and the part after the last."""
        segment, row = self.table.place(self.number)
        return segment, segment.starts[row], segment.starts[row + 1]

    @property
    def parts(self) -> Sequence[bytes]:
        """Its artifacts or tools as JSON, in the order of the file."""
        segment, start, end = self.stretch()
        return segment.parts[start:end]

    def find_part(self, name: str) -> bytes | None:
        """The part of a name; None if there is none. Of two with one name it is the first."""
        segment, start, end = self.stretch()
        column = segment.part_columns.fields.get("name")
        names = column.of_rows(start, end) if column else []
        return segment.parts[start + names.index(name)] if name in names else None

    def listed(self, query: Query) -> OrderedRows:
        """The parts that a query asks for, in its order, by their numbers in the entry.

        Raises `RefusedError` for a filter or an order that is not valid.
        """
        segment, start, end = self.stretch()
        fields = self.table.kind.part_fields
        rows = ColumnRows(fields, [(segment.part_columns, start, end)])
        chosen = rows.full
        if node := parsed(query.filter):
            with comparing():
                refuse_too_much(node, rows)
                chosen = satisfying(node, rows)
        numbers = list(compress(range(end - start), marks_of(chosen, end - start)))
        if query.part_types is not None:
            types = self._types()
            numbers = [number for number in numbers if types[number] & query.part_types]
        values, ids = part_values(fields, segment.part_columns, start, end, query.order_by)
        order = Order(values, query.descending)
        return OrderedRows(order.sorted(numbers), order, ids)

    def _types(self) -> list[set[str]]:
        """For each part its `artifactType` and its `metricsType`."""
        segment, start, end = self.stretch()
        fields = segment.part_columns.fields
        columns = [fields[name].of_rows(start, end) for name in ("artifactType", "metricsType") if name in fields]
        return [{value for value in values if value} for values in zip(*columns, strict=True)]

    def page(self, ordered: OrderedRows, query: Query) -> Page:
        """The page that a query asks for, of parts in an order. Raises `RefusedError` for a token that is not valid."""
        chosen, token = ordered.page(query.token, query.page_size)
        segment, start, _ = self.stretch()
        return Page([segment.parts[start + number] for number in chosen], token, chosen)
