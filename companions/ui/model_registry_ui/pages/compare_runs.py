"""Runs side by side: facts, parameters, last values of metrics, properties and artifacts, with curves of one metric on top."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from model_registry_client.entities import Artifact, Experiment, ExperimentRun, Metric, Parameter
from model_registry_client.entity import moment
from starlette.responses import Response

from model_registry_ui.api import ApiError, EntityPage
from model_registry_ui.artifact_kinds import kind_of
from model_registry_ui.experiments import comparison, histories
from model_registry_ui.experiments.comparison import Content, Section, section
from model_registry_ui.experiments.contents import of_entity, of_measure, of_properties
from model_registry_ui.experiments.measurements import NOTHING, Measured, by_run, names
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import compare
from model_registry_ui.pages.compare import Compared, Kind
from model_registry_ui.pages.curves import ACROSS, card, settings_of
from model_registry_ui.pages.run import duration
from model_registry_ui.rendering import utc

_PAGE, _MOST_PAGES = "1000", 2
_BAD_REQUEST = 400
_FACTS = ("Experiment", "Status", "State", "Owner", "Started", "Duration", "Description", "External id")


async def show(page: PageRequest) -> Response:
    """The page of a comparison. With `curves=1` it has the curves too, which take a call for each run."""
    more: dict[str, Any] = {"settings": settings_of(page), "across": ACROSS}
    more["curves"] = await _curves(page) if page.parameter("curves") == "1" else None
    return await compare.show(page, RUNS, more)


async def export(page: PageRequest) -> Response:
    """The whole comparison as CSV."""
    return await compare.export(page, RUNS)


async def _curves(page: PageRequest) -> Any:
    """The chart of one metric of all runs; `None` without a metric."""
    ids = comparison.chosen_ids(value for name, value in page.parameters if name == "id")[: comparison.MOST]
    metric = page.parameter("metric")
    if not metric or len(ids) < comparison.LEAST:
        return None
    runs, loaded = await asyncio.gather(
        page.api.named(ExperimentRun, ids), histories.load_for_runs(page.api, ids, metric)
    )
    series = [(runs[id_].name, loaded[id_]) for id_ in ids if id_ in runs]
    return await asyncio.to_thread(card, "curve", metric, series, settings_of(page))


async def _load(page: PageRequest, ids: Sequence[str]) -> Compared:
    runs, (artifacts, is_complete) = await asyncio.gather(page.api.named(ExperimentRun, ids), _artifacts(page, ids))
    found = [runs[id_] for id_ in ids if id_ in runs]
    experiments = await page.api.named(Experiment, [run.experiment_id for run in found])
    known = by_run(artifacts)
    measured = [known.get(run.id, NOTHING) for run in found]
    parents = [one.name if (one := experiments.get(run.experiment_id)) else "" for run in found]
    all_facts = [_facts(page, run, experiments) for run in found]
    files = [_files(page, artifacts, run.id) for run in found]
    sections = await asyncio.to_thread(_sections, all_facts, measured, found, files)
    metrics = names(each.metrics for each in measured)
    notes = [] if is_complete else ["Not all artifacts of these runs were read: some values may be missing."]
    return Compared(found, parents, sections, notes, metrics, _with_history(metrics, measured))


def _sections(
    all_facts: Sequence[Mapping[str, Content]],
    measured: Sequence[Measured],
    found: Sequence[Any],
    files: Sequence[Mapping[str, Content]],
) -> list[Section]:
    """The sections with rows. Thousands of properties take a while, so this runs in a thread of its own."""
    sections = [
        section("Facts", all_facts, _FACTS),
        section("Parameters", [{name: of_measure(one) for name, one in each.parameters.items()} for each in measured]),
        section("Metrics", [{name: of_measure(one) for name, one in each.metrics.items()} for each in measured]),
        section("Properties", [of_properties(run.custom_properties) for run in found]),
        section("Artifacts", files),
    ]
    return [one for one in sections if one.rows]


def _with_history(metrics: Sequence[str], measured: Sequence[Measured]) -> str:
    """The first metric that counts steps, which has a history; an empty text if there is none."""
    steps = {name for each in measured for name, one in each.metrics.items() if one.step}
    return next((name for name in metrics if name in steps), "")


def _facts(page: PageRequest, run: Any, experiments: Mapping[str, Any]) -> dict[str, Content]:
    experiment = experiments.get(run.experiment_id)
    return of_entity(
        {
            "Experiment": Content(experiment.name, url=page.url("experiment", experiment.id)) if experiment else None,
            "Status": run.status,
            "State": run.state,
            "Owner": run.owner,
            "Started": utc(moment(run.start_time_since_epoch)),
            "Duration": duration(run),
            "Description": run.description,
            "External id": run.external_id,
        }
    )


def _files(page: PageRequest, artifacts: Sequence[Any], run_id: str) -> dict[str, Content]:
    return {
        f"{kind_of(one)} {one.name}": Content(getattr(one, "uri", None) or "", url=page.url("artifact", one.id))
        for one in artifacts
        if one.experiment_run_id == run_id and not isinstance(one, Metric | Parameter)
    }


async def _artifacts(page: PageRequest, ids: Sequence[str]) -> tuple[list[Any], bool]:
    """The artifacts of the runs, and whether these are all: in at most two calls, or before some servers one for each run."""
    try:
        return await _of_all(page, ids)
    except ApiError as error:
        if error.status != _BAD_REQUEST:
            raise
    parts = await asyncio.gather(*(_of_run(page, id_) for id_ in ids))
    return [one for part in parts for one in part.items], not any(part.next_token for part in parts)


async def _of_all(page: PageRequest, ids: Sequence[str]) -> tuple[list[Any], bool]:
    found: list[Any] = []
    token = ""
    for _ in range(_MOST_PAGES):
        query = f"experimentRunId IN ({', '.join(ids)})"
        part = await page.api.page(Artifact, filterQuery=query, pageSize=_PAGE, nextPageToken=token)
        found += part.items
        token = part.next_token
        if not token:
            break
    return found, not token


async def _of_run(page: PageRequest, id_: str) -> EntityPage[Artifact]:
    """The artifacts of a run; none where the run does not exist."""
    try:
        return await page.api.page(Artifact, f"{ExperimentRun.collection}/{id_}/artifacts", pageSize=_PAGE)
    except ApiError as error:
        if error.is_missing:
            return EntityPage(())
        raise


RUNS = Kind("Compare runs", "runs", "compare_runs", "run", "experiments", "experiments", _load)
