"""Curves of metrics of a run, thinned for charts, and the names of its metrics."""

import asyncio
from collections.abc import Mapping
from typing import Any

from converters.entity import Entity, Stored
from converters.kinds import JsonObject, Node
from model_registry_proxy.errors import BadRequest
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.metric_history import history_scan
from model_registry_proxy.verbs.scans import scan_for
from model_registry_proxy.verbs.sweeps import Sweep
from model_registry_proxy.verbs.thinning import thinned

_MOST_NAMES = 50
_AT_FULL_LENGTH = 10
"""So many curves of one request may each have as many values as the scan limit says. More of them share that number of values."""
_DEFAULT_POINTS = 1000


async def names(request: Request, entity: type[Entity], run: tuple[type[Entity], int]) -> JsonObject:
    """Returns the names of the metrics of a run, sorted; `isComplete` says whether all were read. Raises `NotFound`."""
    await request.context(*run)
    sweep = Sweep(request, scan_for(request, (entity,), {}, run[1]))
    found = {row.get("name", "") async for page in sweep.pages() for _, row in page}
    return {"names": sorted(found - {""}), "isComplete": sweep.is_complete}


async def curves(
    request: Request, entity: type[Entity], query: Mapping[str, Any], run: tuple[type[Entity], int]
) -> JsonObject:
    """Returns for each metric in `names` at most `maxPoints` points; `count` has the number of all points that were read.

    `entity` is that of the history. Raises `NotFound`, and `BadRequest` without names or with too many.
    """
    wanted = list(dict.fromkeys(name for part in query.get("names", "").split(",") if (name := part.strip(" "))))
    if not wanted:
        raise BadRequest(
            "names must name metrics of the run, separated by commas; metric_names has those that there are."
        )
    if len(wanted) > _MOST_NAMES:
        raise BadRequest(f"names may have at most {_MOST_NAMES} names; got {len(wanted)}.")
    await request.context(*run)
    most = query.get("maxPoints", _DEFAULT_POINTS)
    share = request.limits.scan * min(_AT_FULL_LENGTH, len(wanted)) // len(wanted)
    found = await asyncio.gather(*(_curve(request, entity, name, run[1], most, share) for name in wanted))
    return {"metrics": found}


async def _curve(request: Request, entity: type[Entity], name: str, run: int, most: int, share: int) -> JsonObject:
    """The curve of one metric, of which `share` rows are read. If there are more, the newest are read too: the end is right."""
    query = {"name": name}
    sweep = Sweep(request, history_scan(request, entity, query, run), share)
    found: dict[int, JsonObject] = {}
    async for page in sweep.pages():
        found |= _points(entity, page)
    is_complete = sweep.is_complete
    if not is_complete:
        last = Sweep(request, history_scan(request, entity, {**query, "sortOrder": "DESC"}, run))
        newest = _points(entity, await anext(last.pages()))
        is_complete = not newest.keys().isdisjoint(found)
        found |= newest
    points = [point for _, point in sorted(found.items(), key=_order)]
    shown = thinned(points, most, lambda point: float(point["value"]))
    return {
        "name": name,
        "count": len(points),
        "isThinned": len(shown) < len(points),
        "isComplete": is_complete,
        "points": shown,
    }


def _points(entity: type[Entity], page: list[tuple[Node, JsonObject]]) -> dict[int, JsonObject]:
    """The points of rows by the ids of these: what a history has of its own."""
    own = [field.rest for field in entity.fields.values() if field.place is Stored.PROPERTY]
    return {node.id: {key: row[key] for key in own if key in row} for node, row in page if "value" in row}


def _order(pair: tuple[int, JsonObject]) -> tuple[int, int]:
    """By step; points of one step, or without steps, in the order in which they were written."""
    id_, point = pair
    return point.get("step", 0), id_
