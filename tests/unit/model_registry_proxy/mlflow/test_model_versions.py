"""Versions as MLflow's clients see them, next to what clients of Kubeflow's API see."""

import asyncio
from typing import Any

import pytest

from converters.entities import ModelVersion
from model_registry_proxy.mlmd.port import AlreadyExists, Unavailable
from tests.unit.model_registry_proxy.mlflow.conftest import Mlflow


async def versions_in_kubeflow(mlflow: Mlflow) -> list[dict[str, Any]]:
    """All versions as Kubeflow's API shows them."""
    found: list[dict[str, Any]] = (await mlflow.served.client.get("/model_versions")).json()["items"]
    return found


async def test_a_new_version_is_one_of_kubeflow_with_a_model_artifact(mlflow: Mlflow) -> None:
    await mlflow.model()
    tags = [{"key": "accuracy", "value": "0.9"}]
    made = await mlflow.version(
        source="s3://b/m", run_id="a1", run_link="http://l", model_id="m-7", description="first", tags=tags
    )
    shown = {
        key: made.get(key) for key in ("name", "version", "source", "run_id", "run_link", "model_id", "description")
    }
    assert list(shown.values()) == ["churn", "1", "s3://b/m", "a1", "http://l", "m-7", "first"]
    assert (made["tags"], made["status"], made["current_stage"], made["aliases"]) == (tags, "READY", "None", [])
    assert (await mlflow.get("model-versions/get", name="churn", version="1"))["model_version"] == made
    (version,) = await versions_in_kubeflow(mlflow)
    assert (version["name"], version["state"], version["description"]) == ("1", "LIVE", "first")
    path = f"/model_versions/{version['id']}/artifacts"
    (artifact,) = (await mlflow.served.client.get(path)).json()["items"]
    assert (artifact["name"], artifact["uri"], artifact["modelFormatName"]) == ("churn", "s3://b/m", "mlflow")
    assert (artifact["modelSourceKind"], artifact["modelSourceId"]) == ("mlflow", "a1")


async def test_versions_of_kubeflow_have_numbers(mlflow: Mlflow) -> None:
    id_ = (await mlflow.served.make("/registered_models", name="churn"))["id"]
    ids = {}
    for name in ("7", "1.0.0", "007", "1000000001"):
        version = await mlflow.served.make("/model_versions", name=name, registeredModelId=id_, author="ann")
        ids[name] = version["id"]
        path = f"/model_versions/{version['id']}/artifacts"
        await mlflow.served.make(path, artifactType="model-artifact", name="files", uri=f"s3://{name}")
        await mlflow.served.make(path, artifactType="model-artifact", name="more", uri="s3://more")
    found = (await mlflow.get("model-versions/search", filter="name = 'churn'"))["model_versions"]
    numbers = {version["source"]: version["version"] for version in found}
    assert numbers == {f"s3://{name}": "7" if name == "7" else str(10**9 + int(id_)) for name, id_ in ids.items()}
    by_number = {version["version"]: version for version in found}
    assert {"key": "modelregistry.version_name", "value": "1.0.0"} in by_number[numbers["s3://1.0.0"]]["tags"]
    for number, version in by_number.items():
        assert (await mlflow.get("model-versions/get", name="churn", version=number))["model_version"] == version
        assert version["user_id"] == "ann"
    assert (await mlflow.version())["version"] == "8"


