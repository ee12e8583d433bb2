"""Stages of versions, and deleted models and versions.

The stage Archived is the state ARCHIVED; the others are a custom property of a version that is LIVE. What MLflow deletes is
archived and marked; if its state becomes LIVE again, by any client, it is there again for MLflow too.
"""

from converters.kinds import JsonObject
from model_registry_proxy.errors import BadRequest
from model_registry_proxy.mlflow.properties import Fact, fact

ARCHIVED = "Archived"
NO_STAGE = "None"
ACTIVE_STAGES = ("Staging", "Production")
STAGES = (NO_STAGE, *ACTIVE_STAGES, ARCHIVED)
_BY_SMALL = {stage.lower(): stage for stage in STAGES}
_TRUE = "true"


def stage_named(text: str) -> str:
    """Returns the stage of a name in any case; raises `BadRequest`."""
    found = _BY_SMALL.get(text.lower())
    if found is None:
        raise BadRequest(f"Invalid Model Version stage: {text}. Value must be one of {', '.join(STAGES)}.")
    return found


def is_stage(text: str) -> bool:
    """Returns whether a text is the name of a stage, in any case."""
    return text.lower() in _BY_SMALL


def stage_of(row: JsonObject) -> str:
    """Returns the stage of a version."""
    if row.get("state") == "ARCHIVED":
        return ARCHIVED
    named = fact(row, Fact.STAGE)
    return named if named in ACTIVE_STAGES else NO_STAGE


def is_deleted(row: JsonObject) -> bool:
    """Returns whether MLflow has deleted a model or version, and no client has made it live again."""
    return row.get("state") == "ARCHIVED" and fact(row, Fact.DELETED) == _TRUE
