"""Reads what the answers about models and versions need in addition to their rows."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain, islice
from typing import NamedTuple

from converters.entities import RegisteredModel
from converters.entity import Kind
from converters.kinds import JsonObject
from model_registry_proxy.mlflow.answers import shown_model, shown_version
from model_registry_proxy.mlflow.held_aliases import Held, held_by, shown_aliases, states_of
from model_registry_proxy.mlflow.latest import latest_versions
from model_registry_proxy.mlflow.sources import sources_by_ids
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
    models = sorted({int(each[MODEL_ID]) for each in rows})
    found = await files_and_aliases(request, [int(each["id"]) for each in rows], models, held)
    return [shown(each, names[each[MODEL_ID]], found) for each in rows]


class FilesAndAliases(NamedTuple):
    """The URIs of files by the ids of versions, and the names of aliases."""

    sources: Mapping[str, str]
    held: Held


async def files_and_aliases(
    request: Request, versions: Sequence[int], models: Sequence[int], held: Held | None = None
) -> FilesAndAliases:
    """Reads at the same time the files of versions, and the aliases of their models, unless they are known."""
    sources, aliases = await asyncio.gather(sources_by_ids(request, versions), _known(request, models, held))
    return FilesAndAliases(sources, aliases)


def shown(row: JsonObject, model_name: str, found: FilesAndAliases) -> JsonObject:
    """Returns a version as MLflow shows it."""
    return shown_version(row, model_name, found.sources, sorted(found.held.get(int(row["id"]), ())))


async def version_of(request: Request, model: JsonObject, version: JsonObject) -> JsonObject:
    """Returns the answer about one version."""
    (shown,) = await versions_of(request, {model["id"]: model["name"]}, [version])
    return {"model_version": shown}


async def whole_model(request: Request, model: JsonObject) -> JsonObject:
    """Returns a model with its aliases and its newest versions, as MLflow shows it."""
    (shown_one,) = await whole_models(request, [model])
    return shown_one


async def whole_models(request: Request, models: Sequence[JsonObject]) -> list[JsonObject]:
    """Returns models with their aliases and their newest versions. The files of all these versions are read together."""
    latest, states = await asyncio.gather(
        asyncio.gather(*(latest_versions(request, model) for model in models)),
        asyncio.gather(*(states_of(request, int(model["id"])) for model in models)),
    )
    held: dict[int, list[str]] = {}
    for state in chain.from_iterable(states):
        held.setdefault(state.version, []).append(state.alias)
    names = {model["id"]: model["name"] for model in models}
    versions, aliases = await asyncio.gather(
        versions_of(request, names, list(chain.from_iterable(latest)), held),
        asyncio.gather(*(shown_aliases(request, each) for each in states)),
    )
    rest = iter(versions)
    return [
        shown_model(model, list(islice(rest, len(rows))), own)
        for model, rows, own in zip(models, latest, aliases, strict=True)
    ]


async def model_names(request: Request, versions: Sequence[JsonObject]) -> Mapping[str, str]:
    """Returns the names of the models of versions, by the ids of the models. Deleted and hidden models are left out."""
    ids = sorted({int(version[MODEL_ID]) for version in versions})
    nodes = await asyncio.gather(*(request.store.get(Kind.CONTEXT, id_) for id_ in ids))
    models = [await row(request, node) for node in nodes if node and request.entity_of(node) is RegisteredModel]
    return {model["id"]: model["name"] for model in models if not is_deleted(model)}


async def _known(request: Request, models: Sequence[int], held: Held | None) -> Held:
    return await held_by(request, models) if held is None else held
