"""Models and versions as MLflow shows them."""

from collections.abc import Mapping, Sequence

from converters.kinds import JsonObject
from model_registry_proxy.mlflow.properties import VERSION_NAME, Fact, fact, tags_of
from model_registry_proxy.mlflow.stages import stage_of
from model_registry_proxy.mlflow.version_numbers import is_numbered, number_of

_READY = "READY"


def _times(row: JsonObject) -> JsonObject:
    return {
        "creation_timestamp": int(row["createTimeSinceEpoch"]),
        "last_updated_timestamp": int(row["lastUpdateTimeSinceEpoch"]),
    }


def _given(answer: JsonObject) -> JsonObject:
    """Returns an answer without empty texts: MLflow's clients read a field that is not there as one."""
    return {key: value for key, value in answer.items() if value not in ("", None)}


def shown_version(
    row: JsonObject, model_name: str, sources: Mapping[str, str], aliases: Sequence[str] = ()
) -> JsonObject:
    """Returns a version. `sources` are URIs by the ids of versions."""
    tags = tags_of(row)
    if not is_numbered(row):
        tags.append({"key": VERSION_NAME, "value": row["name"]})
    return _given(
        {
            "name": model_name,
            "version": str(number_of(row)),
            **_times(row),
            "user_id": row.get("author"),
            "current_stage": stage_of(row),
            "description": row.get("description"),
            "source": fact(row, Fact.SOURCE) or sources.get(row["id"]),
            "run_id": fact(row, Fact.RUN),
            "run_link": fact(row, Fact.RUN_LINK),
            "model_id": fact(row, Fact.LOGGED_MODEL),
            "status": _READY,
            "tags": tags,
            "aliases": list(aliases),
        }
    )


def shown_model(row: JsonObject, latest: Sequence[JsonObject] = (), aliases: Sequence[JsonObject] = ()) -> JsonObject:
    """Returns a model. `latest` are the newest versions of its stages, as they are shown."""
    return _given(
        {
            "name": row["name"],
            **_times(row),
            "user_id": row.get("owner"),
            "description": row.get("description"),
            "latest_versions": list(latest),
            "tags": tags_of(row),
            "aliases": list(aliases),
        }
    )
