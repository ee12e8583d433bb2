"""The forms of one deployment: deploy another version, undeploy or deploy it, and record a serve."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model_registry_client.entities import InferenceService, ModelVersion, RegisteredModel, ServeModel
from model_registry_client.states import ExecutionState
from starlette.responses import Response

from model_registry_ui.api import ApiError, Found
from model_registry_ui.backend import Unreachable
from model_registry_ui.deployments import warnings
from model_registry_ui.deployments.loading import Deployment, deployments
from model_registry_ui.document_rules import FieldRules
from model_registry_ui.forms.declared import DESCRIPTION, EXTERNAL_ID
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Rules, Widget, read, with_limits
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.forms.shown import shown_fields
from model_registry_ui.forms.simple import NO_FAILURE, SimpleForm, find, render, suggestions
from model_registry_ui.notices import Notice, Said, Undo
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages.deployment import crumbs

VERSION = FormField("version", "Version", help="The name of a version of the model.")
STATE = FormField("lastKnownState", "State", Widget.CHOICE, "What was seen.")
SERVE = (VERSION, STATE, FormField("name", "Name", help="Such as rollout-7."), EXTERNAL_ID, DESCRIPTION)
MARK, WANTED = "_mark", "_state"
DEPLOYED, UNDEPLOYED = "DEPLOYED", "UNDEPLOYED"
_UNPROCESSABLE, _CONFLICT, _UNAVAILABLE = 422, 412, 503
_CHANGED = (
    "Another user has changed this deployment since you opened this page. "
    "Below it is as it is now. Send the form again if you still want to."
)
_STATES = tuple(state.value for state in ExecutionState)


async def _opened(page: PageRequest) -> tuple[Found[InferenceService], Deployment]:
    """The deployment of the page's address, which the user may change; raises `ApiError` and `Unreachable`."""
    found = await page.api.get(InferenceService, page.id)
    await require_change(page, found.entity.registered_model_id)
    return found, (await deployments(page.api, [found.entity], with_serves=False))[found.entity.id]


async def show_version(page: PageRequest) -> Response:
    """The form that lets the service name another version."""
    found, deployment = await _opened(page)
    return await _version_form(page, deployment, found.mark, "")


async def change_version(page: PageRequest) -> Response:
    """Sets the version of the service, if it is still as the form has shown it."""
    sent = Sent(await page.form())
    typed = sent.text(VERSION.id)
    found, deployment = await _opened(page)
    version = await _version(page, found.entity, typed)
    if version is None:
        return await _version_form(page, deployment, sent.text(MARK), typed, _unknown(typed, deployment))
    if version.id == found.entity.model_version_id:
        return page.redirect(page.url("deployment", page.id), Notice(Said.VERSION_NAMED))
    before = found.entity.model_version_id
    return await _save(
        page,
        {"modelVersionId": version.id},
        sent.text(MARK),
        {"modelVersionId": before} if before else {},
        Said.VERSION_SET,
        lambda failed, mark: _version_form(page, deployment, mark or sent.text(MARK), typed, failed),
    )


async def show_state(page: PageRequest) -> Response:
    """The form that says whether the service is meant to run."""
    found, deployment = await _opened(page)
    return await _state_form(page, deployment, found.mark)


async def change_state(page: PageRequest) -> Response:
    """Sets whether the service is meant to run, if it is still as the form has shown it."""
    sent = Sent(await page.form())
    _, deployment = await _opened(page)
    wanted = DEPLOYED if sent.text(WANTED) == DEPLOYED else UNDEPLOYED
    return await _save(
        page,
        {"desiredState": wanted},
        sent.text(MARK),
        {"desiredState": UNDEPLOYED if wanted == DEPLOYED else DEPLOYED},
        Said[wanted],
        lambda failed, mark: _state_form(page, deployment, mark or sent.text(MARK), failed),
    )


async def show_serve(page: PageRequest) -> Response:
    """The form that records a serve. The version that is meant is preset."""
    _, deployment = await _opened(page)
    typed = {VERSION.id: deployment.version.name if deployment.version else "", STATE.id: ExecutionState.RUNNING.value}
    return await _serve_form(page, deployment, typed)


async def record_serve(page: PageRequest) -> Response:
    """Creates the serve, or shows what is wrong."""
    sent = Sent(await page.form())
    typed = sent.typed(SERVE)
    found, deployment = await _opened(page)
    values = read(SERVE, typed, {}, await _serve_rules(page), _prefix(deployment))
    version = await _version(page, found.entity, typed[VERSION.id])
    errors = dict(values.errors)
    if version is None:
        errors = {**_unknown(typed[VERSION.id], deployment).errors, **errors}
    if errors or version is None:
        return await _serve_form(page, deployment, typed, Failure(_UNPROCESSABLE, errors=errors))
    own = {one.name: values.values[one.name] for one in SERVE if one is not VERSION}
    body = {"modelVersionId": version.id, **{name: value for name, value in own.items() if value is not None}}
    try:
        await page.api.create(ServeModel, body, f"{InferenceService.collection}/{page.id}/serves")
    except (ApiError, Unreachable) as error:
        return await _serve_form(page, deployment, typed, failure(page, error, SERVE))
    return page.redirect(page.url("deployment", page.id), Notice(Said.SERVE_RECORDED))


