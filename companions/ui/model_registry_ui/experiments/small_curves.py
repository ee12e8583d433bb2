"""The small curves in the table of a run's metrics: all in one call of the extension, which a page waits for only briefly."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from markupsafe import Markup

from model_registry_ui.api import Api, ApiError
from model_registry_ui.backend import Unreachable
from model_registry_ui.charts import small
from model_registry_ui.charts.curves import Across
from model_registry_ui.experiments import histories
from model_registry_ui.experiments.histories import History
from model_registry_ui.experiments.measurements import Measure

MOST = 50
"""How many metrics one call of the extension answers for."""
_LONGEST = 4000
"""Bytes of the names in an address."""
_POINTS = 40
"""The values of a curve: more could not be seen in its width."""
WAIT_SECONDS = 1.0
"""How long a page waits for its curves before it comes without them."""


@dataclass(frozen=True, slots=True)
class SmallCurves:
    """The small curves of a run.

    Attributes:
        drawings: The drawing of each metric that has a curve, by its name.
        is_possible: Whether the server has histories of several metrics in one call.
        is_late: Whether they were not there in time.
        asked: How many metrics were asked for.
    """

    drawings: Mapping[str, Markup] = field(default_factory=dict)
    is_possible: bool = True
    is_late: bool = False
    asked: int = 0


async def load(api: Api, run_id: str, metrics: Mapping[str, Measure], *, waits: bool = False) -> SmallCurves:
    """Returns the small curves of a run, in at most one call. A registry that fails here only takes the curves from the page.

    Args:
        api: The API.
        run_id: The id of the run.
        metrics: The last values of its metrics, by name.
        waits: Whether to wait as long as for a page; else at most a second.
    """
    if not await api.has_extensions():
        return SmallCurves(is_possible=False)
    names = chosen(metrics)
    if not names:
        return SmallCurves()
    try:
        async with asyncio.timeout(None if waits else WAIT_SECONDS):
            found = await histories.by_extension(api, run_id, names, _POINTS)
    except (TimeoutError, Unreachable, ApiError):
        return SmallCurves(is_late=True, asked=len(names))
    if found is None:
        return SmallCurves(is_possible=False)
    drawn = {name: drawing for name, history in found.items() if (drawing := _drawing(history))}
    return SmallCurves(drawn, asked=len(names))


def chosen(metrics: Mapping[str, Measure]) -> list[str]:
    """Returns the metrics whose curves are asked for: at most 50 that one address can name, and first those that have steps."""
    names: list[str] = []
    length = 0
    for name in sorted(metrics, key=lambda one: (not metrics[one].step, one)):
        length += len(quote(name, safe="")) + 1
        if len(names) == MOST or length > _LONGEST:
            break
        if histories.is_plain(name):
            names.append(name)
    return names


def _drawing(history: History) -> Markup:
    by_step = history.points(Across.STEP)
    return small.draw(by_step or history.points(Across.SINCE_START), history.count)
