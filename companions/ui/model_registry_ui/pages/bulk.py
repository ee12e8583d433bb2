"""Changes of many models or versions at once: a page lists the names and asks, and another one says what worked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms.bulk import MOST, OPERATIONS, Apply, Result, each, set_state
from model_registry_ui.forms.draft import PROPERTIES
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages.labels import CHANGES, problem, relabel
from model_registry_ui.pages.states import DEPLOYMENT, MODEL, VERSION, Subject
from model_registry_ui.properties import is_set_by_tools, labels
from model_registry_ui.routing import Show

_BAD_REQUEST, _UNPROCESSABLE = 400, 422
_SECONDS = 30.0
"""How long the registry may take for all. What it has not answered by then is in the result, and can be tried again."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """A kind of entities whose rows can be selected: the names of the pages for a change, of the list, and of its CSV."""

    subject: Subject
    many: str
    page: str
    list_page: str
    csv_page: str

    def counted(self, count: int) -> str:
        """Returns a number of entities in words, such as `1 model`."""
        return f"{count} {self.subject.words if count == 1 else self.many}"


MODELS = Bulk(MODEL, "models", "models_bulk", "models", "models_csv")
VERSIONS = Bulk(VERSION, "versions", "versions_bulk", "versions", "versions_csv")
DEPLOYMENTS = Bulk(DEPLOYMENT, "deployments", "deployments_bulk", "deployments", "deployments_csv")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a result: the name, the address, and why it was not changed."""

    name: str
    url: str
    id: str
    problem: str = ""


def show(bulk: Bulk) -> Show:
    """Returns the function that lists the names and asks."""

    async def answer(page: PageRequest) -> Response:
        ids = _ids([value for name, value in page.parameters if name == "id"])
        do = page.parameter("do")
        if do == "csv" and ids:
            query = f"id IN ({', '.join(ids)})"
            return page.redirect(page.url(bulk.csv_page, parameters={"query": query, "state": "all"}))
        return await _ask(page, bulk, do, ids)

    return answer


def change(bulk: Bulk) -> Show:
    """Returns the function that changes all, and says what worked."""

    async def answer(page: PageRequest) -> Response:
        sent = Sent(await page.form())
        ids, do, label = _ids(sent.all("id")), sent.text("operation"), sent.text("label").strip()
        if do not in OPERATIONS or not ids:
            return await _ask(page, bulk, do, ids)
        if OPERATIONS[do].needs_label and (wrong := problem(label)):
            return await _ask(page, bulk, do, ids, label, wrong)
        page.api.ends_in(_SECONDS)
        results = await each(ids, _apply(page, bulk.subject, do, label))
        return await _results(page, bulk, do, label, results)

    return answer


def _apply(page: PageRequest, subject: Subject, do: str, label: str) -> Apply:
    async def state(id_: str) -> bool:
        return await set_state(page.api, subject.kind, id_, do)

    async def labelled(id_: str) -> bool:
        saved, before = await relabel(page.api, subject.kind, id_, CHANGES[do.partition("-")[0]], label)
        return (saved.wire.get(PROPERTIES) or {}) != before

    return labelled if OPERATIONS[do].needs_label else state


def _ids(given: Sequence[str]) -> list[str]:
    """The ids, each once; raises `HTTPException` if there are too many."""
    found = list(dict.fromkeys(id_ for id_ in given if id_.isascii() and id_.isdigit()))
    if len(found) > MOST:
        raise HTTPException(_BAD_REQUEST, f"Select at most {MOST} at a time.")
    return found


async def _ask(
    page: PageRequest, bulk: Bulk, do: str, ids: Sequence[str], label: str = "", wrong: str = ""
) -> Response:
    operation = OPERATIONS.get(do)
    await require_change(page)
    named = await _named(page, bulk, ids)
    present = {one for entity in named.values() for one in labels(entity.wire().get(PROPERTIES))}
    context = {
        "bulk": bulk,
        "operation": operation,
        "do": do,
        "lines": [Line(one.name, page.url(bulk.subject.back, id_), id_) for id_, one in named.items()],
        "label": label,
        "wrong": wrong,
        "known": sorted(one for one in present if not is_set_by_tools(one)) if do == "remove-label" else [],
    }
    title = f"{operation.verb} {bulk.counted(len(named))}" if operation and named else f"No {bulk.many} selected"
    way = [Crumb(bulk.many.capitalize(), page.url(bulk.list_page))]
    return await page.render(
        "bulk.html", title, context, crumbs=way, section=bulk.subject.section, status=_UNPROCESSABLE if wrong else 200
    )


async def _results(page: PageRequest, bulk: Bulk, do: str, label: str, results: Sequence[Result]) -> Response:
    operation = OPERATIONS[do]
    names = await _named(page, bulk, [one.id for one in results], must=False)

    def line(result: Result) -> Line:
        name = names[result.id].name if result.id in names else f"id {result.id}"
        return Line(name, page.url(bulk.subject.back, result.id), result.id, result.problem)

    changed = [line(one) for one in results if one.is_changed]
    context = {
        "bulk": bulk,
        "operation": operation,
        "do": do,
        "label": label,
        "changed": changed,
        "unchanged": [line(one) for one in results if not one.is_changed and not one.problem],
        "failed": [line(one) for one in results if one.problem],
    }
    title = f"{len(changed)} of {bulk.counted(len(results))} {operation.done}{f' {label}' if label else ''}"
    way = [Crumb(bulk.many.capitalize(), page.url(bulk.list_page))]
    return await page.render(
        "bulk_result.html", title, context, crumbs=way, here="Result", section=bulk.subject.section
    )


async def _named(page: PageRequest, bulk: Bulk, ids: Sequence[str], *, must: bool = True) -> dict[str, Any]:
    """The entities by their ids, in this order. Those that do not exist or are hidden are left out."""
    try:
        found = await page.api.named(bulk.subject.kind, ids)
    except (ApiError, Unreachable):
        if must:
            raise
        return {}
    return {id_: found[id_] for id_ in ids if id_ in found}
