"""Registered models as MLflow's clients see them, next to what clients of Kubeflow's API see."""

from typing import Any

import pytest

from tests.unit.model_registry_proxy.mlflow.conftest import Mlflow

MISSING = (404, "RESOURCE_DOES_NOT_EXIST", "Registered Model with name=churn not found")


async def in_kubeflow(mlflow: Mlflow, name: str) -> dict[str, Any]:
    """The model of a name as Kubeflow's API shows it."""
    response = await mlflow.served.client.get("/registered_model", params={"name": name})
    model: dict[str, Any] = response.json()
    return model


async def test_a_new_model_is_one_of_kubeflow_with_its_tags_as_custom_properties(mlflow: Mlflow) -> None:
    made = await mlflow.model(description="d", tags=[{"key": "team", "value": "risk"}])
    assert (made["name"], made["description"], made["tags"]) == ("churn", "d", [{"key": "team", "value": "risk"}])
    model = await in_kubeflow(mlflow, "churn")
    assert (model["state"], model["description"]) == ("LIVE", "d")
    assert model["customProperties"]["team"]["string_value"] == "risk"
    assert made["creation_timestamp"] == int(model["createTimeSinceEpoch"])


async def test_a_model_of_kubeflow_is_one_of_mlflow_with_all_its_properties_as_text(mlflow: Mlflow) -> None:
    held = {
        "accuracy": {"metadataType": "MetadataDoubleValue", "double_value": 0.9},
        "ok": {"metadataType": "MetadataBoolValue", "bool_value": True},
        "n": {"metadataType": "MetadataIntValue", "int_value": "3"},
        "more": {"metadataType": "MetadataStructValue", "struct_value": "eyJhIjpbMV19"},
    }
    await mlflow.served.make("/registered_models", name="org/churn", owner="ann", customProperties=held)
    model = (await mlflow.get("registered-models/get", name="org/churn"))["registered_model"]
    assert {tag["key"]: tag["value"] for tag in model["tags"]} == {
        "accuracy": "0.9",
        "ok": "true",
        "n": "3",
        "more": '{"a":[1]}',
    }
    assert model["user_id"] == "ann"


PROMPT_TAG = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([], [], "Registered Model (name=churn) already exists."),
        (PROMPT_TAG, PROMPT_TAG, "Prompt (name=churn) already exists."),
        (
            [],
            PROMPT_TAG,
            "Tried to create a prompt with name 'churn', but the name is already taken by a registered model",
        ),
        (
            PROMPT_TAG,
            [],
            "Tried to create a registered model with name 'churn', but the name is already taken by a prompt",
        ),
    ],
)
async def test_a_taken_name_is_refused_in_mlflows_words(first: Any, second: Any, message: str, mlflow: Mlflow) -> None:
    await mlflow.model(tags=first)
    status, code, said = await mlflow.refusal("POST", "registered-models/create", name="churn", tags=second)
    assert (status, code) == (400, "RESOURCE_ALREADY_EXISTS")
    assert said.startswith(message)


@pytest.mark.parametrize("name", ["a/b", "a:b", "..", "  ", "", None])
async def test_a_name_that_mlflows_uris_cannot_hold_is_refused(name: str | None, mlflow: Mlflow) -> None:
    status, code, message = await mlflow.refusal("POST", "registered-models/create", name=name)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "name" in message


async def test_names_and_fields_that_are_missing_are_named(mlflow: Mlflow) -> None:
    refused = 400, "INVALID_PARAMETER_VALUE"
    assert await mlflow.refusal("GET", "registered-models/get") == (
        *refused,
        "Missing value for required parameter 'name'.",
    )
    path = "registered-models/rename"
    assert await mlflow.refusal("POST", path, name="x") == (
        *refused,
        "Missing value for required parameter 'new_name'.",
    )


async def test_a_missing_model_is_missing_for_every_operation(mlflow: Mlflow) -> None:
    await mlflow.model("other")
    assert await mlflow.refusal("GET", "registered-models/get", name="churn") == MISSING
    assert await mlflow.refusal("GET", "registered-models/get-latest-versions", name="churn") == MISSING
    assert await mlflow.refusal("PATCH", "registered-models/update", name="churn", description="x") == MISSING
    assert await mlflow.refusal("POST", "registered-models/rename", name="churn", new_name="x") == MISSING
    assert await mlflow.refusal("DELETE", "registered-models/delete", name="churn") == MISSING
    assert await mlflow.refusal("POST", "registered-models/set-tag", name="churn", key="k", value="v") == MISSING
    assert await mlflow.refusal("POST", "model-versions/create", name="churn", source="s3://x") == MISSING


async def test_a_renamed_model_keeps_versions_and_tags_and_frees_its_name(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2, tags=[{"key": "team", "value": "risk"}])
    answer = await mlflow.post("registered-models/rename", name="churn", new_name="leavers")
    assert (answer["registered_model"]["name"], answer["registered_model"]["tags"][0]["value"]) == ("leavers", "risk")
    found = await mlflow.get("model-versions/search", filter="name = 'leavers'")
    assert {version["version"] for version in found["model_versions"]} == {"1", "2"}
    assert await mlflow.refusal("GET", "registered-models/get", name="churn") == MISSING
    nodes = [node for node in mlflow.served.store.nodes["context"].values() if node.type == "kf.ModelVersion"]
    assert {node.properties["model_name"].string_value for node in nodes} == {"leavers"}
    await mlflow.model("churn")
    refused = await mlflow.refusal("POST", "registered-models/rename", name="leavers", new_name="churn")
    assert refused == (400, "RESOURCE_ALREADY_EXISTS", "Registered Model (name=churn) already exists.")


