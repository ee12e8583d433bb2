"""Recommendations: of the measured set-ups of a model those that are worth their price, and the models with the quickest of them.

A set-up is an artifact with a latency, a number of requests per second and hardware of a kind and a number. For a wanted number of
requests per second it needs several copies (replicas), and it costs as much hardware as all of them have.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import orjson

from converters.errors import RefusedError
from model_catalog.entries import JsonObject

from .columns import Column, Columns
from .conditions import marks_of
from .order import Order
from .queries import Page, Query
from .table import Table

PERFORMANCE = frozenset({"performance-metrics"})
_FAST = 100.0
"""Milliseconds. Below this a dearer set-up must be much quicker to be worth its price."""
_BETTER, _MUCH_BETTER = 0.95, 0.9


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is wanted, and which custom properties of the artifacts say it.

    Attributes:
        target_rps: Requests per second; 0 or less for none.
        latency: The property with the latency.
        rps: The property with the requests per second of one copy.
        count: The property with the number of pieces of hardware.
        hardware: The property with the kind of hardware; the set-ups of each kind are compared with each other.
    """

    target_rps: int = 0
    latency: str = "ttft_p90"
    rps: str = "requests_per_second"
    count: str = "hardware_count"
    hardware: str = "hardware_type"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all four properties."""
        return self.latency, self.rps, self.count, self.hardware


@dataclass(frozen=True, slots=True)
class _SetUp:
    """One artifact. Latency, requests and number are None if they are missing or not above 0."""

    part: int
    latency: float | None
    rps: float | None
    count: float
    hardware: Any

    def replicas(self, target: int) -> int:
        return max(1, math.ceil(target / (self.rps or 1)))

    def cost(self, target: int) -> float:
        return self.count * self.replicas(target)


def performance_page(
    table: Table, row: int, query: Query, parameters: Parameters, *, only_recommended: bool, asked: Sequence[str] = ()
) -> Page:
    """A page of the performance artifacts of a model.

    Args:
        table: The models.
        row: The number of the model.
        query: For the list of artifacts; its `part_types` does not count.
        parameters: What is wanted. With a target the artifacts show how many copies it needs.
        only_recommended: Whether artifacts that are not recommended are left out.
        asked: The names of properties that the caller gave; each must occur in an artifact.

    Raises:
        RefusedError: A filter, an order or a token is not valid, or no artifact has one of the properties.
    """
    model = table.row(row)
    ordered = model.listed(replace(query, part_types=PERFORMANCE))
    segment, start, _ = model.stretch()
    parts = [start + number for number in ordered.rows]
    _check_names(asked, segment.part_columns, parts)
    set_ups = _set_ups(segment.part_columns, parts, parameters)
    target = max(1, parameters.target_rps) if only_recommended else parameters.target_rps
    if only_recommended:
        kept = {each.part - start for each in recommended(set_ups, target)}
        ordered = replace(ordered, rows=[number for number in ordered.rows if number in kept])
    page = model.page(ordered, query)
    if target <= 0:
        return page
    by_number = {each.part - start: each for each in set_ups}
    shown = [
        _with_replicas(item, by_number[number], target) for item, number in zip(page.items, page.rows, strict=True)
    ]
    return replace(page, items=shown)


def _check_names(names: Sequence[str], columns: Columns, rows: Sequence[int]) -> None:
    unknown = [
        name
        for name in names
        if rows and (name not in columns.customs or all(columns.customs[name].of_row(row) is None for row in rows))
    ]
    if unknown:
        raise RefusedError(f"invalid custom properties: properties not found in any performance artifacts: {unknown}")


def _with_replicas(item: bytes, set_up: _SetUp, target: int) -> bytes:
    """An artifact with the number of its copies, and what they do together."""
    shown: JsonObject = orjson.loads(item)
    replicas = set_up.replicas(target)
    shown["customProperties"] = {
        **shown.get("customProperties", {}),
        "replicas": {"metadataType": "MetadataIntValue", "int_value": str(replicas)},
        "total_requests_per_second": {
            "metadataType": "MetadataDoubleValue",
            "double_value": replicas * (set_up.rps or 1),
        },
    }
    return orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)


def _set_ups(columns: Columns, parts: Iterable[int], parameters: Parameters) -> list[_SetUp]:
    latency, rps, count = (
        _numbers(columns.customs.get(name)) for name in (parameters.latency, parameters.rps, parameters.count)
    )
    hardware = columns.customs.get(parameters.hardware)
    return [
        _SetUp(
            part,
            _of(latency, part),
            _of(rps, part),
            _of(count, part) or 1,
            hardware.of_row(part) if hardware else None,
        )
        for part in parts
    ]


def _of(column: Column | None, part: int) -> Any:
    return column.of_row(part) if column else None


def _numbers(column: Column | None) -> Column | None:
    """The numbers above 0 of a custom property."""
    return column.mapped(_number) if column else None


def _number(pair: tuple[str, Any]) -> float | None:
    kind, value = pair
    if kind not in {"int_value", "double_value"}:
        return None
    number = float(value)
    return number if 0 < number < math.inf else None


def recommended(set_ups: Iterable[_SetUp], target: int) -> list[_SetUp]:
    """The set-ups that are worth their price, for each kind of hardware: no other is both as quick and as cheap."""
    chosen: list[_SetUp] = []
    in_kinds = sorted(set_ups, key=lambda each: repr(each.hardware))
    for _, kind in groupby(in_kinds, key=lambda each: each.hardware):
        chosen += _worth_it(_cheaper_and_cheaper(kind, target))
    return chosen


def _cheaper_and_cheaper(set_ups: Iterable[_SetUp], target: int) -> list[_SetUp]:
    """From the quickest on, each that costs less than all before it."""
    kept: list[_SetUp] = []
    for each in sorted(set_ups, key=lambda each: (each.latency or math.inf, each.count)):
        if not kept or each.cost(target) < kept[-1].cost(target):
            kept.append(each)
    return kept


def _worth_it(set_ups: Sequence[_SetUp]) -> list[_SetUp]:
    """From the cheapest on, each that is enough quicker than the one before it."""
    kept: list[_SetUp] = []
    for each in reversed(set_ups):
        latency = each.latency or math.inf
        if kept:
            last = kept[-1].latency or math.inf
            if latency >= last * (_MUCH_BETTER if last <= _FAST else _BETTER):
                continue
        kept.append(each)
    return kept


def recommended_page(table: Table, query: Query, parameters: Parameters) -> Page:
    """A page of models in the order of the lowest latency among their recommended artifacts; models without one come last.

    The conditions of the filter on artifacts decide which artifacts count. `order_by` and `descending` of the query do not count.
    Raises `RefusedError` for a filter or a token that is not valid.
    """
    decision = table.matching(query)
    order = Order(_latencies(table, decision.parts, parameters))
    ordered = table.in_order(table.numbers(decision.rows), order)
    if query.token.isdecimal():  # Kubeflow's catalog gives the number of models before the page
        ordered, query = replace(ordered, rows=ordered.rows[int(query.token) :]), replace(query, token="")
    return table.page_of(ordered, query)


def _latencies(table: Table, parts: int | None, parameters: Parameters) -> list[float | None]:
    """For each model the lowest latency among its recommended artifacts."""
    found: list[float | None] = []
    marks = None if parts is None else marks_of(parts, len(table.owner_of_part))
    first_part = 0
    for segment in table.segments:
        kinds = segment.part_columns.fields.get("metricsType")
        measured = [
            part
            for part in range(len(segment.parts))
            if kinds and kinds.of_row(part) in PERFORMANCE and (marks is None or marks[first_part + part])
        ]
        best: dict[int, float | None] = {}
        owners = table.owner_of_part
        set_ups = _set_ups(segment.part_columns, measured, parameters)
        for owner, own in groupby(set_ups, key=lambda each: owners[first_part + each.part]):
            latencies = [each.latency for each in recommended(own, max(1, parameters.target_rps)) if each.latency]
            best[owner] = min(latencies, default=None)
        found += [best.get(row) for row in range(len(found), len(found) + len(segment.items))]
        first_part += len(segment.parts)
    return found


def parameters_from(values: Mapping[str, str], target_rps: int) -> Parameters:
    """The parameters of a request; a missing or empty name is the usual one."""
    names = {
        "latency": values.get("latencyProperty"),
        "rps": values.get("rpsProperty"),
        "count": values.get("hardwareCountProperty"),
        "hardware": values.get("hardwareTypeProperty"),
    }
    return Parameters(target_rps, **{name: value for name, value in names.items() if value})
