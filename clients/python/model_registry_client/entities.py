"""The logical model: each entity is declared once, here. After a change, `make client` writes what is made from it."""

import warnings
from typing import Any, ClassVar

from model_registry_client.entity import Entity, Given, Parent, Settled
from model_registry_client.states import (
    ArtifactState,
    ExecutionState,
    ExperimentRunState,
    ExperimentRunStatus,
    ExperimentState,
    InferenceServiceState,
    ModelVersionState,
    ParameterType,
    RegisteredModelState,
)


class RegisteredModel(Entity):
    """A model under its name, whatever its versions."""

    words, plural = "registered model", "registered models"
    collection, finder = "/registered_models", "/registered_model"
    required = ("name",)
    reset_by_some: ClassVar = {"state": "LIVE"}

    owner: str | None = None
    """Who answers for the model."""
    state: RegisteredModelState | None = None
    """Whether it is in use; LIVE when it is new."""
    readme: str | None = None
    """The model card, as Markdown."""
    maturity: str | None = None
    """How finished the model is."""
    language: list[str] | None = None
    """The languages that the model knows."""
    tasks: list[str] | None = None
    """What the model can do."""
    provider: str | None = None
    """Who offers the model."""
    logo: str | None = None
    """The address of a picture, often a data URI."""
    license: str | None = None
    """The name of the licence."""
    license_link: str | None = None
    """The address of the licence text."""
    library_name: str | None = None
    """The library that the model was made with."""


class ModelVersion(Entity):
    """One version of a registered model."""

    words, plural = "model version", "model versions"
    collection, finder = "/model_versions", "/model_version"
    required = ("name",)
    parents = (Parent(RegisteredModel, "registered_model_id", "versions"),)
    reset_by_some: ClassVar = {"state": "LIVE"}

    registered_model_id: Settled[str] = ""
    """The id of its model."""
    author: str | None = None
    """Who made the version."""
    state: ModelVersionState | None = None
    """Whether it is in use; LIVE when it is new."""


class ServingEnvironment(Entity):
    """A place where models are deployed, such as a cluster or a namespace."""

    words, plural = "serving environment", "serving environments"
    collection, finder = "/serving_environments", "/serving_environment"
    required = ("name",)


class InferenceService(Entity):
    """A registered model deployed in a serving environment."""

    words, plural = "inference service", "inference services"
    collection, finder = "/inference_services", "/inference_service"
    required = ("registered_model_id",)
    parents = (Parent(ServingEnvironment, "serving_environment_id", "inference_services"),)
    reset_by_some: ClassVar = {"desiredState": "DEPLOYED"}

    serving_environment_id: Settled[str] = ""
    """The id of the environment it is deployed in."""
    registered_model_id: Settled[str] = ""
    """The id of the model that is deployed."""
    model_version_id: str | None = None
    """The id of the version that is deployed; without one, the newest of the model. Once set it stays set."""
    runtime: str | None = None
    """The runtime that the model is deployed with."""
    desired_state: InferenceServiceState | None = None
    """What it is meant to be; DEPLOYED when it is new."""


class ServeModel(Entity):
    """A record that an inference service served a version. The API lists and creates them; it has no change of one."""

    words, plural = "serve", "serves"
    parents = (Parent(InferenceService, "inference_service_id", "serves"),)
    created_below = True
    required = ("model_version_id",)

    model_version_id: Settled[str] = ""
    """The id of the version that is served."""
    last_known_state: ExecutionState | None = None
    """How it was last seen; UNKNOWN when it is new."""


class Experiment(Entity):
    """Work that is tried out in runs."""

    words, plural = "experiment", "experiments"
    collection, finder = "/experiments", "/experiment"
    required = ("name",)
    reset_by_some: ClassVar = {"state": "LIVE"}

    owner: str | None = None
    """Who answers for the experiment."""
    state: ExperimentState | None = None
    """Whether it is in use; LIVE when it is new."""


class ExperimentRun(Entity):
    """One run of an experiment."""

    words, plural = "experiment run", "experiment runs"
    collection, finder = "/experiment_runs", "/experiment_run"
    parents = (Parent(Experiment, "experiment_id", "experiment_runs"),)
    reset_by_some: ClassVar = {"state": "LIVE", "status": "RUNNING"}

    experiment_id: Settled[str] = ""
    """The id of its experiment."""
    owner: str | None = None
    """Who answers for the run."""
    state: ExperimentRunState | None = None
    """Whether it is in use; LIVE when it is new."""
    status: ExperimentRunStatus | None = None
    """How far it has come; RUNNING when it is new."""
    start_time_since_epoch: Settled[str | None] = None
    """When it began, in milliseconds since 1970-01-01 UTC, as text."""
    end_time_since_epoch: str | None = None
    """When it ended, in milliseconds since 1970-01-01 UTC, as text."""


