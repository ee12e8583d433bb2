"""Measurements of a model of the catalog: performance as one table, accuracy as names with numbers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from model_registry_client.catalogued import CatalogArtifact

MOST_COLUMNS = 12
"""Values of a measurement that the table shows."""
MOST_NUMBERS = 200
"""Numbers that are shown of one measurement of accuracy."""
_FIRST = {
    "hardware_type": "Hardware",
    "hardware_count": "Accelerators",
    "replicas": "Replicas",
    "requests_per_second": "Requests per second",
    "total_requests_per_second": "Requests per second of all replicas",
    "use_case": "Use case",
    "ttft_p90": "Time to first token, p90",
    "ttft_mean": "Time to first token, mean",
    "e2e_p90": "Whole request, p90",
    "tps_mean": "Tokens per second, mean",
}
"""The values that come first, by the names that catalogs use, with their headings."""
_LAST = ("config", "config_id", "id", "model_id", "created_at", "updated_at")
"""Values that say less to people. They come last."""


class Heading(NamedTuple):
    """The heading of a value: its name in the catalog, its words, and whether it is a number."""

    name: str
    words: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Performance:
    """A table of measurements.

    Attributes:
        headings: The values that are shown.
        rows: Their values, a row for each measurement.
        left_out: The names of further values.
    """

    headings: Sequence[Heading]
    rows: Sequence[Sequence[Any]]
    left_out: Sequence[str]


def performance(artifacts: Sequence[CatalogArtifact]) -> Performance:
    """Returns the table of measurements. Of their values the usual ones come first, then the most frequent ones."""
    counted = Counter(name for one in artifacts for name in one.custom_properties)
    usual = [name for name in _FIRST if name in counted]
    others = sorted(counted.keys() - _FIRST.keys(), key=lambda name: (name in _LAST, -counted[name], name))
    names = [*usual, *others]
    shown = names[:MOST_COLUMNS]
    rows = [[one.custom_properties.get(name) for name in shown] for one in artifacts]
    headings = [
        Heading(name, _FIRST.get(name, name), all(_is_number(row[at]) for row in rows)) for at, name in enumerate(shown)
    ]
    return Performance(headings, rows, names[MOST_COLUMNS:])


def accuracy(artifacts: Sequence[CatalogArtifact]) -> Iterator[tuple[str, Sequence[tuple[str, Any]]]]:
    """Yields the name of each measurement of accuracy with its values by name."""
    for one in artifacts:
        if values := sorted(one.custom_properties.items()):
            yield one.name or "Accuracy", values[:MOST_NUMBERS]


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
