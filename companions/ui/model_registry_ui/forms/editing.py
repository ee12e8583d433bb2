"""The form that changes one entity: it sends only what was changed, with the mark of the version that it was opened on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.api import ApiError, Found
from model_registry_ui.backend import Unreachable
from model_registry_ui.conflicts import changes, differences
from model_registry_ui.forms import merging
from model_registry_ui.forms.draft import PROPERTIES, About, Draft
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Rules, read, with_limits
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import ADD_ROW, MOST_ROWS, Sent, is_too_much, packed
from model_registry_ui.forms.shown import mistakes, shown_fields, shown_rows
from model_registry_ui.notices import Notice, Said, Undo
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.properties import PropertyRow, from_rows
from model_registry_ui.worker import apart

E = TypeVar("E", bound=Entity)
_UNPROCESSABLE = 422
NO_FAILURE = Failure(200)
COMMANDS: Mapping[str, str] = {
    "model": "models",
    "version": "versions",
    "artifact": "artifacts",
    "environment": "environments",
    "deployment": "deployments",
    "experiment": "experiments",
    "run": "runs",
}
"""The group of commands of `mr` that changes an entity, by the name of its page."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where an entity belongs: the steps to its page, and the model whose rules decide about changes (empty without one)."""

    way: Sequence[Crumb]
    model_id: str = ""


@dataclass(frozen=True, slots=True)
class Editor(Generic[E]):
    """The form of a kind of entity.

    Attributes:
        kind: The class of the entity.
        words: What the form does, before the name: "Edit".
        page: The name of the form's page.
        back: The name of the page of the entity.
        undo: The name of the page that undoes a change.
        schema: Returns the name of the schema with the rules of a change, from the `artifactType`.
        fields: Returns the fields, from the `artifactType`.
        surroundings: Loads where the entity belongs.
        has_properties: Whether custom properties are a part of the form.
        section: The entry in the navigation that it belongs to.
    """

    kind: type[E]
    words: str
    page: str
    back: str
    undo: str
    schema: Callable[[str], str]
    fields: Callable[[str], Sequence[FormField]]
    surroundings: Callable[[PageRequest, E], Awaitable[Surroundings]]
    has_properties: bool = False
    section: str = "models"


async def show(page: PageRequest, editor: Editor[Any]) -> Response:
    """The form of the entity in the address of the page."""
    found: Found[Any] = await page.api.get(editor.kind, page.id)
    around = await editor.surroundings(page, found.entity)
    await require_change(page, around.model_id)
    name = found.entity.name or f"without a name (id {found.entity.id})"
    way = [*around.way, Crumb(name, page.url(editor.back, page.id))]
    count = len(found.wire.get(PROPERTIES) or {})
    if editor.has_properties and count > MOST_ROWS:
        reason = f"{name} has {count} properties. A form takes at most {MOST_ROWS}, so it could not save these."
        return await _too_large(page, editor, way, name, f"{reason} Labels count as properties.")
    about = About(name, way, found.wire.get("artifactType") or "", found.is_weak)
    fields, has_properties = editor.fields(about.type), editor.has_properties
    of_entity = partial(Draft.of_entity, about, found.mark, found.wire, fields, has_properties=has_properties)
    draft = await apart(found.size, of_entity)
    if await apart(found.size, lambda: is_too_much(packed(draft.opened))):
        reason = f"{name} holds more text than a form of this UI takes."
        return await _too_large(page, editor, way, name, reason)
    return await _form(page, editor, draft)


async def _too_large(page: PageRequest, editor: Editor[Any], way: Sequence[Crumb], name: str, reason: str) -> Response:
    """Explains why there is no form, which could not be saved, and names the command that can."""
    command = f"mr {COMMANDS[editor.back]} update id:{page.id}"
    context = {"reason": reason, "command": command, "back": page.url(editor.back, page.id)}
    title, here = f"{editor.words} {name}", editor.words.removesuffix(" of")
    return await page.render("too_large.html", title, context, crumbs=way, here=here, section=editor.section)


