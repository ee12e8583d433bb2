"""get: one entity by its id. One call."""

from converters.entity import Entity
from converters.kinds import JsonObject
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row


async def get(request: Request, entity: type[Entity], id_: int) -> JsonObject:
    """Returns the entity; raises `NotFound` where no node, or one of another type, has this id."""
    return await row(request, await request.node(entity, id_))
