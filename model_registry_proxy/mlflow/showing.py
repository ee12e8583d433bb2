"""Reads what the answers about models and versions need in addition to their rows."""

import asyncio
from collections.abc import Mapping, Sequence

from converters.entities import RegisteredModel
from converters.entity import Kind
from converters.kinds import JsonObject
from model_registry_proxy.mlflow.answers import shown_model, shown_version
from model_registry_proxy.mlflow.latest import latest_versions
from model_registry_proxy.mlflow.sources import sources_of
from model_registry_proxy.mlflow.stages import is_deleted
from model_registry_proxy.mlflow.version_numbers import MODEL_ID
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row


async def versions_of(request: Request, model: JsonObject, rows: Sequence[JsonObject]) -> list[JsonObject]:
    """Returns versions of one model as MLflow shows them."""
    sources = await sources_of(request, rows)
    return [shown_version(each, model["name"], sources) for each in rows]


async def version_of(request: Request, model: JsonObject, version: JsonObject) -> JsonObject:
    """Returns the answer about one version."""
    (shown,) = await versions_of(request, model, [version])
    return {"model_version": shown}


async def whole_model(request: Request, model: JsonObject) -> JsonObject:
    """Returns a model with its newest versions, as MLflow shows it."""
    latest = await latest_versions(request, model)
    return shown_model(model, await versions_of(request, model, latest))


async def model_names(request: Request, versions: Sequence[JsonObject]) -> Mapping[str, str]:
    """Returns the names of the models of versions, by the ids of the models. Deleted and hidden models are left out."""
    ids = sorted({int(version[MODEL_ID]) for version in versions})
    nodes = await asyncio.gather(*(request.store.get(Kind.CONTEXT, id_) for id_ in ids))
    models = [await row(request, node) for node in nodes if node and request.entity_of(node) is RegisteredModel]
    return {model["id"]: model["name"] for model in models if not is_deleted(model)}
