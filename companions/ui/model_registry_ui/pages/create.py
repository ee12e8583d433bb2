"""The forms that create an environment, an experiment, or a run of an experiment."""

import time
from collections.abc import Mapping
from typing import Any

from model_registry_client.entities import Experiment, ExperimentRun, ServingEnvironment
from starlette.responses import Response

from model_registry_ui.forms import creating
from model_registry_ui.forms.creating import Creator, EntityPlace
from model_registry_ui.forms.declared import DESCRIPTION, EXTERNAL_ID, OWNER
from model_registry_ui.forms.fields import FormField, Widget
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import environments, experiment
from model_registry_ui.routing import Show

_MILLION = 1_000_000
SCHEDULED = "SCHEDULED"


async def _of_environment(page: PageRequest) -> EntityPlace:
    return EntityPlace(environments.crumbs(page), page.url("environments"))


async def _of_experiment(page: PageRequest) -> EntityPlace:
    return EntityPlace(experiment.crumbs(page), page.url("experiments"))


async def _of_run(page: PageRequest) -> EntityPlace:
    parent = (await page.api.get(Experiment, page.id)).entity
    return EntityPlace(
        experiment.crumbs(page, parent),
        page.url("experiment", parent.id),
        parent_id=parent.id,
        values={"experimentId": parent.id, "startTimeSinceEpoch": str(time.time_ns() // _MILLION)},
        notes=(
            "A run that is scheduled has no start. Every other one starts now, and the start cannot be changed later.",
            "The status can be set on its page.",
        ),
        typed={"status": "RUNNING"},
    )


def _run(typed: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a new run: one that is scheduled has not started."""
    body = {**typed, **values}
    if body.get("status") == SCHEDULED:
        del body["startTimeSinceEpoch"]
    return body


ENVIRONMENT = Creator(
    kind=ServingEnvironment,
    one="environment",
    schema="ServingEnvironmentCreate",
    fields=(FormField("name", "Name", help="Such as the name of a cluster or a namespace."), EXTERNAL_ID, DESCRIPTION),
    page="environment",
    section="deployments",
    place=_of_environment,
)
EXPERIMENT = Creator(
    kind=Experiment,
    one="experiment",
    schema="ExperimentCreate",
    fields=(FormField("name", "Name", help="It cannot be changed later."), OWNER, EXTERNAL_ID, DESCRIPTION),
    page="experiment",
    section="experiments",
    place=_of_experiment,
)
RUN = Creator(
    kind=ExperimentRun,
    one="run",
    schema="ExperimentRunCreate",
    fields=(
        FormField("name", "Name", help="Without a name, the server makes one. It cannot be changed later."),
        FormField("status", "Status", Widget.CHOICE, "Without one, the run is running."),
        OWNER,
        EXTERNAL_ID,
        DESCRIPTION,
    ),
    page="run",
    section="experiments",
    place=_of_run,
    required=(),
    body=_run,
)


def show(creator: Creator[Any]) -> Show:
    """Returns the function that shows a form."""

    async def answer(page: PageRequest) -> Response:
        return await creating.show(page, creator)

    return answer


def change(creator: Creator[Any]) -> Show:
    """Returns the function that takes a form."""

    async def answer(page: PageRequest) -> Response:
        return await creating.create(page, creator)

    return answer
