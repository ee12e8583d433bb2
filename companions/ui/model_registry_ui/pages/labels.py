"""The labels of an entity: custom properties with an empty text. Each is added or removed by one button."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from model_registry_ui.api import Api, ApiError, Found
from model_registry_ui.backend import Unreachable
from model_registry_ui.cells import MOST_PROPERTIES
from model_registry_ui.forms.draft import PROPERTIES
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import plain_lines
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.notices import Notice, Said, Undo
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages.states import Subject
from model_registry_ui.properties import (
    PropertyRow,
    Wire,
    from_rows,
    is_set_by_tools,
    labels,
    with_label,
    without_label,
)
from model_registry_ui.routing import Show

_TRIES = 3
_UNPROCESSABLE = 422
_NO_FAILURE = Failure(200)
Change = Callable[[Mapping[str, Wire] | None, str], dict[str, Wire]]
CHANGES: Mapping[str, Change] = {"add": with_label, "remove": without_label}


def problem(label: str) -> str:
    """Returns why a text cannot be a label, as a sentence; empty if it can."""
    if not label:
        return "Type a label."
    found = from_rows([PropertyRow(label)])
    return f"The label {found.errors[0].message}." if found.errors else ""


async def relabel(
    api: Api, kind: type[Any], id_: str, change: Change, label: str
) -> tuple[Found[Any], Mapping[str, Wire]]:
    """Adds or removes a label, over whatever another user changes at the same time.

    Args:
        api: The API.
        kind: The class of the entity.
        id_: Its id.
        change: What to do with the custom properties.
        label: The label.

    Returns:
        The entity afterwards, and its custom properties before; they are the same where nothing was to be done.

    Raises:
        ApiError: The API refuses, or other users were faster several times.
        Unreachable: The registry does not answer.
    """
    for left in reversed(range(_TRIES)):
        found: Found[Any] = await api.get(kind, id_)
        before: Mapping[str, Wire] = found.wire.get(PROPERTIES) or {}
        after = change(before, label)
        if after == before:
            return found, before
        try:
            return await api.change(kind, id_, {PROPERTIES: after}, found.mark), before
        except ApiError as error:
            if not error.has_changed or not left:
                raise
    raise AssertionError  # the last try returns or raises


def show(subject: Subject, name: str) -> Show:
    """Returns the function that shows the labels; `name` is that of the page."""

    async def answer(page: PageRequest) -> Response:
        return await _form(page, subject, name)

    return answer


def change(subject: Subject, name: str) -> Show:
    """Returns the function that adds or removes a label."""

    async def answer(page: PageRequest) -> Response:
        sent = Sent(await page.form())
        label = plain_lines(sent.text("remove") or sent.text("label").strip())
        do = "remove" if sent.text("remove") else "add"
        if wrong := problem(label):
            return await _form(page, subject, name, label, Failure(_UNPROCESSABLE, wrong))
        try:
            saved, before = await relabel(page.api, subject.kind, page.id, CHANGES[do], label)
        except (ApiError, Unreachable) as error:
            return await _form(page, subject, name, label, failure(page, error))
        back = page.url(subject.back, page.id)
        if (saved.wire.get(PROPERTIES) or {}) == before:
            return page.redirect(back, Notice(Said.HAS_LABEL if do == "add" else Said.HAS_NO_LABEL))
        undo = Undo(subject.undo, page.id, {PROPERTIES: before}, saved.mark)
        return page.redirect(back, Notice(Said.LABEL_ADDED if do == "add" else Said.LABEL_REMOVED, undo))

    return answer


async def _form(
    page: PageRequest, subject: Subject, name: str, label: str = "", failed: Failure = _NO_FAILURE
) -> Response:
    context: dict[str, Any] = {
        "label": label,
        "action": page.url(name, page.id),
        "back": page.url(subject.back, page.id),
        "failed": failed,
    }
    try:
        found: Found[Any] = await page.api.get(subject.kind, page.id)
        around = await subject.surroundings(page, found.entity)
    except (ApiError, Unreachable):
        if not failed.problem:
            raise
        return await page.render("labels.html", "Labels", {**context, **_present(page, None)}, status=failed.status)
    await require_change(page, around.model_id)
    context |= _present(page, found.wire.get(PROPERTIES))
    way = [*around.way, Crumb(found.entity.name, page.url(subject.back, page.id))]
    title = f"Labels of {found.entity.name}"
    return await page.render(
        "labels.html", title, context, crumbs=way, here="Labels", section=subject.section, status=failed.status
    )


def _present(page: PageRequest, properties: Mapping[str, Wire] | None) -> dict[str, Any]:
    """The labels that the page shows: at most 500, of those that have the text of `find` in their name."""
    every = [one for one in labels(properties) if not is_set_by_tools(one)]
    find = page.parameter("find").strip()
    matching = [one for one in every if find.casefold() in one.casefold()]
    return {"present": matching[:MOST_PROPERTIES], "count": len(matching), "find": find, "all_count": len(every)}
