"""The logical model: each entity is declared once, here. After a change, run `make client` to generate what depends on it."""

import warnings
from typing import Any, ClassVar

from model_registry_client.entity import CreateOnly, Entity, Parent, ReadOnly
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
    """A model with its name. It has versions."""

    words, plural = "registered model", "registered models"
    collection, finder = "/registered_models", "/registered_model"
    required = ("name",)
    reset_by_some: ClassVar = {"state": "LIVE"}

    owner: str | None = None
    """The person or team that is responsible for the model."""
    state: RegisteredModelState | None = None
    """Whether it is in use; LIVE for a new one."""
    readme: str | None = None
    """The model card, as Markdown."""
    maturity: str | None = None
    """The maturity of the model."""
    language: list[str] | None = None
    """The languages that the model supports."""
    tasks: list[str] | None = None
    """What the model can do."""
    provider: str | None = None
    """The provider of the model."""
    logo: str | None = None
    """The URL of a picture, often a data URI."""
    license: str | None = None
    """The name of the licence."""
    license_link: str | None = None
    """The URL of the licence text."""
    library_name: str | None = None
    """The library that made the model."""


class ModelVersion(Entity):
    """One version of a registered model."""

    words, plural = "model version", "model versions"
    collection, finder = "/model_versions", "/model_version"
    required = ("name",)
    parents = (Parent(RegisteredModel, "registered_model_id", "versions"),)
    reset_by_some: ClassVar = {"state": "LIVE"}

    registered_model_id: CreateOnly[str] = ""
    """The id of the registered model."""
    author: str | None = None
    """The author of the version."""
    state: ModelVersionState | None = None
    """Whether it is in use; LIVE for a new one."""


class ServingEnvironment(Entity):
    """An environment that models are deployed in, such as a cluster or a namespace."""

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

    serving_environment_id: CreateOnly[str] = ""
    """The id of the serving environment."""
    registered_model_id: CreateOnly[str] = ""
    """The id of the deployed model."""
    model_version_id: str | None = None
    """The id of the deployed version; without one, the newest version of the model. It cannot be cleared."""
    runtime: str | None = None
    """The serving runtime of the model."""
    desired_state: InferenceServiceState | None = None
    """The desired state; DEPLOYED for a new one."""


class ServeModel(Entity):
    """A record that an inference service served a version. The API can create and list these records, not update them."""

    words, plural = "serve", "serves"
    parents = (Parent(InferenceService, "inference_service_id", "serves"),)
    created_below = True
    required = ("model_version_id",)

    model_version_id: CreateOnly[str] = ""
    """The id of the served version."""
    last_known_state: ExecutionState | None = None
    """The last known state; UNKNOWN for a new one."""


class Experiment(Entity):
    """A group of runs that belong together."""

    words, plural = "experiment", "experiments"
    collection, finder = "/experiments", "/experiment"
    required = ("name",)
    reset_by_some: ClassVar = {"state": "LIVE"}

    owner: str | None = None
    """The person or team that is responsible for the experiment."""
    state: ExperimentState | None = None
    """Whether it is in use; LIVE for a new one."""


class ExperimentRun(Entity):
    """One run of an experiment."""

    words, plural = "experiment run", "experiment runs"
    collection, finder = "/experiment_runs", "/experiment_run"
    parents = (Parent(Experiment, "experiment_id", "experiment_runs"),)
    reset_by_some: ClassVar = {"state": "LIVE", "status": "RUNNING"}

    experiment_id: CreateOnly[str] = ""
    """The id of the experiment."""
    owner: str | None = None
    """The person or team that is responsible for the run."""
    state: ExperimentRunState | None = None
    """Whether it is in use; LIVE for a new one."""
    status: ExperimentRunStatus | None = None
    """The progress of the run; RUNNING for a new one."""
    start_time_since_epoch: CreateOnly[str | None] = None
    """Time of the start, in milliseconds since 1970-01-01 UTC, as text."""
    end_time_since_epoch: str | None = None
    """Time of the end, in milliseconds since 1970-01-01 UTC, as text."""


