"""Verbs on aliases. They are those of the extensions, so moves have the same rules, records and protection."""

import asyncio

from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Kind
from converters.kinds import JsonObject
from model_registry_proxy.errors import BadRequest, Conflict, NotFound
from model_registry_proxy.mlflow.asked import Asked
from model_registry_proxy.mlflow.held_aliases import states_of
from model_registry_proxy.mlflow.lookups import model_named, version_numbered
from model_registry_proxy.mlflow.showing import files_and_aliases, shown, version_of
from model_registry_proxy.mlflow.stages import ARCHIVED, is_deleted, stage_of
from model_registry_proxy.registry.changed import note_changed
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row
from model_registry_proxy.verbs.aliases.moves import NO_TERMS, Terms, delete_alias, set_alias
from model_registry_proxy.verbs.aliases.names import folded
from model_registry_proxy.verbs.aliases.states import stored
from model_registry_proxy.verbs.get import get
from model_registry_proxy.verbs.ranges import version_in

_RANGES = "ranges"


async def point(request: Request, asked: Asked) -> JsonObject:
    """Points an alias to a version. Raises `NotFound`, `BadRequest` (also for an archived version), `Forbidden`."""
    model, version = await version_numbered(request, asked["name"], asked["version"])
    alias = asked["alias"]
    try:
        await set_alias(request, int(model["id"]), alias, int(version["id"]))
    except Conflict as refused:
        raise BadRequest(refused.message) from None
    note_changed(RegisteredModel, model["id"], model["name"], [f"alias.{folded(alias)}"])
    return {}


async def remove(request: Request, asked: Asked) -> JsonObject:
    """Removes an alias, if the model has it. Raises `NotFound`, `Forbidden`."""
    model, alias = await model_named(request, asked["name"]), asked["alias"]
    await _remove(request, model, alias)
    return {}


async def version_at(request: Request, asked: Asked) -> JsonObject:
    """Returns the version that an alias points to; else the version of this own name; else the highest one in this range.

    Raises `NotFound` for an unknown model, `BadRequest` where nothing fits.
    """
    model, alias = await model_named(request, asked["name"]), asked["alias"]
    state = await stored(request, int(model["id"]), alias)
    if state and state.version:
        pointed, files = await asyncio.gather(
            get(request, ModelVersion, state.version), files_and_aliases(request, [state.version], [int(model["id"])])
        )
        if not is_deleted(pointed):
            return {"model_version": shown(pointed, model["name"], files)}
    version = await named_or_in_range(request, model, alias)
    if version is None:
        raise BadRequest(f"Registered model alias {alias} not found.")
    return await version_of(request, model, version)


async def named_or_in_range(request: Request, model: JsonObject, text: str) -> JsonObject | None:
    """Returns the live version of this own name, or else the highest one in this range; `None` if there is none."""
    node = await request.store.find_by_name(Kind.CONTEXT, ModelVersion.stored_as, f"{model['id']}:{text}")
    found = await row(request, node) if node else None
    if found and found["name"] == text and stage_of(found) != ARCHIVED:
        return found
    if _RANGES not in request.registry.extensions:
        return None
    try:
        return await version_in(request, int(model["id"]), text)
    except (NotFound, BadRequest):
        return None


async def remove_aliases_of(request: Request, model: JsonObject, versions: set[int], reason: str) -> None:
    """Removes the aliases that point to versions which are to be deleted. Raises `Forbidden` for a protected one."""
    for state in await states_of(request, int(model["id"])):
        if state.version in versions:
            await _remove(request, model, state.alias, Terms(reason=reason))


async def _remove(request: Request, model: JsonObject, alias: str, terms: Terms = NO_TERMS) -> None:
    try:
        await delete_alias(request, int(model["id"]), alias, terms)
    except NotFound:
        return
    note_changed(RegisteredModel, model["id"], model["name"], [f"alias.{folded(alias)}"])
