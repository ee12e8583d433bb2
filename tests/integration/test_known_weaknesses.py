"""Twenty faults of Kubeflow's Go servers, numbered as in the list of them, which this server does not have."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from tests.support.fake_store import FakeStore
from tests.support.mlmd_client import over_grpc, pb
from tests.support.processes import Proxy
from tests.support.serving import serving

Json = dict[str, Any]


class Client(httpx.Client):
    """HTTP that knows how to make entities with names of their own."""

    def make(self, path: str, **body: Any) -> Json:
        """POSTs a body that must be accepted; returns the entity."""
        response = self.post(path, json={"name": unique(), **body})
        assert response.is_success, response.text
        made: Json = response.json()
        return made

    def version(self, **body: Any) -> Json:
        return self.make("/model_versions", **{"registeredModelId": self.make("/registered_models")["id"], **body})

    def run(self, **body: Any) -> Json:
        return self.make("/experiment_runs", **{"experimentId": self.make("/experiments")["id"], **body})

    def service(self, **body: Any) -> Json:
        model, environment = self.make("/registered_models"), self.make("/serving_environments")
        ids = {"registeredModelId": model["id"], "servingEnvironmentId": environment["id"]}
        return self.make("/inference_services", **ids | body)

    def change(self, path: str, **body: Any) -> Json:
        """PATCHes with a body that must be accepted; returns the entity."""
        response = self.patch(path, json=body)
        assert response.status_code == 200, response.text
        changed: Json = response.json()
        return changed

    def names(self, path: str, **query: Any) -> list[str]:
        """The names in a list."""
        response = self.get(path, params=query)
        assert response.status_code == 200, response.text
        return [item["name"] for item in response.json()["items"]]

    def status(self, path: str, **query: Any) -> int:
        return self.get(path, params=query).status_code

    def refuses(self, method: str, path: str, **request: Any) -> str:
        """Sends a request that must be a 400; returns the message."""
        response = self.request(method, path, **request)
        assert response.status_code == 400, response.text
        message: str = response.json()["message"]
        return message


def unique() -> str:
    return f"w-{uuid.uuid4()}"


@pytest.fixture
def client(any_proxy: Proxy) -> Iterator[Client]:
    """HTTP to a proxy on every store."""
    with Client(base_url=any_proxy.api, timeout=60) as opened:
        yield opened


@pytest.fixture
def one(proxy: Proxy) -> Iterator[Client]:
    """HTTP to the embedded engine, for what the store has no part in."""
    with Client(base_url=proxy.api, timeout=60) as opened:
        yield opened


async def together(proxy: Proxy, *requests: tuple[str, str, Json]) -> list[httpx.Response]:
    """Sends requests at the same time."""
    async with httpx.AsyncClient(base_url=proxy.api, timeout=60) as opened:
        return await asyncio.gather(*(opened.request(method, path, json=body) for method, path, body in requests))


# Data integrity


def test_01_a_version_cut_off_before_its_link_does_not_exist_and_is_completed_by_the_next_create(
    any_proxy: Proxy, client: Client
) -> None:
    model, store = client.make("/registered_models"), over_grpc(any_proxy)
    type_id = store.get_context_type("kf.ModelVersion").id
    (cut_off,) = store.put_contexts([pb.Context(type_id=type_id, name=f"{model['id']}:v")])
    assert client.names(f"/registered_models/{model['id']}/versions") == []
    made = client.make("/model_versions", name="v", registeredModelId=model["id"], author="me")
    assert (made["id"], made["author"]) == (str(cut_off), "me")
    assert client.names(f"/registered_models/{model['id']}/versions") == ["v"]


async def test_01_of_creates_of_one_name_at_once_one_wins_and_nothing_is_left_over(
    any_proxy: Proxy, client: Client
) -> None:
    model = client.make("/registered_models")["id"]
    body = {"name": "v", "registeredModelId": model}
    answers = await together(any_proxy, *[("POST", "/model_versions", body)] * 8)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert client.names(f"/registered_models/{model}/versions") == ["v"]


async def test_01_patches_at_once_of_different_fields_all_take_effect(any_proxy: Proxy, client: Client) -> None:
    model = client.make("/registered_models")["id"]
    changes = {field: unique() for field in ("description", "owner", "maturity", "provider", "license", "logo")}
    path = f"/registered_models/{model}"
    await together(any_proxy, *(("PATCH", path, {field: text}) for field, text in changes.items()))
    found = client.get(path).json()
    assert {field: found[field] for field in changes} == changes


def test_02_patch_keeps_states_that_it_does_not_mention(client: Client) -> None:
    made = [
        ("registered_models", client.make("/registered_models", state="ARCHIVED")),
        ("model_versions", client.version(state="ARCHIVED")),
        ("experiments", client.make("/experiments", state="ARCHIVED")),
        ("experiment_runs", client.run(state="ARCHIVED", status="FINISHED")),
        ("inference_services", client.service(desiredState="UNDEPLOYED")),
        ("model_artifacts", client.make("/model_artifacts", state="DELETED")),
    ]
    for kind, before in made:
        after = client.change(f"/{kind}/{before['id']}", description="changed")
        for field in ("state", "status", "desiredState"):
            assert after.get(field) == before.get(field)


def test_03_patch_keeps_language_and_tasks(client: Client) -> None:
    model = client.make("/registered_models", language=["en", "fr"], tasks=["chat"])
    after = client.change(f"/registered_models/{model['id']}", description="changed")
    assert (after["language"], after["tasks"]) == (["en", "fr"], ["chat"])


def test_04_nothing_is_made_under_parents_that_do_not_exist(client: Client) -> None:
    assert client.post("/model_versions", json={"name": "v", "registeredModelId": "999999999"}).status_code == 404
    environment = client.make("/serving_environments")["id"]
    body = {"name": "s", "registeredModelId": "999999999", "servingEnvironmentId": environment}
    assert client.post("/inference_services", json=body).status_code == 404
    assert client.names(f"/serving_environments/{environment}/inference_services") == []


def test_04_the_version_of_an_inference_service_exists_and_belongs_to_its_model(client: Client) -> None:
    service, stranger = client.service(), client.version()["id"]
    path = f"/inference_services/{service['id']}"
    assert client.patch(path, json={"modelVersionId": "999999999"}).status_code == 404
    client.refuses("PATCH", path, json={"modelVersionId": stranger})
    own = client.version(registeredModelId=service["registeredModelId"])["id"]
    assert client.change(path, modelVersionId=own)["modelVersionId"] == own
    client.refuses("POST", f"{path}/serves", json={"modelVersionId": stranger})
    assert client.get(f"{path}/serves").json()["items"] == []
    assert client.post(f"{path}/serves", json={"modelVersionId": own}).status_code == 201


def test_05_an_entity_with_struct_properties_can_be_sent_back_as_it_was_read(client: Client) -> None:
    struct = {"metadataType": "MetadataStructValue", "struct_value": "eyJhIjogWzEsIHsiYiI6IG51bGx9XX0="}
    model = client.make("/registered_models", customProperties={"struct": struct})
    properties = model["customProperties"]
    after = client.change(f"/registered_models/{model['id']}", customProperties=properties)
    assert after["customProperties"] == properties
    assert properties["struct"]["metadataType"] == "MetadataStructValue"


def test_06_whole_numbers_keep_64_bits_on_every_store(client: Client) -> None:
    for number in (2**31 - 1, -(2**31), 2**31, 3_000_000_000, 2**63 - 1, -(2**63)):
        properties = {"n": {"metadataType": "MetadataIntValue", "int_value": str(number)}}
        model = client.make("/registered_models", customProperties=properties)
        assert model["customProperties"] == properties


def test_06_a_metrics_step_is_what_was_sent(client: Client) -> None:
    path = f"/experiment_runs/{client.run()['id']}/artifacts"
    body = {"artifactType": "metric", "name": "loss", "value": 1, "step": 3_000_000_000}
    assert client.post(path, json=body).json()["step"] == 3_000_000_000


def test_07_a_metric_with_an_external_id_keeps_its_history(client: Client) -> None:
    run = client.run()["id"]
    body = {"artifactType": "metric", "name": "loss", "externalId": unique()}
    for step in range(3):
        answer = client.post(f"/experiment_runs/{run}/artifacts", json={**body, "value": 1 / 2**step, "step": step})
        assert (answer.status_code, answer.json()["externalId"]) == (200, body["externalId"])
    history = client.get(f"/experiment_runs/{run}/metric_history").json()["items"]
    assert [row["value"] for row in history] == [1, 0.5, 0.25]


async def test_08_every_value_of_a_metric_is_kept_though_many_come_in_one_millisecond(
    any_proxy: Proxy, client: Client
) -> None:
    run = client.run()["id"]
    path = f"/experiment_runs/{run}/artifacts"
    bodies = [{"artifactType": "metric", "name": "loss", "value": step, "step": step} for step in range(24)]
    answers = await together(any_proxy, *(("POST", path, body) for body in bodies))
    assert [answer.status_code for answer in answers] == [200] * len(bodies)
    history = client.get(f"/experiment_runs/{run}/metric_history", params={"name": "loss"}).json()["items"]
    assert sorted(row["step"] for row in history) == list(range(24))
    assert client.names(path) == ["loss"]


def test_09_doubles_keep_every_digit(client: Client) -> None:
    numbers = [1e-20, 1 / 3, 0.1 + 0.2, -2.5e-7, 123456.7891234567, 5e-324]
    values = {f"d{n}": {"metadataType": "MetadataDoubleValue", "double_value": d} for n, d in enumerate(numbers)}
    model = client.make("/registered_models", customProperties=values)
    found = client.get(f"/registered_models/{model['id']}").json()["customProperties"]
    assert found == values
    run = client.run()["id"]
    for number in numbers:
        body = {"artifactType": "metric", "name": "m", "value": number}
        assert client.post(f"/experiment_runs/{run}/artifacts", json=body).json()["value"] == number
    history = client.get(f"/experiment_runs/{run}/metric_history").json()["items"]
    assert [row["value"] for row in history] == numbers


def test_09_a_string_that_would_break_lists_is_refused_everywhere(client: Client) -> None:
    poison = "mlmd-struct::CgA="
    custom = {"k": {"metadataType": "MetadataStringValue", "string_value": poison}}
    for body in ({"customProperties": custom}, {"owner": poison}, {"description": poison}):
        assert "mlmd-struct::" in client.refuses("POST", "/registered_models", json={"name": unique(), **body})
    run = client.run()["id"]
    body = {"artifactType": "parameter", "name": "p", "value": poison, "parameterType": "string"}
    client.refuses("POST", f"/experiment_runs/{run}/artifacts", json=body)
    assert client.status("/registered_models") == client.status("/artifacts") == 200


def test_a_metric_that_says_no_time_gets_that_of_its_arrival(client: Client) -> None:
    run = client.run()["id"]
    began = time.time_ns() // 1_000_000
    for value, more in ((1, {}), (2, {"timestamp": "7"}), (3, {}), (4, {"timestamp": None})):
        client.post(f"/experiment_runs/{run}/artifacts", json=a_metric(value, **more)).raise_for_status()
    rows = client.get(f"/experiment_runs/{run}/metric_history").json()["items"]
    assert [row["value"] for row in rows] == [1, 2, 3, 4]
    times = [int(row["timestamp"]) for row in rows]
    assert times[1] == 7
    assert began <= times[0] <= times[2] <= times[3] <= time.time_ns() // 1_000_000
    (metric,) = client.get(f"/experiment_runs/{run}/artifacts").json()["items"]
    assert metric["timestamp"] == rows[3]["timestamp"]


def a_metric(value: float, **more: Any) -> Json:
    return {"artifactType": "metric", "name": "loss", "value": value, **more}


# Queries


AWKWARD = [
    'zz" OR name = "other',
    "zz' OR '1'='1",
    '") OR ("a" = "a',
    "a\\",
    'a"b\\"c',
    "100%_",
    "x;--",
    "`x`",
    "ä\u202e🦊",
]


@pytest.mark.parametrize("text", AWKWARD)
def test_10_quotes_and_conditions_in_parameters_are_nothing_but_text(client: Client, text: str) -> None:
    client.make("/registered_models", name=unique())
    version = client.version()["id"]
    for path in ("/registered_model", "/serving_environment", "/experiment"):
        assert client.status(path, name=text + unique()) == 404
        assert client.status(path, externalId=text) == 404
    assert client.status("/model_version", name=text, parentResourceId="1 OR 1=1") == 400
    assert client.status("/artifact", name=text, parentResourceId=version) == 404
    assert client.names(f"/model_versions/{version}/artifacts", name=text) == []
    run = client.run()["id"]
    assert client.names(f"/experiment_runs/{run}/metric_history", name=text) == []
    assert client.status(f"/experiment_runs/{run}/metric_history", stepIds=f"1) OR ({text}") == 400
    assert client.status("/inference_services", runtime=text) == 200


@pytest.mark.parametrize("text", AWKWARD)
def test_10_awkward_names_and_external_ids_are_found_again(client: Client, text: str) -> None:
    name = f"{text} {unique()}"
    model = client.make("/registered_models", name=name, externalId=name)
    assert client.get("/registered_model", params={"name": name}).json() == model
    assert client.get("/registered_model", params={"externalId": name}).json() == model
    version = client.version(registeredModelId=model["id"], name=text)
    assert client.get("/model_version", params={"name": text, "parentResourceId": model["id"]}).json() == version
    assert client.names(f"/registered_models/{model['id']}/versions", name=text) == [text]
    body = {"artifactType": "doc-artifact", "name": text}
    artifact = client.post(f"/model_versions/{version['id']}/artifacts", json=body).json()
    assert client.get("/artifact", params={"name": text, "parentResourceId": version["id"]}).json() == artifact


def test_11_filters_and_parameters_use_the_names_of_rest(client: Client) -> None:
    model = client.make("/registered_models")["id"]
    versions = f"/registered_models/{model}/versions"
    for name in ("v1", "v2"):
        client.make("/model_versions", name=name, registeredModelId=model, externalId=f"{model}-{name}")
    assert client.names(versions, filterQuery='name = "v1"') == ["v1"]
    assert client.names("/model_versions", filterQuery=f'name = "v1" AND registeredModelId = {model}') == ["v1"]
    assert client.names(versions, name="v2") == ["v2"]
    assert client.names(versions, externalId=f"{model}-v2") == ["v2"]


def test_11_artifact_type_and_filter_query_both_count(client: Client) -> None:
    artifacts = f"/model_versions/{client.version()['id']}/artifacts"
    for kind in ("model-artifact", "doc-artifact"):
        for name in ("a", "b"):
            client.make(artifacts, artifactType=kind, name=name)
    query = {"artifactType": "doc-artifact", "filterQuery": 'name = "a"'}
    (found,) = client.get(artifacts, params=query).json()["items"]
    assert (found["artifactType"], found["name"]) == ("doc-artifact", "a")


def test_12_every_list_applies_its_filter(client: Client) -> None:
    service = client.service(runtime="a")
    environment, model = service["servingEnvironmentId"], service["registeredModelId"]
    other = client.make("/inference_services", registeredModelId=model, servingEnvironmentId=environment, runtime="b")
    version = client.version(registeredModelId=model)["id"]
    serves = f"/inference_services/{service['id']}/serves"
    for state in ("RUNNING", "COMPLETE"):
        client.make(serves, modelVersionId=version, lastKnownState=state, name=state)
    artifact = client.make("/model_artifacts", description=unique())
    nested = f"/serving_environments/{environment}/inference_services"
    by_environment = f"servingEnvironmentId = {environment} AND runtime = 'b'"
    assert client.names(nested, filterQuery="runtime = 'b'") == [other["name"]]
    assert client.names("/inference_services", filterQuery=by_environment) == [other["name"]]
    assert client.names("/serving_environments", filterQuery=f"id = {environment}") == [
        client.get(f"/serving_environments/{environment}").json()["name"]
    ]
    assert client.names(serves, filterQuery='lastKnownState = "COMPLETE"') == ["COMPLETE"]
    described = f'description = "{artifact["description"]}"'
    assert client.names("/model_artifacts", filterQuery=described) == [artifact["name"]]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ('name != "v1"', {"v2", "v_2"}),
        ('name <> "v1"', {"v2", "v_2"}),
        ('name IN ("v1", "v_2")', {"v1", "v_2"}),
        ('name in ("v1") or name like "v%" and name <> "v2"', {"v1", "v_2"}),
        ('NAME = "v1"', set()),  # an operator in any case, but a property is named exactly
    ],
)
def test_12_operators_mean_what_they_say(client: Client, condition: str, found: set[str]) -> None:
    model = client.make("/registered_models")["id"]
    for name in ("v1", "v2", "v_2"):
        client.make("/model_versions", name=name, registeredModelId=model)
    assert set(client.names(f"/registered_models/{model}/versions", filterQuery=condition)) == found


def test_12_wildcards_in_names_that_are_looked_for_are_plain_text(client: Client) -> None:
    name = unique()
    client.make("/registered_models", name=f"{name}-x")
    assert client.status("/registered_model", name=f"{name}-_") == client.status("/registered_model", name="%") == 404
    run = client.run()["id"]
    for metric in ("loss_a", "lossXa", "loss_a_b"):
        client.post(f"/experiment_runs/{run}/artifacts", json={"artifactType": "metric", "name": metric, "value": 1})
    assert client.names(f"/experiment_runs/{run}/metric_history", name="loss_a") == ["loss_a"]
    assert client.names(f"/experiment_runs/{run}/metric_history", name="loss%") == []


def test_12_a_name_in_a_list_of_artifacts_is_meant_as_a_whole(client: Client) -> None:
    path = f"/model_versions/{client.version()['id']}/artifacts"
    for name in ("readme", "old:readme"):
        client.make(path, artifactType="doc-artifact", name=name)
    assert client.names(path, name="readme") == ["readme"]
    assert client.names(path, name="old:readme") == ["old:readme"]


def test_13_pages_may_exceed_mlmds_hundred_and_an_order_without_direction_ascends(
    any_proxy: Proxy, client: Client
) -> None:
    model, store = int(client.make("/registered_models")["id"]), over_grpc(any_proxy)
    type_id = store.get_context_type("kf.ModelVersion").id
    ids = store.put_contexts([pb.Context(type_id=type_id, name=f"{model}:{number}") for number in range(120)])
    store.put_parent_contexts([pb.ParentContext(child_id=id_, parent_id=model) for id_ in ids])
    path = f"/registered_models/{model}/versions"
    first = client.get(path, params={"pageSize": 110, "orderBy": "ID"}).json()
    assert [int(row["id"]) for row in first["items"]] == sorted(ids)[:110]
    assert (first["pageSize"], first["size"]) == (110, 110)
    query = {"pageSize": 110, "orderBy": "ID", "nextPageToken": first["nextPageToken"]}
    rest = client.get(path, params=query).json()
    assert [int(row["id"]) for row in rest["items"]] == sorted(ids)[110:]
    assert (rest["pageSize"], rest["size"], rest["nextPageToken"]) == (110, 10, "")


def test_14_a_token_works_for_its_own_question_only(one: Client) -> None:
    for _ in range(3):
        one.make("/registered_models")
    token = one.get("/registered_models", params={"pageSize": 1}).json()["nextPageToken"]
    assert one.status("/registered_models", nextPageToken=token, pageSize=2) == 200
    for query in ({"orderBy": "CREATE_TIME"}, {"sortOrder": "DESC"}, {"filterQuery": 'name = "x"'}):
        one.refuses("GET", "/registered_models", params={**query, "nextPageToken": token})
    one.refuses("GET", "/experiments", params={"nextPageToken": token})
    for forged in ("MTox", "garbage", token[:-4], token[4:]):
        one.refuses("GET", "/registered_models", params={"nextPageToken": forged})


def test_14_a_token_belongs_to_the_question_however_it_is_written(client: Client) -> None:
    model = client.make("/registered_models")["id"]
    for name in ("a", "b", "c"):
        client.make("/model_versions", name=name, registeredModelId=model)
    path = f"/registered_models/{model}/versions"

    def goes_on(first: dict[str, str], then: list[tuple[str, str]]) -> None:
        token = client.get(path, params={**first, "pageSize": 1}).json()["nextPageToken"]
        assert token
        page = client.get(path, params=[*then, ("nextPageToken", token)])
        assert page.status_code == 200, (first, then, page.text)
        assert [row["name"] for row in page.json()["items"]][:1] == ["b"]

    goes_on({}, [("sortOrder", "ASC")])
    goes_on({}, [("orderBy", "ID"), ("pageSize", "2")])
    goes_on({"orderBy": "ID", "sortOrder": "ASC"}, [])
    goes_on({}, [("filterQuery", ""), ("nothing", "1"), ("sortOrder", "ASC"), ("sortOrder", "DESC")])
    goes_on({}, [("filterQuery", " -- all")])
    goes_on({"orderBy": "CREATE_TIME"}, [("sortOrder", "ASC"), ("orderBy", "CREATE_TIME")])
    written = "name IN ('a', 'b') OR NOT state = 'ARCHIVED'"
    same = """ ( not (`state` = "ARCHIVED") )  or name in ("b",'a') -- and so on"""
    goes_on({"filterQuery": written, "orderBy": "ID"}, [("sortOrder", "ASC"), ("filterQuery", same)])


# Robustness


def test_15_a_patch_to_another_artifact_type_is_refused_and_the_connection_lives(client: Client) -> None:
    artifact = client.make("/artifacts", artifactType="model-artifact")
    path = f"/artifacts/{artifact['id']}"
    message = client.refuses("PATCH", path, json={"artifactType": "doc-artifact", "description": "x"})
    assert "model-artifact" in message
    assert "artifactType" in client.refuses("PATCH", path, json={"description": "x"})
    assert client.get(path).json() == artifact


def test_15_an_inference_service_without_a_name_gets_one(client: Client) -> None:
    assert uuid.UUID(client.service(name=None)["name"]).version == 4


def test_16_a_name_too_long_is_a_400_without_the_stores_words(client: Client) -> None:
    message = client.refuses("POST", "/registered_models", json={"name": "x" * 256})
    assert "255" in message
    client.make("/registered_models", name=(unique() + "x" * 255)[:255])
    message = client.refuses("POST", "/registered_models", json={"name": "ä" * 128})
    for path, body in (("/registered_models", {}), ("/experiments", {})):
        name = client.make(path)["name"]
        answer = client.post(path, json={"name": name, **body})
        assert answer.status_code == 409
        message += answer.json()["message"]
    for words in ("rpc error", "SQL", "INSERT", "Duplicate entry", "UNIQUE", "mysql", "sqlite", "kf.", "StatusCode"):
        assert words.lower() not in message.lower()


@pytest.mark.parametrize("id_", ["x", "1.5", "0x1", "%20", "9" * 20, "-"])
def test_16_an_id_that_is_no_number_is_a_400_everywhere(one: Client, id_: str) -> None:
    for kind in ("experiments", "experiment_runs", "registered_models", "model_versions", "artifacts"):
        one.refuses("GET", f"/{kind}/{id_}")
    one.refuses("GET", f"/experiments/{id_}/experiment_runs")
    one.refuses("GET", f"/experiment_runs/{id_}/artifacts")
    one.refuses("GET", f"/experiment_runs/{id_}/metric_history")


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "x"} {}',
        b'{"name": "x"}x',
        b'{"name": "x", "name": "y"}',
        b'{"name": "x", "NAME": "x"}',
        b'{"name": "x", "extra": 1}',
        b'{"name": "x\\u0000y"}',
        b'{"name": "x\0y"}',
        b'{"name": "\xff"}',
        b"",
        b'{"name": "x"',
    ],
)
def test_17_a_body_that_is_not_exactly_what_is_documented_is_refused(one: Client, body: bytes) -> None:
    one.refuses("POST", "/registered_models", content=body)


def test_17_names_of_fields_are_taken_in_any_case(client: Client) -> None:
    """Kubeflow's KServe tutorial sends `registeredModelID`, which the Go servers take."""
    model = client.make("/registered_models")["id"]
    environment = client.make("/serving_environments")["id"]
    body = {"name": unique(), "registeredModelID": model}
    version = client.post("/model_versions", json=body)
    assert (version.status_code, version.json()["registeredModelId"]) == (201, model)
    service = client.post("/inference_services", json={**body, "servingEnvironmentID": environment, "Runtime": "r"})
    assert service.status_code == 201
    assert client.get(f"/inference_services/{service.json()['id']}").json() == service.json()
    assert (service.json()["registeredModelId"], service.json()["runtime"]) == (model, "r")
    value = {"METADATATYPE": "MetadataStringValue", "String_Value": "x"}
    change = {"STATE": "ARCHIVED", "CustomProperties": {"Team": value, "STATE": value}}
    changed = client.patch(f"/registered_models/{model}", json=change).json()
    assert changed["state"] == "ARCHIVED"
    kept = {"metadataType": "MetadataStringValue", "string_value": "x"}
    assert changed["customProperties"] == {"Team": kept, "STATE": kept}
    metric = {"ARTIFACTTYPE": "metric", "Name": "loss", "VALUE": 1}
    made = client.post(f"/model_versions/{version.json()['id']}/artifacts", json=metric)
    assert (made.status_code, made.json()["value"]) == (200, 1)


