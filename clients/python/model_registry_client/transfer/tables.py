"""What a transfer knows of the entities: the order in which they are read and written, their paths, and their references."""

from collections.abc import Mapping

from model_registry_client.entities import (
    KINDS,
    Artifact,
    DocArtifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    Metric,
    ModelVersion,
    Parameter,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from model_registry_client.entity import Entity

LISTED: tuple[type[Entity], ...] = (
    RegisteredModel,
    Experiment,
    ServingEnvironment,
    ModelVersion,
    ExperimentRun,
    InferenceService,
)
"""Entities with a list of their own. Parents come before their children."""

_EXPORTED: tuple[type[Entity], ...] = (*LISTED, ServeModel, Artifact)
NAMED: Mapping[str, type[Entity]] = {entity.__name__: entity for entity in _EXPORTED}
"""The kinds of entities in an export. All artifacts are of one kind: `artifactType` says more."""

ARTIFACT_PARENTS: tuple[type[Entity], ...] = (ModelVersion, ExperimentRun)

TIME_OF_A_VALUE = (Metric, "timestamp")
"""A server fills this field in with the time of the request where a body leaves it out."""

KEPT_WHEN_EMPTY = (Parameter, "value")
"""The one field whose empty text is a value; of all others it is the same as no value."""

_COMMON = frozenset({"name", "externalId", "customProperties"})
_REFERRED_TO = {f"{entity.words.replace(' ', '_')}_id": entity for entity in LISTED}


def words_of(entity: type[Entity]) -> str:
    """What messages call an entity."""
    return "document artifact" if entity is DocArtifact else entity.words


def own_fields(entity: type[Entity]) -> Mapping[str, type[Entity] | None]:
    """The fields that a client may write and that not every entity has.

    By name in JSON; for an id with the entity that it refers to.
    """
    return {alias: _REFERRED_TO.get(name) for name, alias in entity.creatable() if alias not in _COMMON}


def parent_id_of(entity: type[Entity]) -> str | None:
    """The field, by its name in JSON, with the id of the parent; `None` where there is no such field."""
    fields = dict(entity.creatable())
    return next((fields[parent.argument] for parent in entity.parents if parent.argument in fields), None)


def artifact_entity(row: Mapping[str, object]) -> type[Artifact]:
    """The entity of an artifact as the API shows it, by its `artifactType`. Raises `KeyError`."""
    return KINDS[str(row["artifactType"])]


def kind_of(entity: type[Entity]) -> str:
    """What an entity is called in an export."""
    return Artifact.__name__ if issubclass(entity, Artifact) else entity.__name__


def artifacts_below(parent: type[Entity], id_: str) -> str:
    """The path of the artifacts of a version or run: their list, and where they are created."""
    return next(each.path(id_) for each in Artifact.parents if each.entity is parent)


def serves_below(id_: str) -> str:
    """The path of an inference service's serves: their list, and where they are created."""
    return ServeModel.parents[0].path(id_)


def history_of(run: str) -> str:
    """The path of the list of all values that the metrics of a run have had."""
    return f"{ExperimentRun.collection}/{run}/metric_history"
