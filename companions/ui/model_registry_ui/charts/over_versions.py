"""A number of versions over the time of their creation, or in their order: a line with points, and each point is a link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from model_registry_ui.charts import scales
from model_registry_ui.charts.axes import Axis, Box, frame
from model_registry_ui.charts.scales import Scale, Tick
from model_registry_ui.charts.svg import chart, element, path

_SIZE = (1000.0, 300.0)
_BOX = Box(left=72, top=32, right=976, bottom=238)
_MOST_NAMES, _LONGEST_NAME = 8, 12
_CLOSEST = 60_000.0
"""Milliseconds. Times that are nearer to each other than this cannot be distinguished on an axis."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version: its name, its address, when it was created (`None` if that is not known), and its number."""

    name: str
    url: str
    created: datetime | None
    value: float


def draw(key: str, title: str, versions: Sequence[Version], *, in_order: bool = False) -> Markup:
    """Draws a number of versions.

    Args:
        key: A word that is unique on the page.
        title: What the number is.
        versions: The versions, the oldest one first, with numbers that can be drawn.
        in_order: Whether all versions have the same distance; else they stand at the times of their creation, and one without
            a time is left out. A single version has its name below it: the marks of an axis need two times.
    """
    shown = [one for one in versions if in_order or one.created]
    in_order = in_order or len(shown) == 1
    places = [float(at) if in_order else _milliseconds(one) for at, one in enumerate(shown)]
    across = (scales.whole if in_order else scales.time)(places)
    up = scales.linear([one.value for one in shown])
    by = "version" if in_order else "time created, UTC"
    marks = _names(shown) if in_order else across.ticks
    axes = frame(
        _BOX,
        Axis(by, [(tick, _part(across, tick.value, len(shown))) for tick in marks]),
        Axis(title, [(tick, up.part(tick.value)) for tick in up.ticks]),
    )
    points = [
        (_BOX.x(_part(across, place, len(shown))), _BOX.y(up.part(one.value)))
        for place, one in zip(places, shown, strict=True)
    ]
    line = [element("path", class_="curve raw series s1", d=path(points), fill="none")] if len(points) > 1 else []
    dots = [_dot(one, title, x, y) for one, (x, y) in zip(shown, points, strict=True)]
    content = [*axes, *line, *dots]
    return chart(key, f"{title} by {by}", _description(title, shown), _SIZE, content, has_links=True)


def have_room(versions: Sequence[Version]) -> bool:
    """Returns whether the times of versions differ so much that they can be drawn: by a minute."""
    times = [_milliseconds(one) for one in versions if one.created]
    return bool(times) and max(times) - min(times) >= _CLOSEST


def _milliseconds(version: Version) -> float:
    return version.created.timestamp() * 1000 if version.created else 0.0


def _part(across: Scale, value: float, count: int) -> float:
    """The part of the axis. A single version stands in the middle."""
    return across.part(value) if count > 1 else 0.5


def _names(shown: Sequence[Version]) -> list[Tick]:
    stride = -(-len(shown) // _MOST_NAMES) or 1
    return [Tick(float(at), shown[at].name[:_LONGEST_NAME]) for at in range(0, len(shown), stride)]


def _dot(version: Version, title: str, x: float, y: float) -> Markup:
    words = f"{version.name}: {title} {scales.short(version.value)}"
    circle = element("circle", class_="dot series s1", cx=x, cy=y, r=4.5)
    return element("a", element("title", words), circle, href=version.url)


def _description(title: str, shown: Sequence[Version]) -> str:
    if not shown:
        return "There are no values to show."
    low, high = (choose(shown, key=lambda one: one.value) for choose in (min, max))
    return (
        f"{title} of {len(shown)} versions: smallest {scales.short(low.value)} ({low.name}), largest "
        f"{scales.short(high.value)} ({high.name}), newest {scales.short(shown[-1].value)} ({shown[-1].name}). "
        "The table below the chart has the same values."
    )
