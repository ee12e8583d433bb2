"""Experiments: the list of all."""

from collections.abc import Sequence
from typing import Any

from model_registry_client.entities import Experiment, ExperimentRun
from starlette.responses import Response

from model_registry_ui.cells import Link, labels_of
from model_registry_ui.facts import actions
from model_registry_ui.lists.declaration import STATES, Column, Field, ListDeclaration, Related
from model_registry_ui.lists.loading import load
from model_registry_ui.lists.view import view
from model_registry_ui.page_request import PageRequest

_NEWEST_RUN = "newest_run"
_NEWEST = "200"
LIST_ACTIONS = (("New experiment", "experiment_new"),)


async def _newest_runs(page: PageRequest, experiments: Sequence[Any]) -> Related:
    """The newest run of each experiment, among the newest 200 of all these; read only for the column that shows it."""
    if ("cols", _NEWEST_RUN) not in page.parameters:
        return {}
    ids = ", ".join(one.id for one in experiments)
    runs = await page.api.page(
        ExperimentRun,
        filterQuery=f"experimentId IN ({ids})",
        orderBy="ID",
        sortOrder="DESC",
        pageSize=_NEWEST,
    )
    return {
        run.experiment_id: Link(run.name, page.url("run", run.id), run.status.value.lower() if run.status else "")
        for run in reversed(runs.items)
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
        Column(_NEWEST_RUN, "Newest run", "link", lambda one, runs: runs.get(one.id), is_preset=False),
        Column("externalId", "External id", "text", lambda one, _: one.external_id, is_preset=False),
        Column("id", "Id", "text", lambda one, _: one.id, is_sortable=True, is_preset=False, is_number=True),
        Column("created", "Created", "time", lambda one, _: one.created, is_sortable=True, is_on_narrow=False),
        Column("updated", "Updated", "time", lambda one, _: one.updated, is_sortable=True),
    ),
    choices=(STATES,),
    fields=(Field("owner", "Owner"), Field("label", "Label"), Field("since", "Updated since", kind="date")),
    related=_newest_runs,
    empty="parts/no_experiments.html",
)


async def show_all(page: PageRequest) -> Response:
    """The list of all experiments."""
    loaded = await load(page, EXPERIMENTS)
    context = {"list": view(page, EXPERIMENTS, loaded), "actions": await actions(page, LIST_ACTIONS)}
    return await page.render("experiments.html", "Experiments", context, section="experiments")
