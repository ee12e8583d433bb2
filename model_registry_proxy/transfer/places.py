"""Where the API keeps what: the order in which a registry is read and written, and the paths for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from converters.entities import (
    ARTIFACT_BY_TYPE,
    Artifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from converters.entity import Entity


@dataclass(frozen=True, slots=True)
class Place:
    """An entity that has a list of its own; `find` is the path of the question for one by name."""

    entity: type[Entity]
    list: str
    find: str


PLACES: tuple[Place, ...] = (
    Place(RegisteredModel, "registered_models", "registered_model"),
    Place(Experiment, "experiments", "experiment"),
    Place(ServingEnvironment, "serving_environments", "serving_environment"),
    Place(ModelVersion, "model_versions", "model_version"),
    Place(ExperimentRun, "experiment_runs", "experiment_run"),
    Place(InferenceService, "inference_services", "inference_service"),
)
"""Parents come before their children."""

PLACE_OF: Mapping[type[Entity], Place] = {place.entity: place for place in PLACES}
ARTIFACT_PARENTS: tuple[type[Entity], ...] = (ModelVersion, ExperimentRun)
NAMED: Mapping[str, type[Entity]] = {
    entity.__name__: entity for entity in (*(place.entity for place in PLACES), ServeModel, Artifact)
}
ARTIFACTS = "artifacts"


def artifacts_below(parent: type[Entity], id_: str) -> str:
    """The path of the artifacts of a version or run: its list, and where they are upserted."""
    return f"{PLACE_OF[parent].list}/{id_}/artifacts"


def serves_below(id_: str) -> str:
    """The path of the list of an inference service's serves."""
    return f"{PLACE_OF[InferenceService].list}/{id_}/serves"


def history_of(run: str) -> str:
    """The path of all values that the metrics of a run have had."""
    return f"{PLACE_OF[ExperimentRun].list}/{run}/metric_history"


def artifact_entity(row: Mapping[str, object]) -> type[Entity]:
    """The entity of an artifact as the API shows it, by its `artifactType`."""
    return ARTIFACT_BY_TYPE[str(row["artifactType"])]
