"""Loads the runs of an experiment with their parameters and metrics, in a number of calls that does not grow with the store."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from model_registry_client.entities import Artifact, Experiment, ExperimentRun, Metric, Parameter

from model_registry_ui.api import Api, ApiError
from model_registry_ui.experiments.measurements import NOTHING, by_run
from model_registry_ui.experiments.runs_query import RunsQuery
from model_registry_ui.experiments.runs_table import FIELDS, Row, ordered
from model_registry_ui.query import ListQuery, part_of_sorted

MOST_RUNS = 500
_PAGE, _MOST_PAGES = 1000, 3
_BAD_REQUEST = 400
_NEWEST_FIRST = {"orderBy": "ID", "sortOrder": "DESC"}
"""The order by id is that of the creation, and the cheapest one for the store."""
_KINDS: tuple[tuple[type[Artifact], str], ...] = ((Metric, "metric"), (Parameter, "parameter"))


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of an experiment that match the server's filters.

    Attributes:
        rows: The newest 500 of them.
        measured: Those of them whose parameters and metrics were read: all, or those of one page.
        has_more: Whether there are more runs.
        is_complete: Whether all parameters and metrics of `measured` were read.
        problem: Why the query was refused; then the rows are those without a filter.
        is_measured: Whether the server can list what was measured in several runs. Some servers cannot.
    """

    rows: Sequence[Row]
    measured: Sequence[Row]
    has_more: bool = False
    is_complete: bool = True
    problem: str = ""
    is_measured: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether the parameters and metrics of all rows were read."""
        return self.measured is self.rows


async def load(api: Api, experiment_id: str, query: RunsQuery, *, is_whole: bool = False) -> Runs:
    """Returns the runs of an experiment.

    Args:
        api: The API.
        experiment_id: The id of the experiment.
        query: What is shown.
        is_whole: Whether the measurements of all runs are needed, whatever the query is.

    Raises:
        ApiError: The API refuses, and not because of the filter.
        Unreachable: The registry does not answer.
    """
    try:
        return await _load(api, experiment_id, query, is_whole=is_whole or _needs_all(query))
    except ApiError as error:
        if error.status != _BAD_REQUEST or not query.listed.filter_query():
            raise
        listed = ListQuery(sort=query.listed.sort, page_size=query.listed.page_size)
        unfiltered = await load(api, experiment_id, replace(query, listed=listed), is_whole=is_whole)
        return replace(unfiltered, problem=error.message)


def _needs_all(query: RunsQuery) -> bool:
    """Whether the page depends on the measurements of runs that it does not show: by order, condition or chart."""
    return bool(query.listed.sort.key not in FIELDS or query.conditions or query.plot.kind)


async def _load(api: Api, experiment_id: str, query: RunsQuery, *, is_whole: bool) -> Runs:
    if is_whole:
        of_all = f"experimentId = {experiment_id}" if experiment_id.isascii() and experiment_id.isdigit() else ""
        runs, found = await asyncio.gather(_runs(api, experiment_id, query.listed), _measurements(api, of_all))
        rows = _with(found.artifacts, [Row(run) for run in runs.items])
        return Runs(rows, rows, bool(runs.next_token), found.is_complete, is_measured=found.is_possible)
    runs = await _runs(api, experiment_id, query.listed)
    rows = ordered([Row(run) for run in runs.items], query.listed.sort)
    part, _ = part_of_sorted(rows, query.listed.after, query.listed.page_size)
    ids = ", ".join(row.run.id for row in part)
    found = await _measurements(api, f"experimentRunId IN ({ids})" if ids else "")
    measured = _with(found.artifacts, part)
    return Runs(rows, measured, bool(runs.next_token), found.is_complete, is_measured=found.is_possible)


def _with(artifacts: Sequence[Any], rows: Sequence[Row]) -> list[Row]:
    known = by_run(artifacts)
    return [Row(row.run, known.get(row.run.id, NOTHING)) for row in rows]


async def _runs(api: Api, experiment_id: str, query: ListQuery) -> Any:
    path = f"{Experiment.collection}/{experiment_id}/experiment_runs"
    return await api.page(
        ExperimentRun, path, filterQuery=query.filter_query(), pageSize=str(MOST_RUNS), **_NEWEST_FIRST
    )


@dataclass(frozen=True, slots=True)
class _Measurements:
    artifacts: Sequence[Any] = ()
    is_complete: bool = True
    is_possible: bool = True


async def _measurements(api: Api, query: str) -> _Measurements:
    """The newest 3,000 metrics and 3,000 parameters that match a query; none for an empty query.

    A server that does not know these fields in a filter answers 400.
    """
    if not query:
        return _Measurements()
    try:
        found = await asyncio.gather(*(_of_kind(api, query, kind, name) for kind, name in _KINDS))
    except ApiError as error:
        if error.status != _BAD_REQUEST:
            raise
        return _Measurements(is_possible=False)
    artifacts = [one for some, _ in found for one in some]
    return _Measurements(artifacts, all(is_complete for _, is_complete in found))


async def _of_kind(api: Api, query: str, kind: type[Artifact], name: str) -> tuple[list[Any], bool]:
    found: list[Any] = []
    token = ""
    for _ in range(_MOST_PAGES):
        part = await api.page(
            kind,
            Artifact.collection,
            artifactType=name,
            filterQuery=query,
            pageSize=str(_PAGE),
            nextPageToken=token,
            **_NEWEST_FIRST,
        )
        found += part.items
        token = part.next_token
        if not token:
            break
    return found, not token
