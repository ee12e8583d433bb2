"""The lineage of a model, a version or a run: as a drawing, and as a nested list with the same content."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from model_registry_client.entities import Experiment, ExperimentRun, RegisteredModel
from starlette.responses import Response

from model_registry_ui.charts.lineage import COLUMNS, draw, folded, outline
from model_registry_ui.facts import tabs
from model_registry_ui.lineage.of_model import MOST_VERSIONS, of_model
from model_registry_ui.lineage.of_run import of_run
from model_registry_ui.lineage.of_version import Gathered, of_version
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import experiment, models
from model_registry_ui.pages import run as run_page
from model_registry_ui.pages import version as version_page

OPEN = "open"


async def show_of_model(page: PageRequest) -> Response:
    """The lineage of a model."""
    model = (await page.api.get(RegisteredModel, page.id)).entity
    context = {
        "heading": model.name,
        "note": f"These are the newest {MOST_VERSIONS} versions, and those that are deployed. Open a version to see its files.",
        "tabs": tabs(page, models.TABS, page.id, "model_lineage"),
        **_drawn(page, await of_model(page, model), f"Lineage of {model.name}"),
    }
    return await _render(page, f"Lineage of {model.name}", context, models.crumbs(page, model), "models")


async def show_of_version(page: PageRequest) -> Response:
    """The lineage of a version."""
    of = await version_page.opened(page)
    name = f"{of.version.name} of {of.model.name}"
    context = {
        "heading": name,
        "note": "",
        "tabs": tabs(page, version_page.TABS, page.id, "version_lineage"),
        **_drawn(page, await of_version(page, of.version, of.model), f"Lineage of {name}"),
    }
    return await _render(page, f"Lineage of {name}", context, of.crumbs(page, is_below=True), "models")


async def show_of_run(page: PageRequest) -> Response:
    """The lineage of a run."""
    run = (await page.api.get(ExperimentRun, page.id)).entity
    gathered, experiments = await asyncio.gather(of_run(page, run), page.api.named(Experiment, [run.experiment_id]))
    way = experiment.crumbs(page, experiments.get(run.experiment_id))
    context = {
        "heading": run.name,
        "note": "",
        "tabs": tabs(page, run_page.TABS, page.id, "run_lineage"),
        **_drawn(page, gathered, f"Lineage of {run.name}"),
    }
    return await _render(
        page, f"Lineage of {run.name}", context, [*way, Crumb(run.name, page.url("run", run.id))], "experiments"
    )


def _drawn(page: PageRequest, gathered: Gathered, title: str) -> dict[str, Any]:
    """The drawing, whose long columns are folded unless the address opens them, and the list of everything."""
    known = {str(column) for column in range(len(COLUMNS))}
    opened = [value for name, value in page.parameters if name == OPEN and value in known]
    here = page.here.partition("?")[0]
    open_url = f"{here}?{''.join(f'{OPEN}={column}&' for column in opened)}{OPEN}="
    shown = folded(gathered.lineage, [int(column) for column in opened], open_url)
    return {
        "chart": draw("lineage", title, shown),
        "branches": outline(gathered.lineage),
        "refused": gathered.refused,
        "is_single": not gathered.lineage.links,
    }


async def _render(
    page: PageRequest, title: str, context: Mapping[str, Any], way: Sequence[Crumb], section: str
) -> Response:
    return await page.render("lineage.html", title, context, crumbs=way, here="Lineage", section=section)
