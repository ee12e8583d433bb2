"""What a name behind `@` means: an alias, or the name of a version, or a range of versions."""

from converters.kinds import JsonObject
from model_registry_proxy.errors import NotFound
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.histories import version_at
from model_registry_proxy.verbs.ranges import version_in


async def resolve(request: Request, model_id: int, name: str) -> JsonObject:
    """Returns the version of a model that `name` stands for: that of an alias, else the one of this name, else by a range.

    Raises `NotFound`, also where the name is none of these things, and where nothing fits a range.
    """
    try:
        return await version_at(request, model_id, name)
    except NotFound:
        return await version_in(request, model_id, name)
