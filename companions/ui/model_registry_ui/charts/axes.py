"""The frame of a chart with two axes: grid, marks, their words, and the titles of the axes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from model_registry_ui.charts.scales import Tick, thinned
from model_registry_ui.charts.svg import coordinate, element, label

_MOST_X_TICKS, _MOST_Y_TICKS = 8, 9


@dataclass(frozen=True, slots=True)
class Box:
    """The area of the drawing inside of a chart, in the units of its `viewBox`."""

    left: float
    top: float
    right: float
    bottom: float

    def written(self) -> str:
        """Returns the four sides, for the script."""
        return " ".join(map(coordinate, (self.left, self.top, self.right, self.bottom)))

    def x(self, part: float) -> float:
        """Returns the position of a part of the x axis, from 0 (left) to 1."""
        return self.left + part * (self.right - self.left)

    def y(self, part: float) -> float:
        """Returns the position of a part of the y axis, from 0 (bottom) to 1."""
        return self.bottom - part * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: its title, and its marks with their parts from 0 to 1."""

    title: str
    marks: Sequence[tuple[Tick, float]]


def frame(box: Box, across: Axis, up: Axis) -> Iterator[Markup]:
    """Yields the grid and the words of both axes."""
    for tick, part in _fewer(up.marks, _MOST_Y_TICKS):
        y = box.y(part)
        yield element("line", class_="grid", x1=box.left, x2=box.right, y1=y, y2=y)
        yield label(tick.words, box.left - 8, y + 4, most=12, class_="tick", text_anchor="end")
    for tick, part in _fewer(across.marks, _MOST_X_TICKS):
        x = box.x(part)
        yield element("line", class_="axis", x1=x, x2=x, y1=box.bottom, y2=box.bottom + 5)
        yield label(tick.words, x, box.bottom + 20, most=16, class_="tick", text_anchor="middle")
    yield element("line", class_="axis", x1=box.left, x2=box.right, y1=box.bottom, y2=box.bottom)
    yield label(across.title, box.right, box.bottom + 40, most=60, class_="axis-title", text_anchor="end")
    yield label(up.title, 4, box.top - 12, most=60, class_="axis-title")


def _fewer(marks: Sequence[tuple[Tick, float]], most: int) -> list[tuple[Tick, float]]:
    kept = set(thinned([tick for tick, _ in marks], most))
    return [(tick, part) for tick, part in marks if tick in kept]
