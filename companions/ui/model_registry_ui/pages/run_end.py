"""The page that sets the status of a run: one button for each. A status that ends it makes the time of the click its end."""

import time
from collections.abc import Mapping
from typing import Any

from model_registry_client.entities import ExperimentRun
from starlette.responses import Response

from model_registry_ui.api import ApiError, Found
from model_registry_ui.backend import Unreachable
from model_registry_ui.forms.failures import Failure, failure
from model_registry_ui.forms.permission import require_change
from model_registry_ui.forms.sent import Sent
from model_registry_ui.notices import Notice, Said, Undo
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import run

ENDS: Mapping[str, tuple[str, str]] = {
    "FINISHED": ("Finish", "It has done what it should."),
    "FAILED": ("Fail", "It has stopped by an error."),
    "KILLED": ("Kill", "A person or a program has stopped it."),
}
"""Each status that ends a run: the words of its button, and what it means."""
WAITS: Mapping[str, tuple[str, str]] = {
    "RUNNING": ("Run", "It is at work now."),
    "SCHEDULED": ("Schedule", "It waits for its start."),
}
"""The same for a run that has not ended."""
_END = "endTimeSinceEpoch"
_CONFLICT, _UNPROCESSABLE = 412, 422
_MILLION = 1_000_000
_NO_FAILURE = Failure(200)
_CHANGED = "Another user has changed this run since you opened this page. Look again, then choose."


async def show(page: PageRequest) -> Response:
    """Asks for the status."""
    return await _ask(page)


async def change(page: PageRequest) -> Response:
    """Sets the status, and with one that ends the run also the end, where there is none yet.

    The API cannot remove an end. So a change is taken back by a button only if it sets none.
    """
    sent = Sent(await page.form())
    status = sent.text("status")
    if status not in {**ENDS, **WAITS}:
        return await _ask(page, Failure(_UNPROCESSABLE, "Choose one of these."))
    try:
        found = await page.api.get(ExperimentRun, page.id)
        before = found.wire.get("status")
        keeps_end = bool(found.wire.get(_END)) or status in WAITS
        body = {"status": status} if keeps_end else {"status": status, _END: str(time.time_ns() // _MILLION)}
        saved = await page.api.change(ExperimentRun, page.id, body, sent.text("_mark"))
    except ApiError as error:
        return await _ask(page, Failure(_CONFLICT, _CHANGED) if error.has_changed else failure(page, error))
    except Unreachable as error:
        return await _ask(page, failure(page, error))
    undo = Undo("run_undo", page.id, {"status": before}, saved.mark) if keeps_end and before else None
    return page.redirect(page.url("run", page.id), Notice(Said[status], undo))


async def _ask(page: PageRequest, failed: Failure = _NO_FAILURE) -> Response:
    found: Found[Any] = await page.api.get(ExperimentRun, page.id)
    await require_change(page)
    entity = found.entity
    present = entity.status.value if entity.status else ""
    back = page.url("run", page.id)
    context = {
        "action": page.url("run_end", page.id),
        "back": back,
        "mark": found.mark,
        "present": present,
        "has_end": bool(found.wire.get(_END)),
        "ends": [(status, *words) for status, words in ENDS.items() if status != present],
        "waits": [(status, *words) for status, words in WAITS.items() if status != present],
        "failed": failed,
    }
    way = [*run.crumbs(page, await run.experiment_of(page, entity)), Crumb(entity.name, back)]
    return await page.render(
        "run_end.html",
        f"Status of {entity.name}",
        context,
        crumbs=way,
        here="Status",
        section="experiments",
        status=failed.status,
    )
