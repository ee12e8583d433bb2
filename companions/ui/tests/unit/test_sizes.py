"""The HTML of 50 rows of each list is at most 40 KiB, with all columns filled by data of ordinary length."""

from collections.abc import Awaitable, Callable

import pytest
from model_registry_client.custom_properties import to_wire

from companions.ui.tests.experiment_registry import registry as experiments
from companions.ui.tests.registry import Registry, registry
from companions.ui.tests.unit.experiments.test_pages import get

LARGEST = 40 * 1024
ROWS = 50
ABOUT = "Finds unusual card payments within 20 ms."
OWNER = "ann.miller@example.com"


async def models(made: Registry) -> str:
    """Fifty models, each with two labels and a latest version."""
    for number in range(ROWS):
        properties = to_wire({"stage": "production", "gold": "", "payments": ""})
        fields = {"description": ABOUT, "owner": OWNER, "customProperties": properties}
        model = await made.make("/registered_models", name=f"fraud-detection-{number:02}", **fields)
        await made.make("/model_versions", name="1.12.0", registeredModelId=model["id"])
    return "/ui/models?later=1"


async def versions(made: Registry) -> str:
    """Fifty versions of a model with four numbers each, and one label."""
    model = await made.make("/registered_models", name="fraud-detection")
    for number in range(ROWS):
        measured = dict.fromkeys(("accuracy", "auc", "latency_ms", "recall"), 0.9123456789 + number / 1000)
        properties = to_wire({**measured, "stage": "staging", "gold": ""})
        fields = {"description": "Retrained on newer data.", "author": OWNER, "customProperties": properties}
        await made.make("/model_versions", name=f"1.{number}.0", registeredModelId=model["id"], **fields)
    return f"/ui/models/{model['id']}/versions"


async def artifacts(made: Registry) -> str:
    """Fifty files of the versions of a model, with the version that each belongs to."""
    model = await made.make("/registered_models", name="fraud-detection")
    for number in range(ROWS):
        version = await made.make("/model_versions", name=f"1.{number}.0", registeredModelId=model["id"])
        uri = f"s3://models/fraud-detection/1.{number}.0/model.onnx"
        fields = {"artifactType": "model-artifact", "name": "fraud-detection", "uri": uri, "state": "LIVE"}
        await made.make(f"/model_versions/{version['id']}/artifacts", **fields)
    return "/ui/artifacts?later=1"


async def deployments(made: Registry) -> str:
    """Fifty services that were all seen with drift: failed with another version, or running though undeployed."""
    names = ("production-eu", "production-us", "staging")
    environments = [(await made.make("/serving_environments", name=name))["id"] for name in names]
    for number in range(ROWS):
        model = await made.make("/registered_models", name=f"fraud-detection-{number:02}")
        parent = {"registeredModelId": model["id"]}
        ids = [(await made.make("/model_versions", name=f"1.{at}.0", **parent))["id"] for at in range(2)]
        fields = {"servingEnvironmentId": environments[number % 3], "runtime": "kserve-onnxruntime", **parent}
        is_meant = number % 3 > 0
        service = await made.make(
            "/inference_services",
            name=f"fraud-detection-service-{number:02}",
            desiredState="DEPLOYED" if is_meant else "UNDEPLOYED",
            **fields,
            **({"modelVersionId": ids[1]} if number % 2 else {}),
        )
        seen = {"modelVersionId": ids[0], "lastKnownState": "FAILED" if is_meant else "RUNNING"}
        await made.make(f"/inference_services/{service['id']}/serves", **seen)
    return "/ui/deployments"


@pytest.mark.parametrize("fill", [models, versions, artifacts, deployments])
async def test_fifty_rows_are_at_most_40_kib(fill: Callable[[Registry], Awaitable[str]]) -> None:
    async with registry() as made:
        text = await made.page(await fill(made))
    assert text.count("<tr data-row>") == ROWS
    assert fill is not deployments or text.count("<strong class=drift>drift</strong>") == ROWS
    assert len(text.encode()) <= LARGEST


@pytest.mark.parametrize("measured", [1, 0.5])
async def test_fifty_runs_with_all_columns_are_at_most_40_kib(measured: float) -> None:
    made = experiments()
    for number in range(ROWS):
        fields = {"experimentId": "1", "status": "FINISHED", "owner": "ann", "startTimeSinceEpoch": "1795000000000"}
        run = made.add("experiment_runs", name=f"run {number}", **fields)["id"]
        for column in range(10):
            if number < ROWS * measured or column == 0:
                value = 0.123456789 * (number + 1) * (column + 1)
                made.measure(run, "metric", f"metric {column}", value, step=9)
                made.measure(run, "parameter", f"parameter {column}", str(number + column), parameterType="number")
    text = await get("/ui/experiments/1?size=50", made)
    assert text.count("<tr data-row>") == ROWS
    assert len(text.encode()) <= LARGEST
