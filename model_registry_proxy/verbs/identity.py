"""identity: the user that a request comes from, and what this user may change. At most one call, for the entities asked about."""

import asyncio
from collections.abc import Mapping
from typing import Any

from converters.entity import Entity
from converters.kinds import JsonObject
from model_registry_proxy.registry.access import Level
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.id_lists import ids_in

_MOST_MODELS = 200


async def identity(request: Request, entity: type[Entity], query: Mapping[str, Any]) -> JsonObject:
    """Returns the user with groups and roles; for the ids in `model`, the roles for these entities too.

    An id that names no entity, or a hidden one, is left out. Raises `BadRequest` for a text that is no list of ids.
    """
    access = request.access
    answer: JsonObject = {
        "user": access.identity.user,
        "groups": sorted(access.identity.groups),
        "authentication": access.identity.way,
        **_rights(access.general),
        "highestRole": str(access.most),
        "mayWriteSomething": access.most >= Level.WRITER,
    }
    if text := query.get("model"):
        answer["models"] = await _models(request, entity, ids_in(text, "model", _MOST_MODELS))
    return answer


async def _models(request: Request, entity: type[Entity], ids: list[int]) -> list[JsonObject]:
    found = await asyncio.gather(*(request.store.get(entity.kind, id_) for id_ in ids if id_ > 0))
    nodes = [node for node in found if node is not None and request.entity_of(node) is entity]
    levels = await request.access.levels(nodes)
    return [
        {"id": str(node.id), **_rights(level)}
        for node, level in zip(nodes, levels, strict=True)
        if level >= Level.READER
    ]


def _rights(level: Level) -> JsonObject:
    return {"role": str(level), "mayWrite": level >= Level.WRITER}
