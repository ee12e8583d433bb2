"""The values by which lists are sorted, for each row: texts or numbers, None for what has no value."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

from converters.errors import RefusedError
from converters.filters.names import FieldKind, Subject, whole
from converters.filters.tree import Path, ValueType

from .columns import Columns
from .conditions import marks_of
from .fields import FieldTable
from .queries import CREATE_TIME, ID, LAST_UPDATE_TIME, NAME

Stretch = tuple[Columns, int, int]

_FIELDS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    NAME: ("name", lambda value: value),
    ID: ("id", whole),
    CREATE_TIME: ("createTimeSinceEpoch", whole),
    LAST_UPDATE_TIME: ("lastUpdateTimeSinceEpoch", whole),
}
_SORTED_KINDS: Mapping[str, Callable[[Any], Any]] = {
    ValueType.STRING: lambda value: value if isinstance(value, str) else None,
    ValueType.INT: whole,
    ValueType.DOUBLE: lambda value: value if isinstance(value, int | float) and value == value else None,  # noqa: PLR0124
}


def sort_values(table: FieldTable, stretches: Sequence[Stretch], name: str) -> Sequence[Any] | None:
    """The values of a kind of order; None for one that does not exist, which is the order by id."""
    if name in _FIELDS:
        field, read = _FIELDS[name]
        return _field_values(stretches, field, read)
    path, _, kind = name.rpartition(".")
    if not path or kind not in _SORTED_KINDS:
        return None
    subject, _ = table.meaning(Path(path, ValueType(kind), "orderBy", ""))
    return [value for stretch in stretches for value in _property_values(stretch, subject, ValueType(kind))]


def _field_values(stretches: Sequence[Stretch], field: str, read: Callable[[Any], Any]) -> list[Any]:
    values: list[Any] = []
    for columns, start, end in stretches:
        column = columns.fields.get(field)
        values += column.read(read, start, end) if column else [None] * (end - start)
    return values


def _property_values(stretch: Stretch, subject: Subject, kind: ValueType) -> list[Any]:
    columns, start, end = stretch
    column = columns.column(subject)
    if column is None:
        return [None] * (end - start)
    read = _SORTED_KINDS[kind]
    if subject.fields:
        is_text = kind is ValueType.STRING and subject.kinds == (FieldKind.TEXT,)
        return column.read(read, start, end) if is_text else [None] * (end - start)
    return column.read(lambda pair: read(pair[1]) if pair[0] == kind else None, start, end)


def best_of_parts(
    values: Sequence[Any], owners: Sequence[int], count: int, chosen: int | None, *, descending: bool
) -> Sequence[Any]:
    """For each owner the smallest value among its parts (`descending`: the largest), None if there is none.

    Args:
        values: Of all parts.
        owners: Of all parts.
        count: The number of owners.
        chosen: The parts that count; None for all.
        descending: Whether the largest value counts.
    """
    best: list[Any] = [None] * count
    owned = zip(owners, values, strict=True)
    for owner, value in owned if chosen is None else compress(owned, marks_of(chosen, len(values))):
        if value is not None:
            known = best[owner]
            if known is None or (value > known if descending else value < known):
                best[owner] = value
    return best


def part_values(
    table: FieldTable, columns: Columns, start: int, end: int, name: str
) -> tuple[Sequence[Any], Sequence[int]]:
    """The values of an order of the parts from `start` to before `end`, and their ids. Raises `RefusedError`."""
    stretches = [(columns, start, end)]
    ids = array("Q", _field_values(stretches, "id", whole))
    path, _, kind = name.rpartition(".")
    if path and kind not in _SORTED_KINDS:
        known = ", ".join(f"'{kind}'" for kind in _SORTED_KINDS)
        raise RefusedError(f"invalid custom property value type '{kind}': must be one of {known}")
    return sort_values(table, stretches, name) or ids, ids
