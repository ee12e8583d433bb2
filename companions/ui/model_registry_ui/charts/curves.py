"""Curves: one metric of up to ten runs over steps or time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from model_registry_ui.charts import scales
from model_registry_ui.charts.axes import Axis, Box, frame
from model_registry_ui.charts.scales import Scale, is_drawable
from model_registry_ui.charts.svg import chart, element, label, path
from model_registry_ui.charts.thinning import Point, segments, smooth, thin

MOST_SERIES = 10
DASHES = (None, "8 4", "2 3", "10 3 2 3", "5 5", "12 3", "3 6", "8 3 2 3 2 3", "1 4", "14 4 4 4")
"""The pattern of each line, so that lines differ also without their colours."""
_SIZE, _SIZE_OF_ONE = (760.0, 340.0), (620.0, 340.0)
"""The drawing of a single curve has no names at the right."""
VIEW_BOX, VIEW_BOX_OF_ONE = "0 0 760 340", "0 0 620 340"
"""The `viewBox` of drawings of several curves and of one, for what takes their room until they are loaded."""
_BOX = Box(left=64, top=32, right=600, bottom=280)
_LABEL_HEIGHT = 15.0


class Across(StrEnum):
    """What the x axis shows. Times are in milliseconds."""

    STEP = "step"
    TIME = "time"
    SINCE_START = "since"


_ACROSS: dict[Across, tuple[str, Callable[[list[float]], Scale]]] = {
    Across.STEP: ("step", scales.whole),
    Across.TIME: ("time, UTC", scales.time),
    Across.SINCE_START: ("time since the start", scales.duration),
}


@dataclass(frozen=True, slots=True)
class Series:
    """The curve of one run: its name, and its points in the order of x."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class CurveSettings:
    """How curves are drawn.

    Attributes:
        across: What the x axis shows.
        is_log: Whether the y axis is logarithmic.
        smoothing: From 0 (none) to 0.99. The curve itself stays, faint.
    """

    across: Across = Across.STEP
    is_log: bool = False
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class Curves:
    """A drawing, and how many values it could not show: those at or below 0 on a log axis, and those that are too large."""

    svg: Markup
    left_out: int


def draw(key: str, metric: str, series: Sequence[Series], settings: CurveSettings = CurveSettings()) -> Curves:
    """Draws the curves of at most ten runs; further ones are left out.

    Args:
        key: A word that is unique on the page.
        metric: The name of the metric.
        series: The runs.
        settings: How it is drawn.
    """
    shown = [
        Series(one.name, [point for point in one.points if is_drawable(point[1], is_log=settings.is_log)])
        for one in series[:MOST_SERIES]
    ]
    left_out = sum(len(one.points) for one in series[:MOST_SERIES]) - sum(len(one.points) for one in shown)
    points = [point for one in shown for point in one.points]
    title, scale = _ACROSS[settings.across]
    across = scale([x for x, _ in points])
    up = (scales.log if settings.is_log else scales.linear)([y for _, y in points])
    axes = frame(
        _BOX,
        Axis(title, [(tick, across.part(tick.value)) for tick in across.ticks]),
        Axis(metric, [(tick, up.part(tick.value)) for tick in up.ticks]),
    )
    lines = (line for number, one in enumerate(shown) for line in _lines(number, one, across, up, settings))
    is_single = len(shown) == 1
    content = [*axes, *lines, *([] if is_single else _labels(shown, up))]
    svg = chart(
        key,
        f"{metric} by {title}",
        _description(shown),
        _SIZE_OF_ONE if is_single else _SIZE,
        content,
        data_box=_BOX.written(),
        data_x=across.written(settings.across.value),
        data_y=up.written(),
    )
    return Curves(svg, left_out)


def _lines(number: int, series: Series, across: Scale, up: Scale, settings: CurveSettings) -> Iterator[Markup]:
    """The curve of one run; with smoothing first the faint curve of its values, then the smooth one."""
    if not settings.smoothing:
        yield from _curve(number, series.points, across, up, "curve")
        return
    yield from _curve(number, series.points, across, up, "curve raw")
    smoothed = smooth(series.points, settings.smoothing)
    yield from _curve(number, smoothed, across, up, "curve")


def _curve(number: int, points: Sequence[Point], across: Scale, up: Scale, classes: str) -> Iterator[Markup]:
    for part in segments(points):
        placed = [(_BOX.x(across.part(x)), _BOX.y(up.part(y))) for x, y in thin(part)]
        classes_of_one = f"{classes} series s{number + 1}"
        if len(placed) == 1:
            yield element("circle", class_=f"dot series s{number + 1}", cx=placed[0][0], cy=placed[0][1], r=3)
        else:
            yield element("path", class_=classes_of_one, d=path(placed), fill="none", stroke_dasharray=DASHES[number])


def _labels(shown: Sequence[Series], up: Scale) -> Iterator[Markup]:
    """The names at the right, each at the height where its curve ends, moved apart so that they can be read."""
    ends = [(_BOX.y(up.part(one.points[-1][1])), number) for number, one in enumerate(shown) if one.points]
    heights = spread([height for height, _ in sorted(ends)], _LABEL_HEIGHT, _BOX.top, _BOX.bottom)
    for height, (_, number) in zip(heights, sorted(ends), strict=True):
        x = _BOX.right + 8
        yield element(
            "line", class_=f"curve series s{number + 1}", x1=x, x2=x + 22, y1=height, y2=height, stroke_dasharray=DASHES[number]
        )  # fmt: skip
        yield label(shown[number].name, x + 28, height + 4, most=17, class_=f"end series s{number + 1}")


def spread(heights: Sequence[float], distance: float, top: float, bottom: float) -> list[float]:
    """Returns ascending heights, moved as little as needed to be `distance` apart and between `top` and `bottom`."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + distance if placed else top))
    limit = bottom
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - distance
    return placed


def _description(shown: Sequence[Series]) -> str:
    said = [
        f"{one.name}: {len(one.points)} values, the last one {scales.short(one.points[-1][1])}, from "
        f"{scales.short(min(y for _, y in one.points))} to {scales.short(max(y for _, y in one.points))}"
        for one in shown
        if one.points
    ]
    return "; ".join(said) + "." if said else "There are no values to show."
