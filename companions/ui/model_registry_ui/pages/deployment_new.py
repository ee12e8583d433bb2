"""The form for a new deployment: which version of which model is meant to run in which environment."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model_registry_client.entities import InferenceService, ModelVersion, RegisteredModel, ServingEnvironment
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.deployments import gated, warnings
from model_registry_ui.document_rules import FieldRules
from model_registry_ui.forms.declared import DESCRIPTION, EXTERNAL_ID
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Rules, read, with_limits
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.forms.shown import shown_fields
from model_registry_ui.forms.simple import NO_FAILURE, SimpleForm, find, render, suggestions
from model_registry_ui.notices import Notice, Said
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages.deployment import crumbs
from model_registry_ui.snippets import dns_name

RUNTIME = FormField("runtime", "Runtime", help="What runs the model, such as the name of a KServe runtime.")
CHOSEN: Sequence[FormField] = (
    FormField("environment", "Environment", help="Where it runs, such as production. Names that exist are suggested."),
    FormField("model", "Model", help="A registered model. Names that exist are suggested."),
    FormField("version", "Version", help="Without one, the service follows the newest version of the model."),
)
OWN: Sequence[FormField] = (
    FormField("name", "Name of the service", help="Unique within its environment."),
    RUNTIME,
    EXTERNAL_ID,
    DESCRIPTION,
)
CREATES = "creates"
_UNPROCESSABLE, _UNAVAILABLE = 422, 503
_NOTES = (
    "This records what is meant to run. It starts nothing.",
    "Once a service names a version, it cannot follow the newest one again.",
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the typed names mean; `None` for what does not exist or was not typed."""

    environment: ServingEnvironment | None = None
    model: RegisteredModel | None = None
    version: ModelVersion | None = None


async def show(page: PageRequest) -> Response:
    """The form. The parameters `environment`, `model` and `version` are ids, whose names are preset."""
    await require_change(page, page.parameter("model"))
    environments, models, versions = await asyncio.gather(
        page.api.named(ServingEnvironment, [page.parameter("environment")]),
        page.api.named(RegisteredModel, [page.parameter("model")]),
        page.api.named(ModelVersion, [page.parameter("version")]),
    )
    found = Resolved(*(next(iter(one.values()), None) for one in (environments, models, versions)))  # type: ignore[arg-type]
    typed = {
        "environment": found.environment.name if found.environment else "",
        "model": found.model.name if found.model else "",
        "version": found.version.name if found.version else "",
        "name": dns_name(found.model.name) if found.model else "",
    }
    return await _form(page, typed, found)


async def change(page: PageRequest) -> Response:
    """Creates the service, and its environment if that is new and wanted; or shows what is wrong."""
    sent = Sent(await page.form())
    typed, creates = sent.typed([*CHOSEN, *OWN]), bool(sent.text(CREATES))
    try:
        found = await _resolve(page, typed)
        values = read([*CHOSEN, *OWN], typed, {}, await _rules(page), _prefix(found))
        errors = {**_missing(typed, found, creates=creates), **values.errors}
        if errors:
            return await _form(page, typed, found, Failure(_UNPROCESSABLE, errors=errors), creates=creates)
        environment = found.environment or await _environment(page, typed["environment"])
        own = {field.name: values.values[field.name] for field in OWN}
        body = {
            **{name: value for name, value in own.items() if value is not None},
            "servingEnvironmentId": environment.id,
            "registeredModelId": found.model.id if found.model else "",
            **({"modelVersionId": found.version.id} if found.version else {}),
        }
        made = (await page.api.create(InferenceService, body)).entity
    except (ApiError, Unreachable) as error:
        failed = failure(page, error, OWN)
        return await _form(page, typed, Resolved(), failed, creates=creates)
    is_gated = found.version is not None and bool(gated.gate_of(found.version.custom_properties))
    said = Said.GATED_CREATED if is_gated else Said.DEPLOYMENT_CREATED
    return page.redirect(page.url("deployment", made.id), Notice(said))


async def _environment(page: PageRequest, name: str) -> ServingEnvironment:
    return (await page.api.create(ServingEnvironment, {"name": name})).entity


async def _resolve(page: PageRequest, typed: Mapping[str, str]) -> Resolved:
    """Finds what the names mean."""
    environment, model = await asyncio.gather(
        _found(page, ServingEnvironment, typed["environment"]), _found(page, RegisteredModel, typed["model"])
    )
    version = await _found(page, ModelVersion, typed["version"], model.id) if model else None
    return Resolved(environment, model, version)


async def _found(page: PageRequest, kind: Any, name: str, parent_id: str = "") -> Any:
    return await find(page.api, kind, name, parent_id) if name else None


def _missing(typed: Mapping[str, str], found: Resolved, *, creates: bool) -> dict[str, str]:
    """What was typed and does not exist, by the name of its field."""
    errors: dict[str, str] = {}
    if typed["environment"] and not found.environment and not creates:
        errors["environment"] = "There is no environment of this name. Tick the box below it to create it."
    if typed["model"] and not found.model:
        errors["model"] = "There is no model of this name."
    if typed["version"] and found.model and not found.version:
        errors["version"] = f"The model {found.model.name} has no version of this name."
    return errors


def _prefix(found: Resolved) -> int:
    """The bytes that the store puts before the name of the service."""
    return len(f"{found.environment.id}:") if found.environment else 0


async def _rules(page: PageRequest) -> Rules:
    known = with_limits(await page.documents.rules(page.api, "InferenceServiceCreate"))
    chosen = {name: FieldRules(name, is_required=True) for name in ("environment", "model")}
    return {**known, **chosen}


async def _form(
    page: PageRequest,
    typed: Mapping[str, str],
    found: Resolved,
    failed: Failure = NO_FAILURE,
    *,
    creates: bool = False,
) -> Response:
    suggested: Mapping[str, Sequence[str]] = {}
    if failed.status < _UNAVAILABLE:
        environments, models, versions = await asyncio.gather(
            suggestions(page.api, ServingEnvironment),
            suggestions(page.api, RegisteredModel),
            suggestions(page.api, ModelVersion, f"{RegisteredModel.collection}/{found.model.id}/versions")
            if found.model
            else _none(),
        )
        suggested = {"environment": environments, "model": models, "version": versions}
    form = SimpleForm(
        heading="New deployment",
        button="Create",
        back=page.url("deployments"),
        way=crumbs(page),
        fields=shown_fields([*CHOSEN, *OWN], typed, await _rules(page), failed.errors, _prefix(found)),
        suggested=suggested,
        notes=_NOTES,
        warning=warnings.warning(found.model, found.version),
        tick=(CREATES, "Create the environment if there is none of this name", creates),
        tick_of="environment",
        failed=failed,
    )
    return await render(page, form)


async def _none() -> list[str]:
    return []
