"""The table of an experiment's runs: columns, conditions and order. All of it works on the runs that were read."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model_registry_client.entity import moment

from model_registry_ui.experiments.measurements import NOTHING, Measure, Measured, as_number, differing, names
from model_registry_ui.query import Sort

MOST_PARAMETERS, MOST_METRICS = 10, 8
"""The number of columns unless all are asked for."""
PARAMETER, METRIC = "p:", "m:"
"""How the keys of columns for parameters and metrics begin."""
Value = float | str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A run with what was measured."""

    run: Any
    measured: Measured = NOTHING

    @property
    def started(self) -> datetime | None:
        """When the run began."""
        return moment(self.run.start_time_since_epoch)

    @property
    def seconds(self) -> float | None:
        """How long the run took; `None` if it has not ended, or its times are unknown."""
        ended = moment(self.run.end_time_since_epoch)
        return (ended - self.started).total_seconds() if ended and self.started else None

    def measure(self, key: str) -> Measure | None:
        """Returns the parameter or metric of a column."""
        kind, name = key[: len(PARAMETER)], key[len(PARAMETER) :]
        of_kind = {PARAMETER: self.measured.parameters, METRIC: self.measured.metrics}
        return of_kind.get(kind, {}).get(name)

    def value(self, key: str) -> Value:
        """Returns the value of a column for sorting and drawing: a number where it is one; `None` without one."""
        if field := FIELDS.get(key):
            return field(self)
        measure = self.measure(key)
        if measure is None:
            return None
        return measure.text if measure.number is None else measure.number


FIELDS: Mapping[str, Callable[[Row], Value]] = {
    "name": lambda row: row.run.name.casefold(),
    "status": lambda row: row.run.status.value if row.run.status else None,
    "owner": lambda row: row.run.owner,
    "start": lambda row: row.started.timestamp() if row.started else None,
    "duration": lambda row: row.seconds,
    "created": lambda row: row.run.created.timestamp() if row.run.created else None,
    "updated": lambda row: row.run.updated.timestamp() if row.run.updated else None,
}
"""The columns that every run has, with the values that order them."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column for a parameter or a metric."""

    key: str
    title: str
    is_metric: bool


def columns(rows: Sequence[Row], *, shows_all: bool) -> tuple[list[Column], int]:
    """Returns the columns for metrics and parameters, and how many are left out.

    Without `shows_all` these are at most eight metrics, and ten parameters that differ.
    """
    parameters = [row.measured.parameters for row in rows]
    all_of = [Column(PARAMETER + name, name, is_metric=False) for name in names(parameters)]
    all_metrics = [Column(METRIC + name, name, is_metric=True) for name in names(row.measured.metrics for row in rows)]
    if shows_all:
        return [*all_metrics, *all_of], 0
    distinct = {PARAMETER + name for name in differing(parameters)} if len(rows) > 1 else {one.key for one in all_of}
    shown = all_metrics[:MOST_METRICS] + [one for one in all_of if one.key in distinct][:MOST_PARAMETERS]
    return shown, len(all_of) + len(all_metrics) - len(shown)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a parameter or metric. `comparison` is a key of `COMPARISONS`; `limit` is as typed."""

    key: str
    comparison: str
    limit: str

    def holds(self, row: Row) -> bool:
        """Returns whether a run fulfils it. Numbers compare as numbers; a run without the value does not fulfil it."""
        value = row.value(self.key)
        compare = COMPARISONS.get(self.comparison)
        if value is None or compare is None:
            return False
        limit = as_number(self.limit.strip())
        if isinstance(value, str) or limit is None:
            return bool(compare(str(value), self.limit)) if self.comparison in {"=", "!="} else False
        return bool(compare(value, limit))


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


def ordered(rows: Sequence[Row], sort: Sort) -> list[Row]:
    """Returns the rows in an order: numbers before texts, and last, in both directions, those without a value."""
    present = [row for row in rows if row.value(sort.key) is not None]
    absent = [row for row in rows if row.value(sort.key) is None]
    return [*sorted(present, key=lambda row: _rank(row.value(sort.key)), reverse=sort.is_descending), *absent]


def extremes(rows: Sequence[Row], column: Column) -> tuple[float | None, float | None]:
    """Returns the smallest and the largest number of a column; `None` for both where fewer than two numbers differ."""
    numbers = {one.number for row in rows if (one := row.measure(column.key)) and one.number is not None}
    return (min(numbers), max(numbers)) if len(numbers) > 1 else (None, None)


def _rank(value: Value) -> tuple[bool, float, str]:
    is_text = isinstance(value, str)
    return is_text, 0.0 if is_text else float(value or 0.0), str(value) if is_text else ""
