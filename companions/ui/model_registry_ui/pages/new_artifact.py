"""The form that adds an artifact to a version: a model, a data set, a document, a metric or a parameter."""

from collections.abc import Mapping, Sequence
from typing import Any

from model_registry_client.entities import Artifact, ModelVersion
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms import declared
from model_registry_ui.forms.draft import PROPERTIES, About
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Rules, read, with_limits
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import ADD_ROW, Sent
from model_registry_ui.forms.shown import mistakes, shown_fields, shown_rows
from model_registry_ui.notices import Notice, Said
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages.artifacts import KINDS
from model_registry_ui.pages.version import opened
from model_registry_ui.properties import PropertyRow, from_rows

_NAME = FormField("name", "Name")
_REQUIRED: Mapping[str, Sequence[str]] = {"metric": ("name", "value"), "parameter": ("name", "value")}
_PRESET = "model-artifact"
_UNPROCESSABLE = 422
_NO_FAILURE = Failure(200)


def _fields(type_: str) -> Sequence[FormField]:
    return (_NAME, *declared.ARTIFACTS[type_])


def _known(type_: str) -> str:
    return type_ if type_ in declared.ARTIFACTS else _PRESET


async def show(page: PageRequest) -> Response:
    """The form for a kind of artifact, which the parameter `kind` names."""
    of = await opened(page)
    await require_change(page, of.model.id)
    type_ = _known(page.parameter("kind"))
    typed = {"name": of.model.name} if type_ == _PRESET else {}
    about = About(f"{of.version.name} of {of.model.name}", of.crumbs(page, is_below=True), type_)
    return await _form(page, about, typed, [PropertyRow()])


async def change(page: PageRequest) -> Response:
    """Creates the artifact, or shows the form again with what is wrong."""
    sent = Sent(await page.form())
    about = await page.apart(About.of, page, sent)
    type_ = _known(about.type)
    typed, rows = sent.typed(_fields(type_)), sent.rows()
    if sent.changes_rows:
        return await _form(page, about, typed, rows, focused_row=len(rows) - 1 if sent.text("do") == ADD_ROW else -1)
    values = read(_fields(type_), typed, {}, await _rules(page, type_), _prefix(page))
    properties = await page.apart(from_rows, rows)
    errors = dict(values.errors)
    errors |= {f"property-{error.row}": f"The {error.field} {error.message}." for error in properties.errors[::-1]}
    if errors:
        return await _form(page, about, typed, rows, Failure(_UNPROCESSABLE, errors=errors))
    body: dict[str, Any] = {name: value for name, value in values.values.items() if value is not None}
    if properties.properties:
        body[PROPERTIES] = properties.properties
    try:
        path = f"{ModelVersion.collection}/{page.id}/artifacts"
        made = await page.api.create(Artifact, {"artifactType": type_, **body}, path)
    except (ApiError, Unreachable) as error:
        return await _form(page, about, typed, rows, failure(page, error, _fields(type_), rows))
    notice = Notice(Said.ARTIFACT_ADDED, id=made.entity.id)
    return page.redirect(page.url("version_artifacts", page.id), notice)


def _prefix(page: PageRequest) -> int:
    return len(f"{page.id}:")


async def _rules(page: PageRequest, type_: str) -> Rules:
    rules = await page.documents.rules(page.api, f"{declared.SCHEMAS[type_]}Create")
    return with_limits(rules, _REQUIRED.get(type_, ()))


async def _form(
    page: PageRequest,
    about: About,
    typed: Mapping[str, str],
    rows: Sequence[PropertyRow],
    failed: Failure = _NO_FAILURE,
    focused_row: int = -1,
) -> Response:
    type_ = _known(about.type)
    fields = shown_fields(_fields(type_), typed, await _rules(page, type_), failed.errors, _prefix(page))
    shown = shown_rows(rows or [PropertyRow()], failed.errors)
    here = page.url("version_artifact_new", page.id)
    context = {
        "about": about,
        "kinds": [(words, f"{here}?kind={value}", value == type_) for value, words in KINDS.values],
        "action": here,
        "back": page.url("version_artifacts", page.id),
        "fields": fields,
        "rows": shown,
        "focused_row": focused_row,
        "failed": failed,
        "mistakes": list(mistakes(fields, shown)),
    }
    title = f"Add an artifact to {about.name}"
    return await page.render(
        "new_artifact.html",
        title,
        context,
        crumbs=about.way,
        here="Add artifact",
        section="models",
        status=failed.status,
    )