async def test_what_is_created_below_a_renamed_model_is_created_below_that_one(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    await mlflow.post("registered-models/rename", name="churn", new_name="leavers")
    await mlflow.model("churn")
    assert (await mlflow.version("leavers"))["version"] == "2"
    assert (await mlflow.version("churn"))["version"] == "1"


async def test_a_deleted_model_is_archived_with_its_versions_and_hidden_from_mlflow(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    assert await mlflow.delete("registered-models/delete", name="churn") == {}
    assert await mlflow.refusal("GET", "registered-models/get", name="churn") == MISSING
    assert await mlflow.refusal("DELETE", "registered-models/delete", name="churn") == MISSING
    assert (await mlflow.get("registered-models/search"))["registered_models"] == []
    assert (await mlflow.get("model-versions/search"))["model_versions"] == []
    status, code, message = await mlflow.refusal("GET", "model-versions/get", name="churn", version="1")
    assert (status, code, message) == (404, MISSING[1], "Model Version (name=churn, version=1) not found")
    assert (await in_kubeflow(mlflow, "churn"))["state"] == "ARCHIVED"
    versions = (await mlflow.served.client.get("/model_versions")).json()["items"]
    assert {version["state"] for version in versions} == {"ARCHIVED"}


async def test_a_deleted_model_is_there_again_when_another_client_makes_it_live(mlflow: Mlflow) -> None:
    await mlflow.model(versions=1)
    await mlflow.delete("registered-models/delete", name="churn")
    id_ = (await in_kubeflow(mlflow, "churn"))["id"]
    await mlflow.served.client.patch(f"/registered_models/{id_}", json={"state": "LIVE"})
    assert (await mlflow.get("registered-models/get", name="churn"))["registered_model"]["latest_versions"] == []


async def test_a_name_of_a_deleted_model_can_be_used_again_and_numbers_go_on(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2, description="old", tags=[{"key": "team", "value": "risk"}])
    await mlflow.delete("registered-models/delete", name="churn")
    revived = await mlflow.model(tags=[{"key": "new", "value": "1"}])
    assert (revived["tags"], "description" in revived) == ([{"key": "new", "value": "1"}], False)
    assert (await mlflow.get("model-versions/search", filter="name = 'churn'"))["model_versions"] == []
    assert (await mlflow.version())["version"] == "3"


async def test_a_change_of_the_description_keeps_all_else(mlflow: Mlflow) -> None:
    await mlflow.model(tags=[{"key": "team", "value": "risk"}], versions=1)
    response = await mlflow.ask("PATCH", "registered-models/update", name="churn", description="new")
    model = response.json()["registered_model"]
    assert (model["description"], model["tags"][0]["value"]) == ("new", "risk")
    assert [version["version"] for version in model["latest_versions"]] == ["1"]


async def test_tags_are_set_and_removed_one_by_one(mlflow: Mlflow) -> None:
    await mlflow.model()
    for key, value in (("a.b c", "1"), ("gone", "2"), ("a.b c", "3")):
        assert await mlflow.post("registered-models/set-tag", name="churn", key=key, value=value) == {}
    for _ in range(2):
        assert await mlflow.delete("registered-models/delete-tag", name="churn", key="gone") == {}
    model = (await mlflow.get("registered-models/get", name="churn"))["registered_model"]
    assert model["tags"] == [{"key": "a.b c", "value": "3"}]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("k", "v" * 100_001, "'value' exceeds the maximum length of 100000 characters"),
        ("k" * 251, "v", "'key' exceeds the maximum length of 250 characters"),
        ("mlflow.deleted", "false", "reserved"),
        ("mlflow.stage", "Production", "reserved"),
        ("__exact_doubles__", "1", "reserved"),
        ("", "v", "Missing value for required parameter 'key'."),
        ("é" * 200, "v", "too long"),
    ],
)
async def test_a_tag_that_cannot_be_is_refused(key: str, value: str, said: str, mlflow: Mlflow) -> None:
    await mlflow.model()
    given = {"name": "churn", "key": key, "value": value}
    status, code, message = await mlflow.refusal("POST", "registered-models/set-tag", **given)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in message


async def test_the_newest_version_of_each_stage_is_shown(mlflow: Mlflow) -> None:
    await mlflow.model(versions=5)
    for number, stage in (("2", "Production"), ("3", "Production"), ("4", "staging"), ("5", "Archived")):
        await mlflow.stage(number, stage)
    expected = {"None": "1", "Production": "3", "Staging": "4", "Archived": "5"}
    model = (await mlflow.get("registered-models/get", name="churn"))["registered_model"]
    assert {each["current_stage"]: each["version"] for each in model["latest_versions"]} == expected
    path = "registered-models/get-latest-versions"
    for answer in (await mlflow.post(path, name="churn"), await mlflow.get(path, name="churn")):
        assert {each["current_stage"]: each["version"] for each in answer["model_versions"]} == expected
    for answer in (
        await mlflow.post(path, name="churn", stages=["pROduction", "None"]),
        await mlflow.get(path, name="churn", stages=["pROduction", "None"]),
    ):
        assert {each["version"] for each in answer["model_versions"]} == {"1", "3"}


async def test_stages_that_have_no_version_among_the_newest_are_found_too(mlflow: Mlflow) -> None:
    await mlflow.model(versions=2)
    await mlflow.stage("1", "Production")
    model = await in_kubeflow(mlflow, "churn")
    for number in range(120):
        await mlflow.served.make("/model_versions", name=f"v{number}", registeredModelId=model["id"], state="ARCHIVED")
    answer = await mlflow.get("registered-models/get-latest-versions", name="churn")
    found = {each["current_stage"]: each["version"] for each in answer["model_versions"]}
    assert (found["Production"], found["None"]) == ("1", "2")
    assert set(found) == {"Production", "None", "Archived"}
