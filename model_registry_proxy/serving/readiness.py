"""The kinds of rows that the readiness probe lists, under the names that the Go server gives them."""

from collections.abc import Callable
from functools import partial

from converters.entities import (
    Artifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServingEnvironment,
)
from converters.entity import Entity
from model_registry_proxy.http.health import Health
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.list import list_

_LISTED: dict[str, type[Entity]] = {
    "registered_models": RegisteredModel,
    "artifacts": Artifact,
    "model_versions": ModelVersion,
    "serving_environments": ServingEnvironment,
    "inference_services": InferenceService,
    "experiments": Experiment,
    "experiment_runs": ExperimentRun,
}


def health(registry: Callable[[], Registry], catalog: Callable[[], str | None] | None = None) -> Health:
    """The answers to probes for a registry, and for a catalog in the same process: `catalog` says what it still misses."""

    async def list_one(entity: type[Entity]) -> int:
        page = await list_(Request(registry()), entity, {"pageSize": 1})
        size: int = page["size"]
        return size

    lists = {name: partial(list_one, entity) for name, entity in _LISTED.items()}
    return Health(lambda: registry().is_open, lists, catalog)
