"""A version that a protected alias points to is not archived."""

from converters.entities import ModelVersion
from converters.extension_entities import ALIASES
from converters.kinds import JsonObject
from model_registry_proxy.errors import Conflict, NotFound
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import parent_of
from model_registry_proxy.verbs.aliases.states import aliases_of

_ARCHIVED = "ARCHIVED"


async def check_archiving(request: Request, version_id: int, body: JsonObject) -> None:
    """Raises `Conflict` where a change would archive a version that an alias points to, and that alias is protected.

    It is by its own mark, or since the policy names the users that may move it.
    """
    if body.get("state") != _ARCHIVED or not await request.registry.finds_types(ALIASES):
        return
    try:
        known = await request.context(ModelVersion, version_id)
    except NotFound:
        return  # the change itself will say so
    model = await parent_of(request, ModelVersion, known)
    for state in await aliases_of(request, int(model or 0)):
        if state.version == version_id and (state.is_protected or request.access.has_movers(state.alias)):
            raise Conflict(
                f"The {ModelVersion.words} {version_id} cannot be {_ARCHIVED}: the protected alias {state.alias} points to it. "
                "Move the alias first."
            )
