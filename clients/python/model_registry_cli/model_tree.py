"""A model with everything that belongs to it, for `mr tree`."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from model_registry_client import (
    Artifact,
    Entity,
    ExperimentRun,
    InferenceService,
    Invalid,
    ModelVersion,
    NotFound,
    NotSupported,
    Registry,
)
from model_registry_client.bodies import below

from model_registry_cli.filters import all_of, id_among
from model_registry_cli.progress import progress

_CONCURRENTLY = 8


@dataclass(frozen=True)
class VersionTree:
    """A version with its artifacts, the runs that made some of them, and the deployments that name it."""

    version: ModelVersion
    artifacts: list[Artifact]
    runs: list[ExperimentRun]
    deployments: list[InferenceService]


@dataclass(frozen=True)
class ModelTree:
    """A model with its versions. `floating`: deployments that name no version and use the newest one."""

    model: Entity
    versions: list[VersionTree]
    floating: list[InferenceService]


def gather(registry: Registry, model: Entity) -> ModelTree:
    """Reads everything, several versions at the same time."""
    services = _services(registry, model)
    versions = list(registry.list(ModelVersion, below(ModelVersion, registered_model_id=model.id)))

    def artifacts(version: ModelVersion) -> list[Artifact]:
        return list(registry.list(Artifact, below(Artifact, model_version_id=version.id)))

    with ThreadPoolExecutor(_CONCURRENTLY) as pool:
        found = list(progress(pool.map(artifacts, versions), "versions", len(versions)))
    runs = _runs(registry, [artifact.id for of_version in found for artifact in of_version])
    trees = [
        VersionTree(
            version, of_version, _among(runs, of_version), [s for s in services if s.model_version_id == version.id]
        )
        for version, of_version in zip(versions, found, strict=True)
    ]
    known = {version.id for version in versions}
    return ModelTree(model, trees, [service for service in services if service.model_version_id not in known])


def _services(registry: Registry, model: Entity) -> list[InferenceService]:
    try:
        found = list(registry.list(InferenceService, filter_query=f"registeredModelId = {model.id}"))
    except Invalid:  # a server without this filter
        found = list(registry.list(InferenceService))
    return [service for service in found if service.registered_model_id == model.id]


def _runs(registry: Registry, artifact_ids: list[str]) -> dict[str, ExperimentRun]:
    """Returns the run of each artifact, by the artifact's id. The list below a version does not contain it."""
    found: dict[str, str] = {}
    for among in id_among(artifact_ids):
        try:
            for artifact in registry.list(Artifact, filter_query=all_of("experimentRunId > 0", among)):
                found[artifact.id] = artifact.experiment_run_id or ""
            runs = {id_: registry.get(ExperimentRun, id_) for id_ in set(found.values()) if id_}
        except (Invalid, NotFound, NotSupported):  # a server without experiments
            return {}
    return {artifact: runs[run] for artifact, run in found.items() if run}


def _among(runs: Mapping[str, ExperimentRun], artifacts: list[Artifact]) -> list[ExperimentRun]:
    return list({run.id: run for artifact in artifacts if (run := runs.get(artifact.id))}.values())
