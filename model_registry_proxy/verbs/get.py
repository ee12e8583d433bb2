"""get: one entity by its id. One call."""

from converters.entity import Entity
from converters.kinds import JsonObject
from model_registry_proxy.registry.registry import Registry


async def get(registry: Registry, entity: type[Entity], id_: int) -> JsonObject:
    """The entity; raises `NotFound` where nothing, or something of another type, has this id."""
    return await registry.row(await registry.node(entity, id_))