async def change(page: PageRequest, editor: Editor[Any]) -> Response:
    """Saves what the form has sent, or shows it again with what is wrong."""
    sent = Sent(await page.form())
    about = await page.apart(About.of, page, sent)
    fields = editor.fields(about.type)
    if sent.text("do") == merging.MERGE:
        return await merging.save(page, _merge(editor, about, fields), sent)
    draft = await page.apart(Draft.of_form, about, sent, fields)
    if sent.changes_rows:
        return await _form(page, editor, draft, focused_row=len(draft.rows) - 1 if sent.text("do") == ADD_ROW else -1)
    rules = await _rules(page, editor, about.type)
    values = read(fields, draft.typed, draft.opened, rules)
    errors, mine = dict(values.errors), dict(values.values)
    if editor.has_properties:
        properties = await page.apart(from_rows, draft.rows, draft.opened.get(PROPERTIES))
        mine[PROPERTIES] = properties.properties
        errors |= {f"property-{error.row}": f"The {error.field} {error.message}." for error in properties.errors[::-1]}
    if errors:
        return await _form(page, editor, draft, Failure(_UNPROCESSABLE, errors=errors))
    return await _save(page, editor, draft, mine)


async def _save(page: PageRequest, editor: Editor[Any], draft: Draft, mine: Mapping[str, Any]) -> Response:
    body = changes(differences(draft.opened, draft.opened, mine), draft.opened, {})
    back = page.url(editor.back, page.id)
    if not body:
        return page.redirect(back, Notice(Said.UNCHANGED))
    try:
        saved: Found[Any] = await page.api.change(editor.kind, page.id, draft.about.body(body), draft.mark)
    except ApiError as error:
        fields = editor.fields(draft.about.type)
        if error.has_changed:
            return await merging.show(page, _merge(editor, draft.about, fields), draft.opened, mine)
        failed = failure(page, error, fields, draft.rows)
        links = await _taken(page, editor, mine) if failed.is_taken else ()
        return await _form(page, editor, draft, failed, links=links)
    except Unreachable as error:
        return await _form(page, editor, draft, failure(page, error))
    undo = Undo(editor.undo, page.id, draft.about.body(former(body, draft.opened)), saved.mark)
    return page.redirect(back, Notice(Said.SAVED, undo))


async def _taken(page: PageRequest, editor: Editor[Any], mine: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Words and address of what has the external id already, if the user may see it."""
    try:
        found: Found[Any] = await page.api.find(editor.kind, externalId=str(mine.get("externalId") or ""))
    except (ApiError, Unreachable):
        return ()
    return ((f"Show {found.entity.name or 'what has it'}", page.url(editor.back, found.entity.id)),)


def former(body: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the body that takes a change back: the former values, and an empty value where there was none."""
    return {
        name: before.get(name) if before.get(name) is not None else [] if isinstance(value, list) else ""
        for name, value in body.items()
    }


def _merge(editor: Editor[Any], about: About, fields: Sequence[FormField]) -> merging.Merge:
    titles = {field.name: field.title for field in fields}
    return merging.Merge(editor.kind, editor.page, editor.back, editor.undo, editor.words, about, titles)


async def _rules(page: PageRequest, editor: Editor[Any], type_: str) -> Rules:
    return with_limits(await page.documents.rules(page.api, editor.schema(type_)))


async def _form(
    page: PageRequest,
    editor: Editor[Any],
    draft: Draft,
    failed: Failure = NO_FAILURE,
    focused_row: int = -1,
    links: Sequence[tuple[str, str]] = (),
) -> Response:
    rules = await _rules(page, editor, draft.about.type)
    fields = shown_fields(editor.fields(draft.about.type), draft.typed, rules, failed.errors)
    rows = shown_rows(draft.rows or ([PropertyRow()] if editor.has_properties else []), failed.errors)
    context = {
        "action": page.url(editor.page, page.id),
        "back": page.url(editor.back, page.id),
        "heading": f"{editor.words} {draft.about.name}",
        "fields": fields,
        "rows": rows,
        "has_properties": editor.has_properties,
        "mark": draft.mark,
        "opened": packed(draft.opened),
        "about": draft.about,
        "failed": failed,
        "mistakes": list(mistakes(fields, rows)),
        "focused_row": focused_row,
        "links": links,
    }
    title = f"{editor.words} {draft.about.name}"
    way = draft.about.way
    return await page.render(
        "edit.html",
        title,
        context,
        crumbs=way,
        here=editor.words.removesuffix(" of"),
        section=editor.section,
        status=failed.status,
    )
