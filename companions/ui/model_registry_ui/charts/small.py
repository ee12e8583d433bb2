"""Small curves for rows of a table: one line of a fixed size, without axes, and its range in words."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from model_registry_ui.charts import scales
from model_registry_ui.charts.scales import is_drawable
from model_registry_ui.charts.svg import element
from model_registry_ui.charts.thinning import Point, segments

WIDTH, HEIGHT = 120, 24
"""Pixels of the drawing. A row has this room also before its curve is there."""
_MARGIN = 3
FEWEST = 2
"""A line needs two values."""


def draw(points: Sequence[Point], count: int | None = None) -> Markup:
    """Returns the drawing of a metric; an empty text where fewer than two values can be drawn.

    Args:
        points: The values, in the order of x.
        count: How many values there are, where `points` are only some of them.
    """
    shown = [point for point in points if is_drawable(point[1])]
    if len(shown) < FEWEST:
        return Markup()
    heights = [y for _, y in shown]
    low, high = min(heights), max(heights)
    words = f"{count or len(shown)} values from {scales.short(low)} to {scales.short(high)}"
    placed = [_placed(part, (shown[0][0], shown[-1][0]), (low, high)) for part in segments(shown)]
    end_x, end_y = placed[-1][-1]
    return element(
        "svg",
        element("title", words),
        element("path", d="".join(_written(placed))),
        element("circle", cx=end_x, cy=end_y, r=2.5),
        class_="small-curve",
        role="img",
        width=WIDTH,
        height=HEIGHT,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
    )


def _placed(points: Sequence[Point], across: tuple[float, float], up: tuple[float, float]) -> list[tuple[float, float]]:
    """The points in pixels. A line of one height stands in the middle."""
    (left, right), (low, high) = across, up
    width, height = WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN
    return [
        (
            _MARGIN + (round((x - left) / (right - left) * width) if right > left else 0),
            _MARGIN + (round((high - y) / (high - low) * height, 1) if high > low else height / 2),
        )
        for x, y in points
    ]


def _written(parts: Sequence[Sequence[tuple[float, float]]]) -> Iterator[str]:
    """The parts of the path. One of a single point is a line without a length, which round ends show as a point."""
    for part in parts:
        yield "M" + " ".join(f"{x:g},{y:g}" for x, y in part) + ("h0" if len(part) == 1 else "")
