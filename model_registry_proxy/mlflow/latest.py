"""The newest version of each stage of a model.

One page of the newest versions answers for most models. Only stages that have no version on it take a question of their own.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace

from converters.entities import ModelVersion
from converters.kinds import JsonObject
from model_registry_proxy.mlflow.properties import Fact
from model_registry_proxy.mlflow.stages import ARCHIVED, NO_STAGE, STAGES, is_deleted, stage_of
from model_registry_proxy.mlmd.listing import MOST_LISTED
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.list import collect
from model_registry_proxy.verbs.scans import Scan, scan_for

_IN_STAGE: Mapping[str, str] = {
    ARCHIVED: "state = 'ARCHIVED'",
    NO_STAGE: f"`{Fact.STAGE}`.string_value IS NULL OR `{Fact.STAGE}`.string_value = '{NO_STAGE}'",
}


async def latest_versions(request: Request, model: JsonObject, stages: Collection[str] = STAGES) -> list[JsonObject]:
    """Returns the newest version of each of these stages that has one, in the order of ids."""
    rows, rest = await collect(request, _newest_first(request, model), None, MOST_LISTED)
    found = _by_stage(rows)
    missing = [stage for stage in stages if stage not in found] if rest else []
    single = await asyncio.gather(*(_newest_of(request, model, stage) for stage in missing))
    found |= {stage: row for stage, row in zip(missing, single, strict=True) if row}
    return sorted((row for stage, row in found.items() if stage in stages), key=lambda row: int(row["id"]))


def _newest_first(request: Request, model: JsonObject, filter_query: str = "") -> Scan:
    query = {"sortOrder": "DESC", "filterQuery": filter_query}
    scan = scan_for(request, (ModelVersion,), query, int(model["id"]))
    return replace(scan, tests=(*scan.tests, lambda row: not is_deleted(row)))


def _by_stage(rows: list[JsonObject]) -> dict[str, JsonObject]:
    """Returns the first row of each stage."""
    found: dict[str, JsonObject] = {}
    for row in rows:
        found.setdefault(stage_of(row), row)
    return found


async def _newest_of(request: Request, model: JsonObject, stage: str) -> JsonObject | None:
    where = _IN_STAGE.get(stage) or f"`{Fact.STAGE}`.string_value = '{stage}'"
    scan = _newest_first(request, model, where)
    scan = replace(scan, tests=(*scan.tests, lambda row: stage_of(row) == stage))
    rows, rest = await collect(request, scan, None, 1)
    while rest and not rows:  # the scan limit ended the page
        rows, rest = await collect(request, scan, rest, 1)
    return rows[0] if rows else None
