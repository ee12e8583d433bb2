"""Verbs on registered models."""

import asyncio

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Stored
from converters.kinds import JsonObject
from converters.mlflow_filters import PROMPT
from model_registry_proxy.errors import BadRequest, Conflict, MissingField
from model_registry_proxy.mlflow.aliases import named_or_in_range, remove_aliases_of
from model_registry_proxy.mlflow.answers import shown_model
from model_registry_proxy.mlflow.asked import Asked
from model_registry_proxy.mlflow.deleting import delete_rows, every_version
from model_registry_proxy.mlflow.latest import latest_versions
from model_registry_proxy.mlflow.lookups import model_named, model_or_deleted
from model_registry_proxy.mlflow.owners import owner
from model_registry_proxy.mlflow.properties import fact, from_tags
from model_registry_proxy.mlflow.showing import versions_of, whole_model
from model_registry_proxy.mlflow.stages import STAGES, is_deleted, is_stage, stage_named
from model_registry_proxy.mlmd.port import AlreadyExists, NotUnique
from model_registry_proxy.registry.changed import note_changed
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.create import create
from model_registry_proxy.verbs.get import get
from model_registry_proxy.verbs.update import update

_NOT_IN_NAMES = "/:"
_PATHS = (".", "..")


async def create_model(request: Request, asked: Asked) -> JsonObject:
    """Creates a model, or revives a deleted one of this name. Raises `Conflict`, `BadRequest`."""
    name = _new_name(asked, "name")
    given = {
        "description": asked.get("description", ""),
        "state": "LIVE",
        "customProperties": from_tags(asked.get("tags", ())),
        **owner(request, "owner"),
    }
    try:
        row = await create(request, RegisteredModel, {"name": name, **given})
    except Conflict as taken:
        former = await model_or_deleted(request, name)
        if former is None:  # a name that the database takes for the same, or a model that the user may not see
            raise
        if not is_deleted(former):
            raise _already_there(former, asked) from taken
        row = await update(request, RegisteredModel, int(former["id"]), given)
    note_changed(RegisteredModel, row["id"], name, sorted({"name", *given}))
    return {"registered_model": shown_model(row)}


async def get_model(request: Request, asked: Asked) -> JsonObject:
    """Returns the model of a name. Raises `NotFound`."""
    return {"registered_model": await whole_model(request, await model_named(request, asked["name"]))}


async def update_model(request: Request, asked: Asked) -> JsonObject:
    """Changes the description of a model. Raises `NotFound`, `Forbidden`."""
    model = await model_named(request, asked["name"])
    changed = {"description": asked.get("description", "")}
    row = await update(request, RegisteredModel, int(model["id"]), changed)
    note_changed(RegisteredModel, row["id"], row["name"], list(changed))
    return {"registered_model": await whole_model(request, row)}


async def rename_model(request: Request, asked: Asked) -> JsonObject:
    """Gives a model another name. Raises `NotFound`, `Conflict`, `BadRequest`, `Forbidden`."""
    model, name = await model_named(request, asked["name"]), _new_name(asked, "new_name")
    node = mlmd.Context(id=int(model["id"]), type_id=request.type_id(RegisteredModel), name=name)
    request.check_size(node)
    try:
        await request.store.change(node, ["name"])
    except (AlreadyExists, NotUnique):
        raise Conflict(f"Registered Model (name={name}) already exists.") from None
    note_changed(RegisteredModel, model["id"], name, ["name"])
    await _copy_name(request, await every_version(request, model, deleted=True), name)
    return {"registered_model": await whole_model(request, await get(request, RegisteredModel, int(model["id"])))}


async def delete_model(request: Request, asked: Asked) -> JsonObject:
    """Deletes a model: first its versions, so that a deletion that was cut off is completed by the next one."""
    model = await model_named(request, asked["name"])
    await request.access.check_change(RegisteredModel, int(model["id"]))
    versions = await every_version(request, model)
    await remove_aliases_of(request, model, {int(version["id"]) for version in versions}, "The model was deleted.")
    await delete_rows(request, ModelVersion, versions)
    await delete_rows(request, RegisteredModel, [model])
    return {}


async def latest(request: Request, asked: Asked) -> JsonObject:
    """Returns the newest versions of a model, of the stages that are asked for. Raises `NotFound`, `BadRequest`.

    MLflow's clients send what stands behind `models:/churn/` as a stage, so the name of a version or a range is taken too.
    """
    model = await model_named(request, asked["name"])
    names = {model["id"]: model["name"]}
    wanted = asked.get("stages") or STAGES
    if len(wanted) == 1 and not is_stage(wanted[0]):
        found = await named_or_in_range(request, model, wanted[0])
        if found:
            return {"model_versions": await versions_of(request, names, [found])}
    rows = await latest_versions(request, model, [stage_named(text) for text in wanted])
    return {"model_versions": await versions_of(request, names, rows)}


def _new_name(asked: Asked, field: str) -> str:
    name: str = asked[field]
    if not name.strip():
        raise MissingField(field)
    if any(character in name for character in _NOT_IN_NAMES):
        raise BadRequest(f"Invalid model name '{name}'. Names cannot contain '/' or ':'.")
    if name in _PATHS:
        raise BadRequest(f"Invalid value '{name}' for parameter '{field}' supplied: it would be read as a path.")
    return name


def _already_there(former: JsonObject, asked: Asked) -> Conflict:
    """Returns the error for a taken name: MLflow keeps prompts as models, and one may not have the name of the other."""
    kinds = {True: "prompt", False: "registered model"}
    is_prompt = fact(former, PROMPT) == "true"
    wants_prompt = any(tag["key"] == PROMPT and tag.get("value") == "true" for tag in asked.get("tags", ()))
    name, was, wanted = former["name"], kinds[is_prompt], kinds[wants_prompt]
    if is_prompt is wants_prompt:
        return Conflict(f"{was.title()} (name={name}) already exists.")
    return Conflict(
        f"Tried to create a {wanted} with name '{name}', but the name is already taken by a {was}. "
        "MLflow does not allow creating a model and a prompt with the same name."
    )


async def _copy_name(request: Request, versions: list[JsonObject], name: str) -> None:
    """Gives versions the new name of their model: other readers of the store look at these copies."""
    stored = next(f.stored for f in ModelVersion.fields.values() if f.place is Stored.COPY_OF_PARENT_NAME)
    type_id = request.type_id(ModelVersion)
    nodes = [mlmd.Context(id=int(version["id"]), type_id=type_id) for version in versions]
    for node in nodes:
        node.properties[stored].string_value = name
    await asyncio.gather(*(request.store.change(node, [f"properties.{stored}"]) for node in nodes))
