"""The logical model of the registry: each entity is declared once, and all conversions are derived from it.

A field is one annotated line. Its type chooses the rule that converts the value (`values.py`). A marker says where MLMD keeps it,
unless that is a property of the same name. Names and places are those of Kubeflow's Go proxy, so that both read each other's
stores. MLMD types must not get more properties than these: that proxy could not open the store any more.
"""

from collections.abc import Mapping
from typing import Annotated

from converters.entity import AttributedTo, Entity, Facet, Id, Kind, NotBefore, References, Stored, TimeOf, Unfit


class RegisteredModel(Entity, kind=Kind.CONTEXT, stored_as="kf.RegisteredModel", words="registered model"):
    """A model; it is the parent of its versions."""

    language: Annotated[list[str], Facet()]
    library_name: Annotated[str, Facet()]
    license_link: str
    license: Annotated[str, Facet()]
    logo: str
    maturity: Annotated[str, Facet()]
    owner: Annotated[str, Facet()]
    provider: Annotated[str, Facet()]
    readme: str
    state: Annotated[str, Facet()]
    tasks: Annotated[list[str], Facet()]


class ModelVersion(
    Entity, kind=Kind.CONTEXT, stored_as="kf.ModelVersion", words="model version", parent=RegisteredModel
):
    """One version of a registered model."""

    registered_model_id: Annotated[Id, Stored.IN_NAME, References(RegisteredModel)]
    author: Annotated[str, Facet()]
    state: Annotated[str, Facet()]
    version: Annotated[str, Stored.COPY_OF_NAME]
    model_name: Annotated[str, Stored.COPY_OF_PARENT_NAME]


class ServingEnvironment(Entity, kind=Kind.CONTEXT, stored_as="kf.ServingEnvironment", words="serving environment"):
    """A place where models are served."""


class InferenceService(
    Entity, kind=Kind.CONTEXT, stored_as="kf.InferenceService", words="inference service", parent=ServingEnvironment
):
    """A model that is to be deployed in a serving environment."""

    serving_environment_id: Annotated[Id, References(ServingEnvironment)]
    registered_model_id: Annotated[Id, References(RegisteredModel)]
    model_version_id: Annotated[Id, References(ModelVersion)]
    runtime: Annotated[str, Facet()]
    desired_state: Annotated[str, Facet()]


GATED = (
    Unfit("hf_gated", lambda value: value not in ("", "false")),
    Unfit("hf_private", lambda value: value == "true"),
)
"""Custom properties of Hugging Face models that need a licence or a login. Kubeflow's Go server refuses to serve these models."""


class ServeModel(Entity, kind=Kind.EXECUTION, stored_as="kf.ServeModel", words="serve", parent=InferenceService):
    """A deployment of a version by an inference service."""

    model_version_id: Annotated[Id, References(ModelVersion, GATED)]
    inference_service_id: Annotated[Id, Stored.OF_PARENT]
    registered_model_id: Annotated[Id, Stored.OF_PARENT]
    serving_environment_id: Annotated[Id, Stored.OF_PARENT]
    last_known_state: Annotated[str, Stored.COLUMN]


class Experiment(Entity, kind=Kind.CONTEXT, stored_as="kf.Experiment", words="experiment"):
    """A series of runs."""

    owner: Annotated[str, Facet()]
    state: Annotated[str, Facet()]


class ExperimentRun(Entity, kind=Kind.CONTEXT, stored_as="kf.ExperimentRun", words="experiment run", parent=Experiment):
    """One run of an experiment."""

    experiment_id: Annotated[Id, Stored.IN_NAME, References(Experiment)]
    owner: Annotated[str, Facet()]
    state: Annotated[str, Facet()]
    status: Annotated[str, Facet()]
    start_time_since_epoch: str
    end_time_since_epoch: Annotated[str, NotBefore("start_time_since_epoch")]


class Artifact(Entity, kind=Kind.ARTIFACT, stored_as="", words="artifact"):
    """Any of the five artifact types. `artifactType` in JSON and the MLMD type in the store say which."""

    experiment_id: Annotated[Id, AttributedTo(ExperimentRun, "experiment_id")]
    experiment_run_id: Annotated[Id, AttributedTo(ExperimentRun)]
    state: Annotated[str, Stored.COLUMN, Facet()]

    @classmethod
    def variants(cls) -> "tuple[type[Entity], ...]":
        """Returns each artifact type that lists show, or for one of these types itself."""
        return LISTED_ARTIFACTS if cls is Artifact else (cls,)


class ModelArtifact(Artifact, stored_as="kf.ModelArtifact", words="model artifact", artifact_type="model-artifact"):
    """The files of a model version."""

    uri: Annotated[str, Stored.COLUMN]
    model_format_name: Annotated[str, Facet()]
    model_format_version: str
    storage_key: str
    storage_path: str
    service_account_name: str
    model_source_kind: str
    model_source_class: str
    model_source_group: str
    model_source_id: str
    model_source_name: str


class DocArtifact(Artifact, stored_as="kf.DocArtifact", words="document artifact", artifact_type="doc-artifact"):
    """A document about a model version or run."""

    uri: Annotated[str, Stored.COLUMN]


class DataSet(Artifact, stored_as="kf.DataSet", words="dataset", artifact_type="dataset-artifact"):
    """The data that a version or run was made with."""

    uri: Annotated[str, Stored.COLUMN]
    digest: str
    source_type: str
    source: str
    schema: str
    profile: str


class MetricHistory(
    Artifact,
    stored_as="kf.MetricHistory",
    words="metric history row",
    artifact_type="metric",
    is_listed=False,
    suffix_mark="__",
):
    """One value that a metric of a run has had."""

    value: float
    timestamp: str
    step: int


class Metric(
    Artifact,
    stored_as="kf.Metric",
    words="metric",
    artifact_type="metric",
    is_upserted=True,
    history=MetricHistory,
    filter_prefixes=("metric", "metrics"),
):
    """The newest value of a metric."""

    value: float
    timestamp: Annotated[str, TimeOf("value")]
    step: int


class Parameter(
    Artifact,
    stored_as="kf.Parameter",
    words="parameter",
    artifact_type="parameter",
    is_upserted=True,
    filter_prefixes=("param", "params", "parameter", "parameters"),
):
    """An input of a version or run."""

    value: Annotated[str, Stored.KEPT_WHEN_EMPTY]
    parameter_type: str


ENTITIES: tuple[type[Entity], ...] = (
    RegisteredModel,
    ModelVersion,
    DocArtifact,
    ModelArtifact,
    DataSet,
    Metric,
    MetricHistory,
    Parameter,
    ServingEnvironment,
    InferenceService,
    ServeModel,
    Experiment,
    ExperimentRun,
)
"""In the order in which Kubeflow's Go proxy creates the types of a new store."""

LISTED_ARTIFACTS: tuple[type[Entity], ...] = tuple(
    entity for entity in ENTITIES if entity.kind is Kind.ARTIFACT and entity.is_listed
)
ARTIFACT_BY_TYPE: Mapping[str, type[Entity]] = {entity.artifact_type or "": entity for entity in LISTED_ARTIFACTS}
"""The entity for each value of `artifactType`."""
