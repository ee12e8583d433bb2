"""Reads what the answers about models and versions need in addition to their rows."""

import asyncio
from collections.abc import Mapping, Sequence

from converters.entities import RegisteredModel
from converters.entity import Kind
from converters.kinds import JsonObject
from model_registry_proxy.mlflow.answers import shown_model, shown_version
from model_registry_proxy.mlflow.held_aliases import Held, held_by, shown_aliases, states_of
from model_registry_proxy.mlflow.latest import latest_versions
from model_registry_proxy.mlflow.sources import sources_of
from model_registry_proxy.mlflow.stages import is_deleted
from model_registry_proxy.mlflow.version_numbers import MODEL_ID
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row


async def versions_of(
    request: Request, names: Mapping[str, str], rows: Sequence[JsonObject], held: Held | None = None
) -> list[JsonObject]:
    """Returns versions as MLflow shows them. `names`: those of their models, by the ids. `held`: the aliases, if they are known."""
    if not rows:
        return []
    sources, aliases = await asyncio.gather(sources_of(request, rows), _known(request, rows, held))
    return [
        shown_version(each, names[each[MODEL_ID]], sources, sorted(aliases.get(int(each["id"]), ()))) for each in rows
    ]


async def version_of(request: Request, model: JsonObject, version: JsonObject) -> JsonObject:
    """Returns the answer about one version."""
    (shown,) = await versions_of(request, {model["id"]: model["name"]}, [version])
    return {"model_version": shown}


async def whole_model(request: Request, model: JsonObject) -> JsonObject:
    """Returns a model with its aliases and its newest versions, as MLflow shows it."""
    id_, names = int(model["id"]), {model["id"]: model["name"]}
    latest, states = await asyncio.gather(latest_versions(request, model), states_of(request, id_))
    held: dict[int, list[str]] = {}
    for state in states:
        held.setdefault(state.version, []).append(state.alias)
    versions, aliases = await asyncio.gather(versions_of(request, names, latest, held), shown_aliases(request, states))
    return shown_model(model, versions, aliases)


async def model_names(request: Request, versions: Sequence[JsonObject]) -> Mapping[str, str]:
    """Returns the names of the models of versions, by the ids of the models. Deleted and hidden models are left out."""
    ids = sorted({int(version[MODEL_ID]) for version in versions})
    nodes = await asyncio.gather(*(request.store.get(Kind.CONTEXT, id_) for id_ in ids))
    models = [await row(request, node) for node in nodes if node and request.entity_of(node) is RegisteredModel]
    return {model["id"]: model["name"] for model in models if not is_deleted(model)}


async def _known(request: Request, rows: Sequence[JsonObject], held: Held | None) -> Held:
    return await held_by(request, sorted({int(each[MODEL_ID]) for each in rows})) if held is None else held
