"""One run: its facts, parameters, metrics, data sets, models and documents, and the curves of its metrics."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from model_registry_client.entities import (
    Artifact,
    DataSet,
    DocArtifact,
    Experiment,
    ExperimentRun,
    ModelArtifact,
    ModelVersion,
    RegisteredModel,
)
from model_registry_client.entity import moment
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.cells import Link, Named, Outside, labels_of, properties_of
from model_registry_ui.charts.scales import lasting
from model_registry_ui.experiments import small_curves
from model_registry_ui.experiments.measurements import Measure, measured
from model_registry_ui.facts import Fact, actions, facts, link_by_name, state_action, tabs
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages.curves import AT_FIRST, RUNNING
from model_registry_ui.pages.experiment import crumbs as experiment_crumbs

_MOST_ARTIFACTS, _MOST_VERSIONS = "1000", "20"
FACTS = (
    Fact("Status", "state", lambda run, _: run.status),
    Fact("State", "state", lambda run, _: run.state or "LIVE"),
    Fact("Experiment", "link", lambda _, related: related["experiment"]),
    Fact("Owner", "text", lambda run, _: run.owner),
    Fact("Started", "time", lambda run, _: moment(run.start_time_since_epoch)),
    Fact("Ended", "time", lambda run, _: moment(run.end_time_since_epoch)),
    Fact("Duration", "text", lambda run, _: duration(run)),
    Fact("External id", "copy", lambda run, _: run.external_id),
    Fact("Id", "copy", lambda run, _: run.id),
    Fact("Created", "time", lambda run, _: run.created),
    Fact("Updated", "time", lambda run, _: run.updated),
)
TABS = (("Overview", "run"), ("Lineage", "run_lineage"), ("History", "run_history"))
ACTIONS = (("Register", "run_register"), ("Edit", "run_edit"), ("Status", "run_end"))


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric of a run with its last value, the address of its history, and its small curve (may be empty)."""

    name: str
    measure: Measure
    url: str
    curve: Markup


@dataclass(frozen=True, slots=True)
class FileRow:
    """A data set, model or document of a run."""

    entity: Any
    named: Named
    address: Outside | None


def duration(run: Any) -> str:
    """Returns how long a run took, in words; an empty text if it has not ended or its times are unknown."""
    started, ended = moment(run.start_time_since_epoch), moment(run.end_time_since_epoch)
    return lasting((ended - started).total_seconds()) if started and ended else ""


async def show(page: PageRequest) -> Response:
    """The page of one run."""
    found, artifacts, versions = await asyncio.gather(
        page.api.get(ExperimentRun, page.id),
        page.api.page(Artifact, f"{ExperimentRun.collection}/{page.id}/artifacts", pageSize=_MOST_ARTIFACTS),
        _versions(page),
    )
    run = found.entity
    known = measured(artifacts.items)
    experiment, models, curves = await asyncio.gather(
        experiment_of(page, run),
        page.api.named(RegisteredModel, [one.registered_model_id for one in versions]),
        small_curves.load(page.api, run.id, known.metrics, waits=bool(page.parameter("curves"))),
    )
    metrics = [
        MetricRow(
            name,
            measure,
            page.url("run_curves", run.id, {"metric": name}),
            curves.drawings.get(name, Markup()),
        )
        for name, measure in sorted(known.metrics.items())
    ]
    related = {
        "experiment": Link(
            experiment.name if experiment else run.experiment_id, page.url("experiment", run.experiment_id)
        ),
    }
    by_name = link_by_name(page, "named_runs", experiment=experiment.name if experiment else "", run=run.name)
    context = {
        "run": run,
        "versions": [_registered(page, one, models) for one in versions],
        "facts": [*facts(FACTS, run, related), *by_name],
        "tabs": tabs(page, TABS, run.id, "run"),
        "labels": labels_of(run.custom_properties),
        "properties": properties_of(page, run.custom_properties),
        "tool_properties": properties_of(page, run.custom_properties, of_tools=True),
        "parameters": sorted(known.parameters.items()),
        "metrics": metrics,
        "curves": curves,
        "curves_url": page.url("run", run.id, {"curves": "1"})
        if curves.is_late and not page.parameter("curves")
        else "",
        "metrics_with_steps": [one for one in metrics if one.measure.step][:AT_FIRST],
        "data_sets": _files(page, artifacts.items, DataSet),
        "models": _files(page, artifacts.items, ModelArtifact),
        "documents": _files(page, artifacts.items, DocArtifact),
        "has_more": bool(artifacts.next_token),
        "is_running": run.status is not None and run.status.value == RUNNING,
        "actions": await actions(page, (*ACTIONS, *state_action("run", run)), run.id),
    }
    return await page.render("run.html", run.name, context, crumbs=crumbs(page, experiment), section="experiments")


def crumbs(page: PageRequest, experiment: Any = None) -> list[Crumb]:
    """The way to a run."""
    return experiment_crumbs(page, experiment)


async def experiment_of(page: PageRequest, run: Any) -> Any:
    """Returns the experiment of a run; `None` if it cannot be read."""
    try:
        return (await page.api.get(Experiment, run.experiment_id)).entity
    except ApiError as error:
        if error.is_missing:
            return None
        raise


async def _versions(page: PageRequest) -> Sequence[Any]:
    """The versions that say that they come from the run: their property `experiment_run_id` is its id."""
    if not (page.id.isascii() and page.id.isdigit()):
        return ()
    query = f'experiment_run_id = {page.id} OR experiment_run_id = "{page.id}"'
    return (await page.api.matching(ModelVersion, query, pageSize=_MOST_VERSIONS)).items


def _registered(page: PageRequest, version: Any, models: Any) -> Link:
    model = models.get(version.registered_model_id)
    words = f"{model.name} {version.name}" if model else version.name
    return Link(words, page.url("version", version.id))


def _files(
    page: PageRequest, artifacts: Sequence[Any], kind: type[DataSet | ModelArtifact | DocArtifact]
) -> list[FileRow]:
    return [
        FileRow(
            one,
            Named(one.name, page.url("artifact", one.id), one.description or ""),
            Outside(one.uri) if one.uri else None,
        )
        for one in artifacts
        if isinstance(one, kind)
    ]
