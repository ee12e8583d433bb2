"""The enums of fields and arguments.

A server may know more words than this release. Such a word becomes a new member: it equals its text, has `.value`, and is sent
unchanged. So a newer server works with an older client.
"""

from enum import Enum
from typing import Self


class OpenEnum(str, Enum):  # noqa: UP042 (its str is `State.LIVE`, as in the other clients)
    """An enum that accepts unknown words."""

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
    """The state of the object that an artifact describes."""

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
    """The type of a parameter's value."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"


class InferenceServiceState(OpenEnum):
    """The desired state of an inference service."""

    DEPLOYED = "DEPLOYED"
    UNDEPLOYED = "UNDEPLOYED"


class ExecutionState(OpenEnum):
    """The last known state of a serve record."""

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
    """The progress of a run."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


class OrderBy(str, Enum):  # noqa: UP042 (as above)
    """The field that a list is sorted by."""

    CREATE_TIME = "CREATE_TIME"
    LAST_UPDATE_TIME = "LAST_UPDATE_TIME"
    ID = "ID"
