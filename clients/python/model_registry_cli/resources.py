"""The resources of the sub-commands: a table from which `catalogue.py` makes commands and `output` makes columns.

It names the classes of entities as text and imports them only when they are needed, so that `mr --help` is fast.
"""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model_registry_client import Entity


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: The title.
        field: The field of the entity.
        kind: How it is shown: a key of `output.cells.SHOWN`.
        is_wide: Whether only `-o wide` shows it.
    """

    title: str
    field: str
    kind: str = "text"
    is_wide: bool = False


@dataclass(frozen=True)
class Archiving:
    """The field that `archive` and `restore` set, and its two values."""

    field: str
    archived: str
    restored: str


@dataclass(frozen=True)
class Resource:
    """A kind of entity on the command line.

    Attributes:
        name: The name of the group of commands.
        word: The word for one of them, in flags and as `kind` in JSON.
        summary: The help of the group.
        entities: Names of classes in `model_registry_client`. Lists and finds use the first, `create --type` the others.
        path: The form of a reference.
        columns: The columns of a table.
        above: The words of its possible parents.
        verbs: The verbs of the group.
        archiving: What `archive` and `restore` do, if there are such verbs.
    """

    name: str
    word: str
    summary: str
    entities: tuple[str, ...]
    path: str
    columns: tuple[Column, ...]
    above: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ("list", "get", "create", "update", "changes")
    archiving: Archiving | None = None

    @property
    def entity(self) -> "type[Entity]":
        """The class for lists and finds."""
        return entity_named(self.entities[0])

    @property
    def creatable(self) -> "dict[str, type[Entity]]":
        """The classes that `create` may make, by the word for `--type`."""
        kinds = self.entities[1:] or self.entities
        return {(kind := entity_named(name)).words.removesuffix(" artifact"): kind for name in kinds}


def entity_named(name: str) -> "type[Entity]":
    """Returns the class of this name in `model_registry_client`."""
    found: type[Entity] = getattr(importlib.import_module("model_registry_client"), name)
    return found


REFERS_TO = {
    "registered_model_id": "RegisteredModel",
    "model_version_id": "ModelVersion",
    "serving_environment_id": "ServingEnvironment",
    "experiment_id": "Experiment",
    "experiment_run_id": "ExperimentRun",
}
"""Fields that hold the id of something."""
ID = Column("ID", "id")
NAME = Column("NAME", "name")
STATE = Column("STATE", "state", "state")
UPDATED = Column("UPDATED", "last_update_time_since_epoch", "age")
DESCRIPTION = Column("DESCRIPTION", "description", is_wide=True)
COMMON_WIDE = (
    Column("CREATED", "create_time_since_epoch", "moment", is_wide=True),
    Column("EXTERNAL ID", "external_id", is_wide=True),
    DESCRIPTION,
    Column("PROPERTIES", "custom_properties", "properties", is_wide=True),
)
ALL_VERBS = ("list", "get", "create", "update", "archive", "restore", "changes")
IN_USE = Archiving("state", "ARCHIVED", "LIVE")

RESOURCES: tuple[Resource, ...] = (
    Resource(
        "models",
        "model",
        "Registered models.",
        ("RegisteredModel",),
        "MODEL",
        (ID, NAME, STATE, Column("OWNER", "owner"), UPDATED, *COMMON_WIDE),
        verbs=ALL_VERBS,
        archiving=IN_USE,
    ),
    Resource(
        "versions",
        "version",
        "Versions of models.",
        ("ModelVersion",),
        "MODEL/VERSION",
        (
            ID,
            Column("MODEL", "registered_model_id", "reference"),
            NAME,
            STATE,
            Column("AUTHOR", "author"),
            UPDATED,
            *COMMON_WIDE,
        ),
        above=("model",),
        verbs=ALL_VERBS,
        archiving=IN_USE,
    ),
    Resource(
        "artifacts",
        "artifact",
        "Files, documents, datasets, metrics, parameters.",
        ("Artifact", "ModelArtifact", "DocArtifact", "DataSet", "Metric", "Parameter"),
        "MODEL/VERSION/ARTIFACT",
        (ID, Column("TYPE", "", "kind"), NAME, STATE, Column("URI OR VALUE", "", "content"), UPDATED, *COMMON_WIDE),
        above=("version", "run"),
    ),
    Resource(
        "environments",
        "environment",
        "Serving environments: where models are deployed.",
        ("ServingEnvironment",),
        "ENVIRONMENT",
        (ID, NAME, UPDATED, Column("DESCRIPTION", "description"), *(c for c in COMMON_WIDE if c != DESCRIPTION)),
    ),
    Resource(
        "deployments",
        "deployment",
        "Which version of which model is deployed where.",
        ("InferenceService",),
        "ENVIRONMENT/DEPLOYMENT",
        (
            ID,
            Column("ENVIRONMENT", "serving_environment_id", "reference"),
            NAME,
            Column("MODEL", "registered_model_id", "reference"),
            Column("VERSION", "model_version_id", "version"),
            Column("DESIRED", "desired_state", "state"),
            Column("SEEN", "id", "seen"),
            Column("RUNTIME", "runtime"),
            UPDATED,
            *COMMON_WIDE,
        ),
        above=("environment",),
        verbs=ALL_VERBS,
        archiving=Archiving("desired_state", "UNDEPLOYED", "DEPLOYED"),
    ),
    Resource(
        "experiments",
        "experiment",
        "Experiments: groups of runs.",
        ("Experiment",),
        "EXPERIMENT",
        (ID, NAME, STATE, Column("OWNER", "owner"), UPDATED, *COMMON_WIDE),
        verbs=ALL_VERBS,
        archiving=IN_USE,
    ),
    Resource(
        "runs",
        "run",
        "Runs of experiments.",
        ("ExperimentRun",),
        "EXPERIMENT/RUN",
        (
            ID,
            Column("EXPERIMENT", "experiment_id", "reference"),
            NAME,
            Column("STATUS", "status", "state"),
            STATE,
            Column("STARTED", "start_time_since_epoch", "age"),
            Column("TOOK", "", "duration"),
            Column("OWNER", "owner", is_wide=True),
            *COMMON_WIDE,
        ),
        above=("experiment",),
        verbs=ALL_VERBS,
        archiving=IN_USE,
    ),
    Resource(
        "metrics",
        "metric",
        "Metrics: last values, their history, plots.",
        ("Metric",),
        "EXPERIMENT/RUN/METRIC",
        (
            ID,
            NAME,
            Column("VALUE", "value", "number"),
            Column("STEP", "step"),
            Column("MEASURED", "timestamp", "age"),
            *COMMON_WIDE,
        ),
        above=("run", "version"),
    ),
)
BY_NAME = {resource.name: resource for resource in RESOURCES}
BY_WORD = {resource.word: resource for resource in RESOURCES}


def resource_of(entity: "type[Entity] | Entity") -> Resource:
    """Returns the resource of an entity or class. Raises `KeyError` for serve records, which have none."""
    kind = entity if isinstance(entity, type) else type(entity)
    for resource in RESOURCES:
        if kind is resource.entity or kind.__name__ in resource.entities[1:]:
            return resource
    raise KeyError(kind.__name__)
