"""Charts of many runs at once, as the URL of an experiment says it: parallel coordinates, or a scatter plot."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from markupsafe import Markup

from model_registry_ui.charts import parallel, scatter
from model_registry_ui.charts.parallel import Brush, Dimension
from model_registry_ui.charts.scatter import Dot
from model_registry_ui.experiments.measurements import as_number, differing, names
from model_registry_ui.experiments.runs_table import METRIC, PARAMETER, Row

PARALLEL, SCATTER = "parallel", "scatter"
CHARTS: Mapping[str, str] = {PARALLEL: "Parallel coordinates", SCATTER: "Scatter plot"}
_LOG = "log"
_AXES_OF_SCATTER = 2
FEWEST_RUNS = 2
"""A chart of fewer runs compares nothing."""


@dataclass(frozen=True, slots=True)
class AxisQuery:
    """An axis as the URL has it: the key of a column, the ends of the range as typed, and whether it is logarithmic."""

    key: str
    low: str = ""
    high: str = ""
    is_log: bool = False

    @property
    def brush(self) -> Brush:
        """The range. An end that is no number is open."""
        return Brush(as_number(self.low.strip()), as_number(self.high.strip()))

    @property
    def title(self) -> str:
        """The name of the parameter or metric."""
        return self.key.removeprefix(PARAMETER).removeprefix(METRIC)


@dataclass(frozen=True, slots=True)
class PlotQuery:
    """Which chart is shown; `kind` is a key of `CHARTS`, or empty for none. Without axes, they are chosen by the runs."""

    kind: str = ""
    axes: tuple[AxisQuery, ...] = ()

    @classmethod
    def from_url(cls, pairs: Iterable[tuple[str, str]]) -> "PlotQuery":
        """Reads `chart`, and `axis`, `low`, `high`, `scale` for each axis, in this order."""
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        parts = zip_longest(*(given.get(name, []) for name in ("axis", "low", "high", "scale")), fillvalue="")
        axes = (AxisQuery(key, low, high, scale == _LOG) for key, low, high, scale in parts if key)
        kind = given.get("chart", [""])[-1]
        return cls(kind if kind in CHARTS else "", tuple(axes)[: parallel.MOST_AXES])

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yields what `from_url` reads."""
        if self.kind:
            yield "chart", self.kind
        for axis in self.axes:
            yield from (
                ("axis", axis.key),
                ("low", axis.low),
                ("high", axis.high),
                ("scale", _LOG if axis.is_log else ""),
            )


def with_axes(query: PlotQuery, rows: Sequence[Row]) -> PlotQuery:
    """Returns the query with axes: those of the URL, else the parameters that differ and one metric."""
    if not query.kind or (query.axes and (query.kind == PARALLEL or len(query.axes) >= _AXES_OF_SCATTER)):
        return query
    parameters = [PARAMETER + name for name in _by_variety(rows)]
    metrics = [METRIC + name for name in names(row.measured.metrics for row in rows)]
    if query.kind == PARALLEL:
        keys = [*parameters[: parallel.MOST_AXES - 1], *metrics[:1]]
    else:
        keys = [*parameters[:1], *metrics, *parameters[1:]][:_AXES_OF_SCATTER]
    return PlotQuery(query.kind, tuple(AxisQuery(key) for key in keys))


def _by_variety(rows: Sequence[Row]) -> list[str]:
    """The parameters that differ; those that only some runs have, and all with one value, are last."""
    of_runs = [row.measured.parameters for row in rows]

    def has_one_value(name: str) -> bool:
        return len({one[name].text for one in of_runs if name in one}) == 1

    return sorted(differing(of_runs), key=lambda name: (has_one_value(name), name))


def inside(query: PlotQuery, rows: Sequence[Row]) -> list[Row]:
    """Returns the runs that are inside of all ranges of the chart."""
    return [row for row in rows if all(axis.brush.holds(row.value(axis.key)) for axis in query.axes)]


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing, and what it does not show, in words."""

    svg: Markup
    notes: Sequence[str] = ()


def draw(query: PlotQuery, rows: Sequence[Row], url_of: Callable[[str], str]) -> Plot | None:
    """Draws the chart of a query with axes; `None` without one, or where there are fewer than two runs.

    Args:
        query: The chart.
        rows: The runs.
        url_of: Returns the address of the page of a run.
    """
    if not query.axes or len(rows) < FEWEST_RUNS:
        return None
    if query.kind == PARALLEL:
        return _parallel(query, rows)
    return _scatter(query, rows, url_of) if len(query.axes) >= _AXES_OF_SCATTER else None


def _parallel(query: PlotQuery, rows: Sequence[Row]) -> Plot:
    shown = rows[: parallel.MOST_LINES]
    dimensions = [Dimension(axis.title, [row.value(axis.key) for row in shown], axis.is_log) for axis in query.axes]
    brushes = {axis.title: axis.brush for axis in query.axes}
    notes = [f"Only {len(shown)} of {len(rows)} runs are drawn."] if len(rows) > len(shown) else []
    return Plot(parallel.draw("plot", [row.run.name for row in shown], dimensions, brushes), notes)


def _scatter(query: PlotQuery, rows: Sequence[Row], url_of: Callable[[str], str]) -> Plot:
    across, up = query.axes[:_AXES_OF_SCATTER]
    dots = [Dot(row.run.name, url_of(row.run.id), row.value(across.key), row.value(up.key)) for row in rows]
    drawn = scatter.draw("plot", (across.title, up.title), dots, is_log_x=across.is_log, is_log_y=up.is_log)
    left, verb = drawn.left_out, "has" if drawn.left_out == 1 else "have"
    why = "a value is missing, or a log axis cannot show it"
    notes = [f"{left} of {len(rows)} runs {verb} no place in the chart: {why}."] if left else []
    return Plot(drawn.svg, notes)
