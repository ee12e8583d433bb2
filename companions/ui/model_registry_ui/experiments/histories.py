"""Histories of metrics for charts: by the extension of the server where it has one, else by the pages of the list."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from model_registry_client.entities import ExperimentRun, Metric

from model_registry_ui.api import Api, ApiError
from model_registry_ui.charts.curves import Across
from model_registry_ui.charts.thinning import Point

MOST_POINTS = 1400
PAGE = 1000
STEPS = 300
"""How many steps are read of a history that is longer than a page, where the server has no extension for curves."""
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of a metric. `milliseconds` is its time since 1970-01-01 UTC."""

    value: float
    step: int | None = None
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The history of a metric.

    Attributes:
        measurements: The values, by step.
        count: How many there are; `None` if unknown.
        is_thinned: Whether some values between are left out: the chart looks the same.
        is_sampled: Whether only steps with equal distances were read: spikes between them may be missing.
        is_complete: Whether the history was read to its end.
    """

    measurements: Sequence[Measurement] = ()
    count: int | None = None
    is_thinned: bool = False
    is_complete: bool = True
    is_sampled: bool = False

    def points(self, across: Across) -> list[Point]:
        """Returns the points of a curve in the order of x. A value without a step, or without a time, has no place on that axis."""
        start = min((one.milliseconds for one in self.measurements if one.milliseconds is not None), default=0)
        found = [(x, one.value) for one in self.measurements if (x := _x(one, across, start)) is not None]
        return sorted(found, key=lambda point: point[0])


async def load(api: Api, run_id: str, names: Sequence[str], most_points: int = MOST_POINTS) -> Mapping[str, History]:
    """Returns the histories of metrics of a run, by name.

    With the extension this is one call, and each history is thinned to `most_points` values. Else it is up to three calls for each
    name. Raises `ApiError` and `Unreachable`.
    """
    if not names:
        return {}
    if (
        all(is_plain(name) for name in names)
        and (found := await by_extension(api, run_id, names, most_points)) is not None
    ):
        return found
    histories = await asyncio.gather(*(_by_pages(api, run_id, name) for name in names))
    return dict(zip(names, histories, strict=True))


async def load_for_runs(api: Api, run_ids: Sequence[str], name: str) -> Mapping[str, History]:
    """Returns the history of one metric in several runs, by the id of the run. A run that is not there has none."""
    found = await asyncio.gather(*(_of_run(api, run_id, name) for run_id in run_ids))
    return dict(zip(run_ids, found, strict=True))


async def _of_run(api: Api, run_id: str, name: str) -> History:
    try:
        return (await load(api, run_id, [name]))[name]
    except ApiError as error:
        if error.is_missing:
            return History()
        raise


async def by_extension(api: Api, run_id: str, names: Sequence[str], most_points: int) -> Mapping[str, History] | None:
    """Returns the histories of at most 50 metrics in one call of the extension, by name; `None` where the server does not have it.

    Each is thinned to `most_points` values. The names must be plain. Raises `ApiError` and `Unreachable`.
    """
    path = f"{ExperimentRun.collection}/{run_id}/metric_history"
    try:
        answer = await api.extension(path, names=",".join(names), maxPoints=str(most_points))
    except ApiError as error:
        if error.status == _NOT_FOUND:
            return None
        raise
    if answer is None:
        return None
    read = {str(one.get("name")): _curve(one) for one in answer.get("metrics") or ()}
    return {name: read.get(name, History()) for name in names}


def _curve(curve: Mapping[str, Any]) -> History:
    return History(
        _measurements(curve.get("points") or ()),
        count=curve.get("count"),
        is_thinned=curve.get("isThinned") is True,
        is_complete=curve.get("isComplete") is not False,
    )


def _measurements(points: Iterable[Mapping[str, Any]]) -> list[Measurement]:
    return [
        Measurement(float(one["value"]), one.get("step"), _whole(one.get("timestamp")))
        for one in points
        if one.get("value") is not None
    ]


async def _by_pages(api: Api, run_id: str, name: str) -> History:
    """One page of the history; of a longer one the values of 300 steps with equal distances."""
    first = await page_of(api, run_id, name)
    if not first.next_token:
        return _history(first.items, is_complete=True)
    newest = await _page(api, run_id, name=name, pageSize="1", orderBy="ID", sortOrder="DESC")
    steps = [one.step for one in (*first.items, *newest.items) if one.step is not None]
    wanted = evenly(min(steps), max(steps), STEPS) if steps else []
    if len(wanted) < STEPS:
        return _history([*first.items, *newest.items], is_complete=False)
    chosen = await _page(api, run_id, name=name, stepIds=",".join(map(str, wanted)), pageSize=str(PAGE))
    found = {one.id: one for one in (*chosen.items, *newest.items)}
    return replace(_history(list(found.values()), is_complete=True), count=None, is_sampled=True)


def evenly(first: int, last: int, count: int) -> list[int]:
    """Returns at most `count` whole numbers with equal distances, from `first` to `last`."""
    if last - first < count:
        return list(range(first, last + 1))
    return [first + (last - first) * index // (count - 1) for index in range(count)]


def _history(items: Sequence[Metric], *, is_complete: bool) -> History:
    measurements = [Measurement(one.value, one.step, _time(one)) for one in items if one.value is not None]
    ordered = sorted(measurements, key=lambda one: -1 if one.step is None else one.step)
    return History(ordered, len(ordered) if is_complete else None, is_complete=is_complete)


async def page_of(api: Api, run_id: str, name: str, token: str = "", size: int = PAGE) -> Any:
    """Returns one page of the history of a metric, in the order in which the values were written."""
    return await _page(api, run_id, name=name, pageSize=str(size), nextPageToken=token)


async def _page(api: Api, run_id: str, **parameters: str) -> Any:
    return await api.page(Metric, f"{ExperimentRun.collection}/{run_id}/metric_history", **parameters)


def _time(metric: Metric) -> int | None:
    return _whole(metric.timestamp) or _whole(metric.create_time_since_epoch)


def _whole(text: Any) -> int | None:
    try:
        return int(text)
    except (TypeError, ValueError):
        return None


def _x(one: Measurement, across: Across, start: int) -> float | None:
    if across is Across.STEP:
        return None if one.step is None else float(one.step)
    if one.milliseconds is None:
        return None
    return float(one.milliseconds if across is Across.TIME else one.milliseconds - start)


def is_plain(name: str) -> bool:
    """Returns whether the extension can take the name: it parts names by commas and ignores spaces around them."""
    return "," not in name and name == name.strip() and bool(name)
