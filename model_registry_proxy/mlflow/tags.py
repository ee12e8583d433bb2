"""Verbs on tags of models and versions: each sets or removes one custom property."""

from converters.entities import ModelVersion, RegisteredModel
from converters.kinds import JsonObject
from model_registry_proxy.mlflow.asked import Asked
from model_registry_proxy.mlflow.changes import change
from model_registry_proxy.mlflow.lookups import model_named, version_numbered
from model_registry_proxy.mlflow.properties import checked
from model_registry_proxy.registry.request import Request


async def set_model_tag(request: Request, asked: Asked) -> JsonObject:
    """Sets a tag of a model. Raises `NotFound`, `BadRequest`, `Forbidden`."""
    return await _tag_model(request, asked, asked.get("value", ""))


async def delete_model_tag(request: Request, asked: Asked) -> JsonObject:
    """Removes a tag of a model, if it has it. Raises `NotFound`, `Forbidden`."""
    return await _tag_model(request, asked, None)


async def set_version_tag(request: Request, asked: Asked) -> JsonObject:
    """Sets a tag of a version. Raises `NotFound`, `BadRequest`, `Forbidden`."""
    return await _tag_version(request, asked, asked.get("value", ""))


async def delete_version_tag(request: Request, asked: Asked) -> JsonObject:
    """Removes a tag of a version, if it has it. Raises `NotFound`, `Forbidden`."""
    return await _tag_version(request, asked, None)


async def _tag_model(request: Request, asked: Asked, value: str | None) -> JsonObject:
    key = checked(asked["key"], value or "")
    await change(request, RegisteredModel, await model_named(request, asked["name"]), texts={key: value})
    return {}


async def _tag_version(request: Request, asked: Asked, value: str | None) -> JsonObject:
    key = checked(asked["key"], value or "")
    _, version = await version_numbered(request, asked["name"], asked["version"])
    await change(request, ModelVersion, version, texts={key: value})
    return {}
