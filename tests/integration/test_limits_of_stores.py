"""Values that a database or a server cannot keep are refused with a clear message, never with a 500."""

import http.client
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.processes import Proxy


@pytest.fixture
def client(any_proxy: Proxy) -> Any:
    with httpx.Client(base_url=any_proxy.api, timeout=60) as client:
        yield client


def created(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.is_success, response.text
    entity: dict[str, Any] = response.json()
    return entity


def text_of(value: str) -> dict[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": value}


def new(what: str) -> str:
    return f"{what}-{uuid.uuid4()}"


def test_external_ids_that_are_equal_for_the_database_are_a_conflict(client: httpx.Client) -> None:
    taken = new("Ext")
    created(client, "/registered_models", name=new("m"), externalId=taken)
    other = created(client, "/registered_models", name=new("m"))
    for response in (
        client.post("/registered_models", json={"name": new("m"), "externalId": taken.lower()}),
        client.patch(f"/registered_models/{other['id']}", json={"externalId": taken.lower()}),
    ):
        assert response.status_code in (200, 201, 409), response.text
        if response.status_code == 409:
            assert "externalId" in response.json()["message"]


def test_property_names_that_are_equal_for_the_database_are_refused(client: httpx.Client) -> None:
    both = {"Key": text_of("a"), "key": text_of("b")}
    model = created(client, "/registered_models", name=new("m"))
    for response in (
        client.post("/registered_models", json={"name": new("m"), "customProperties": both}),
        client.patch(f"/registered_models/{model['id']}", json={"customProperties": both}),
    ):
        assert response.status_code in (200, 201, 400), response.text
        if response.status_code == 400:
            assert "customProperties" in response.json()["message"]


def test_metric_names_that_are_equal_for_the_database_are_a_conflict(client: httpx.Client) -> None:
    experiment = created(client, "/experiments", name=new("e"))
    run = created(client, "/experiment_runs", experimentId=experiment["id"])
    path = f"/experiment_runs/{run['id']}/artifacts"
    created(client, path, artifactType="metric", name="a_b", value=1)
    response = client.post(path, json={"artifactType": "metric", "name": "A_B", "value": 1})
    assert response.status_code in (200, 409), response.text
    if response.status_code == 409:
        assert "already exists" in response.json()["message"]


def test_a_whole_number_written_as_a_float_is_kept_however_large(client: httpx.Client) -> None:
    body = {"artifactType": "metric", "name": new("x"), "value": 1, "step": 3e9}
    assert created(client, "/artifacts", **body)["step"] == 3_000_000_000


def test_a_text_above_what_the_server_takes_is_refused(client: httpx.Client) -> None:
    response = client.post("/registered_models", json={"name": new("m"), "description": "x" * 4_300_000})
    assert response.status_code in (201, 413), response.text[:300]
    if response.status_code == 413:
        assert "4194304" in response.json()["message"]


def test_a_conflict_of_long_entities_is_still_a_conflict(client: httpx.Client) -> None:
    body = {"name": new("m"), "description": "x" * 100_000}
    created(client, "/registered_models", **body)
    assert client.post("/registered_models", json=body).status_code == 409


def test_a_uri_that_is_longer_than_the_database_keeps_is_a_400(client: httpx.Client) -> None:
    body = {"artifactType": "doc-artifact", "uri": "é" * 32_768}
    assert client.post("/artifacts", json=body).status_code == 400


def test_a_simple_client_sees_the_answer_to_a_body_that_is_too_large(proxy: Proxy) -> None:
    address = urlsplit(proxy.url)
    for size in (2**23 + 1, 3 * 2**23):
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        connection.request("POST", "/api/model_registry/v1/registered_models", body=b" " * size)
        answer = connection.getresponse()
        assert answer.status == 413
        assert "8388608" in json.loads(answer.read())["message"]
        connection.close()


@pytest.mark.parametrize("first", ["patch", "upsert"])
def test_writes_of_different_fields_of_one_metric_at_once_all_survive(client: httpx.Client, first: str) -> None:
    experiment = created(client, "/experiments", name=new("e"))
    run = created(client, "/experiment_runs", experimentId=experiment["id"])
    path = f"/experiment_runs/{run['id']}/artifacts"
    metric = created(client, path, artifactType="metric", name="loss", value=0.0)
    with ThreadPoolExecutor(2) as pool:
        for count in range(8):
            value = {"artifactType": "metric", "value": 1 / (count + 3)}
            properties = {"artifactType": "metric", "customProperties": {"n": text_of(str(count))}}
            writes = [pool.submit(client.patch, f"/artifacts/{metric['id']}", json=properties)]
            if first == "patch":
                writes.append(pool.submit(client.patch, f"/artifacts/{metric['id']}", json=value))
            else:
                writes.append(pool.submit(client.post, path, json={**value, "name": "loss"}))
            assert [write.result().status_code for write in writes] == [200, 200]
            found = client.get(f"/artifacts/{metric['id']}").json()
            assert found["value"] == value["value"]
            assert found["customProperties"] == properties["customProperties"]


def test_an_update_by_a_nested_post_resets_nothing(client: httpx.Client) -> None:
    model = created(client, "/registered_models", name=new("m"))
    version = created(client, "/model_versions", name="v", registeredModelId=model["id"])
    client.patch(f"/model_versions/{version['id']}", json={"state": "ARCHIVED"})
    body = {"id": version["id"], "name": "v", "registeredModelId": model["id"], "description": "d"}
    assert created(client, f"/registered_models/{model['id']}/versions", **body)["state"] == "ARCHIVED"
    experiment = created(client, "/experiments", name=new("e"))
    run = created(client, "/experiment_runs", experimentId=experiment["id"], status="FINISHED")
    body = {"id": run["id"], "experimentId": experiment["id"]}
    assert created(client, f"/experiments/{experiment['id']}/experiment_runs", **body)["status"] == "FINISHED"


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("hf_gated", "manual", 400),
        ("hf_gated", "false", 201),
        ("hf_private", "true", 400),
        ("hf_private", "false", 201),
    ],
)
def test_a_gated_model_cannot_be_served(client: httpx.Client, name: str, value: str, status: int) -> None:
    model = created(client, "/registered_models", name=new("m"))
    marks = {name: text_of(value)}
    version = created(client, "/model_versions", name="v", registeredModelId=model["id"], customProperties=marks)
    environment = created(client, "/serving_environments", name=new("s"))
    service = created(
        client, "/inference_services", registeredModelId=model["id"], servingEnvironmentId=environment["id"]
    )
    path = f"/inference_services/{service['id']}/serves"
    response = client.post(path, json={"modelVersionId": version["id"]})
    assert response.status_code == status, response.text
    assert client.get(path).json()["size"] == (status == 201)


