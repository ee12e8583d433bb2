"""The page for two changes of one entity: the values at the start, those stored now, and those typed, with a choice for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.api import ApiError, Found
from model_registry_ui.backend import Unreachable
from model_registry_ui.conflicts import Choice, Difference, changes, differences, unresolved
from model_registry_ui.forms.draft import PROPERTIES, About
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.sent import Sent, packed
from model_registry_ui.notices import Notice, Said, Undo
from model_registry_ui.page_request import PageRequest
from model_registry_ui.properties import PropertyRow, to_rows

MERGE = "merge"
_CONFLICT, _UNPROCESSABLE = 409, 422
_KEY = "choice:"


@dataclass(frozen=True, slots=True)
class Merge:
    """What is merged: the kind of entity, the pages of its form, itself and its undo, and the titles of its fields."""

    kind: type[Entity]
    page: str
    back: str
    undo: str
    words: str
    about: About
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class State:
    """The three sides, the mark of what is stored now, and when that was saved."""

    opened: Mapping[str, Any]
    theirs: Mapping[str, Any]
    mine: Mapping[str, Any]
    mark: str
    saved: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the three values of a difference: its words, its kind for a custom property, and the choice that takes it."""

    title: str
    text: str
    kind: str = ""
    choice: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A difference for the template."""

    key: str
    title: str
    is_property: bool
    note: str
    sides: tuple[Side, ...]
    is_missing: bool = False


async def show(
    page: PageRequest, merge: Merge, opened: Mapping[str, Any], mine: Mapping[str, Any], sent: Sent | None = None
) -> Response:
    """The page, after another user was faster."""
    try:
        found: Found[Any] = await page.api.get(merge.kind, page.id)
    except (ApiError, Unreachable) as error:
        failed = failure(page, error)
        return await _page(page, merge, State(opened, opened, mine, ""), failed)
    theirs = {name: found.wire.get(name) for name in mine}
    saved = str(found.wire.get("lastUpdateTimeSinceEpoch") or "")
    state = State(opened, theirs, mine, found.mark, saved, _choices(sent) if sent else {})
    if not differences(opened, theirs, mine):
        return page.redirect(
            page.url(merge.back, page.id),
            Notice(Said.SAME),
        )
    return await _page(page, merge, state, Failure(_CONFLICT))


async def save(page: PageRequest, merge: Merge, sent: Sent) -> Response:
    """Saves the chosen values over what is stored now, or shows the page again."""
    opened, theirs, mine = [await page.apart(sent.object, side) for side in ("_opened", "_theirs", "_mine")]
    state = State(opened, theirs, mine, sent.text("_mark"), sent.text("_saved"), _choices(sent))
    if not state.mark:
        return await show(page, merge, opened, mine, sent)
    found = differences(opened, theirs, mine)
    if unresolved(found, state.choices):
        return await _page(page, merge, state, Failure(_UNPROCESSABLE))
    body = changes(found, theirs, state.choices)
    back = page.url(merge.back, page.id)
    if not body:
        return page.redirect(back, Notice(Said.THEIRS))
    try:
        saved: Found[Any] = await page.api.change(merge.kind, page.id, merge.about.body(body), state.mark)
    except ApiError as error:
        if error.has_changed:
            return await show(page, merge, opened, mine, sent)
        return await _page(page, merge, state, failure(page, error))
    except Unreachable as error:
        return await _page(page, merge, state, failure(page, error))
    former = {name: theirs.get(name) or ([] if isinstance(value, list) else "") for name, value in body.items()}
    if PROPERTIES in former:
        former[PROPERTIES] = theirs.get(PROPERTIES) or {}
    return page.redirect(
        back,
        Notice(
            Said.MERGED,
            Undo(merge.undo, page.id, merge.about.body(former), saved.mark),
        ),
    )


def _choices(sent: Sent) -> dict[str, str]:
    return {name.removeprefix(_KEY): value for name, value in sent.pairs if name.startswith(_KEY)}


def shown(found: Difference, merge: Merge, choices: Mapping[str, str], *, is_checked: bool) -> ShownDifference:
    """Returns a difference for the template.

    Args:
        found: The difference.
        merge: What is merged.
        choices: What was chosen already, by the key of a difference.
        is_checked: Whether a missing choice is an error.
    """
    chosen = choices.get(found.key) or (found.preset.value if found.preset else "")
    title = found.name if found.is_property else merge.titles.get(found.name, found.name)
    notes = {Choice.MINE: "Only you have changed it.", Choice.THEIRS: "Only the other user has changed it."}
    sides = (
        _side("As you opened it", found.opened, found),
        _side("Stored now", found.theirs, found, Choice.THEIRS, chosen),
        _side("Yours", found.mine, found, Choice.MINE, chosen),
    )
    note = notes[found.preset] if found.preset else "Both of you have changed it: choose one."
    return ShownDifference(found.key, title, found.is_property, note, sides, is_checked and not chosen)


def _side(title: str, value: Any, found: Difference, choice: Choice | None = None, chosen: str = "") -> Side:
    text, kind = "", ""
    if value is not None:
        if found.is_property:
            row: PropertyRow = to_rows({found.name: value})[0]
            text, kind = row.value, row.kind
        else:
            text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    kind = "no value" if value is None else "label" if found.is_property and not text else kind
    return Side(title, text, kind, choice.value if choice else "", bool(choice) and choice == chosen)


def _rows(state: State, merge: Merge, *, is_checked: bool) -> list[ShownDifference]:
    found = differences(state.opened, state.theirs, state.mine)
    return [shown(one, merge, state.choices, is_checked=is_checked) for one in found]


async def _page(page: PageRequest, merge: Merge, state: State, failed: Failure) -> Response:
    is_checked = failed.status == _UNPROCESSABLE
    rows = await page.apart(_rows, state, merge, is_checked=is_checked)
    context = {
        "action": page.url(merge.page, page.id),
        "back": page.url(merge.back, page.id),
        "about": merge.about,
        "heading": f"Two changes of {merge.about.name}",
        "differences": rows,
        "missing": [row for row in rows if row.is_missing],
        "state": state,
        "hidden": {"_opened": packed(state.opened), "_theirs": packed(state.theirs), "_mine": packed(state.mine)},
        "failed": failed,
    }
    way = merge.about.way
    return await page.render(
        "conflict.html",
        f"Two changes of {merge.about.name}",
        context,
        crumbs=way,
        here="Two changes",
        section="models",
        status=failed.status,
    )