def test_17_unknown_fields_of_artifacts_are_refused(one: Client) -> None:
    artifact = one.make("/artifacts", artifactType="doc-artifact")["id"]
    body = {"artifactType": "doc-artifact", "name": unique(), "modelFormatName": "onnx"}
    assert "modelFormatName" in one.refuses("POST", "/artifacts", json=body)
    assert "colour" in one.refuses(
        "PATCH", f"/artifacts/{artifact}", json={"artifactType": "doc-artifact", "colour": 1}
    )


def test_17_a_body_above_the_limit_is_refused(one: Client) -> None:
    content = b'{"name": "' + b"x" * (9 * 2**20) + b'"}'
    response = one.post("/registered_models", content=content)
    assert response.status_code == 413
    assert set(response.json()) == {"code", "message"}


def test_18_every_failure_is_json(one: Client) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "/experiments/", 404),
        ("DELETE", "/artifacts/1", 405),
    ):
        response = one.request(method, path)
        assert response.status_code == status
        assert response.headers["content-type"] == "application/json; charset=UTF-8"
        assert set(response.json()) == {"code", "message"}
    outside = httpx.get(httpx.URL(one.base_url).join("/nothing"))
    assert (outside.status_code, outside.headers["content-type"]) == (404, "application/json; charset=UTF-8")


