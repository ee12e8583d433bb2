"""Choosing a model that exists, in the forms that register: a search whose results are buttons of the same form."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from model_registry_client.entities import RegisteredModel
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.filters import Filters
from model_registry_ui.forms.registration import Made, Plan
from model_registry_ui.forms.sent import Sent
from model_registry_ui.page_request import PageRequest
from model_registry_ui.properties import PropertyRow

FIND, OTHER = "find-model", "other-model"
"""Buttons: search, and take the choice back."""
SOUGHT = "sought-model"
"""The field with a part of the name."""
MOST = 20
"""How many models a search shows."""
_CHOOSE = re.compile(r"choose-model-([0-9]{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search has found. `has_more`: whether there are further models."""

    text: str = ""
    models: Sequence[RegisteredModel] = ()
    has_more: bool = False
    is_asked: bool = False


NOTHING_ASKED = Finding()


async def show(page: PageRequest) -> Response:
    """The models whose name contains the parameter `name`, for forms that ask while one types."""
    finding = await find(page, page.parameter("name"))
    return await page.render("found_models.html", "Find a model", {"finding": finding}, section="models")


async def find(page: PageRequest, text: str) -> Finding:
    """Returns the models in use whose name contains a text: the one of exactly this name first, then the newest changes.

    Raises:
        ApiError: The API refuses.
        Unreachable: The registry does not answer.
    """
    text = text.strip()
    query = Filters(text=text, state="LIVE").to_query()
    found, exact = await asyncio.gather(
        page.api.matching(RegisteredModel, query, pageSize=str(MOST), orderBy="LAST_UPDATE_TIME", sortOrder="DESC"),
        _named(page, text),
    )
    others = [one for one in found.items if one.id not in {one.id for one in exact}]
    return Finding(text, [*exact, *others][:MOST], bool(found.next_token), is_asked=True)


async def model(page: PageRequest, id_: str) -> Made:
    """Returns the model of an id; raises `ApiError` and `Unreachable`."""
    return Made(id_, (await page.api.get(RegisteredModel, id_)).entity.name)


def is_sought(sent: Sent) -> bool:
    """Returns whether the search was asked for: by its button, or by Enter in its field before a model has a name."""
    do = sent.text("do")
    return do == FIND or (not do and bool(sent.text(SOUGHT).strip()) and not sent.text("model-name").strip())


def is_other(sent: Sent) -> bool:
    """Returns whether the choice is taken back."""
    return sent.text("do") == OTHER


def chosen(sent: Sent) -> str:
    """Returns the id of the model whose button was pressed; an empty text if none was."""
    found = _CHOOSE.fullmatch(sent.text("do"))
    return found[1] if found else ""


def with_model(plan: Plan, model: Made, typed: dict[str, str], rows: Sequence[PropertyRow]) -> Plan:
    """Returns the plan for a version of a model that exists. What its newest version has fills what is still empty."""
    kept = {name: text for name, text in plan.typed.items() if text.strip()}
    own = [row for row in plan.rows if row.name or row.value]
    return replace(plan, model=model, typed={**plan.typed, **typed, **kept}, rows=own or (*rows, PropertyRow()))


def without_model(plan: Plan, typed: dict[str, str], rows: Sequence[PropertyRow]) -> Plan:
    """Returns the plan without its model, and without what was taken over from the newest version of that."""
    kept = {name: "" if text and text == typed.get(name) else text for name, text in plan.typed.items()}
    own = [row for row in plan.rows if row not in rows and (row.name or row.value)]
    return replace(plan, model=None, typed=kept, rows=(*own, PropertyRow()))


async def named(page: PageRequest, name: str) -> Finding:
    """Returns the model of a name that is taken; nothing where it is hidden or the registry fails."""
    try:
        found = await _named(page, name)
    except (ApiError, Unreachable):
        return NOTHING_ASKED
    return Finding(name, found, is_asked=True) if found else NOTHING_ASKED


async def _named(page: PageRequest, name: str) -> list[RegisteredModel]:
    if not name:
        return []
    try:
        return [(await page.api.find(RegisteredModel, name=name)).entity]
    except ApiError as error:
        if not error.is_missing:
            raise
        return []
