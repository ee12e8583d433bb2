"""The forms that change a model, a version or an artifact: their fields, their custom properties, and the way back."""

from typing import Any

from model_registry_client.entities import Artifact, ModelVersion, RegisteredModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.forms import declared, editing
from model_registry_ui.forms.editing import Editor, Surroundings
from model_registry_ui.forms.fields import FormField
from model_registry_ui.forms.sent import Sent
from model_registry_ui.notices import Notice, Said, is_of_one_version
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import models
from model_registry_ui.routing import Show

_BAD_REQUEST = 400


async def _of_model(page: PageRequest, model: RegisteredModel) -> Surroundings:
    return Surroundings(models.crumbs(page), model.id)


async def _of_version(page: PageRequest, version: ModelVersion) -> Surroundings:
    model = await page.api.get(RegisteredModel, version.registered_model_id)
    return Surroundings(models.crumbs(page, model.entity), model.entity.id)


async def _of_artifact(page: PageRequest, _: Artifact) -> Surroundings:
    return Surroundings([Crumb("Artifacts", page.url("artifacts"))])


def _no_fields(_: str) -> tuple[FormField, ...]:
    return ()


def _artifact_schema(type_: str) -> str:
    if type_ not in declared.SCHEMAS:
        raise HTTPException(_BAD_REQUEST, "An artifact of this kind cannot be edited here.")
    return f"{declared.SCHEMAS[type_]}Update"


MODEL = Editor(
    kind=RegisteredModel,
    words="Edit",
    page="model_edit",
    back="model",
    undo="model_undo",
    schema=lambda _: "RegisteredModelUpdate",
    fields=lambda _: declared.MODEL,
    surroundings=_of_model,
)
MODEL_PROPERTIES = Editor(
    kind=RegisteredModel,
    words="Properties of",
    page="model_properties",
    back="model",
    undo="model_undo",
    schema=lambda _: "RegisteredModelUpdate",
    fields=_no_fields,
    surroundings=_of_model,
    has_properties=True,
)
VERSION = Editor(
    kind=ModelVersion,
    words="Edit",
    page="version_edit",
    back="version",
    undo="version_undo",
    schema=lambda _: "ModelVersionUpdate",
    fields=lambda _: declared.VERSION,
    surroundings=_of_version,
)
VERSION_PROPERTIES = Editor(
    kind=ModelVersion,
    words="Properties of",
    page="version_properties",
    back="version",
    undo="version_undo",
    schema=lambda _: "ModelVersionUpdate",
    fields=_no_fields,
    surroundings=_of_version,
    has_properties=True,
)
ARTIFACT = Editor(
    kind=Artifact,
    words="Edit",
    page="artifact_edit",
    back="artifact",
    undo="artifact_undo",
    schema=_artifact_schema,
    fields=lambda type_: declared.ARTIFACTS.get(type_, ()),
    surroundings=_of_artifact,
    has_properties=True,
)


def show(editor: Editor[Any]) -> Show:
    """Returns the function that shows a form."""

    async def answer(page: PageRequest) -> Response:
        return await editing.show(page, editor)

    return answer


def change(editor: Editor[Any]) -> Show:
    """Returns the function that takes a form."""

    async def answer(page: PageRequest) -> Response:
        return await editing.change(page, editor)

    return answer


def to(name: str) -> Show:
    """Returns a function that leads to the page of the entity, for addresses that only take a POST."""

    async def answer(page: PageRequest) -> Response:
        return page.redirect(page.url(name, page.id))

    return answer


def undo(editor: Editor[Any]) -> Show:
    """Returns the function that takes a change back, if the entity is still as that change left it."""

    async def answer(page: PageRequest) -> Response:
        sent = Sent(await page.form())
        back = page.url(editor.back, page.id)
        if not is_of_one_version(mark := sent.text("_mark")):
            return page.redirect(back, Notice(Said.UNKNOWN_VERSION))
        try:
            fields = await page.apart(sent.object, "_fields")
            await page.api.change(editor.kind, page.id, fields, mark)
        except ApiError as error:
            if not error.has_changed:
                raise
            return page.redirect(back, Notice(Said.CHANGED_SINCE))
        return page.redirect(back, Notice(Said.UNDONE))

    return answer
