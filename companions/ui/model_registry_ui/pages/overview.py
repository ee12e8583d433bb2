"""The first page: what has changed last."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from model_registry_client.entities import ExperimentRun, InferenceService, RegisteredModel
from model_registry_client.entity import Entity
from starlette.responses import Response

from model_registry_ui.deployments.loading import deployments
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
        is_seen: Whether rows are deployments, which can be seen otherwise than they are meant.
    """

    title: str
    kind: type[Entity]
    row_page: str
    all_page: str
    nothing: str
    word: str = "state"
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_seen: bool = False


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
        is_seen=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel with its rows: pairs of an entity and the address of its page.

    Attributes:
        panel: The panel.
        rows: The rows.
        all_url: The page of the whole list.
        drifts: Why deployments are not what they are meant to be, in sentences by id.
        later_url: The page with these, which is loaded afterwards; empty if there is nothing to load.
    """

    panel: Panel
    rows: Sequence[tuple[Any, str]]
    all_url: str
    drifts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    later_url: str = ""

    def word(self, entity: Any) -> Any:
        """The word that is shown with a row."""
        return getattr(entity, self.panel.word)


async def show(page: PageRequest) -> Response:
    """The overview; with `part`, only the panel of this name, with what takes long."""
    panels = [panel for panel in await _panels(page) if panel.row_page in page.addresses]
    part = [panel for panel in panels if panel.is_seen and panel.all_page == page.parameter("part")]
    filled = await asyncio.gather(
        *((_with_drift(page, one) for one in part) if part else (_fill(page, one) for one in panels))
    )
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
    later = page.url("overview", "", {"part": panel.all_page}) if panel.is_seen and rows else ""
    return Filled(panel, rows, page.url(panel.all_page), later_url=later)


async def _with_drift(page: PageRequest, panel: Panel) -> Filled:
    filled = await _fill(page, panel)
    found = await deployments(page.api, [entity for entity, _ in filled.rows])
    return replace(filled, drifts={id_: one.reasons for id_, one in found.items()}, later_url="")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
