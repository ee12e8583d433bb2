"""The operations that are measured, as REST requests. `naive` has the same operations as the MLMD calls of the Go proxy.

Variables: {unique} is a new text for each flow. {model.id} is the field "id" of the record that the flow uses from the pool
"model" (`seeds`). Others, such as {run}, are values from an earlier response of the same flow.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from benchmarks.generator import Step

API = "/api/model_registry/v1alpha3"
METRICS = 10
PAGE = 100
_OK, _CREATED, _NOT_FOUND = 200, 201, 404


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: the requests of its flow, and the pools that it takes records from.

    If `disjoint`, no two connections use the same record.
    """

    steps: Sequence[Step]
    pools: Sequence[str] = ()
    disjoint: bool = False


def custom_properties() -> Mapping[str, Any]:
    """The custom properties of every model: one of each common type."""
    return {
        "team": {"metadataType": "MetadataStringValue", "string_value": "forecasting"},
        "layers": {"metadataType": "MetadataIntValue", "int_value": "12"},
        "accuracy": {"metadataType": "MetadataDoubleValue", "double_value": 0.875},
    }


def model_body(name: str) -> dict[str, Any]:
    """The body of a request that creates a registered model."""
    properties = custom_properties()
    return {"name": name, "description": "A model of the benchmark", "owner": "bench", "customProperties": properties}


def version_body(name: str, model: str) -> dict[str, Any]:
    """The body of a request that creates a model version; `model` is the model's id."""
    return {"name": name, "registeredModelId": model, "description": "A version of the benchmark", "author": "bench"}


def experiment_body(name: str) -> dict[str, Any]:
    """The body of a request that creates an experiment."""
    return {"name": name, "description": "An experiment of the benchmark"}


def _artifact_body(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "artifactType": "model-artifact",
        "uri": "s3://models/benchmark",
        "modelFormatName": "onnx",
        "modelFormatVersion": "1",
        "state": "UNKNOWN",
    }


def _get(path: str, *, found: bool = True, **check: str) -> Step:
    return Step("GET", API + path, statuses=[_OK if found else _NOT_FOUND], check=check)


def _list(path: str, query: str, count: int, check: Mapping[str, str]) -> Step:
    return Step(
        "GET",
        f"{API}{path}?pageSize={PAGE}{query}",
        statuses=[_OK],
        check={"items.#": str(count), "size": str(count), **check},
    )


def _post(path: str, body: Mapping[str, Any], save: str = "", **check: str) -> Step:
    check = {"name": body["name"], **check}
    saved = {save: "id"} if save else {}
    return Step("POST", API + path, json.dumps(body), statuses=[_OK, _CREATED], save=saved, check=check)


def _metric(number: int) -> Step:
    body = {"name": f"metric-{number}", "artifactType": "metric", "value": number + 0.5, "step": 1, "timestamp": "1"}
    return _post("/experiment_runs/{run}/artifacts", body, value=str(number + 0.5))


def _register_model() -> Sequence[Step]:
    """The requests of `register_model` in the Python client, for a new model."""
    return [
        _get("/registered_model?name={unique}", found=False),
        _post("/registered_models", model_body("{unique}"), "new_model"),
        _get("/model_version?name=v1&parentResourceId={new_model}", found=False),
        _post("/model_versions", version_body("v1", "{new_model}"), "new_version", registeredModelId="{new_model}"),
        _post("/model_versions/{new_version}/artifacts", _artifact_body("{unique}")),
    ]


def filter_query(prefix: str) -> str:
    """A filter that every server of this API reads in the same way. Ten models match it."""
    return f'name LIKE "{prefix}-model-{{group.digits}}%"'


def operations(prefix: str, versions: int) -> dict[str, Operation]:
    """The operations by name, in the order of their measurement: reads, then lookups by filter, then those that only create.

    `prefix` begins the names of seeded entities. `versions` is the number of versions of the one model that has versions.
    """
    run = {"name": "{unique}", "experimentId": "{experiment.id}", "description": "A run of the benchmark"}
    new_version = version_body("{unique}", "{parent.id}")
    changed = {"description": "{unique}"}
    filtered = "&filterQuery=" + quote(filter_query(prefix), safe="{}.")
    fits = {"items.*.name": f"{prefix}-model-{{group.digits}}*"}
    return {
        "get": Operation([_get("/registered_models/{model.id}", id="{model.id}", name="{model.name}")], ["model"]),
        "find": Operation(
            [_get("/registered_model?name={model.name}", id="{model.id}", name="{model.name}")], ["model"]
        ),
        "list 100": Operation([_list("/registered_models", "", PAGE, {})]),
        "list with filter": Operation([_list("/registered_models", filtered, 10, fits)], ["group"]),
        "50 versions": Operation(
            [
                _list(
                    "/registered_models/{versioned.id}/versions",
                    "",
                    versions,
                    {"items.*.registeredModelId": "{versioned.id}"},
                )
            ],
            ["versioned"],
        ),
        "patch": Operation(
            [
                Step(
                    "PATCH",
                    API + "/registered_models/{model.id}",
                    json.dumps(changed),
                    statuses=[_OK],
                    check={"id": "{model.id}", "name": "{model.name}", **changed},
                )
            ],
            ["model"],
            disjoint=True,
        ),
        "run with 10 metrics": Operation(
            [_post("/experiment_runs", run, "run", experimentId="{experiment.id}"), *map(_metric, range(METRICS))],
            ["experiment"],
        ),
        "register_model": Operation(_register_model()),
        "create artifact": Operation(
            [_post("/model_versions/{version.id}/artifacts", _artifact_body("{unique}"))], ["version"]
        ),
        "create version": Operation(
            [_post("/model_versions", new_version, registeredModelId="{parent.id}")], ["parent"]
        ),
        "create model": Operation([_post("/registered_models", model_body("{unique}"))]),
    }