@pytest.mark.parametrize(
    "number", ["2", "0", "1000000001", "99999999999999999999999", "1.0", "-1", "I am not a version"]
)
async def test_a_version_that_is_not_there_is_not_found_by_any_number(number: str, mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    status, code, message = await mlflow.refusal("GET", "model-versions/get", name="churn", version=number)
    if number.isdigit() and len(number) < 20:
        assert (status, code) == (404, "RESOURCE_DOES_NOT_EXIST")
        assert message == f"Model Version (name=churn, version={number}) not found"
    else:
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert message == f"Parameter 'version' must be an integer, got '{number}'."


async def test_a_version_of_another_model_is_not_found_by_its_id(mlflow: Mlflow) -> None:
    await mlflow.model("other")
    id_ = (await mlflow.served.make("/registered_models", name="churn"))["id"]
    version = (await mlflow.served.make("/model_versions", name="x", registeredModelId=id_))["id"]
    number = str(10**9 + int(version))
    assert (await mlflow.get("model-versions/get", name="churn", version=number))["model_version"]["name"] == "churn"
    assert (await mlflow.refusal("GET", "model-versions/get", name="other", version=number))[0] == 404


async def test_requests_at_the_same_time_get_numbers_without_a_gap_and_with_one_list(mlflow: Mlflow) -> None:
    await mlflow.model()
    mlflow.served.store.forget()
    made = await asyncio.gather(*(mlflow.version() for _ in range(24)))
    assert sorted(int(version["version"]) for version in made) == list(range(1, 25))
    assert mlflow.served.store.counts["list_nodes"] == 1
    mlflow.served.store.forget()
    assert (await mlflow.version())["version"] == "25"
    assert "list_nodes" not in mlflow.served.store.counts


async def test_a_number_that_another_process_has_taken_leads_to_the_next(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    id_ = (await versions_in_kubeflow(mlflow))[0]["registeredModelId"]
    for name in ("2", "3", "x", "40"):
        await mlflow.served.make("/model_versions", name=name, registeredModelId=id_)
    assert (await mlflow.version())["version"] == "41"
    assert (await mlflow.version())["version"] == "42"


async def test_a_number_that_is_far_behind_the_newest_versions_is_passed_over(mlflow: Mlflow) -> None:
    id_ = (await mlflow.served.make("/registered_models", name="churn"))["id"]
    for name in ("1", "2", *(f"v{number}" for number in range(30))):
        await mlflow.served.make("/model_versions", name=name, registeredModelId=id_)
    assert (await mlflow.version())["version"] == "3"


async def test_a_request_that_fails_leaves_no_gap(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    refused = {"name": "churn", "source": "s3://x", "tags": [{"key": "é" * 200, "value": ""}]}
    assert (await mlflow.refusal("POST", "model-versions/create", **refused))[1] == "INVALID_PARAMETER_VALUE"
    mlflow.served.store.fail("put", Unavailable("a test wants it"))
    assert (await mlflow.ask("POST", "model-versions/create", name="churn", source="s3://x")).status_code == 503
    assert (await mlflow.version())["version"] == "2"


async def test_a_store_that_always_refuses_ends_with_an_error(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    for _ in range(60):
        mlflow.served.store.fail("put", AlreadyExists("another process was quicker"))
    response = await mlflow.ask("POST", "model-versions/create", name="churn", source="s3://x")
    assert (response.status_code, response.json()["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")


async def test_a_copy_has_the_files_of_its_source_and_names_it(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    await mlflow.model("copies")
    copy = await mlflow.version("copies", source="models:/churn/2")
    assert copy["source"] == "models:/churn/2"
    uri = await mlflow.get("model-versions/get-download-uri", name="copies", version="1")
    assert uri == {"artifact_uri": "s3://b/2"}
    again = await mlflow.version("copies", source="models:/copies/1")
    assert again["source"] == "models:/copies/1"
    assert await mlflow.get("model-versions/get-download-uri", name="copies", version="2") == uri
    given = {"name": "copies", "source": "models:/churn/9"}
    status, code, message = await mlflow.refusal("POST", "model-versions/create", **given)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "models:/churn/9" in message


async def test_a_deleted_version_is_archived_and_its_number_is_not_used_again(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    assert await mlflow.delete("model-versions/delete", name="churn", version="2") == {}
    for method, path in (("GET", "get"), ("DELETE", "delete"), ("GET", "get-download-uri"), ("PATCH", "update")):
        refused = await mlflow.refusal(method, f"model-versions/{path}", name="churn", version="2")
        assert refused == (404, "RESOURCE_DOES_NOT_EXIST", "Model Version (name=churn, version=2) not found")
    assert [version["state"] for version in await versions_in_kubeflow(mlflow)] == ["LIVE", "ARCHIVED"]
    assert (await mlflow.version())["version"] == "3"
    model = (await mlflow.get("registered-models/get", name="churn"))["registered_model"]
    assert [version["version"] for version in model["latest_versions"]] == ["3"]


async def test_the_state_of_kubeflow_and_the_stage_of_mlflow_agree(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    (version,) = await versions_in_kubeflow(mlflow)
    path = f"/model_versions/{version['id']}"

    async def stage() -> str:
        shown = (await mlflow.get("model-versions/get", name="churn", version="1"))["model_version"]
        return str(shown["current_stage"])

    assert (await mlflow.stage("1", "PRODUCTION"))["current_stage"] == "Production"
    await mlflow.served.client.patch(path, json={"state": "ARCHIVED"})
    assert await stage() == "Archived"
    await mlflow.served.client.patch(path, json={"state": "LIVE"})
    assert await stage() == "Production"
    await mlflow.stage("1", "Archived")
    assert (await mlflow.served.client.get(path)).json()["state"] == "ARCHIVED"
    await mlflow.served.client.patch(path, json={"state": "LIVE"})
    assert await stage() == "None"


async def test_others_of_a_stage_are_archived_on_request(mlflow: Mlflow) -> None:
    await mlflow.model(versions=3)
    for number in ("1", "2"):
        await mlflow.stage(number, "Staging")
    await mlflow.stage("3", "staging", archive_existing_versions=True)
    found = (await mlflow.get("model-versions/search", filter="name = 'churn'"))["model_versions"]
    stages = {version["version"]: version["current_stage"] for version in found}
    assert stages == {"1": "Archived", "2": "Archived", "3": "Staging"}


@pytest.mark.parametrize(
    ("stage", "archive", "said"),
    [
        (
            "unknown",
            False,
            "Invalid Model Version stage: unknown. Value must be one of None, Staging, Production, Archived.",
        ),
        (
            "Archived",
            True,
            "Model version transition cannot archive existing model versions because 'Archived' is not an Active",
        ),
        (
            "none",
            True,
            "Model version transition cannot archive existing model versions because 'None' is not an Active stage.",
        ),
    ],
)
async def test_a_stage_that_cannot_be_is_refused(stage: str, archive: bool, said: str, mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    given = {"name": "churn", "version": "1", "stage": stage, "archive_existing_versions": archive}
    status, code, message = await mlflow.refusal("POST", "model-versions/transition-stage", **given)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith(said)


async def test_tags_of_a_version_are_set_and_removed_one_by_one(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    one = {"name": "churn", "version": "1"}
    for key in ("k", "gone"):
        await mlflow.post("model-versions/set-tag", **one, key=key, value="v")
    await mlflow.delete("model-versions/delete-tag", **one, key="gone")
    assert (await mlflow.get("model-versions/get", **one))["model_version"]["tags"] == [{"key": "k", "value": "v"}]
    assert (await mlflow.get("model-versions/get", name="churn", version="2"))["model_version"]["tags"] == []


async def test_two_tags_at_the_same_time_are_both_kept(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    one = {"name": "churn", "version": "1"}
    await asyncio.gather(
        *(mlflow.post("model-versions/set-tag", **one, key=f"k{number}", value="v") for number in range(20))
    )
    assert len((await mlflow.get("model-versions/get", **one))["model_version"]["tags"]) == 20


async def test_a_version_without_files_is_shown_without_a_source(mlflow: Mlflow) -> None:
    id_ = (await mlflow.served.make("/registered_models", name="churn"))["id"]
    await mlflow.served.make("/model_versions", name="1", registeredModelId=id_)
    version = (await mlflow.get("model-versions/get", name="churn", version="1"))["model_version"]
    assert "source" not in version
    assert await mlflow.get("model-versions/get-download-uri", name="churn", version="1") == {"artifact_uri": ""}


def test_versions_name_their_model_in_one_field() -> None:
    assert ModelVersion.parent_id == "registeredModelId"
