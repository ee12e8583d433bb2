"""The forms that change environments and deployments: their fields and their custom properties."""

from model_registry_client.entities import InferenceService, ServingEnvironment

from model_registry_ui.forms.declared import DESCRIPTION, EXTERNAL_ID
from model_registry_ui.forms.editing import Editor, Surroundings
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import deployment, environments
from model_registry_ui.pages.deployment_new import RUNTIME


async def _of_environment(page: PageRequest, _: ServingEnvironment) -> Surroundings:
    return Surroundings(environments.crumbs(page))


async def _of_service(page: PageRequest, service: InferenceService) -> Surroundings:
    return Surroundings(deployment.crumbs(page), service.registered_model_id)


ENVIRONMENT = Editor(
    kind=ServingEnvironment,
    words="Edit",
    page="environment_edit",
    back="environment",
    undo="environment_undo",
    schema=lambda _: "ServingEnvironmentUpdate",
    fields=lambda _: (DESCRIPTION, EXTERNAL_ID),
    surroundings=_of_environment,
    has_properties=True,
    section="deployments",
)
SERVICE = Editor(
    kind=InferenceService,
    words="Edit",
    page="deployment_edit",
    back="deployment",
    undo="deployment_undo",
    schema=lambda _: "InferenceServiceUpdate",
    fields=lambda _: (RUNTIME, DESCRIPTION, EXTERNAL_ID),
    surroundings=_of_service,
    has_properties=True,
    section="deployments",
)
