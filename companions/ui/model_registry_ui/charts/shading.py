"""What colours the lines of a chart: shades from the smallest to the largest number, or a colour for each text. With a legend."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from model_registry_ui.charts import scales
from model_registry_ui.charts.scales import is_drawable
from model_registry_ui.charts.svg import element, label, path

SHADES, MOST_TEXTS = 5, 9
_SWATCH, _MIDDLE = 30.0, 550.0
_START, _END, _MOST_ROOM = 190.0, 960.0, 150.0
"""Where the texts of a legend begin and end, and the room that one has at most."""
_MANY = 6
"""With more texts each has less room."""
_WITHOUT = "q0"
"""The class of a line without a value, or with one of the rarer texts."""
_MOST_ALIKE, _FEWEST_RANKED = 0.6, 4
"""The part of different numbers that may have one shade before shades follow ranks, and how many numbers that needs."""
BY_VALUE, BY_RANK = "Colour by value", "Colour by rank"
Value = float | str | None


@dataclass(frozen=True, slots=True)
class Shading:
    """The class of the line of each run, and the legend."""

    classes: Sequence[str]
    legend: Sequence[Markup]


def shading(name: str, values: Sequence[Value], y: float, *, is_log: bool = False) -> Shading:
    """Returns the colours of lines by their values.

    Args:
        name: What the values are.
        values: The value of each line. If one is a text, all count as texts.
        y: The height of the legend.
        is_log: Whether shades follow the logarithm of numbers.
    """
    if any(isinstance(value, str) for value in values):
        return _of_texts(name, values, y)
    numbers = [value for value in values if isinstance(value, int | float) and is_drawable(value, is_log=is_log)]
    if not numbers:
        return Shading([_WITHOUT] * len(values), [])
    shades, way = _shades(numbers, is_log=is_log)
    classes = [shades.get(value, _WITHOUT) if isinstance(value, int | float) else _WITHOUT for value in values]
    legend = _legend_of_numbers(f"{way}: {name}", min(numbers), max(numbers), y, has_others=_WITHOUT in classes)
    return Shading(classes, list(legend))


def _shades(numbers: Sequence[float], *, is_log: bool) -> tuple[Mapping[float, str], str]:
    """The shade of each number, and what it follows.

    That is the distance from the smallest one, so that near numbers look alike. Where a few numbers are so far away that most
    others would have one shade, it is the rank.
    """
    different = sorted(set(numbers))
    measure = math.log10 if is_log else float
    start, whole = measure(different[0]), measure(different[-1]) - measure(different[0])
    by_value = {one: _shade((measure(one) - start) / whole if whole else 0.0) for one in different}
    most = max(Counter(by_value.values()).values())
    if len(different) < _FEWEST_RANKED or most <= _MOST_ALIKE * len(different):
        return by_value, BY_VALUE
    return {one: _shade(at / (len(different) - 1)) for at, one in enumerate(different)}, BY_RANK


def _shade(part: float) -> str:
    return f"q{1 + min(int(part * SHADES), SHADES - 1)}"


def _legend_of_numbers(title: str, low: float, high: float, y: float, *, has_others: bool) -> Iterator[Markup]:
    count = SHADES if high > low else 1
    yield _title(title, _MIDDLE - 120, y)
    yield label(scales.short(low), _MIDDLE - 8, y + 4, most=12, class_="tick", text_anchor="end")
    for index in range(count):
        yield _swatch(f"q{index + 1}", _MIDDLE + index * _SWATCH, y)
    yield label(scales.short(high), _MIDDLE + count * _SWATCH + 8, y + 4, most=12, class_="tick")
    if has_others:
        yield _swatch(_WITHOUT, _MIDDLE + 260, y)
        yield label("no number", _MIDDLE + 268 + _SWATCH, y + 4, class_="tick")


def _of_texts(name: str, values: Sequence[Value], y: float) -> Shading:
    """A colour for each of the most frequent texts, in the order of the texts."""
    words = [value if isinstance(value, str) else "" if value is None else scales.short(value) for value in values]
    counted = Counter(one for one, value in zip(words, values, strict=True) if value is not None)
    frequent = sorted(sorted(counted, key=lambda one: (-counted[one], one))[:MOST_TEXTS])
    classes = {one: f"series s{number}" for number, one in enumerate(frequent, 1)}
    of_lines = [
        classes.get(one, _WITHOUT) if value is not None else _WITHOUT for one, value in zip(words, values, strict=True)
    ]
    return Shading(of_lines, list(_legend_of_texts(name, classes, y, has_others=_WITHOUT in of_lines)))


def _legend_of_texts(name: str, classes: dict[str, str], y: float, *, has_others: bool) -> Iterator[Markup]:
    yield _title(f"Colour: {name}", _START - 20, y, most=24)
    entries = [*classes.items(), *([("others", _WITHOUT)] if has_others else [])]
    room = min(_MOST_ROOM, (_END - _START) / len(entries))
    for index, (words, class_) in enumerate(entries):
        x = _START + index * room
        yield _swatch(class_, x, y, _SWATCH / 2)
        yield label(words, x + _SWATCH / 2 + 5, y + 4, most=8 if len(entries) > _MANY else 14, class_="tick")


def _title(words: str, x: float, y: float, most: int = 48) -> Markup:
    return label(words, x, y + 4, most=most, class_="axis-title", text_anchor="end")


def _swatch(class_: str, x: float, y: float, width: float = _SWATCH) -> Markup:
    return element("path", class_=f"line {class_}", d=path([(x, y), (x + width, y)]), fill="none")
