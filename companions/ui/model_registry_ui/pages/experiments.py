"""Experiments: the list of all."""

from collections.abc import Sequence
from typing import Any

from model_registry_client.entities import Experiment, ExperimentRun
from starlette.responses import Response

from model_registry_ui.cells import Link, labels_of
from model_registry_ui.facts import actions
from model_registry_ui.lists.declaration import STATES, Column, Field, ListDeclaration, Related
from model_registry_ui.lists.exporting import export
from model_registry_ui.lists.loading import load
from model_registry_ui.lists.view import view
from model_registry_ui.page_request import PageRequest

_MOST_RUNS = "1000"
"""Runs that are read to find the newest ones of a page of experiments."""
LIST_ACTIONS = (("New experiment", "experiment_new"),)


async def runs_come_later(page: PageRequest) -> bool:
    """Whether the page comes without the newest runs: they take a second list, so they are loaded afterwards."""
    return not (page.parameter("later") or page.request.url.path.endswith(".csv"))


async def newest_runs(page: PageRequest, experiments: Sequence[Any]) -> Related:
    """Loads the newest run of each experiment of a page, in one call; nothing for a page that loads them later."""
    if await runs_come_later(page):
        return {}
    query = f"experimentId IN ({', '.join(one.id for one in experiments)})"
    newest_first = {"orderBy": "ID", "sortOrder": "DESC", "pageSize": _MOST_RUNS}
    runs = (await page.api.matching(ExperimentRun, query, **newest_first)).items
    return {
        run.experiment_id: Link(run.name, page.url("run", run.id), run.status.value.lower() if run.status else "")
        for run in reversed(runs)
    }


EXPERIMENTS = ListDeclaration(
    kind=Experiment,
    one="experiment",
    many="experiments",
    row_page="experiment",
    columns=(
        Column("name", "Name", "text", lambda one, _: one.name, is_sortable=True),
        Column("state", "State", "state", lambda one, _: one.state),
        Column("owner", "Owner", "text", lambda one, _: one.owner, is_sortable=True, is_on_narrow=False),
        Column(
            "labels",
            "Labels",
            "labels",
            lambda one, _: labels_of(one.custom_properties),
            is_preset=False,
            is_on_narrow=False,
        ),
        Column("newest", "Newest run", "link", lambda one, runs: runs.get(one.id), is_on_narrow=False),
        Column("externalId", "External id", "text", lambda one, _: one.external_id, is_preset=False),
        Column("id", "Id", "text", lambda one, _: one.id, is_sortable=True, is_preset=False, is_number=True),
        Column("created", "Created", "time", lambda one, _: one.created, is_sortable=True, is_on_narrow=False),
        Column("updated", "Updated", "time", lambda one, _: one.updated, is_sortable=True),
    ),
    choices=(STATES,),
    fields=(Field("owner", "Owner"), Field("label", "Label"), Field("since", "Updated since", kind="date")),
    related=newest_runs,
    later=runs_come_later,
    csv_page="experiments_csv",
    empty="parts/no_experiments.html",
)


async def show_all(page: PageRequest) -> Response:
    """The list of all experiments."""
    loaded = await load(page, EXPERIMENTS)
    context = {"list": view(page, EXPERIMENTS, loaded), "actions": await actions(page, LIST_ACTIONS)}
    return await page.render("experiments.html", "Experiments", context, section="experiments")


async def export_all(page: PageRequest) -> Response:
    """The list of all experiments as CSV."""
    return await export(page, EXPERIMENTS, "experiments")
