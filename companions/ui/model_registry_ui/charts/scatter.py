"""Scatter plots: runs or versions by two of their values; each point is a link."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from model_registry_ui.charts import scales
from model_registry_ui.charts.axes import Axis, Box, frame
from model_registry_ui.charts.scales import Tick, is_drawable
from model_registry_ui.charts.svg import chart, element

MOST_POINTS = 500
_SIZE = (760.0, 380.0)
_BOX = Box(left=72, top=32, right=736, bottom=318)
_SPREAD = 7
"""In how many positions next to each other points of one category stand."""
Value = float | str | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A point: its name, its address, and its two values (a number, a text, or none)."""

    name: str
    url: str
    x: Value
    y: Value


@dataclass(frozen=True, slots=True)
class Scatter:
    """A drawing, and how many points it could not show: those without one of the values, or at or below 0 on a log axis."""

    svg: Markup
    left_out: int


def draw(
    key: str, titles: tuple[str, str], dots: Sequence[Dot], *, is_log_x: bool = False, is_log_y: bool = False
) -> Scatter:
    """Draws at most 500 points.

    Args:
        key: A word that is unique on the page.
        titles: The names of the two values.
        dots: The points.
        is_log_x: Whether the x axis is logarithmic.
        is_log_y: Whether the y axis is logarithmic.
    """
    across = _Direction(titles[0], [dot.x for dot in dots], is_log=is_log_x)
    up = _Direction(titles[1], [dot.y for dot in dots], is_log=is_log_y)
    shown = [dot for dot in dots if across.can_show(dot.x) and up.can_show(dot.y)][:MOST_POINTS]
    points = [
        _point(dot, titles, _BOX.x(across.part(dot.x, number)), _BOX.y(up.part(dot.y, number)))
        for number, dot in enumerate(shown)
    ]
    said = f"{len(shown)} points: {titles[1]} by {titles[0]}. The table below has the same values."
    content = [*frame(_BOX, across.axis(), up.axis()), *points]
    return Scatter(
        chart(key, f"{titles[1]} by {titles[0]}", said, _SIZE, content, has_links=True), len(dots) - len(shown)
    )


def _point(dot: Dot, titles: tuple[str, str], x: float, y: float) -> Markup:
    words = f"{dot.name}: {titles[0]} {_words(dot.x)}, {titles[1]} {_words(dot.y)}"
    circle = element("circle", class_="dot series s1", cx=x, cy=y, r=5)
    return element("a", element("title", words), circle, href=dot.url)


def _words(value: Value) -> str:
    return value if isinstance(value, str) else "missing" if value is None else scales.short(value)


class _Direction:
    """One axis. If one of the values is a text, all are categories."""

    def __init__(self, title: str, values: Sequence[Value], *, is_log: bool) -> None:
        self._title = title
        self._is_log = is_log
        texts = {value for value in values if isinstance(value, str)}
        self._categories = sorted({_words(value) for value in values if value is not None}) if texts else []
        numbers = [value for value in values if isinstance(value, int | float) and self.can_show(value)]
        self._scale = (scales.log if is_log else scales.linear)(numbers)

    def can_show(self, value: Value) -> bool:
        if self._categories:
            return value is not None
        return isinstance(value, int | float) and is_drawable(value, is_log=self._is_log)

    def part(self, value: Value, number: int) -> float:
        """The part of the axis, from 0 to 1. Points of one category stand in a few positions, so that they can be seen."""
        if not self._categories:
            return self._scale.part(float(value or 0.0))
        aside = (number % _SPREAD - _SPREAD // 2) / _SPREAD * 0.6
        return scales.category_part(self._categories.index(_words(value)), len(self._categories)) + aside / len(
            self._categories
        )

    def axis(self) -> Axis:
        if not self._categories:
            return Axis(self._title, [(tick, self._scale.part(tick.value)) for tick in self._scale.ticks])
        count = len(self._categories)
        return Axis(
            self._title,
            [(Tick(index, name), scales.category_part(index, count)) for index, name in enumerate(self._categories)],
        )
