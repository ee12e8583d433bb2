"""Archiving and restoring a model, a version, an experiment or a run: a page asks once, and says what is still meant to run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from model_registry_client.entities import Experiment, ExperimentRun, InferenceService, ModelVersion, RegisteredModel
from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.api import ApiError, Found
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms.editing import Surroundings
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.notices import Notice, Said, Undo
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import deployment_edit, edit, experiment_edit
from model_registry_ui.routing import Show

ARCHIVED, LIVE = "ARCHIVED", "LIVE"
_UNDEPLOYED = "UNDEPLOYED"
_CONFLICT = 409
_NO_FAILURE = Failure(200)


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of entity that can be archived, or changed together with others.

    Attributes:
        kind: Its class.
        words: What it is.
        back: The name of its page.
        undo: The name of the page that undoes a change.
        surroundings: Loads where it belongs.
        running: Returns the filter of the services that are meant to run it; `None` if services cannot run it.
        section: The entry in the navigation that it belongs to.
    """

    kind: type[Entity]
    words: str
    back: str
    undo: str
    surroundings: Callable[[PageRequest, Any], Awaitable[Surroundings]]
    running: Callable[[Any], str] | None = None
    section: str = "models"


MODEL = Subject(
    RegisteredModel,
    "model",
    "model",
    "model_undo",
    edit.MODEL.surroundings,
    lambda model: f"registeredModelId = {model.id}",
)
VERSION = Subject(
    ModelVersion,
    "version",
    "version",
    "version_undo",
    edit.VERSION.surroundings,
    lambda version: f"modelVersionId = {version.id}",
)
DEPLOYMENT = Subject(
    InferenceService,
    "deployment",
    "deployment",
    "deployment_undo",
    deployment_edit.SERVICE.surroundings,
    section="deployments",
)
EXPERIMENT = Subject(
    Experiment,
    "experiment",
    "experiment",
    "experiment_undo",
    experiment_edit.EXPERIMENT.surroundings,
    section="experiments",
)
RUN = Subject(
    ExperimentRun,
    "run",
    "run",
    "run_undo",
    experiment_edit.RUN.surroundings,
    section="experiments",
)


def show(subject: Subject, state: str) -> Show:
    """Returns the function that asks whether to set a state."""

    async def answer(page: PageRequest) -> Response:
        return await _ask(page, subject, state)

    return answer


def change(subject: Subject, state: str) -> Show:
    """Returns the function that sets a state."""

    async def answer(page: PageRequest) -> Response:
        sent = Sent(await page.form())
        try:
            saved: Found[Any] = await page.api.change(subject.kind, page.id, {"state": state}, sent.text("_mark"))
        except ApiError as error:
            if error.has_changed:
                problem = f"Another user has changed this {subject.words} since you opened this page. Look again."
                return await _ask(page, subject, state, Failure(_CONFLICT, problem))
            return await _ask(page, subject, state, failure(page, error))
        except Unreachable as error:
            return await _ask(page, subject, state, failure(page, error))
        former = ARCHIVED if state == LIVE else LIVE
        said = Said.ARCHIVED if state == ARCHIVED else Said.RESTORED
        undo = Undo(subject.undo, page.id, {"state": former}, saved.mark)
        return page.redirect(page.url(subject.back, page.id), Notice(said, undo))

    return answer


async def _ask(page: PageRequest, subject: Subject, state: str, failed: Failure = _NO_FAILURE) -> Response:
    found: Found[Any] = await page.api.get(subject.kind, page.id)
    entity = found.entity
    around = await subject.surroundings(page, entity)
    await require_change(page, around.model_id)
    is_archiving = state == ARCHIVED
    verb = "Archive" if is_archiving else "Restore"
    context = {
        "heading": f"{verb} {entity.name}",
        "verb": verb,
        "words": subject.words,
        "action": page.here.partition("?")[0],
        "back": page.url(subject.back, page.id),
        "mark": found.mark,
        "running": await _running(page, subject, entity) if is_archiving else [],
        "is_done": (entity.state.value if entity.state else LIVE) == state,
        "failed": failed,
    }
    way = [*around.way, Crumb(entity.name, page.url(subject.back, page.id))]
    return await page.render(
        "state.html",
        f"{verb} {entity.name}",
        context,
        crumbs=way,
        here=verb,
        section=subject.section,
        status=failed.status,
    )


async def _running(page: PageRequest, subject: Subject, entity: Any) -> list[tuple[InferenceService, str]]:
    """The services that are meant to run an entity, with their addresses."""
    if subject.running is None:
        return []
    services = await page.api.matching(InferenceService, subject.running(entity), pageSize="50")
    return [
        (one, page.url("deployment", one.id))
        for one in services.items
        if one.desired_state is None or one.desired_state.value != _UNDEPLOYED
    ]
