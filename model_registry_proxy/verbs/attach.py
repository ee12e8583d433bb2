"""attach: an artifact below a version or run, created, updated or linked there.

An artifact of the same name below the same parent is a conflict, except for metrics and parameters, which are updated: a metric
keeps its name and changes its value, and below a run each value goes into its history.
"""

import asyncio
from http import HTTPStatus

from converters import names
from converters.entity import Entity
from converters.kinds import JsonObject
from converters.whole_numbers import whole_number
from model_registry_proxy.mlmd.port import AlreadyExists, KnownContext
from model_registry_proxy.registry.request import Request, variant
from model_registry_proxy.verbs import metric_history
from model_registry_proxy.verbs.create import create, new_node, read
from model_registry_proxy.verbs.default_times import with_default_times
from model_registry_proxy.verbs.failed_writes import explain
from model_registry_proxy.verbs.namesakes import attached_namesake, note_attached
from model_registry_proxy.verbs.update import change, changeable

_WHEN_CREATED = {"model-artifact": HTTPStatus.CREATED, "doc-artifact": HTTPStatus.CREATED}
"""All others are upserts by nature and always answer 200."""


async def attach(
    request: Request, entity: type[Entity], body: JsonObject, parent: KnownContext
) -> tuple[HTTPStatus, JsonObject]:
    """Creates or updates the artifact in `body` and makes sure that it is linked to `parent`.

    Returns the status and the entity. Raises `NotFound`, `Conflict`, `BadRequest`.
    """
    entity = variant(entity, body)
    body = with_default_times(entity, body)
    if metric_history.is_kept(request, entity, parent):
        return HTTPStatus.OK, await metric_history.upsert(request, entity, body, parent)
    if body.get("id"):
        if entity.is_upserted:
            note_attached(request, parent.id)
        return HTTPStatus.OK, await _update(request, entity, body, parent)
    if entity.is_upserted and (attached := await attached_namesake(request, entity, parent, body.get("name"))):
        return HTTPStatus.OK, await _update(request, entity, {**body, "id": str(attached)}, parent)
    try:
        return _WHEN_CREATED.get(body["artifactType"], HTTPStatus.OK), await create(request, entity, body, parent)
    except AlreadyExists as error:
        name = names.stored_name(entity, body["name"], parent.id)
        namesake = await request.store.find_by_name(entity.kind, entity.stored_as, name)
        if namesake is None:
            raise await explain(request, entity, new_node(request, entity, body, parent), body, error) from None
        return HTTPStatus.OK, await _update(request, entity, {**body, "id": str(namesake.id)}, parent)


async def _update(request: Request, entity: type[Entity], body: JsonObject, parent: KnownContext) -> JsonObject:
    """Changes an existing artifact and links it; the link is made only once it is known to be of the right type."""
    id_ = whole_number(body["id"], "id")
    if not await change(request, entity, id_, body):
        await changeable(request, entity, id_, body)
    _, answer = await asyncio.gather(
        request.store.attach(entity.kind, id_, parent.id), read(request, entity, id_, parent.id)
    )
    return answer
