"""The curves of a run's metrics, and the history of one metric as a table."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from model_registry_client.entities import Artifact, ExperimentRun, Metric
from starlette.responses import Response

from model_registry_ui.charts.curves import Across, Curves, CurveSettings, Series, draw
from model_registry_ui.charts.scales import lasting
from model_registry_ui.experiments import histories
from model_registry_ui.experiments.histories import History
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages.experiment import way_to_run
from model_registry_ui.rendering import iso

AT_FIRST = 6
"""The number of curves that a page shows unless all are asked for."""
MOST, MOST_ROWS = 50, 200
RUNNING = "RUNNING"
"""The status of a run whose page is refreshed."""
_MOST_METRICS, _ROWS = "1000", 100
_FEW_POINTS = 400
"""The values of each curve where a page has more than six."""
_MOST_SMOOTHING = 0.99
ACROSS: Sequence[tuple[str, str]] = (
    (Across.STEP, "Step"),
    (Across.TIME, "Time"),
    (Across.SINCE_START, "Time since the start"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """A chart of one metric: the drawing, what it leaves out in words, and the address of its history (may be empty)."""

    name: str
    svg: Markup
    notes: Sequence[str]
    url: str = ""
    table: "CurveTable | None" = None


@dataclass(frozen=True, slots=True)
class CurveTable:
    """The numbers of a chart: the title of the first column, the names of the runs, and rows of x and a value for each run."""

    title: str
    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[float | None]]]
    is_thinned: bool = False


def table_of(lines: Sequence[Series], settings: CurveSettings) -> CurveTable:
    """Returns the numbers of curves, in at most 200 rows with equal distances."""
    values = [dict(one.points) for one in lines]
    places = sorted({x for one in values for x in one})
    stride = max(-(-len(places) // MOST_ROWS), 1)
    rows = [(_place(x, settings), [one.get(x) for one in values]) for x in places[::stride]]
    title = next(words for value, words in ACROSS if value == settings.across)
    return CurveTable(title, [one.name for one in lines], rows, stride > 1)


def settings_of(page: PageRequest) -> CurveSettings:
    """Returns the settings in the URL: `x`, `y` and `smoothing`. What makes no sense counts as the preset."""
    across = page.parameter("x")
    return CurveSettings(
        Across(across) if across in set(Across) else Across.STEP,
        is_log=page.parameter("y") == "log",
        smoothing=_smoothing(page.parameter("smoothing")),
    )


def card(key: str, metric: str, series: Sequence[tuple[str, History]], settings: CurveSettings, url: str = "") -> Card:
    """Draws one metric of one or several runs.

    Args:
        key: A word that is unique on the page.
        metric: The name of the metric.
        series: The name of each run with its history.
        settings: How it is drawn. Values without any step are drawn by their time.
        url: The address of the history.
    """
    if settings.across is Across.STEP and not any(
        one.step is not None for _, each in series for one in each.measurements
    ):
        settings = replace(settings, across=Across.SINCE_START)
    lines = [Series(name, history.points(settings.across)) for name, history in series]
    drawn = draw(key, metric, lines, settings)
    notes = list(_notes(drawn, lines, series, settings))
    return Card(metric, drawn.svg, notes, url, table_of(lines, settings))


async def show(page: PageRequest) -> Response:
    """The curves of all metrics; with `metric`, one curve and its values."""
    if metric := page.parameter("metric"):
        return await _one(page, metric)
    found, metrics = await asyncio.gather(page.api.get(ExperimentRun, page.id), _metrics(page))
    shows_all = page.parameter("all") == "1"
    names = metrics[: MOST if shows_all else AT_FIRST]
    settings = settings_of(page)
    loaded = await histories.load(
        page.api, page.id, names, histories.MOST_POINTS if len(names) <= AT_FIRST else _FEW_POINTS
    )
    run = found.entity
    cards = await asyncio.to_thread(_cards, page, run, {name: loaded[name] for name in names}, settings)
    context = {
        **_settings_context(page, settings),
        "run": run,
        "is_running": run.status is not None and run.status.value == RUNNING,
        "single": [name for name in names if len(loaded[name].measurements) == 1],
        "cards": cards,
        "left": len(metrics) - len(names),
        "all_url": page.url("run_curves", run.id, {"all": "1"}) if not shows_all else "",
        "is_cut": shows_all and len(metrics) > MOST,
    }
    return await page.render(
        "curves.html", f"Curves of {run.name}", context, crumbs=await way_to_run(page, run), section="experiments"
    )


def _cards(page: PageRequest, run: Any, loaded: Mapping[str, History], settings: CurveSettings) -> list[Card]:
    """A card for each metric that has not just one value."""
    return [
        card(f"curve-{number}", name, [(run.name, history)], settings, page.url("run_curves", run.id, {"metric": name}))
        for number, (name, history) in enumerate(loaded.items())
        if len(history.measurements) != 1
    ]


async def _one(page: PageRequest, metric: str) -> Response:
    """One curve with the history of the metric as a table, a page at a time."""
    found, loaded, values = await asyncio.gather(
        page.api.get(ExperimentRun, page.id),
        histories.load(page.api, page.id, [metric]),
        histories.page_of(page.api, page.id, metric, page.parameter("after"), _ROWS),
    )
    run, settings = found.entity, settings_of(page)
    history = loaded[metric]
    here = {"metric": metric, **_settings_parameters(settings)}
    context = {
        **_settings_context(page, settings),
        "run": run,
        "metric": metric,
        "card": await asyncio.to_thread(card, "curve", metric, [(run.name, history)], settings),
        "count": history.count,
        "values": values.items,
        "next_url": page.url("run_curves", run.id, {**here, "after": values.next_token}) if values.next_token else "",
        "first_url": page.url("run_curves", run.id, here) if page.parameter("after") else "",
    }
    return await page.render(
        "curve.html", f"{metric} of {run.name}", context, crumbs=await way_to_run(page, run), section="experiments"
    )


def _settings_context(page: PageRequest, settings: CurveSettings) -> dict[str, Any]:
    return {"settings": settings, "across": ACROSS, "here": page.here.partition("?")[0]}


def _settings_parameters(settings: CurveSettings) -> dict[str, str]:
    return {
        "x": "" if settings.across is Across.STEP else settings.across.value,
        "y": "log" if settings.is_log else "",
        "smoothing": str(settings.smoothing) if settings.smoothing else "",
    }


async def _metrics(page: PageRequest) -> list[str]:
    """The metrics of the run by name; those behind step 0 are first, since the others seldom have more than one value."""
    found = await page.api.page(
        Metric,
        f"{ExperimentRun.collection}/{page.id}{Artifact.collection}",
        artifactType="metric",
        pageSize=_MOST_METRICS,
    )
    has_steps = {one.name: bool(one.step) for one in found.items}
    return sorted(has_steps, key=lambda name: (not has_steps[name], name))


def _notes(
    drawn: Curves, lines: Sequence[Series], series: Sequence[tuple[str, History]], settings: CurveSettings
) -> Iterator[str]:
    """What a chart does not show, in words."""
    read = sum(len(history.measurements) for _, history in series)
    placed = sum(len(one.points) for one in lines)
    if drawn.left_out:
        why = "a log axis cannot show values at or below 0" if settings.is_log else "they are too large"
        yield f"{drawn.left_out} values are left out: {why}."
    if placed < read:
        yield f"{read - placed} values have no {'step' if settings.across is Across.STEP else 'time'} and are left out."
    for name, history in series:
        if history.is_thinned and history.count:
            yield f"{name}: {len(history.measurements):,} of {history.count:,} values are drawn; no spike is lost."
        if history.is_sampled:
            yield f"{name}: the history is long: {len(history.measurements):,} steps were read. Spikes between may be missing."
        if not history.is_complete:
            yield f"{name}: there are more values than the {len(history.measurements):,} that were read. The newest are missing."


def _place(x: float, settings: CurveSettings) -> str:
    if settings.across is Across.STEP:
        return str(int(x))
    return iso(str(int(x))) if settings.across is Across.TIME else lasting(x / 1000)


def _smoothing(text: str) -> float:
    try:
        smoothing = float(text or 0)
    except ValueError:
        return 0.0
    return smoothing if 0 <= smoothing <= _MOST_SMOOTHING else 0.0
