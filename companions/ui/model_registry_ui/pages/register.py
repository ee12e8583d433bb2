"""Registering: a model with its first version and files, or a further version. After a partial failure, "Go on" does the rest."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from model_registry_client.entities import Artifact, ModelArtifact, ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms import choosing, registration
from model_registry_ui.forms.choosing import Finding
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Rules, with_limits
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.registration import FILES, GROUPS, MODEL, PLACE, REQUIRED, SCHEMAS, VERSION, Made, Plan
from model_registry_ui.forms.sent import ADD_ROW, Sent, packed
from model_registry_ui.forms.shown import mistakes, shown_fields, shown_rows
from model_registry_ui.notices import Notice, Said
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import models
from model_registry_ui.properties import PropertyRow

_UNPROCESSABLE = 422
NO_FAILURE = Failure(200)


@dataclass(frozen=True, slots=True)
class Offered:
    """An artifact of a run that the version can have. `value` is its `artifactType` and its id, with a slash between them."""

    value: str
    name: str
    kind: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What differs between the pages that register.

    Attributes:
        title: The heading.
        way: The steps to the page.
        back: Where Cancel leads.
        model: The fields of the model.
        has_files: Whether the address of the files is asked for.
        offered: The artifacts of a run to choose from.
        section: The entry of the navigation.
        about: What the form is about, as it travels through it; empty if nothing needs to.
        chooses: Whether a model that exists can be chosen.
    """

    title: str
    way: Sequence[Crumb]
    back: str
    model: Sequence[FormField] = MODEL
    has_files: bool = True
    offered: Sequence[Offered] = ()
    section: str = "models"
    about: str = ""
    chooses: bool = False


SheetOf = Callable[[PageRequest, Plan], Sheet]


def _sheet(page: PageRequest, plan: Plan) -> Sheet:
    if page.request.path_params.get("id") and plan.model:
        title = f"Register a version of {plan.model.name}"
        return Sheet(title, models.crumbs(page, plan.model), page.url("model", page.id))
    of = f"a version of {plan.model.name}" if plan.model and not plan.model.is_new else "a model"
    return Sheet(f"Register {of}", [Crumb("Models", page.url("models"))], page.url("models"), chooses=True)


async def show_new(page: PageRequest) -> Response:
    """The form for a new model, its first version and its files. The user is preset as the owner."""
    await require_change(page)
    user = (await page.access()).user
    typed = {"model-owner": user, "version-author": user, "model-name": page.parameter("name")}
    plan = Plan(typed)
    return await form(page, plan, _sheet(page, plan))


async def show_version(page: PageRequest) -> Response:
    """The form for a further version. What the newest one has is taken over: the format, and the place without its last part."""
    model, (taken_over, rows) = await asyncio.gather(choosing.model(page, page.id), of_newest(page, page.id))
    await require_change(page, page.id)
    plan = Plan({"version-author": (await page.access()).user, **taken_over}, (*rows, PropertyRow()), model)
    return await form(page, plan, _sheet(page, plan))


async def of_newest(page: PageRequest, model_id: str) -> tuple[dict[str, str], Sequence[PropertyRow]]:
    """Returns what a new version takes over from the newest one of a model: texts by field, and rows of properties."""
    path = f"{RegisteredModel.collection}/{model_id}/versions"
    newest = await page.api.page(ModelVersion, path, orderBy="CREATE_TIME", sortOrder="DESC", pageSize="1")
    if not newest.items:
        return {}, ()
    files, version = await asyncio.gather(
        _files_of(page, newest.items[0].id), page.api.get(ModelVersion, newest.items[0].id)
    )
    return files, registration.taken_over(version.wire.get("customProperties") or {})


async def choose(page: PageRequest, sent: Sent, plan: Plan, sheet_of: SheetOf) -> Response | None:
    """Does what a button about the choice of the model asks for; returns the form, or `None` if no such button was pressed.

    Args:
        page: The request.
        sent: The form.
        plan: What it says.
        sheet_of: Returns what differs between the pages that register.
    """
    finding, is_choice = choosing.NOTHING_ASKED, True
    failed = NO_FAILURE
    try:
        if plan.version is None and (id_ := choosing.chosen(sent)):
            model, (typed, rows) = await asyncio.gather(choosing.model(page, id_), of_newest(page, id_))
            await require_change(page, id_)
            plan = choosing.with_model(plan, model, typed, rows)
        elif plan.version is None and choosing.is_other(sent) and plan.model and not plan.model.is_new:
            plan = choosing.without_model(plan, *await of_newest(page, plan.model.id))
        elif plan.model is None and choosing.is_sought(sent):
            finding = await choosing.find(page, sent.text(choosing.SOUGHT))
        else:
            is_choice = False
    except (ApiError, Unreachable) as error:
        failed = failure(page, error)
    return await form(page, plan, sheet_of(page, plan), failed, finding=finding) if is_choice else None


