"""The first page: what has changed last."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from model_registry_client.entities import ExperimentRun, InferenceService, RegisteredModel
from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.facts import actions
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages.models import LIST_ACTIONS

_ROWS = 8
_NEWEST: Mapping[str, str] = {"orderBy": "LAST_UPDATE_TIME", "sortOrder": "DESC", "pageSize": str(_ROWS)}


@dataclass(frozen=True, slots=True)
class Panel:
    """A short list.

    Attributes:
        title: Its heading.
        kind: The class of its entities.
        row_page: The name of the page of a row. Without that page, there is no panel.
        all_page: The name of the page of the whole list.
        nothing: What is said if the list is empty.
        word: The field whose word is shown with each row, such as `status`.
        parameters: Parameters of the list request.
    """

    title: str
    kind: type[Entity]
    row_page: str
    all_page: str
    nothing: str
    word: str = "state"
    parameters: Mapping[str, str] = field(default_factory=dict)


PANELS = (
    Panel("Models changed last", RegisteredModel, "model", "models", "There are no models yet."),
    Panel("Runs changed last", ExperimentRun, "run", "experiments", "There are no runs yet.", "status"),
    Panel(
        "Deployments changed last",
        InferenceService,
        "deployment",
        "deployments",
        "Nothing is deployed yet.",
        "desired_state",
    ),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel with its rows: pairs of an entity and the address of its page."""

    panel: Panel
    rows: Sequence[tuple[Any, str]]
    all_url: str

    def word(self, entity: Any) -> Any:
        """The word that is shown with a row."""
        return getattr(entity, self.panel.word)


async def show(page: PageRequest) -> Response:
    """The overview."""
    panels = [panel for panel in await _panels(page) if panel.row_page in page.addresses]
    filled = await asyncio.gather(*(_fill(page, panel) for panel in panels))
    context = {
        "panels": filled,
        "is_empty": not any(one.rows for one in filled),
        "actions": await actions(page, LIST_ACTIONS),
    }
    return await page.render("overview.html", "Overview", context)


async def _panels(page: PageRequest) -> list[Panel]:
    """The panels for this server and this user."""
    panels = [panel for panel in PANELS if panel.kind is not ExperimentRun or await page.api.has_experiments()]
    if user := (await page.access()).user:
        owned = f"owner = {_quoted(user)}"
        panels.append(
            Panel(
                "Your models",
                RegisteredModel,
                "model",
                "models",
                "You own no models.",
                parameters={"filterQuery": owned},
            )
        )
    return panels


async def _fill(page: PageRequest, panel: Panel) -> Filled:
    found = await page.api.page(panel.kind, **_NEWEST, **panel.parameters)
    rows = [(entity, page.url(panel.row_page, entity.id)) for entity in found.items]
    return Filled(panel, rows, page.url(panel.all_page))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
