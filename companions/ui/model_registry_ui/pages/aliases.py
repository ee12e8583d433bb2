"""The aliases of a model: where they point, their moves, and the forms that move one or roll it back."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from model_registry_client.entities import ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.cells import Link
from model_registry_ui.facts import tabs
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.fields import FormField, Widget
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.forms.shown import ShownField
from model_registry_ui.forms.simple import NO_FAILURE, SimpleForm, find, render, suggestions
from model_registry_ui.notices import Notice, Said
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import models
from model_registry_ui.rendering import as_moment

MOST = 50
_UNPROCESSABLE, _UNAVAILABLE = 422, 503
_NOT_THERE = "This server has no aliases. A Model Registry Proxy has them, unless --extensions leaves them out."
_ALIAS = FormField("alias", "Alias", help="Such as production. Case does not count.")
_VERSION = FormField("version", "Version", help="The version that it points to from now on.")
_REASON = FormField("reason", "Reason", Widget.TEXT, help="Why. It stays in the history.", is_wide=True)
_KINDS: Mapping[str, str] = {
    "set": "moved",
    "delete": "removed",
    "rollback": "rolled back",
    "protect": "protected",
    "unprotect": "made movable again",
}


@dataclass(frozen=True, slots=True)
class ShownAlias:
    """An alias: its version, its moves, and the addresses of the forms that change it, where the user may change it."""

    name: str
    version: Link
    moves: int
    is_protected: bool
    at: datetime | None
    move: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class ShownMove:
    """A move: when, which alias, what it did, from and to which version, by which user, and why."""

    at: datetime | None
    alias: str
    words: str
    former: Link | None
    to: Link | None
    user: str
    reason: str
    request_id: str


async def show(page: PageRequest) -> Response:
    """The page with the aliases of a model and their moves. `after` is the token of a page of moves, `alias` chooses one alias."""
    model = (await page.api.get(RegisteredModel, page.id)).entity
    of, after = page.parameter("alias"), page.parameter("after")
    asked = {"alias": of, "nextPageToken": after, "pageSize": str(MOST)}
    aliases, history = await asyncio.gather(aliases_of(page, page.id), _extension(page, "history", **asked))
    may_change = bool(aliases is not None and await page.may_change(page.id))
    found = [*(aliases or ()), *((history or {}).get("items") or ())]
    versions = await page.api.named(ModelVersion, sorted(_ids(found)))
    following = str((history or {}).get("nextPageToken") or "")
    context = {
        "model": model,
        "may_change": may_change,
        "reason": _NOT_THERE if aliases is None or history is None else "",
        "aliases": [_shown(page, one, versions, may_change=may_change) for one in aliases or ()],
        "moves": [_move(page, one, versions) for one in (history or {}).get("items") or ()],
        "of": of,
        "is_first": not after,
        "next_url": _here(page, alias=of, after=following) if following else "",
        "tabs": tabs(page, models.TABS, model.id, "model_aliases"),
        "actions": [("Set alias", page.url("alias_move", model.id))] if may_change else [],
    }
    way = models.crumbs(page, model)
    return await page.render(
        "aliases.html", f"Aliases of {model.name}", context, crumbs=way, here="Aliases", section="models"
    )


async def aliases_of(page: PageRequest, model_id: str) -> Sequence[Mapping[str, Any]] | None:
    """Returns the aliases of a model as the API answers them; `None` where the server has none."""
    answer = await _extension(page, "aliases", model_id)
    return None if answer is None else list(answer.get("items") or ())


async def names_of(page: PageRequest, model_id: str, version_id: str) -> list[str]:
    """Returns the names of the aliases that point to a version; none where they cannot be read."""
    try:
        found = await aliases_of(page, model_id)
    except (ApiError, Unreachable):
        return []
    return [str(one.get("alias")) for one in found or () if one.get("modelVersionId") == version_id]


async def show_move(page: PageRequest) -> Response:
    """The form that moves an alias. The parameters `alias` and `version` (an id) are preset."""
    await require_change(page, page.id)
    alias = page.parameter("alias")
    known = await _known(page)
    chosen = page.parameter("version")
    versions = await page.api.named(ModelVersion, [id_ for id_ in (chosen, known.get(alias, "")) if id_])
    typed = {"alias": alias, "version": versions[chosen].name if chosen in versions else "", "reason": ""}
    return await _move_form(page, typed, known.get(alias, "") if alias else None)


async def change_move(page: PageRequest) -> Response:
    """Moves the alias, if it is still where it was when the form was opened."""
    sent = Sent(await page.form())
    fields = (_ALIAS, _VERSION, _REASON)
    typed = sent.typed(fields)
    is_same = bool(typed["alias"]) and typed["alias"].lower() == sent.text("_opened").lower()
    expected = sent.text("_expected") if is_same else None
    try:
        version = await find(page.api, ModelVersion, typed["version"], page.id) if typed["version"] else None
        errors = {} if typed["alias"] else {"alias": "It needs a name."}
        if version is None:
            errors["version"] = "The model has no version of this name."
        if errors or version is None:
            return await _move_form(page, typed, expected, Failure(_UNPROCESSABLE, errors=errors))
        body = {"modelVersionId": version.id, "reason": typed["reason"]}
        body |= {} if expected is None else {"expectedModelVersionId": expected}
        await page.api.change_extension("PUT", _path(page.id, typed["alias"]), body)
    except (ApiError, Unreachable) as error:
        return await _move_form(page, typed, expected, failure(page, error))
    return page.redirect(page.url("model_aliases", page.id), Notice(Said.ALIAS_MOVED))


async def show_back(page: PageRequest) -> Response:
    """The form that rolls an alias back."""
    await require_change(page, page.id)
    alias, known = page.parameter("alias"), await _known(page)
    if alias not in known:
        raise ApiError(httpx.codes.NOT_FOUND, f'The model has no alias "{alias}".')
    return await _back_form(page, alias, "", known[alias])


async def change_back(page: PageRequest) -> Response:
    """Rolls the alias back, if it is still where it was when the form was opened."""
    sent = Sent(await page.form())
    alias, reason, expected = sent.text("_alias"), sent.typed([_REASON])["reason"], sent.text("_expected")
    try:
        body = {"reason": reason, **({"expectedModelVersionId": expected} if expected else {})}
        await page.api.change_extension("POST", f"{_path(page.id, alias)}:rollback", body)
    except (ApiError, Unreachable) as error:
        return await _back_form(page, alias, reason, expected, failure(page, error))
    return page.redirect(page.url("model_aliases", page.id), Notice(Said.ALIAS_ROLLED_BACK))


async def _known(page: PageRequest) -> dict[str, str]:
    """Returns the id of the version of each alias. Raises `ApiError` with the status 404 where the server has no aliases."""
    found = await aliases_of(page, page.id)
    if found is None:
        raise ApiError(httpx.codes.NOT_FOUND, _NOT_THERE)
    return {str(one.get("alias")): str(one.get("modelVersionId")) for one in found}


async def _now(page: PageRequest, version: str | None, failed: Failure) -> list[str]:
    """Says where an alias points; nothing if that is not known, or if the registry cannot be asked now."""
    if not version or failed.status >= _UNAVAILABLE:
        return []
    found = await page.api.named(ModelVersion, [version])
    return [f"It points to {found[version].name} now."] if version in found else []


async def _move_form(
    page: PageRequest, typed: Mapping[str, str], expected: str | None, failed: Failure = NO_FAILURE
) -> Response:
    model = (await page.api.get(RegisteredModel, page.id)).entity
    names: Sequence[str] = ()
    if failed.status < _UNAVAILABLE:
        names = await suggestions(page.api, ModelVersion, f"{RegisteredModel.collection}/{page.id}/versions")
    shown = [
        ShownField(field, typed[field.id], is_required=field is not _REASON, error=failed.errors.get(field.id, ""))
        for field in (_ALIAS, _VERSION, _REASON)
    ]
    hidden = {} if expected is None else {"_opened": typed["alias"], "_expected": expected}
    return await render(
        page,
        SimpleForm(
            heading=f"Move {typed['alias']} of {model.name}"
            if expected is not None
            else f"Set an alias of {model.name}",
            button="Move",
            back=page.url("model_aliases", page.id),
            way=models.crumbs(page, model),
            fields=shown,
            suggested={"version": names},
            hidden=hidden,
            notes=[*await _now(page, expected, failed), "Programs that load the alias get this version from now on."],
            failed=failed,
            section="models",
        ),
    )


async def _back_form(
    page: PageRequest, alias: str, reason: str, expected: str, failed: Failure = NO_FAILURE
) -> Response:
    model = (await page.api.get(RegisteredModel, page.id)).entity
    return await render(
        page,
        SimpleForm(
            heading=f"Roll {alias} of {model.name} back",
            button="Roll back",
            back=page.url("model_aliases", page.id),
            way=models.crumbs(page, model),
            fields=[ShownField(_REASON, reason)],
            hidden={"_alias": alias, "_expected": expected},
            notes=[
                *await _now(page, expected, failed),
                "It will point to where it was before its present version was put there.",
            ],
            failed=failed,
            section="models",
        ),
    )


async def _extension(page: PageRequest, path: str, model_id: str = "", **parameters: str) -> Any | None:
    """What the server answers below a model; `None` where it has no such extension."""
    try:
        return await page.api.extension(f"/registered_models/{model_id or page.id}/{path}", **parameters)
    except ApiError as error:
        if error.is_missing:
            return None
        raise


def _path(model_id: str, alias: str) -> str:
    return f"/registered_models/{model_id}/aliases/{quote(alias, safe='')}"


def _ids(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """The ids of the versions that aliases and moves name."""
    names = ("modelVersionId", "fromModelVersionId", "toModelVersionId")
    return {str(row[name]) for row in rows for name in names if row.get(name)}


def _link(page: PageRequest, id_: str, versions: Mapping[str, ModelVersion]) -> Link | None:
    if not id_:
        return None
    return Link(versions[id_].name if id_ in versions else f"id {id_}", page.url("version", id_))


def _shown(
    page: PageRequest, row: Mapping[str, Any], versions: Mapping[str, ModelVersion], *, may_change: bool
) -> ShownAlias:
    name = str(row.get("alias"))
    query = f"?{urlencode({'alias': name})}"
    moves = int(row.get("serial") or 0)
    return ShownAlias(
        name=name,
        version=_link(page, str(row.get("modelVersionId")), versions) or Link("", ""),
        moves=moves,
        is_protected=bool(row.get("protected")),
        at=as_moment(row.get("lastMoveTimeSinceEpoch")),
        move=page.url("alias_move", page.id) + query if may_change else "",
        back=page.url("alias_back", page.id) + query if may_change and moves > 1 else "",
    )


def _move(page: PageRequest, row: Mapping[str, Any], versions: Mapping[str, ModelVersion]) -> ShownMove:
    return ShownMove(
        at=as_moment(row.get("timeSinceEpoch")),
        alias=str(row.get("alias")),
        words=_KINDS.get(str(row.get("kind")), "changed"),
        former=_link(page, str(row.get("fromModelVersionId") or ""), versions),
        to=_link(page, str(row.get("toModelVersionId") or ""), versions),
        user=str(row.get("actor") or ""),
        reason=str(row.get("reason") or ""),
        request_id=str(row.get("requestId") or ""),
    )


def _here(page: PageRequest, **parameters: str) -> str:
    query = urlencode([(name, value) for name, value in parameters.items() if value])
    return page.url("model_aliases", page.id) + (f"?{query}" if query else "")
