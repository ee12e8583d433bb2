"""Records of MLflow's requests in the audit log: they name entities and fields as all other records do."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import MLFLOW
from tests.unit.model_registry_proxy.security.test_audit import logging

ONE = {"name": "churn", "version": "1"}
MODEL, VERSION = "registered model", "model version"
CHANGES: list[tuple[str, str, dict[str, Any], str, str, list[str]]] = [
    ("PATCH", "registered-models/update", {"name": "churn", "description": "d"}, MODEL, "churn", ["description"]),
    ("POST", "registered-models/rename", {"name": "churn", "new_name": "x"}, MODEL, "x", ["name"]),
    (
        "POST",
        "registered-models/set-tag",
        {"name": "churn", "key": "k", "value": "v"},
        MODEL,
        "churn",
        ["customProperties.k"],
    ),
    ("DELETE", "registered-models/delete-tag", {"name": "churn", "key": "k"}, MODEL, "churn", ["customProperties.k"]),
    ("PATCH", "model-versions/update", {**ONE, "description": "d"}, VERSION, "1", ["description"]),
    (
        "POST",
        "model-versions/transition-stage",
        {**ONE, "stage": "Staging"},
        VERSION,
        "1",
        ["customProperties.mlflow.stage", "state"],
    ),
    ("DELETE", "model-versions/delete", ONE, VERSION, "1", ["customProperties.mlflow.deleted", "state"]),
    ("POST", "model-versions/set-tag", {**ONE, "key": "k", "value": "v"}, VERSION, "1", ["customProperties.k"]),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "entity", "name", "changed"), CHANGES, ids=[each[1] for each in CHANGES]
)
async def test_a_change_is_recorded_by_entity_id_and_fields(
    method: str, path: str, body: dict[str, Any], entity: str, name: str, changed: list[str], tmp_path: Path
) -> None:
    async with logging(tmp_path) as logged, logged.by("outsider") as client:
        await client.post(f"{MLFLOW}/registered-models/create", json={"name": "churn"})
        await client.post(f"{MLFLOW}/model-versions/create", json={"name": "churn", "source": "s3://x"})
        assert (await client.request(method, f"{MLFLOW}/{path}", json=body)).is_success
        created, version, record = logged.records
        ids = {MODEL: created["id"], VERSION: version["id"]}
        assert (created["entity"], created["name"]) == (MODEL, "churn")
        assert (version["entity"], version["name"]) == (VERSION, "1")
        assert (record["entity"], record["id"], record["name"]) == (entity, ids[entity], name)
        assert (record["changed"], record["status"], record["user"]) == (changed, 200, "outsider")


async def test_reading_by_post_is_not_recorded(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("outsider") as client:
        await client.post(f"{MLFLOW}/registered-models/create", json={"name": "churn"})
        response = await client.post(f"{MLFLOW}/registered-models/get-latest-versions", json={"name": "churn"})
        assert response.is_success
        assert len(logged.records) == 1


async def test_a_hidden_model_is_recorded_as_hidden(tmp_path: Path) -> None:
    async with logging(tmp_path) as logged, logged.by("outsider") as client:
        await logged.guarded.served.make("/registered_models", name="secret")
        response = await client.get(f"{MLFLOW}/registered-models/get", params={"name": "secret"})
        assert response.status_code == 404
        (record,) = logged.records
        assert (record["operation"], record["denied"]) == ("mlflowGetRegisteredModel", "hidden")
