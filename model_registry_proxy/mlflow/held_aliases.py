"""The aliases of models as MLflow shows them: by the number of the version that each points to."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from converters.entities import ModelVersion
from converters.entity import Kind
from converters.kinds import JsonObject
from model_registry_proxy.mlflow.stages import is_deleted
from model_registry_proxy.mlflow.version_numbers import number_of
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import row
from model_registry_proxy.verbs.aliases.states import AliasState, aliases_of

_EXTENSION = "aliases"
Held = Mapping[int, Sequence[str]]
"""The names of aliases by the ids of the versions that they point to."""


async def states_of(request: Request, model: int) -> Sequence[AliasState]:
    """Returns the aliases of a model; none where the server does not serve aliases."""
    return await aliases_of(request, model) if _EXTENSION in request.registry.extensions else ()


async def held_by(request: Request, models: Iterable[int]) -> Held:
    """Returns the aliases of models."""
    found: dict[int, list[str]] = {}
    for states in await asyncio.gather(*(states_of(request, model) for model in models)):
        for state in states:
            found.setdefault(state.version, []).append(state.alias)
    return found


async def shown_aliases(request: Request, states: Sequence[AliasState]) -> list[JsonObject]:
    """Returns the aliases of a model in the answer about it. One that points to a deleted version is left out."""
    nodes = await asyncio.gather(*(request.store.get(Kind.CONTEXT, state.version) for state in states))
    found = []
    for state, node in zip(states, nodes, strict=True):
        if node is None or request.entity_of(node) is not ModelVersion:
            continue
        version = await row(request, node)
        if not is_deleted(version):
            found.append({"alias": state.alias, "version": str(number_of(version))})
    return found
