"""The words that fields may hold, beside what the entities hold otherwise.

Servers may know more words than this release. Such a word is read as a member of its own: it compares equal to its text, has
`.value`, and is sent as it is, so that nothing breaks between releases.
"""

from enum import Enum
from typing import Self


class OpenEnum(str, Enum):  # noqa: UP042 (its text is `State.LIVE`, as in the other clients)
    """An enum that takes words it does not know."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


class RegisteredModelState(OpenEnum):
    """Whether a registered model is in use."""

    LIVE = "LIVE"
    ARCHIVED = "ARCHIVED"


class ModelVersionState(OpenEnum):
    """Whether a version is in use."""

    LIVE = "LIVE"
    ARCHIVED = "ARCHIVED"


class ArtifactState(OpenEnum):
    """How far the thing behind an artifact has come."""

    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    LIVE = "LIVE"
    MARKED_FOR_DELETION = "MARKED_FOR_DELETION"
    DELETED = "DELETED"
    ABANDONED = "ABANDONED"
    REFERENCE = "REFERENCE"


class ArtifactType(OpenEnum):
    """The kinds of artifacts."""

    MODEL_ARTIFACT = "model-artifact"
    DOC_ARTIFACT = "doc-artifact"
    DATASET_ARTIFACT = "dataset-artifact"
    METRIC = "metric"
    PARAMETER = "parameter"


class ParameterType(OpenEnum):
    """How the text of a parameter is to be read."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"


class InferenceServiceState(OpenEnum):
    """What an inference service is meant to be."""

    DEPLOYED = "DEPLOYED"
    UNDEPLOYED = "UNDEPLOYED"


class ExecutionState(OpenEnum):
    """How a serve was last seen."""

    UNKNOWN = "UNKNOWN"
    NEW = "NEW"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    CACHED = "CACHED"
    CANCELED = "CANCELED"


class ExperimentState(OpenEnum):
    """Whether an experiment is in use."""

    LIVE = "LIVE"
    ARCHIVED = "ARCHIVED"


class ExperimentRunState(OpenEnum):
    """Whether a run is in use."""

    LIVE = "LIVE"
    ARCHIVED = "ARCHIVED"


class ExperimentRunStatus(OpenEnum):
    """How far a run has come."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


class OrderBy(str, Enum):  # noqa: UP042 (as above)
    """What a list is ordered by."""

    CREATE_TIME = "CREATE_TIME"
    LAST_UPDATE_TIME = "LAST_UPDATE_TIME"
    ID = "ID"
