"""Deletes rows for MLflow: archives and marks them. Nothing ever leaves the store, so that numbers are not used twice."""

import asyncio
from collections.abc import Sequence

from converters.entities import ModelVersion
from converters.entity import Entity
from converters.kinds import JsonObject
from model_registry_proxy.mlflow.changes import change
from model_registry_proxy.mlflow.properties import Fact
from model_registry_proxy.mlflow.stages import is_deleted
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.list import collect
from model_registry_proxy.verbs.scans import scan_for


async def delete_rows(request: Request, entity: type[Entity], rows: Sequence[JsonObject]) -> None:
    """Archives and marks rows whose aliases were removed; several that fit into a message are one transaction."""
    state: JsonObject = {"state": "ARCHIVED"}
    mark: dict[str, str | None] = {Fact.DELETED: "true"}
    await asyncio.gather(*(change(request, entity, row, state, mark, is_permitted=True) for row in rows))


async def every_version(request: Request, model: JsonObject, *, deleted: bool = False) -> list[JsonObject]:
    """Returns all versions of a model, also those that MLflow has deleted if `deleted`."""
    scan = scan_for(request, (ModelVersion,), {}, int(model["id"]))
    found, rest = await collect(request, scan, None, request.limits.page)
    while rest:
        more, rest = await collect(request, scan, rest, request.limits.page)
        found += more
    return [row for row in found if deleted or not is_deleted(row)]
