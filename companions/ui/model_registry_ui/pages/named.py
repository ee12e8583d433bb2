"""Links by name, which scripts can write without knowing ids: each leads to the page with the id."""

from model_registry_client.entities import (
    Experiment,
    ExperimentRun,
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServingEnvironment,
)
from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.page_request import PageRequest

_NOT_FOUND = 404


async def models(page: PageRequest) -> Response:
    """Leads to a model by `name`, or to a version by `name` and `version`."""
    return await _lead(page, (RegisteredModel, "name", "model"), (ModelVersion, "version", "version"))


async def runs(page: PageRequest) -> Response:
    """Leads to an experiment by `experiment`, or to a run by `experiment` and `run`."""
    return await _lead(page, (Experiment, "experiment", "experiment"), (ExperimentRun, "run", "run"))


async def deployments(page: PageRequest) -> Response:
    """Leads to an environment by `environment`, or to a deployment by `environment` and `service`."""
    return await _lead(
        page, (ServingEnvironment, "environment", "environment"), (InferenceService, "service", "deployment")
    )


Named = tuple[type[Entity], str, str]
"""A class, the parameter with its name, and the name of its page."""


async def _lead(page: PageRequest, parent: Named, child: Named) -> Response:
    """Leads to the child where its name is given, else to the parent."""
    kind, parameter, name = parent
    found = await page.api.find(kind, name=page.parameter(parameter))
    id_ = found.entity.id
    if wanted := page.parameter(child[1]):
        kind, _, name = child
        id_ = (await page.api.find(kind, name=wanted, parentResourceId=id_)).entity.id
    if address := page.url(name, id_):
        return page.redirect(address)
    raise ApiError(_NOT_FOUND, f"This UI has no page of a {kind.words}.")
