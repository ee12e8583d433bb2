"""The values of rows by field, so that a condition is decided once for each distinct value and not for each row.

A column has a list of distinct values and, for each row, the place of its value in that list (place 0 is "no value"). A custom
property is a column of its own, whose values are pairs of kind and value.
"""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from converters.filters.evaluation import RowTest
from converters.filters.names import Subject
from model_catalog.entries import JsonObject

_BYTE = 256
_YES, _NO = ord("1"), ord("0")


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one field.

    Attributes:
        values: The distinct values; the first stands for "no value".
        places: For each row the place of its value: `bytes` if that is enough, else an array.
    """

    values: Sequence[Any]
    places: bytes | Sequence[int]

    def of_row(self, row: int) -> Any:
        """The value of a row, None if it has none."""
        return self.values[self.places[row]]

    def of_rows(self, start: int, end: int) -> list[Any]:
        """The values of the rows from `start` to before `end`."""
        return list(map(self.values.__getitem__, self.places[start:end]))

    def read(self, change: Callable[[Any], Any], start: int, end: int) -> list[Any]:
        """The changed values of the rows from `start` to before `end`; `change` never gets "no value"."""
        if end - start < len(self.values):
            return [None if value is None else change(value) for value in self.of_rows(start, end)]
        return self.mapped(change).of_rows(start, end)

    def mapped(self, change: Callable[[Any], Any]) -> "Column":
        """A column of changed values; `change` never gets "no value"."""
        return Column([None, *map(change, self.values[1:])], self.places)


@dataclass(slots=True)
class _Growing:
    """A column that is being made: only rows with a value are kept."""

    places: dict[Any, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    found: list[int] = field(default_factory=list)

    def add(self, row: int, value: Any) -> None:
        self.rows.append(row)
        self.found.append(self.places.setdefault(value, len(self.places) + 1))

    def finished(self, count: int) -> Column:
        values = [None, *self.places]
        places: Any = bytearray(count) if len(values) <= _BYTE else array("I", bytes(4 * count))
        for row, place in zip(self.rows, self.found, strict=True):
            places[row] = place
        return Column(values, bytes(places) if isinstance(places, bytearray) else places)


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of a number of rows."""

    count: int
    fields: Mapping[str, Column]
    customs: Mapping[str, Column]

    def column(self, subject: Subject) -> Column | None:
        """The values that a subject is about; lists are tuples. None if no row has one."""
        if subject.customs:
            found = self.customs.get(subject.customs[0])
            return found.mapped(_elements) if found and subject.fields else found
        return self.fields.get(subject.rest)

    def decide(
        self,
        test: RowTest,
        subject: Subject,
        start: int,
        end: int,
        *,
        wanted: bool,
        texts: bool = False,
        literals: Collection[str] = (),
    ) -> bytes:
        """Returns `1` for each row from `start` to before `end` whose verdict is the wanted one, else `0`.

        Args:
            test: Made by `compile_leaf` for the subject.
            subject: What the condition is about.
            start: The first row.
            end: The row after the last.
            wanted: The verdict that counts.
            texts: Whether a list is compared as JSON text too.
            literals: If texts are only compared for being equal: with which. All other texts have one verdict.
        """
        as_row = _row_maker(subject, texts=texts)
        is_false_without = bool(subject.fields and subject.fields[0].type == list[str] and not subject.customs)

        def fits(value: Any) -> int:
            verdict = test({} if value is None else as_row(value))
            return _YES if (False if verdict is None and is_false_without else verdict) is wanted else _NO

        column = self.column(subject)
        if column is None:
            return bytes([fits(None)]) * (end - start)
        places = column.places[start:end]
        if 2 * len(places) < len(column.values):
            known = {place: fits(column.values[place]) for place in set(places)}
            return bytes(map(known.__getitem__, places))
        fitting = _for_all(fits, column.values, literals)
        if isinstance(places, bytes):
            return places.translate(fitting.ljust(_BYTE, b"0"))
        return bytes(map(fitting.__getitem__, places))


def _for_all(fits: Callable[[Any], int], values: Sequence[Any], literals: Collection[str]) -> bytes:
    """The verdicts on all values of a column."""
    if not literals or not isinstance(values[-1], str):
        return bytes(map(fits, values))
    other = max(literals, key=len) + "."
    verdicts = bytearray([fits(other)]) * len(values)
    verdicts[0] = fits(None)
    for place in [place for place, value in enumerate(values) if value in literals]:
        verdicts[place] = fits(values[place])
    return bytes(verdicts)


def _elements(pair: tuple[str, Any]) -> tuple[str, ...] | None:
    """The texts of a property whose text is a JSON list."""
    kind, value = pair
    if kind != "string_value" or not value.startswith("["):
        return None
    try:
        read = orjson.loads(value)
    except ValueError:
        return None
    return tuple(map(_as_text, read)) if isinstance(read, list) else None


def _as_text(element: Any) -> str:
    return element if isinstance(element, str) else orjson.dumps(element).decode()


def json_list(pair: tuple[str, Any] | None) -> tuple[str, ...] | None:
    """The elements of a custom property that is a list written as JSON; None for any other."""
    return None if pair is None else _elements(pair)


def _row_maker(subject: Subject, *, texts: bool) -> Callable[[Any], JsonObject]:
    """The smallest row with a value, for the shared evaluation of conditions."""
    if not subject.fields:
        name = subject.customs[0]
        return lambda pair: {"customProperties": {name: dict((pair,))}}
    rest = subject.rest
    if texts:
        return lambda value: {rest: [*value, orjson.dumps(list(value)).decode()] if isinstance(value, tuple) else value}
    return lambda value: {rest: value}


KIND_KEYS = {
    "MetadataStringValue": "string_value",
    "MetadataIntValue": "int_value",
    "MetadataDoubleValue": "double_value",
    "MetadataBoolValue": "bool_value",
}


class ColumnsMaker:
    """Takes rows one after the other, and makes columns of them."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = {name: _Growing() for name in fields}
        self._adders = [(name, growing.add) for name, growing in self._fields.items()]
        self._customs: dict[str, _Growing] = {}
        self._count = 0

    def add(self, row: JsonObject) -> None:
        """Takes the next row. Lists of texts become tuples."""
        number = self._count
        for name, add in self._adders:
            value = row.get(name)
            if value is not None:
                if isinstance(value, list):
                    if not value:
                        continue
                    value = tuple(value)
                elif isinstance(value, dict):
                    value = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
                add(number, value)
        customs = self._customs
        for name, given in (row.get("customProperties") or {}).items():
            kind = KIND_KEYS.get(given.get("metadataType", ""))
            if kind and kind in given:
                growing = customs.get(name)
                if growing is None:
                    growing = customs[name] = _Growing()
                growing.add(number, (kind, given[kind]))
        self._count = number + 1

    def finished(self) -> Columns:
        """The columns of all rows taken."""
        fields = {name: growing.finished(self._count) for name, growing in self._fields.items() if growing.rows}
        return Columns(self._count, fields, {name: each.finished(self._count) for name, each in self._customs.items()})
