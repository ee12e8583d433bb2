"""The form for a new environment, and the forms that change environments and deployments."""

from model_registry_client.entities import InferenceService, ServingEnvironment
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms.declared import DESCRIPTION, EXTERNAL_ID
from model_registry_ui.forms.editing import Editor, Surroundings
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Rules, read, with_limits
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.forms.shown import shown_fields
from model_registry_ui.forms.simple import NO_FAILURE, SimpleForm, find, render
from model_registry_ui.notices import Notice
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import deployment, environments
from model_registry_ui.pages.deployment_new import RUNTIME

FIELDS = (FormField("name", "Name", help="Such as the name of a cluster or a namespace."), EXTERNAL_ID, DESCRIPTION)
_UNPROCESSABLE = 422


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


async def show(page: PageRequest) -> Response:
    """The form for a new environment."""
    await require_change(page)
    return await _form(page, {})


async def change(page: PageRequest) -> Response:
    """Creates the environment, or shows what is wrong."""
    sent = Sent(await page.form())
    typed = sent.typed(FIELDS)
    values = read(FIELDS, typed, {}, await _rules(page))
    if values.errors:
        return await _form(page, typed, Failure(_UNPROCESSABLE, errors=dict(values.errors)))
    body = {name: value for name, value in values.values.items() if value is not None}
    try:
        made = (await page.api.create(ServingEnvironment, body)).entity
    except (ApiError, Unreachable) as error:
        failed = failure(page, error, FIELDS)
        return await _form(page, typed, failed, await _taken(page, typed["name"]) if failed.is_taken else ())
    return page.redirect(page.url("environment", made.id), Notice(f"The environment {made.name} is created."))


async def _taken(page: PageRequest, name: str) -> tuple[tuple[str, str], ...]:
    """Words and address of what has the name already."""
    try:
        found = await find(page.api, ServingEnvironment, name)
    except (ApiError, Unreachable):
        return ()
    return ((f"Show the environment {name}", page.url("environment", found.id)),) if found else ()


async def _rules(page: PageRequest) -> Rules:
    return with_limits(await page.documents.rules(page.api, "ServingEnvironmentCreate"), ("name",))


async def _form(
    page: PageRequest,
    typed: dict[str, str],
    failed: Failure = NO_FAILURE,
    links: tuple[tuple[str, str], ...] = (),
) -> Response:
    form = SimpleForm(
        heading="New environment",
        button="Create",
        back=page.url("environments"),
        way=environments.crumbs(page),
        fields=shown_fields(FIELDS, typed, await _rules(page), failed.errors),
        failed=failed,
        links=links,
    )
    return await render(page, form)