class Artifact(Entity):
    """An artifact of any kind. One of a kind that this release does not know is answered as this class."""

    words, plural = "artifact", "artifacts"
    collection, finder = "/artifacts", "/artifact"
    parents = (
        Parent(ModelVersion, "model_version_id", "artifacts", is_required=False),
        Parent(ExperimentRun, "experiment_run_id", "artifacts", is_required=False),
    )
    created_below = True

    experiment_id: Given[str | None] = None
    """The id of the experiment of its run, for an artifact of a run."""
    experiment_run_id: Given[str | None] = None
    """The id of the run that it belongs to, for an artifact of a run."""
    state: ArtifactState | None = None
    """How far the thing behind the artifact has come."""

    @classmethod
    def from_wire(cls, answer: Any) -> Any:
        """See `Entity.from_wire`: as the class of its `artifactType`, whichever class is asked."""
        told = answer.get("artifactType") if isinstance(answer, dict) else None
        kind = cls if told in (None, cls.artifact_type) else KINDS.get(told, Artifact)
        return super(Artifact, kind).from_wire(answer)


class ModelArtifact(Artifact):
    """The files of a model version."""

    words, plural = "model artifact", "model artifacts"
    artifact_type = "model-artifact"

    uri: str | None = None
    """Where the model lies."""
    model_format_name: str | None = None
    """The format, such as onnx."""
    model_format_version: str | None = None
    """The version of the format."""
    storage_key: str | None = None
    """The name of the secret with the storage's credentials."""
    storage_path: str | None = None
    """The path of the model in the storage."""
    service_account_name: str | None = None
    """The service account that may read the storage."""
    model_source_kind: str | None = None
    """What kind of source the model came from."""
    model_source_class: str | None = None
    """The class of sources within the kind."""
    model_source_group: str | None = None
    """The group of models within the class."""
    model_source_id: str | None = None
    """The id of the model at its source."""
    model_source_name: str | None = None
    """The name of the model at its source, for people."""


class DocArtifact(Artifact):
    """A document about a version or a run."""

    words, plural = "doc artifact", "doc artifacts"
    artifact_type = "doc-artifact"

    uri: str | None = None
    """Where the document lies."""


with warnings.catch_warnings():
    warnings.filterwarnings("ignore", 'Field name "schema" in "DataSet" shadows an attribute')

    class DataSet(Artifact):
        """Data that a version or a run was made with."""

        words, plural = "dataset", "datasets"
        artifact_type = "dataset-artifact"

        uri: str | None = None
        """Where the data lie."""
        digest: str | None = None
        """A checksum of the data."""
        source_type: str | None = None
        """What kind of source the data come from."""
        source: str | None = None
        """The source, or where to find it."""
        schema: str | None = None  # type: ignore[assignment]
        """The shape of the data, in whatever notation suits."""
        profile: str | None = None
        """Figures that sum the data up."""


class Metric(Artifact):
    """A number that was measured. Below a run, every value that it has had is kept in its history."""

    words, plural = "metric", "metrics"
    artifact_type = "metric"
    is_upserted = True
    required = ("name", "value")

    value: float | None = None
    """What was measured."""
    timestamp: str | None = None
    """When it was measured, in milliseconds since 1970-01-01 UTC, as text."""
    step: int | None = None
    """The step of training that it was measured at."""


class Parameter(Artifact):
    """A setting that a run or a version was made with."""

    words, plural = "parameter", "parameters"
    artifact_type = "parameter"
    is_upserted = True
    required = ("name", "value")

    value: str | None = None
    """The value, as text whatever its type."""
    parameter_type: ParameterType | None = None
    """How the text is to be read."""


ENTITIES: tuple[type[Entity], ...] = (
    RegisteredModel,
    ModelVersion,
    Artifact,
    ModelArtifact,
    DocArtifact,
    DataSet,
    Metric,
    Parameter,
    ServingEnvironment,
    InferenceService,
    ServeModel,
    Experiment,
    ExperimentRun,
)
KINDS: dict[str, type[Artifact]] = {
    kind.artifact_type: kind for kind in (ModelArtifact, DocArtifact, DataSet, Metric, Parameter) if kind.artifact_type
}
"""`artifactType` to entity."""