def test_18_a_serving_environment_with_a_colon_keeps_its_name(client: Client) -> None:
    name = f"head:{unique()}:tail"
    made = client.make("/serving_environments", name=name)
    assert made["name"] == name
    assert client.get("/serving_environment", params={"name": name}).json() == made


async def test_19_calls_to_the_store_do_not_grow_with_the_rows() -> None:
    async with serving(FakeStore()) as served:
        model = (await served.make("/registered_models", name="m"))["id"]
        calls = []
        numbers = count()
        for more in (5, 45):
            for _ in range(more):
                await served.make("/model_versions", name=f"v{next(numbers)}", registeredModelId=model)
            served.store.forget()
            page = (await served.client.get(f"/registered_models/{model}/versions")).json()
            assert page["size"] in (5, 50)
            calls.append(sum(served.store.counts.values()))
        assert calls[0] == calls[1] <= 2
        served.store.forget()
        await served.make("/registered_models", name="another")
        assert sum(served.store.counts.values()) == 2


def test_20_several_hits_are_a_400_that_lists_them(client: Client) -> None:
    version = client.version()["id"]
    ids = [
        client.make(f"/model_versions/{version}/artifacts", artifactType=kind, name="same")["id"]
        for kind in ("model-artifact", "doc-artifact")
    ]
    message = client.refuses("GET", "/artifact", params={"name": "same", "parentResourceId": version})
    assert all(id_ in message for id_ in ids)
    only = client.get("/model_artifact", params={"name": "same", "parentResourceId": version})
    assert (only.status_code, only.json()["id"]) == (200, ids[0])
