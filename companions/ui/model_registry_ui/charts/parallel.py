"""Parallel coordinates: many runs over up to eight parameters and metrics, one line a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from model_registry_ui.charts import scales
from model_registry_ui.charts.axes import Box
from model_registry_ui.charts.scales import Scale, Tick, is_drawable
from model_registry_ui.charts.shading import Value, shading
from model_registry_ui.charts.svg import chart, coordinate, element, label, path

MOST_AXES, MOST_LINES = 8, 500
_MOST_CATEGORIES, _MOST_TICKS = 12, 7
_SIZE = (960.0, 400.0)
_BOX = Box(left=70, top=44, right=890, bottom=310)
_MISSING = 342.0
_LEGEND = 388.0


@dataclass(frozen=True, slots=True)
class Dimension:
    """One axis: its name, the value of each run (`None` if it has none), and whether the axis is logarithmic."""

    name: str
    values: Sequence[Value]
    is_log: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether all values that are there are numbers."""
        return any(value is not None for value in self.values) and not any(
            isinstance(value, str) for value in self.values
        )


@dataclass(frozen=True, slots=True)
class Brush:
    """A range of an axis. Runs outside of it are faint. `None` leaves an end open."""

    low: float | None = None
    high: float | None = None

    def holds(self, value: Value) -> bool:
        """Returns whether a value is in the range. A text, or no value, is in none that has an end."""
        if self.low is None and self.high is None:
            return True
        if value is None or isinstance(value, str):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def chosen(dimensions: Sequence[Dimension], brushes: Mapping[str, Brush]) -> list[bool]:
    """Returns for each run whether it is inside of all ranges."""
    count = len(dimensions[0].values) if dimensions else 0
    return [
        all(brushes[one.name].holds(one.values[run]) for one in dimensions if one.name in brushes)
        for run in range(count)
    ]


def draw(
    key: str, names: Sequence[str], dimensions: Sequence[Dimension], brushes: Mapping[str, Brush] | None = None
) -> Markup:
    """Draws the lines of at most 500 runs over at most eight axes.

    Args:
        key: A word that is unique on the page.
        names: The names of the runs.
        dimensions: The axes. Each has as many values as there are names. The last one colours the lines.
        brushes: Ranges by the name of the axis.
    """
    used = dimensions[:MOST_AXES]
    if not used:
        return chart(key, "Parallel coordinates", "There are no axes to show.", _SIZE, ())
    axes = [_AxisOf(one, index, len(used)) for index, one in enumerate(used)]
    inside = chosen(used, brushes or {})
    colours = shading(used[-1].name, used[-1].values, _LEGEND, is_log=used[-1].is_log)
    order = sorted(range(min(len(names), MOST_LINES)), key=lambda run: inside[run])
    lines = [
        element(
            "path",
            element("title", names[run]),
            class_=f"line {colours.classes[run]}" if inside[run] else "line out",
            d=path((axis.x, axis.y(axis.dimension.values[run])) for axis in axes),
            fill="none",
        )
        for run in order
    ]
    drawn = [mark for axis in axes for mark in axis.marks()]
    said = (
        f"{sum(inside)} of {len(names)} runs over {', '.join(one.name for one in used)}, coloured by {used[-1].name}."
    )
    return chart(
        key,
        "Parallel coordinates",
        said,
        _SIZE,
        [*lines, *drawn, *colours.legend],
        data_box=_BOX.written(),
        data_axes=";".join(axis.written() for axis in axes),
    )


def _words(value: Value) -> str:
    if value is None:
        return "missing"
    return value if isinstance(value, str) else scales.short(value)


class _AxisOf:
    """A dimension at its position, with the heights of its values."""

    def __init__(self, dimension: Dimension, index: int, count: int) -> None:
        self.dimension = dimension
        self.x = _BOX.x(index / (count - 1) if count > 1 else 0.5)
        numbers = [
            value
            for value in dimension.values
            if isinstance(value, int | float) and is_drawable(value, is_log=dimension.is_log)
        ]
        self._scale: Scale | None = None
        self._categories: list[str] = []
        if dimension.is_numeric:
            self._scale = (scales.log if dimension.is_log else scales.linear)(numbers)
        else:
            self._categories = sorted({_words(value) for value in dimension.values if value is not None})

    def y(self, value: Value) -> float:
        """The height of a value. One that is missing, or that the axis cannot show, stands below the axis."""
        if value is None:
            return _MISSING
        if self._scale is None:
            index = self._categories.index(_words(value))
            return _BOX.y(scales.category_part(index, len(self._categories)))
        if isinstance(value, str) or not is_drawable(value, is_log=self.dimension.is_log):
            return _MISSING
        return _BOX.y(self._scale.part(value))

    def written(self) -> str:
        """The position, and the ends of a numeric axis, for the script."""
        return f"{coordinate(self.x)} {self._scale.written() if self._scale else ''}"

    def marks(self) -> Iterator[Markup]:
        yield element("line", class_="axis", x1=self.x, x2=self.x, y1=_BOX.top, y2=_BOX.bottom)
        yield label(self.dimension.name, self.x, _BOX.top - 16, most=16, class_="axis-title", text_anchor="middle")
        for tick, y in self._ticks():
            yield label(tick.words, self.x - 6, y + 4, most=12, class_="tick", text_anchor="end")
        if any(self.y(value) == _MISSING for value in self.dimension.values):
            yield label("missing", self.x, _MISSING + 20, class_="tick missing", text_anchor="middle")

    def _ticks(self) -> Iterator[tuple[Tick, float]]:
        if self._scale:
            for tick in scales.thinned(self._scale.ticks, _MOST_TICKS):
                yield tick, _BOX.y(self._scale.part(tick.value))
            return
        words = [Tick(index, name) for index, name in enumerate(self._categories)]
        for tick in scales.thinned(words, _MOST_CATEGORIES):
            yield tick, _BOX.y(scales.category_part(int(tick.value), len(words)))
