"""attach: an artifact below a version or run, made, updated or linked there.

A namesake below the same parent is a conflict, but metrics and parameters are updated: a metric keeps its name and changes
its value, and below a run each value goes into its history.
"""

import asyncio
from http import HTTPStatus

from converters import names
from converters.entity import Entity
from converters.kinds import JsonObject
from converters.values import whole_number
from model_registry_proxy.errors import AlreadyExists
from model_registry_proxy.registry.known_contexts import Known
from model_registry_proxy.registry.registry import Registry, variant
from model_registry_proxy.verbs import metric_history
from model_registry_proxy.verbs.arrivals import with_arrival
from model_registry_proxy.verbs.create import create, new_node, read
from model_registry_proxy.verbs.failed_writes import explain
from model_registry_proxy.verbs.namesakes import attached_namesake, note_attached
from model_registry_proxy.verbs.update import change, changeable

_WHEN_MADE = {"model-artifact": HTTPStatus.CREATED, "doc-artifact": HTTPStatus.CREATED}
"""All others are upserts by nature and answer 200 always."""


async def attach(
    registry: Registry, entity: type[Entity], body: JsonObject, parent: Known
) -> tuple[HTTPStatus, JsonObject]:
    """Makes or updates the artifact in `body` and sees to its link to `parent`.

    Raises `NotFound`, `Conflict`, `BadRequest`.
    """
    entity = variant(entity, body)
    body = with_arrival(entity, body)
    if metric_history.is_kept(registry, entity, parent):
        return HTTPStatus.OK, await metric_history.upsert(registry, entity, body, parent)
    if body.get("id"):
        if entity.is_upserted:
            note_attached(registry, parent.id)
        return HTTPStatus.OK, await _update(registry, entity, body, parent)
    if entity.is_upserted and (attached := await attached_namesake(registry, entity, parent, body.get("name"))):
        return HTTPStatus.OK, await _update(registry, entity, {**body, "id": str(attached)}, parent)
    try:
        return _WHEN_MADE.get(body["artifactType"], HTTPStatus.OK), await create(registry, entity, body, parent)
    except AlreadyExists as error:
        name = names.stored_name(entity, body["name"], parent.id)
        namesake = await registry.store.find_by_name(entity.kind, entity.stored_as, name)
        if namesake is None:
            raise await explain(registry, entity, new_node(registry, entity, body, parent), body, error) from None
        return HTTPStatus.OK, await _update(registry, entity, {**body, "id": str(namesake.id)}, parent)


async def _update(registry: Registry, entity: type[Entity], body: JsonObject, parent: Known) -> JsonObject:
    """Changes an existing artifact and links it; the link is made only once it is known to be of the right type."""
    id_ = whole_number(body["id"], "id")
    if not await change(registry, entity, id_, body):
        await changeable(registry, entity, id_, body)
    _, row = await asyncio.gather(
        registry.store.tie(entity.kind, id_, parent.id), read(registry, entity, id_, parent.id)
    )
    return row
