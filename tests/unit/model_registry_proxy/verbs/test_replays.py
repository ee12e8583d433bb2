"""Creates with an `Idempotency-Key`: a repetition creates nothing, and is answered with what the first request created."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from converters import idempotency
from converters.entity import Kind
from converters.idempotency import MARKS
from model_registry_proxy.commands.repair import repair
from model_registry_proxy.mlmd.port import Unavailable
from tests.support.fake_store import FakeStore
from tests.support.guarded import guarding
from tests.support.memory_store import MemoryStore
from tests.support.serving import EXTENSIONS, Served, serving

Json = dict[str, Any]
KEY = {"Idempotency-Key": "one"}
OTHER = {"Idempotency-Key": "another"}


@pytest.fixture(params=["memory", "mlmd"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    """The API on each store of the tests."""
    store = MemoryStore() if request.param == "memory" else FakeStore()
    async with serving(store) as running:
        yield running


async def a_world(served: Served) -> dict[str, str]:
    """What entities are created below."""
    ids = {"model": (await served.make("/registered_models", name="m"))["id"]}
    ids["version"] = (await served.make("/model_versions", name="v", registeredModelId=ids["model"]))["id"]
    ids["environment"] = (await served.make("/serving_environments", name="e"))["id"]
    service = {"registeredModelId": ids["model"], "servingEnvironmentId": ids["environment"]}
    ids["service"] = (await served.make("/inference_services", name="s", **service))["id"]
    ids["experiment"] = (await served.make("/experiments", name="x"))["id"]
    ids["run"] = (await served.make("/experiment_runs", name="r", experimentId=ids["experiment"]))["id"]
    return ids


def filled(content: Any, ids: dict[str, str]) -> Any:
    """A path or body with ids in the place of `{names}`."""
    if isinstance(content, dict):
        return {key: filled(value, ids) for key, value in content.items()}
    return content.format(**ids) if isinstance(content, str) else content


PLACED = {"registeredModelId": "{model}", "servingEnvironmentId": "{environment}"}
CREATES: dict[str, tuple[str, Json]] = {
    "model": ("/registered_models", {"name": "new"}),
    "version": ("/model_versions", {"name": "new", "registeredModelId": "{model}"}),
    "version of a model": ("/registered_models/{model}/versions", {"name": "new", "registeredModelId": "{model}"}),
    "environment": ("/serving_environments", {"name": "new"}),
    "service": ("/inference_services", PLACED),
    "service of an environment": ("/serving_environments/{environment}/inference_services", PLACED),
    "serve": ("/inference_services/{service}/serves", {"modelVersionId": "{version}"}),
    "experiment": ("/experiments", {"name": "new"}),
    "run": ("/experiment_runs", {"experimentId": "{experiment}"}),
    "run of an experiment": ("/experiments/{experiment}/experiment_runs", {"experimentId": "{experiment}"}),
    "standalone model artifact": ("/model_artifacts", {"name": "new", "uri": "s3://x"}),
    "standalone artifact without a name": ("/artifacts", {"artifactType": "dataset-artifact", "uri": "s3://x"}),
    "standalone metric": ("/artifacts", {"artifactType": "metric", "name": "loss", "value": 0.1}),
    "artifact of a version": ("/model_versions/{version}/artifacts", {"artifactType": "model-artifact", "name": "new"}),
    "document of a version": ("/model_versions/{version}/artifacts", {"artifactType": "doc-artifact"}),
    "metric of a version": (
        "/model_versions/{version}/artifacts",
        {"artifactType": "metric", "name": "loss", "value": 0.1},
    ),
    "parameter of a run": (
        "/experiment_runs/{run}/artifacts",
        {"artifactType": "parameter", "name": "p", "value": "1", "parameterType": "number"},
    ),
    "dataset of a run": ("/experiment_runs/{run}/artifacts", {"artifactType": "dataset-artifact", "name": "d"}),
    "metric of a run": ("/experiment_runs/{run}/artifacts", {"artifactType": "metric", "name": "loss", "value": 0.1}),
}


@pytest.mark.parametrize("create", CREATES.values(), ids=CREATES)
async def test_a_repetition_creates_nothing_and_shows_the_entity(create: tuple[str, Json], served: Served) -> None:
    ids = await a_world(served)
    path, body = filled(create[0], ids), filled(create[1], ids)
    first = await served.client.post(path, json=body, headers=KEY)
    assert first.is_success, first.text
    assert "idempotent-replayed" not in first.headers
    again = await served.client.post(path, json=dict(reversed(body.items())), headers=KEY)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    assert MARKS not in first.text
    different = await served.client.post(path, json={**body, "description": "x"}, headers=KEY)
    assert different.status_code == 422, different.text
    assert f"with id {first.json()['id']}." in different.json()["message"]


async def test_a_repetition_shows_the_entity_as_it_is_now(served: Served) -> None:
    id_ = (await served.client.post("/registered_models", json={"name": "m"}, headers=KEY)).json()["id"]
    label = {"team": {"metadataType": "MetadataStringValue", "string_value": "a"}}
    for body in ({"customProperties": label}, {"description": "new"}):
        changed = await served.client.patch(f"/registered_models/{id_}", json=body)
        assert changed.status_code == 200
    again = await served.client.post("/registered_models", json={"name": "m"}, headers=KEY)
    assert (again.status_code, again.json()) == (201, changed.json())
    assert again.json()["customProperties"] == label


async def test_another_key_and_no_key_conflict_as_ever(served: Served) -> None:
    await served.client.post("/registered_models", json={"name": "m"}, headers=KEY)
    answers = [await served.client.post("/registered_models", json={"name": "m"}, headers=key) for key in (OTHER, {})]
    assert [answer.status_code for answer in answers] == [409, 409]
    named = await served.client.post("/registered_models", json={"name": "n"}, headers=KEY)
    assert named.status_code == 201, "a key counts for the name that it created"


async def test_a_create_with_a_key_makes_the_calls_of_one_without() -> None:
    async with serving(FakeStore()) as served:
        ids = await a_world(served)
        for path, body in CREATES.values():
            rounds = []
            for headers in ({}, {"Idempotency-Key": path}):
                named = {**filled(body, ids), **({"name": f"{path} {headers}"} if "name" in body else {})}
                served.store.forget()
                assert (await served.client.post(filled(path, ids), json=named, headers=headers)).is_success
                rounds.append(served.store.rounds)
            assert rounds[0] == rounds[1]


async def test_a_value_of_a_metric_is_written_once_and_a_new_one_has_a_new_key(served: Served) -> None:
    ids = await a_world(served)
    path = f"/experiment_runs/{ids['run']}/artifacts"

    async def log(value: float, key: str) -> httpx.Response:
        metric = {"artifactType": "metric", "name": "loss", "value": value}
        return await served.client.post(path, json=metric, headers={"Idempotency-Key": key})

    answers = [await log(value, key) for value, key in [(1, "a"), (2, "b"), (1, "a"), (2, "b"), (3, "c"), (1, "a")]]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert [answer.json()["value"] for answer in answers] == [1, 2, 2, 2, 3, 3]
    assert ["idempotent-replayed" in answer.headers for answer in answers] == [False, False, True, True, False, True]
    history = (await served.client.get(f"/experiment_runs/{ids['run']}/metric_history?name=loss")).json()["items"]
    assert sorted(row["value"] for row in history) == [1, 2, 3]
    assert (await log(4, "a")).status_code == 422


async def test_a_parameter_is_not_set_back_by_a_late_repetition(served: Served) -> None:
    ids = await a_world(served)

    async def set_to(value: str, key: str) -> Json:
        body = {"artifactType": "parameter", "name": "p", "value": value, "parameterType": "string"}
        path = f"/experiment_runs/{ids['run']}/artifacts"
        answer = await served.client.post(path, json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    assert [(await set_to(value, key))["value"] for value, key in [("1", "a"), ("2", "b"), ("1", "a")]] == [
        "1",
        "2",
        "2",
    ]


async def test_a_lost_answer_of_the_store_is_no_conflict_on_the_repetition() -> None:
    async with serving() as served:
        served.store.fail("get", Unavailable())
        first = await served.client.post("/registered_models", json={"name": "m"}, headers=KEY)
        assert first.status_code == 503
        again = await served.client.post("/registered_models", json={"name": "m"}, headers=KEY)
        assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")


@pytest.mark.parametrize("create", ["model", "version", "run", "standalone artifact without a name", "metric of a run"])
async def test_creates_with_one_key_at_the_same_time_create_one(create: str, served: Served) -> None:
    ids = await a_world(served)
    path, body = filled(CREATES[create][0], ids), filled(CREATES[create][1], ids)
    answers = await asyncio.gather(*(served.client.post(path, json=body, headers=KEY) for _ in range(24)))
    assert len({answer.status_code for answer in answers}) == 1, [answer.text for answer in answers]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1


@pytest.mark.parametrize("create", ["model", "run", "standalone model artifact"])
async def test_after_a_day_a_key_counts_for_nothing(create: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as served:
        ids = await a_world(served)
        path, body = filled(CREATES[create][0], ids), filled(CREATES[create][1], ids)
        first = await served.client.post(path, json=body, headers=KEY)
        monkeypatch.setattr(idempotency, "VALID_MS", 0)
        monkeypatch.setattr("model_registry_proxy.verbs.replays.VALID_MS", 0)
        later = await served.client.post(path, json=body, headers=KEY)
        assert "idempotent-replayed" not in later.headers
        if create == "model":
            assert later.status_code == 409
            return
        assert later.json()["id"] != first.json()["id"], "a name that stood for the key is made again"
        monkeypatch.undo()
        again = await served.client.post(path, json=body, headers=KEY)
        assert again.json()["id"] == first.json()["id"]


async def test_repair_removes_keys_that_no_longer_count(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as served:
        id_ = int((await served.client.post("/registered_models", json={"name": "m"}, headers=KEY)).json()["id"])

        async def has_marks() -> bool:
            node = await served.store.get(Kind.CONTEXT, id_)
            return MARKS in node.custom_properties

        for is_dry, valid_ms, kept in [(False, idempotency.VALID_MS, True), (True, 0, True), (False, 0, False)]:
            monkeypatch.setattr(idempotency, "VALID_MS", valid_ms)
            assert [finding async for finding in repair(served.registry, is_dry=is_dry)] == []
            assert await has_marks() == kept


async def test_rest_filters_and_facets_do_not_know_the_marks(served: Served) -> None:
    made = await served.client.post("/registered_models", json={"name": "m"}, headers=KEY)
    listed = (await served.client.get("/registered_models")).json()["items"]
    assert listed == [made.json()]
    assert listed[0]["customProperties"] == {}
    for condition, count in [(f"{MARKS} IS NULL", 1), (f"{MARKS}.string_value LIKE '%'", 0)]:
        page = await served.client.get("/registered_models", params={"filterQuery": condition})
        assert page.json()["size"] == count, page.text
    assert MARKS not in (await served.client.get(f"{EXTENSIONS}/registered_models/facets")).text
    sent = {MARKS: {"metadataType": "MetadataStringValue", "string_value": "x"}}
    for answer in (
        await served.client.post("/registered_models", json={"name": "n", "customProperties": sent}),
        await served.client.patch("/registered_models/1", json={"customProperties": sent}),
    ):
        assert answer.status_code == 400
        assert MARKS in answer.json()["message"]


@pytest.mark.parametrize("key", [b"", b"x" * 256, b"caf\xe9", b"a\x01b"])
async def test_a_key_that_cannot_be_used_is_refused_by_name(key: bytes) -> None:
    async with serving() as served:
        answer = await served.client.post("/registered_models", json={"name": "m"}, headers={b"idempotency-key": key})
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Idempotency-Key must have 1 to 255 printable ASCII characters")
        twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
        assert (await served.client.post("/registered_models", json={"name": "m"}, headers=twice)).status_code == 400
        assert (await served.client.get("/registered_models")).json()["size"] == 0
        longest = {"Idempotency-Key": " ~" * 127 + "x"}
        assert (await served.client.post("/registered_models", json={"name": "m"}, headers=longest)).status_code == 201


async def test_a_key_belongs_to_its_user_and_shows_nothing_that_is_hidden(tmp_path: Path) -> None:
    async with guarding(tmp_path) as guarded:
        body = {"name": "secret model"}
        async with guarded.by("insider") as insider, guarded.by("changer") as changer, guarded.by("outsider") as other:
            first = await insider.post("/registered_models", json=body, headers=KEY)
            assert first.status_code == 201
            assert (await insider.post("/registered_models", json=body, headers=KEY)).json() == first.json()
            assert (await changer.post("/registered_models", json=body, headers=KEY)).status_code == 409
            refused = await other.post("/registered_models", json=body, headers=KEY)
            assert refused.status_code == 403
            assert first.json()["id"] not in refused.text


async def test_a_body_with_an_id_changes_that_entity_whatever_the_key(served: Served) -> None:
    ids = await a_world(served)
    path = f"/registered_models/{ids['model']}/versions"
    for author in ("ann", "bob"):
        body = {"id": ids["version"], "name": "v", "registeredModelId": ids["model"], "author": author}
        answer = await served.client.post(path, json=body, headers=KEY)
        assert (answer.status_code, answer.json()["author"]) == (201, author)
        assert "idempotent-replayed" not in answer.headers


async def test_marks_of_many_writes_stay_few(served: Served) -> None:
    ids = await a_world(served)
    for number in range(20):
        metric = {"artifactType": "metric", "name": "loss", "value": number}
        headers = {"Idempotency-Key": str(number)}
        path = f"/experiment_runs/{ids['run']}/artifacts"
        id_ = int((await served.client.post(path, json=metric, headers=headers)).json()["id"])
    node = await served.registry.store.get(Kind.ARTIFACT, id_)
    assert node is not None
    assert len(node.custom_properties[MARKS].struct_value.fields) == 16
