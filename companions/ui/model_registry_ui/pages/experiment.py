"""One experiment: its runs as a table with parameters and metrics, a chart of them, and the same as CSV."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from model_registry_client.entities import Experiment
from starlette.responses import Response, StreamingResponse

from model_registry_ui import csv_export
from model_registry_ui.cells import labels_of, properties_of
from model_registry_ui.experiments import plots
from model_registry_ui.experiments.loading import Runs, load
from model_registry_ui.experiments.plots import PlotQuery
from model_registry_ui.experiments.runs_query import RunsQuery
from model_registry_ui.experiments.runs_table import (
    COMPARISONS,
    Column,
    Row,
    columns,
    extremes,
    ordered,
)
from model_registry_ui.facts import Fact, actions, facts, link_by_name, state_action
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.query import ListQuery, Preset, Sort, part_of_sorted

PRESET = Preset(sort=Sort("created"))
STATUSES = ("RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED")
FACTS = (
    Fact("State", "state", lambda one, _: one.state or "LIVE"),
    Fact("Owner", "text", lambda one, _: one.owner),
    Fact("External id", "copy", lambda one, _: one.external_id),
    Fact("Id", "copy", lambda one, _: one.id),
    Fact("Created", "time", lambda one, _: one.created),
    Fact("Updated", "time", lambda one, _: one.updated),
)
ACTIONS = (("New run", "run_new"), ("Edit", "experiment_edit"))


async def show(page: PageRequest) -> Response:
    """The page of one experiment."""
    preset = Preset(sort=PRESET.sort, page_size=int(page.preferences.size))
    query = RunsQuery.from_url(page.parameters, preset)
    found, runs = await asyncio.gather(page.api.get(Experiment, page.id), load(page.api, page.id, query))
    experiment = found.entity
    context = {
        **await asyncio.to_thread(_view, page, query, preset, runs),
        "experiment": experiment,
        "facts": [*facts(FACTS, experiment), *link_by_name(page, "named_runs", experiment=experiment.name)],
        "labels": labels_of(experiment.custom_properties),
        "properties": properties_of(page, experiment.custom_properties),
        "tool_properties": properties_of(page, experiment.custom_properties, of_tools=True),
        "actions": await actions(page, (*ACTIONS, *state_action("experiment", experiment)), experiment.id),
    }
    return await page.render("experiment.html", experiment.name, context, crumbs=crumbs(page), section="experiments")


async def export(page: PageRequest) -> Response:
    """All runs that match, with every parameter and metric, as CSV."""
    query = RunsQuery.from_url(page.parameters, PRESET)
    found, runs = await asyncio.gather(page.api.get(Experiment, page.id), load(page.api, page.id, query, is_whole=True))
    rows = ordered(_matching(query, runs.rows), query.listed.sort)
    shown, _ = columns(rows, shows_all=True)
    titles = ["name", "id", "status", "owner", "start", "seconds", *(_csv_title(one) for one in shown)]

    async def pages() -> AsyncIterator[list[list[Any]]]:
        yield [_csv_row(row, shown) for row in rows]

    return StreamingResponse(
        csv_export.lines(titles, pages()),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": csv_export.disposition(found.entity.name)},
    )


async def way_to_run(page: PageRequest, run: Any) -> list[Crumb]:
    """The way to what is below a run: the experiment, if it can be read, and the run."""
    found = await page.api.named(Experiment, [run.experiment_id])
    return [*crumbs(page, found.get(run.experiment_id)), Crumb(run.name, page.url("run", run.id))]


def crumbs(page: PageRequest, experiment: Any = None) -> list[Crumb]:
    """The way to an experiment, or to a run of it."""
    way = [Crumb("Experiments", page.url("experiments"))]
    return [*way, Crumb(experiment.name, page.url("experiment", experiment.id))] if experiment else way


def _matching(query: RunsQuery, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if all(condition.holds(row) for condition in query.conditions)]


def _view(page: PageRequest, query: RunsQuery, preset: Preset, runs: Runs) -> dict[str, Any]:
    """Everything that the template shows of the runs."""
    measured = {row.run.id: row for row in runs.measured}
    matching = _matching(query, runs.rows)
    plot_query = plots.with_axes(query.plot, matching)
    inside = ordered(plots.inside(plot_query, matching), query.listed.sort)
    found, after = part_of_sorted(inside, query.listed.after, query.listed.page_size)
    part = [measured.get(row.run.id, row) for row in found]
    shown, left_out = columns(matching if runs.is_whole else part, shows_all=query.shows_all)

    def at(listed: ListQuery) -> str:
        return _address(page, replace(query, listed=listed), preset)

    return {
        "query": query,
        "rows": part,
        "columns": [(one, _heading(query, at, one.key), extremes(part, one)) for one in shown],
        "heading": lambda key: _heading(query, at, key),
        "left_out": left_out,
        "all_url": _address(page, replace(query, shows_all=not query.shows_all), preset),
        "summary": _summary(len(part), len(inside), len(runs.rows), has_more=runs.has_more),
        "runs": runs,
        "next_url": at(query.listed.changed(after=after)) if after else "",
        "first_url": at(query.listed.changed()) if query.listed.after else "",
        "plot": plots.draw(plot_query, matching, lambda run_id: page.url("run", run_id)),
        "plot_query": plot_query,
        "has_few_runs": len(matching) < plots.FEWEST_RUNS,
        "charts_of": [
            (kind, words, _address(page, _plotted(query, kind), preset)) for kind, words in plots.CHARTS.items()
        ],
        "no_chart_url": _address(page, _plotted(query, ""), preset),
        "keys": _keys(runs.measured),
        "statuses": STATUSES,
        "comparisons": COMPARISONS,
        "hidden": [pair for pair in query.pairs(preset) if pair[0] in {"sort", "size", "all", *_OF_PLOT}],
        "hidden_of_plot": [pair for pair in query.pairs(preset) if pair[0] not in {"after", *_OF_PLOT}],
        "csv_url": page.url("experiment_csv", page.id, query.pairs(PRESET)),
        "is_filtered": bool(query.conditions or query.listed.filters != ListQuery.from_url((), preset).filters),
    }


_OF_PLOT = ("chart", "axis", "low", "high", "scale")


def _keys(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """All parameters and metrics, as the choices of a form."""
    every, _ = columns(rows, shows_all=True)
    return [(one.key, f"{one.title} ({'metric' if one.is_metric else 'parameter'})") for one in every]


def _plotted(query: RunsQuery, kind: str) -> RunsQuery:
    return replace(query, plot=PlotQuery(kind, query.plot.axes if kind else ()))


def _address(page: PageRequest, query: RunsQuery, preset: Preset) -> str:
    written = urlencode(query.pairs(preset))
    url = page.url("experiment", page.id)
    return f"{url}?{written}" if written else url


def _heading(query: RunsQuery, at: Callable[[ListQuery], str], key: str) -> tuple[str, str]:
    """The address that sorts by a column, and the value of aria-sort."""
    sort = query.listed.sort
    direction = ("descending" if sort.is_descending else "ascending") if sort.key == key else ""
    return at(query.listed.sorted_by(key)), direction


def _summary(shown: int, matching: int, read: int, *, has_more: bool) -> str:
    words = f"{shown} of {matching} runs shown"
    return f"{words}; only the newest {read} runs were read" if has_more else words


def _csv_title(column: Column) -> str:
    return f"{'metric' if column.is_metric else 'parameter'} {column.title}"


def _csv_row(row: Row, shown: Sequence[Column]) -> list[Any]:
    run = row.run
    measures = (row.measure(one.key) for one in shown)
    values = [None if one is None else one.text if one.number is None else one.number for one in measures]
    return [run.name, run.id, run.status, run.owner, row.started, row.seconds, *values]
