"""A chart above the list of a model's versions: one numeric property of the newest 200 that match the filters."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup
from model_registry_client.entities import ModelVersion

from model_registry_ui.api import EntityPage
from model_registry_ui.charts import over_versions
from model_registry_ui.charts.over_versions import Version
from model_registry_ui.charts.scales import is_drawable
from model_registry_ui.lists.loading import Loaded
from model_registry_ui.lists.view import is_number
from model_registry_ui.page_request import PageRequest
from model_registry_ui.query import SERVER_SORTS
from model_registry_ui.shown_text import clipped

CHART, ALONG = "chart", "along"
"""The parameters of the address: the property, and what the x axis shows."""
PARAMETERS = (CHART, ALONG)
ORDER = "order"
MOST_VERSIONS = 200
_NEAR = "The versions were created within a minute, so they stand in their order."
_MOST_NAMES, _LONGEST_NAME, _FEW = 100, 60, 10


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A version in the table of the numbers."""

    name: str
    url: str
    created: datetime | None
    value: int | float


@dataclass(frozen=True, slots=True)
class PropertyChart:
    """The chart of a property, and the form that chooses one.

    Attributes:
        name: The property; empty if none is chosen.
        names: The properties that can be chosen, those that most versions have first.
        in_order: Whether versions have the same distance on the x axis; else they stand at the time of their creation.
        hidden: What the form keeps of the address.
        svg: The drawing; `None` without one.
        rows: The same numbers for a table, the newest first.
        notes: What the drawing leaves out, in words.
        problem: Why there is no drawing, in words.
    """

    name: str
    names: Sequence[str]
    in_order: bool
    hidden: Sequence[tuple[str, str]]
    svg: Markup | None = None
    rows: Sequence[ChartRow] = ()
    notes: Sequence[str] = ()
    problem: str = ""


async def property_chart(page: PageRequest, path: str, loaded: Loaded) -> PropertyChart | None:
    """Returns the chart that the page's address asks for; without one only the form, with the properties of the page's rows.

    Args:
        page: The request.
        path: The path of the list in the API.
        loaded: The list below the chart.

    Returns:
        The chart; `None` if no property is asked for and no row has a numeric one.

    Raises:
        ApiError: The API refuses.
        Unreachable: The registry does not answer.
    """
    shown = loaded.instead or loaded.query
    hidden = [pair for pair in loaded.query.pairs(loaded.preset) if pair[0] not in {"after", "former"}]
    choice = PropertyChart(loaded.own.get(CHART, ""), numeric(loaded.items), loaded.own.get(ALONG) == ORDER, hidden)
    if not choice.name:
        return choice if choice.names else None
    newest = {"orderBy": SERVER_SORTS["created"], "sortOrder": "DESC", "pageSize": str(MOST_VERSIONS)}
    found = await page.api.page(ModelVersion, path, filterQuery=shown.filter_query(), **newest)
    return await asyncio.to_thread(_drawn, page, choice, found)


def _drawn(page: PageRequest, asked: PropertyChart, found: EntityPage[ModelVersion]) -> PropertyChart:
    name, names = asked.name, numeric(found.items)
    choice = replace(asked, names=names if name in names else [name, *names])
    numbers = [(one, value) for one in found.items if is_number(value := one.custom_properties.get(name))]
    if not numbers:
        return replace(choice, problem=_problem(name, names, found.items))
    rows = [ChartRow(one.name, page.url("version", one.id), one.created, value) for one, value in numbers]
    versions = [
        Version(row.name, row.url, row.created, float(row.value)) for row in reversed(rows) if is_drawable(row.value)
    ]
    are_near = len(versions) > 1 and not over_versions.have_room(versions)
    svg = over_versions.draw("property-chart", name, versions, in_order=choice.in_order or are_near)
    notes = [_NEAR] if are_near and not choice.in_order else []
    return replace(choice, svg=svg, rows=rows, notes=[*notes, *_notes(len(versions), found)])


def numeric(items: Iterable[Any]) -> list[str]:
    """Returns the names of the numeric properties of versions, those that most of them have first; at most 100."""
    counted = Counter(name for one in items for name, value in one.custom_properties.items() if is_number(value))
    return sorted(counted, key=lambda name: (-counted[name], name))[:_MOST_NAMES]


def _problem(name: str, names: Sequence[str], items: Sequence[Any]) -> str:
    """Why there is nothing to draw, and what would work."""
    if not items:
        return "No version matches the filters, so there is nothing to draw."
    asked = clipped(name, _LONGEST_NAME)
    has_it = any(name in one.custom_properties for one in items)
    what = f'"{asked}" is a number in none of them' if has_it else f'none of them has a property "{asked}"'
    others = f"Numbers are: {', '.join(clipped(one, _LONGEST_NAME) for one in names[:_FEW])}." if names else ""
    none = "They have no numeric properties at all."
    return f"Of the newest {len(items)} versions that match, {what}. {others or none}"


def _notes(drawn: int, found: EntityPage[ModelVersion]) -> Iterator[str]:
    if found.next_token:
        yield f"Only the newest {len(found.items)} of the versions that match are drawn."
    if left := len(found.items) - drawn:
        has = "version has" if left == 1 else "versions have"
        yield f"{left} {has} no place in the chart: a number is missing, or it is too large to draw."
