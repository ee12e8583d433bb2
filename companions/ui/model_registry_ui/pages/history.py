"""History of a model, a version, a run or a deployment, newest first: its changes with their users, and the times that it has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from model_registry_client.entities import Artifact, ExperimentRun, ModelVersion, RegisteredModel
from model_registry_client.entity import Entity, moment
from starlette.responses import Response

from model_registry_ui.cells import Link
from model_registry_ui.changes import changes
from model_registry_ui.facts import tabs
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import deployment, models
from model_registry_ui.pages import run as run_page
from model_registry_ui.pages import version as version_page
from model_registry_ui.pages.experiment import way_to_run

MOST = 50
_START = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a time. `state` is a word of the API, `link` what it happened to."""

    at: datetime | None
    words: str
    link: Link | None = None
    state: str = ""


async def show_of_model(page: PageRequest) -> Response:
    """The history of a model: its times, and those of its newest versions."""
    model = (await page.api.get(RegisteredModel, page.id)).entity
    path = f"{RegisteredModel.collection}/{page.id}/versions"
    versions = await page.api.page(ModelVersion, path, **_newest())
    created = [Event(one.created, "Version registered", _link(page, "version", one)) for one in versions.items]
    return await _render(
        page,
        "registered_model",
        model.name,
        [*times(model, "Model registered"), *created],
        tabs(page, models.TABS, page.id, "model_history"),
        models.crumbs(page, model),
        is_short=not versions.next_token,
    )


async def show_of_version(page: PageRequest) -> Response:
    """The history of a version: its times, and those of its newest artifacts."""
    of = await version_page.opened(page)
    path = f"{ModelVersion.collection}/{page.id}/artifacts"
    artifacts = await page.api.page(Artifact, path, **_newest())
    created = [Event(one.created, "Artifact created", _link(page, "artifact", one)) for one in artifacts.items]
    return await _render(
        page,
        "model_version",
        f"{of.version.name} of {of.model.name}",
        [*times(of.version, "Version registered"), *created],
        tabs(page, version_page.TABS, page.id, "version_history"),
        of.crumbs(page, is_below=True),
        is_short=not artifacts.next_token,
    )


async def show_of_run(page: PageRequest) -> Response:
    """The history of a run: its times, its start and its end."""
    run = (await page.api.get(ExperimentRun, page.id)).entity
    ran = [
        Event(moment(run.start_time_since_epoch), "Run started"),
        Event(moment(run.end_time_since_epoch), "Run ended", state=run.status.value if run.status else ""),
    ]
    way = await way_to_run(page, run)
    marked = tabs(page, run_page.TABS, page.id, "run_history")
    return await _render(
        page, "experiment_run", run.name, [*times(run, "Run created"), *ran], marked, way, section="experiments"
    )


async def show_of_deployment(page: PageRequest) -> Response:
    """The history of a deployment: its times and its serves."""
    of = await deployment.opened(page)
    serves = [Event(one.at, "Serve recorded", one.version, one.state) for one in deployment.moments(page, of)]
    return await _render(
        page,
        "inference_service",
        of.name,
        [*times(of.service, "Deployment created"), *serves],
        tabs(page, deployment.TABS, page.id, "deployment_history"),
        deployment.crumbs(page, of.service),
        section="deployments",
        is_short=len(of.serves) < MOST,
    )


def times(entity: Entity, created: str) -> Iterable[Event]:
    """Yields the creation and the last change of an entity."""
    yield Event(entity.created, created)
    if entity.updated != entity.created:
        yield Event(entity.updated, "Last change")


def ordered(events: Iterable[Event]) -> list[Event]:
    """Returns the events that have a time, newest first."""
    return sorted((one for one in events if one.at), key=lambda one: one.at or _START, reverse=True)


def _newest() -> Mapping[str, str]:
    return {"orderBy": "CREATE_TIME", "sortOrder": "DESC", "pageSize": str(MOST)}


def _link(page: PageRequest, name: str, entity: Any) -> Link:
    return Link(entity.name or "without a name", page.url(name, entity.id))


async def _render(
    page: PageRequest,
    kind: str,
    heading: str,
    events: Iterable[Event],
    marked: Sequence[Any],
    way: Sequence[Crumb],
    *,
    section: str = "models",
    is_short: bool = True,
) -> Response:
    recorded = await changes(page, kind)
    context = {
        "heading": heading,
        "changes": recorded,
        "events": ordered(events),
        "tabs": marked,
        "is_short": is_short,
        "most": MOST,
    }
    return await page.render(
        "history.html", f"History of {heading}", context, crumbs=way, here="History", section=section
    )