def test_artifacts_attached_to_a_run_have_its_id(client: httpx.Client) -> None:
    experiment = created(client, "/experiments", name=new("e"))
    run = created(client, "/experiment_runs", experimentId=experiment["id"])
    standalone = created(client, "/artifacts", artifactType="doc-artifact", name="card")
    path = f"/experiment_runs/{run['id']}/artifacts"
    attached = created(client, path, artifactType="doc-artifact", id=standalone["id"])
    listed = client.get(path).json()["items"]
    for artifact in (attached, *listed):
        assert (artifact["experimentRunId"], artifact["experimentId"]) == (run["id"], experiment["id"])


def test_a_name_wins_over_an_external_id_in_lists_as_in_finds(client: httpx.Client) -> None:
    model = created(client, "/registered_models", name=new("m"))
    created(client, "/model_versions", name="v", registeredModelId=model["id"])
    query = {"name": "v", "externalId": "missing"}
    assert client.get(f"/registered_models/{model['id']}/versions", params=query).json()["size"] == 1
    assert client.get("/model_version", params={**query, "parentResourceId": model["id"]}).status_code == 200


def test_a_token_with_foreign_characters_is_none(client: httpx.Client) -> None:
    for _ in range(2):
        created(client, "/registered_models", name=new("m"))
    token = client.get("/registered_models", params={"pageSize": 1}).json()["nextPageToken"]
    assert token
    response = client.get("/registered_models", params={"pageSize": 1, "nextPageToken": token + "!!!!"})
    assert response.status_code == 400


def test_serves_can_be_filtered_by_fields_of_their_service(client: httpx.Client) -> None:
    model = created(client, "/registered_models", name=new("m"))
    version = created(client, "/model_versions", name="v", registeredModelId=model["id"])
    environment = created(client, "/serving_environments", name=new("s"))
    service = created(
        client, "/inference_services", registeredModelId=model["id"], servingEnvironmentId=environment["id"]
    )
    path = f"/inference_services/{service['id']}/serves"
    serve = created(client, path, modelVersionId=version["id"])
    filters = {
        "inferenceServiceId": service["id"],
        "registeredModelId": model["id"],
        "servingEnvironmentId": environment["id"],
        "modelVersionId": version["id"],
    }
    for name, id_ in filters.items():
        for query, found in ((f"{name} = {id_}", [serve]), (f"NOT {name} = {id_}", []), (f"{name} IN (0)", [])):
            answer = client.get(path, params={"filterQuery": query})
            assert answer.json()["items"] == found, query
    assert "inferenceServiceId" not in serve
