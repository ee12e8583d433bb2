"""Finds models by their names, and versions by their numbers. What MLflow has deleted does not exist."""

from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Kind
from converters.kinds import JsonObject
from model_registry_proxy.errors import NotFound
from model_registry_proxy.mlflow.stages import is_deleted
from model_registry_proxy.mlflow.version_numbers import FIRST_OF_IDS, MODEL_ID, number_of, read_number
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row


async def model_or_deleted(request: Request, name: str) -> JsonObject | None:
    """Returns the model of a name, also a deleted one; `None` if there is none that the user may see."""
    node = await request.store.find_by_name(Kind.CONTEXT, RegisteredModel.stored_as, name)
    return await row(request, node) if node and node.name == name else None


async def model_named(request: Request, name: str) -> JsonObject:
    """Returns the model of a name; raises `NotFound`."""
    found = await model_or_deleted(request, name)
    if found is None or is_deleted(found):
        raise NotFound(f"Registered Model with name={name} not found")
    return found


async def version_numbered(request: Request, name: str, number: str) -> tuple[JsonObject, JsonObject]:
    """Returns a model and its version of a number; raises `NotFound`, or `BadRequest` for a text that is no number."""
    wanted = read_number(number)
    missing = NotFound(f"Model Version (name={name}, version={number}) not found")
    model = await model_or_deleted(request, name)
    if model is None or is_deleted(model):
        raise missing
    found = await _version(request, model, wanted)
    if found is None or is_deleted(found) or number_of(found) != wanted:
        raise missing
    return model, found


async def _version(request: Request, model: JsonObject, number: int) -> JsonObject | None:
    """Returns a version of the model by its number, or else `None`."""
    if number > FIRST_OF_IDS:
        node = await request.store.get(Kind.CONTEXT, number - FIRST_OF_IDS)
    else:
        stored = f"{model['id']}:{number}"
        node = await request.store.find_by_name(Kind.CONTEXT, ModelVersion.stored_as, stored)
    if node is None or request.entity_of(node) is not ModelVersion:
        return None
    found = await row(request, node)
    return found if found[MODEL_ID] == model["id"] else None