class Artifact(Entity):
    """An artifact of any kind. An artifact of a kind that this release does not know is returned as this class."""

    words, plural = "artifact", "artifacts"
    collection, finder = "/artifacts", "/artifact"
    parents = (
        Parent(ModelVersion, "model_version_id", "artifacts", is_required=False),
        Parent(ExperimentRun, "experiment_run_id", "artifacts", is_required=False),
    )
    created_below = True

    experiment_id: ReadOnly[str | None] = None
    """The id of the experiment, for an artifact of a run."""
    experiment_run_id: ReadOnly[str | None] = None
    """The id of the run, for an artifact of a run."""
    state: ArtifactState | None = None
    """The state of the object that the artifact describes."""

    @classmethod
    def from_wire(cls, answer: Any) -> Any:
        """Reads an artifact from the server's JSON, as the class of its `artifactType`. See `Entity.from_wire`."""
        type_ = answer.get("artifactType") if isinstance(answer, dict) else None
        kind = cls if type_ in (None, cls.artifact_type) else KINDS.get(type_, Artifact)
        return super(Artifact, kind).from_wire(answer)


class ModelArtifact(Artifact):
    """The files of a model version."""

    words, plural = "model artifact", "model artifacts"
    artifact_type = "model-artifact"

    uri: str | None = None
    """The URI of the files."""
    model_format_name: str | None = None
    """The name of the format, such as onnx."""
    model_format_version: str | None = None
    """The version of the format."""
    storage_key: str | None = None
    """The name of the Kubernetes secret with the credentials of the storage."""
    storage_path: str | None = None
    """The path of the model in the storage."""
    service_account_name: str | None = None
    """The service account that may read the storage."""
    model_source_kind: str | None = None
    """The kind of the model's source."""
    model_source_class: str | None = None
    """The class of the source within its kind."""
    model_source_group: str | None = None
    """The group of models within the class of the source."""
    model_source_id: str | None = None
    """The id of the model at its source."""
    model_source_name: str | None = None
    """The name of the model at its source, for people."""


class DocArtifact(Artifact):
    """A document about a version or a run."""

    words, plural = "doc artifact", "doc artifacts"
    artifact_type = "doc-artifact"

    uri: str | None = None
    """The URI of the document."""


with warnings.catch_warnings():
    warnings.filterwarnings("ignore", 'Field name "schema" in "DataSet" shadows an attribute')

    class DataSet(Artifact):
        """A dataset that a version or a run used."""

        words, plural = "dataset", "datasets"
        artifact_type = "dataset-artifact"

        uri: str | None = None
        """The URI of the data."""
        digest: str | None = None
        """A checksum of the data."""
        source_type: str | None = None
        """The kind of the data's source."""
        source: str | None = None
        """The source of the data, or its address."""
        schema: str | None = None  # type: ignore[assignment]
        """The schema of the data, in any notation."""
        profile: str | None = None
        """A summary of the data, such as the number of rows."""


class Metric(Artifact):
    """A measured number. Below a run, its history keeps every value that it has had."""

    words, plural = "metric", "metrics"
    artifact_type = "metric"
    is_upserted = True
    required = ("name", "value")

    value: float | None = None
    """The measured value."""
    timestamp: str | None = None
    """Time of the measurement, in milliseconds since 1970-01-01 UTC, as text."""
    step: int | None = None
    """The training step of the measurement."""


class Parameter(Artifact):
    """A parameter of a run or a version."""

    words, plural = "parameter", "parameters"
    artifact_type = "parameter"
    is_upserted = True
    required = ("name", "value")

    value: str | None = None
    """The value as text, for every type."""
    parameter_type: ParameterType | None = None
    """The type of the value."""


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
"""Artifact classes by their `artifactType`."""