async def change(page: PageRequest) -> Response:
    """Takes the form of either page: creates what does not exist yet, or shows what is wrong and what exists."""
    sent = Sent(await page.form())
    plan = await page.apart(Plan.of_form, sent)
    if sent.changes_rows:
        return await form(
            page, plan, _sheet(page, plan), focused_row=len(plan.rows) - 1 if sent.text("do") == ADD_ROW else -1
        )
    if (answer := await choose(page, sent, plan, _sheet)) is not None:
        return answer
    read = await page.apart(registration.bodies, plan, await rules_of(page), has_files=True)
    if read.errors:
        return await form(page, plan, _sheet(page, plan), Failure(_UNPROCESSABLE, errors=dict(read.errors)))
    try:
        if plan.model is None:
            model = (await page.api.create(RegisteredModel, read.bodies["model"])).entity
            plan = replace(plan, model=Made(model.id, model.name, is_new=True))
        if plan.version is None:
            body = {**read.bodies["version"], "registeredModelId": _made(plan.model).id}
            version = (await page.api.create(ModelVersion, body)).entity
            plan = replace(plan, version=Made(version.id, version.name, is_new=True))
        name = registration.name_of_files(_made(plan.model), _made(plan.version))
        files = {"artifactType": "model-artifact", **name, **read.bodies["files"]}
        await page.api.create(Artifact, files, f"{ModelVersion.collection}/{_made(plan.version).id}/artifacts")
    except (ApiError, Unreachable) as error:
        return await _failed(page, plan, error)
    return page.redirect(page.url("version", _made(plan.version).id), Notice(_said(plan)))


def _said(plan: Plan) -> Said:
    return Said.MODEL_REGISTERED if _made(plan.model).is_new else Said.VERSION_REGISTERED


def _made(one: Made | None) -> Made:
    assert one is not None  # noqa: S101 (a step that is done)
    return one


async def _files_of(page: PageRequest, version_id: str) -> dict[str, str]:
    """What the form takes over from the files of a version."""
    found = await page.api.page(
        ModelArtifact,
        f"{ModelVersion.collection}/{version_id}/artifacts",
        artifactType="model-artifact",
        pageSize="1",
    )
    files = next((one for one in found.items if isinstance(one, ModelArtifact)), None)
    if files is None:
        return {}
    wire = files.wire()
    taken = {field.id: str(wire.get(field.name) or "") for field in FILES}
    return {**taken, "uri": registration.folder_of(files.uri or "")}


async def _failed(page: PageRequest, plan: Plan, error: ApiError | Unreachable) -> Response:
    """The form with what is wrong. A name that is taken leads to what has it."""
    step = "model" if plan.model is None else "version" if plan.version is None else "files"
    failed = failure(page, error, GROUPS[step])
    links = await taken(page, plan, step) if failed.is_taken else ()
    finding = choosing.NOTHING_ASKED
    if failed.is_taken and step == "model":
        finding = await choosing.named(page, plan.typed["model-name"])
    return await form(page, plan, _sheet(page, plan), failed, links=links, finding=finding)


async def taken(page: PageRequest, plan: Plan, step: str) -> Sequence[tuple[str, str]]:
    """Words and addresses for what has the name already."""
    name = plan.typed.get(f"{step}-name", "")
    try:
        if step == "model":
            id_ = (await page.api.find(RegisteredModel, name=name)).entity.id
            return (
                (f"Show the model {name}", page.url("model", id_)),
                ("Register a version of it", page.url("model_version_new", id_)),
            )
        if step == "version" and plan.model:
            id_ = (await page.api.find(ModelVersion, name=name, parentResourceId=plan.model.id)).entity.id
            return ((f"Show the version {name}", page.url("version", id_)),)
    except (ApiError, Unreachable):
        return ()
    return ()


async def found_or_created(page: PageRequest, body: Mapping[str, Any]) -> Made:
    """Returns the model with the name in the body of a create: the one that exists, or a new one."""
    try:
        found = (await page.api.find(RegisteredModel, name=str(body["name"]))).entity
    except ApiError as error:
        if not error.is_missing:
            raise
        made = (await page.api.create(RegisteredModel, body)).entity
        return Made(made.id, made.name, is_new=True)
    return Made(found.id, found.name)


async def rules_of(page: PageRequest) -> Mapping[str, Rules]:
    """Returns the rules of each step."""
    return {
        step: with_limits(await page.documents.rules(page.api, schema), REQUIRED[step])
        for step, schema in SCHEMAS.items()
    }


async def form(
    page: PageRequest,
    plan: Plan,
    sheet: Sheet,
    failed: Failure = NO_FAILURE,
    focused_row: int = -1,
    links: Sequence[tuple[str, str]] = (),
    finding: Finding = choosing.NOTHING_ASKED,
) -> Response:
    """Returns the page of a registration.

    Args:
        page: The request.
        plan: What was typed, and what exists already.
        sheet: What differs between the pages that register.
        failed: What is wrong.
        focused_row: The row of properties that gets the focus; -1 for none.
        links: Words and addresses that lead to what has a name already.
        finding: The models that a search has found.
    """
    rules = await rules_of(page)
    prefix = len(f"{plan.model.id}:") if plan.model else 0
    model = [] if plan.model else shown_fields(sheet.model, plan.typed, rules["model"], failed.errors)
    version = [] if plan.version else shown_fields(VERSION, plan.typed, rules["version"], failed.errors, prefix)
    rows = [] if plan.version else shown_rows(plan.rows or [PropertyRow()], failed.errors)
    files = shown_fields(FILES, plan.typed, rules["files"], failed.errors) if sheet.has_files else []
    context: dict[str, Any] = {
        "action": page.here.partition("?")[0],
        "sheet": sheet,
        "plan": plan,
        "offered": packed([[one.value, one.name, one.kind, one.place] for one in sheet.offered]),
        "model_fields": model,
        "version_fields": version,
        "file_fields": files,
        "place_fields": shown_fields(PLACE, plan.typed, {}, {}),
        "rows": rows,
        "focused_row": focused_row,
        "failed": failed,
        "mistakes": list(mistakes([*model, *version], rows, files)),
        "links": links,
        "finding": finding,
        "is_chosen": sheet.chooses and plan.model and not plan.model.is_new and not plan.version,
    }
    return await page.render(
        "register.html",
        sheet.title,
        context,
        crumbs=sheet.way,
        here="Register",
        section=sheet.section,
        status=failed.status,
    )
