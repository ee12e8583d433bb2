"""Requests of the clients' own live tests over plain HTTP, exactly as they send them, under both prefixes."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.support.processes import Proxy


@pytest.fixture(params=["v1", "v1alpha3"])
def http(request: pytest.FixtureRequest, proxy: Proxy) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{proxy.url}/api/model_registry/{request.param}", timeout=60) as client:
        yield client


@pytest.fixture
def artifact_id(http: httpx.Client) -> str:
    """A model artifact below a version."""
    model = http.post("/registered_models", json={"name": str(uuid.uuid4())}).json()
    version = http.post("/model_versions", json={"name": "v1", "registeredModelId": model["id"]}).json()
    body = {"artifactType": "model-artifact", "name": "weights", "uri": "s3://b", "modelFormatVersion": "1"}
    return str(http.post(f"/model_versions/{version['id']}/artifacts", json=body).json()["id"])


def test_the_error_for_an_unknown_field_has_the_text_of_the_go_server(http: httpx.Client) -> None:
    answer = http.post("/registered_models", json={"name": "test_model", "ext_id": 123})
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.json() == {"code": "Bad Request", "message": 'json: unknown field "ext_id"'}


def test_a_missing_name_is_422_with_the_code_of_400(http: httpx.Client) -> None:
    model = http.post("/registered_models", json={"name": str(uuid.uuid4())}).json()
    answer = http.post("/model_versions", json={"registeredModelId": model["id"]})
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.json() == {"code": "Bad Request", "message": "required field 'name' is zero value."}


def test_an_artifact_can_be_patched_by_either_path(http: httpx.Client, artifact_id: str) -> None:
    answer = http.patch(f"/model_artifacts/{artifact_id}", json={"modelFormatName": "onnx"})
    assert answer.status_code == httpx.codes.OK
    body = {"artifactType": "model-artifact", "storageKey": "secret"}
    assert http.patch(f"/artifacts/{artifact_id}", json=body).status_code == httpx.codes.OK
    stored = http.get(f"/artifacts/{artifact_id}").json()
    expected = {"modelFormatName": "onnx", "modelFormatVersion": "1", "storageKey": "secret", "uri": "s3://b"}
    assert {key: stored[key] for key in expected} == expected


OTHER_TYPES = {
    "doc-artifact": {},
    "dataset-artifact": {"description": "d"},
    "metric": {"value": 1.5},
    "parameter": {"value": "x", "parameterType": "string"},
}


@pytest.mark.parametrize("other", OTHER_TYPES)
def test_the_type_of_an_artifact_cannot_be_changed(http: httpx.Client, artifact_id: str, other: str) -> None:
    for values in ({}, OTHER_TYPES[other]):
        answer = http.patch(f"/artifacts/{artifact_id}", json={"artifactType": other, **values})
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert answer.json()["code"] == "Bad Request"
        assert f"cannot change artifact type from 'model-artifact' to '{other}'" in answer.json()["message"]
    assert http.get(f"/artifacts/{artifact_id}").json()["artifactType"] == "model-artifact"


@pytest.mark.parametrize("other", OTHER_TYPES)
def test_an_upsert_cannot_change_the_type_of_an_artifact(http: httpx.Client, artifact_id: str, other: str) -> None:
    model = http.post("/registered_models", json={"name": str(uuid.uuid4())}).json()
    version = http.post("/model_versions", json={"name": "v1", "registeredModelId": model["id"]}).json()
    body = {"id": artifact_id, "artifactType": other, **OTHER_TYPES[other]}
    answer = http.post(f"/model_versions/{version['id']}/artifacts", json=body)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "cannot change artifact type" in answer.json()["message"]
    assert http.get(f"/model_versions/{version['id']}/artifacts").json()["items"] == []
    assert http.get(f"/artifacts/{artifact_id}").json()["artifactType"] == "model-artifact"


def test_a_metric_of_a_run_cannot_take_the_place_of_a_model(proxy: Proxy) -> None:
    with httpx.Client(base_url=proxy.api, timeout=60) as http:
        experiment = http.post("/experiments", json={"name": str(uuid.uuid4())}).json()
        run = http.post("/experiment_runs", json={"name": "run", "experimentId": experiment["id"]}).json()
        artifact = http.post("/model_artifacts", json={"uri": "s3://b"}).json()
        body = {"id": artifact["id"], "artifactType": "metric", "value": 1.5}
        answer = http.post(f"/experiment_runs/{run['id']}/artifacts", json=body)
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert "cannot change artifact type" in answer.json()["message"]
        assert http.get(f"/experiment_runs/{run['id']}/artifacts").json()["items"] == []


def test_the_newest_version_comes_first_with_a_direction_and_no_order(http: httpx.Client) -> None:
    """KServe's storage initializer takes the first of this list."""
    model = http.post("/registered_models", json={"name": str(uuid.uuid4())}).json()
    for name in ("v1", "v2", "v3"):
        http.post("/model_versions", json={"name": name, "registeredModelId": model["id"]})
    listed = http.get(f"/registered_models/{model['id']}/versions", params={"sortOrder": "DESC"}).json()
    assert [version["name"] for version in listed["items"]] == ["v3", "v2", "v1"]


@pytest.mark.xfail(reason="v1 should carry a metric's step as text, as its client reads it", strict=True)
def test_under_v1_the_step_of_a_metric_is_text(proxy: Proxy) -> None:
    """PyPI's client since 0.3.12 cannot read a list that holds a metric whose step is a number."""
    with httpx.Client(base_url=f"{proxy.url}/api/model_registry/v1", timeout=60) as http:
        model = http.post("/registered_models", json={"name": str(uuid.uuid4())}).json()
        version = http.post("/model_versions", json={"name": "v1", "registeredModelId": model["id"]}).json()
        body = {"artifactType": "metric", "name": "loss", "value": 0.5, "step": "3"}
        answer = http.post(f"/model_versions/{version['id']}/artifacts", json=body)
        assert answer.status_code == httpx.codes.OK
        assert answer.json()["step"] == "3"