async def _save(
    page: PageRequest, body: Mapping[str, Any], mark: str, before: Mapping[str, Any], said: Said, again: Any
) -> Response:
    """Changes the service and returns to its page. `again` shows the form with a failure, and the mark it has now."""
    try:
        saved = await page.api.change(InferenceService, page.id, body, mark)
    except ApiError as error:
        if not error.has_changed:
            return await again(failure(page, error), "")  # type: ignore[no-any-return]
        now = await page.api.get(InferenceService, page.id)
        return await again(Failure(_CONFLICT, _CHANGED), now.mark)  # type: ignore[no-any-return]
    except Unreachable as error:
        return await again(failure(page, error), "")  # type: ignore[no-any-return]
    undo = Undo("deployment_undo", page.id, before, saved.mark) if before else None
    return page.redirect(page.url("deployment", page.id), Notice(said, undo))


async def _version(page: PageRequest, service: InferenceService, name: str) -> ModelVersion | None:
    return await find(page.api, ModelVersion, name, service.registered_model_id) if name else None


def _unknown(typed: str, deployment: Deployment) -> Failure:
    model = deployment.model.name if deployment.model else ""
    words = f"The model {model} has no version of this name." if typed else "must have a value"
    return Failure(_UNPROCESSABLE, errors={VERSION.id: words})


def _name(deployment: Deployment) -> str:
    return deployment.service.name or "the service"


def _now(deployment: Deployment) -> str:
    """What is meant now, in a sentence."""
    state = "is meant to run" if deployment.meant.is_deployed else "is not meant to run"
    name = deployment.version.name if deployment.version else "no version"
    how = "which it names" if deployment.is_pinned else "the newest version"
    return f"Now {_name(deployment)} {state}: {name}, {how}."


async def _form(page: PageRequest, deployment: Deployment, form: SimpleForm) -> Response:
    service = deployment.service
    whole = replace(form, back=page.url("deployment", service.id), way=crumbs(page, service))
    return await render(page, whole)


async def _names(page: PageRequest, deployment: Deployment, failed: Failure) -> Mapping[str, list[str]]:
    if failed.status >= _UNAVAILABLE:  # the form is shown again without suggestions rather than lost
        return {}
    path = f"{RegisteredModel.collection}/{deployment.service.registered_model_id}/versions"
    return {VERSION.id: await suggestions(page.api, ModelVersion, path)}


async def _version_form(
    page: PageRequest, deployment: Deployment, mark: str, typed: str, failed: Failure = NO_FAILURE
) -> Response:
    rules = {VERSION.id: FieldRules(VERSION.id, is_required=True)}
    form = SimpleForm(
        heading=f"Deploy another version with {_name(deployment)}",
        button="Deploy",
        back="",
        way=(),
        fields=shown_fields([VERSION], {VERSION.id: typed}, rules, failed.errors),
        suggested=await _names(page, deployment, failed),
        hidden={MARK: mark},
        notes=(
            _now(deployment),
            "Once a service names a version, it cannot follow the newest one again. This records what is meant. It starts nothing.",
        ),
        failed=failed,
    )
    return await _form(page, deployment, form)


async def _state_form(page: PageRequest, deployment: Deployment, mark: str, failed: Failure = NO_FAILURE) -> Response:
    is_deployed = deployment.meant.is_deployed
    form = SimpleForm(
        heading=f"{'Undeploy' if is_deployed else 'Deploy'} {_name(deployment)}",
        button="Undeploy" if is_deployed else "Deploy",
        back="",
        way=(),
        hidden={MARK: mark, WANTED: UNDEPLOYED if is_deployed else DEPLOYED},
        notes=(_now(deployment), "This records what is meant. It starts and stops nothing."),
        warning="" if is_deployed else warnings.warning(deployment.model, deployment.version),
        failed=failed,
    )
    return await _form(page, deployment, form)


async def _serve_form(
    page: PageRequest, deployment: Deployment, typed: Mapping[str, str], failed: Failure = NO_FAILURE
) -> Response:
    rules, suggested = await asyncio.gather(_serve_rules(page), _names(page, deployment, failed))
    form = SimpleForm(
        heading=f"Record a serve of {_name(deployment)}",
        button="Record",
        back="",
        way=(),
        fields=shown_fields(SERVE, typed, rules, failed.errors, _prefix(deployment)),
        suggested=suggested,
        notes=("A serve says which version was seen, and in which state. It cannot be changed later.",),
        warning=warnings.warning(deployment.model, deployment.version),
        failed=failed,
    )
    return await _form(page, deployment, form)


async def _serve_rules(page: PageRequest) -> Rules:
    known = dict(with_limits(await page.documents.rules(page.api, "ServeModelCreate")))
    state = known.get(STATE.name, FieldRules(STATE.name))
    known[STATE.name] = state if state.choices else replace(state, choices=_STATES)
    return {**known, VERSION.id: FieldRules(VERSION.id, is_required=True)}


def _prefix(deployment: Deployment) -> int:
    """The bytes that the store puts before the name of a serve."""
    return len(f"{deployment.service.id}:")
