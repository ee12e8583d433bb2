"""Creates: an entity is created once, whole, and below the right parent, also when calls fail or others write at the same time."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from model_registry_proxy.errors import RegistryError, StoreError
from model_registry_proxy.mlmd.port import NotUnique, Taken, Unavailable
from model_registry_proxy.verbs import create
from tests.support.fake_store import FakeStore
from tests.support.memory_store import MemoryStore
from tests.support.serving import Served, serving

Json = dict[str, Any]
OUTAGE, FAILURE = Unavailable(), StoreError("a test wants it")


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grace in steps of a millisecond."""
    monkeypatch.setattr(create, "_GRACE", (0.001,) * 6)


async def a_model(served: Served, name: str = "m") -> str:
    """The id of a new model."""
    id_: str = (await served.make("/registered_models", name=name))["id"]
    return id_


async def a_version(served: Served, model: str, name: str = "v") -> str:
    """The id of a new version."""
    id_: str = (await served.make("/model_versions", name=name, registeredModelId=model))["id"]
    return id_


async def items(served: Served, path: str) -> list[Json]:
    """All rows of a list."""
    rows: list[Json] = (await served.client.get(path)).json()["items"]
    return rows


def statuses(responses: list[httpx.Response]) -> list[int]:
    """The statuses in ascending order."""
    return sorted(response.status_code for response in responses)


# Interrupted.


@pytest.mark.parametrize("failure", [OUTAGE, FAILURE], ids=["outage", "failure"])
async def test_a_child_left_without_its_link_is_completed_by_the_next_create(failure: RegistryError) -> None:
    async with serving() as served:
        model = await a_model(served)
        body = {"name": "v", "registeredModelId": model}
        served.store.fail("link", failure)
        first = await served.client.post("/model_versions", json={**body, "author": "ann", "description": "old"})
        assert first.status_code == (503 if failure is OUTAGE else 500)
        assert await items(served, f"/registered_models/{model}/versions") == []
        second = await served.client.post("/model_versions", json={**body, "author": "bob"})
        assert second.status_code == 201
        made = second.json()
        assert made["author"] == "bob"
        assert "description" not in made
        assert await items(served, f"/registered_models/{model}/versions") == [made]
        third = await served.client.post("/model_versions", json=body)
        assert third.status_code == 409
        assert (
            third.json()["message"] == f"Another model version named 'v' already exists under registered model {model}."
        )


async def test_a_child_that_another_request_is_creating_is_left_to_it() -> None:
    store = MemoryStore()
    async with serving(store) as one, serving(store) as other:
        model = await a_model(one)
        body = {"name": "v", "registeredModelId": model}
        gate = store.hold("link")
        first = asyncio.create_task(one.client.post("/model_versions", json=body))
        await gate.arrived.wait()
        second = asyncio.create_task(other.client.post("/model_versions", json=body))
        while store.counts["owners"] < 2:  # noqa: ASYNC110 (the store counts, it does not signal)
            await asyncio.sleep(0.001)
        gate.open()
        assert statuses([await first, await second]) == [201, 409]
        assert len(await items(one, f"/registered_models/{model}/versions")) == 1


INTERRUPTED = {
    "put": ("/registered_models", {"name": "new"}),
    "link": ("/model_versions", {"name": "new", "registeredModelId": "1"}),
    "put_below": ("/model_versions/2/artifacts", {"name": "new", "artifactType": "doc-artifact"}),
}


@pytest.mark.parametrize("method", INTERRUPTED)
async def test_a_write_during_an_outage_is_503_and_the_next_try_succeeds(method: str) -> None:
    path, body = INTERRUPTED[method]
    async with serving() as served:
        assert (await a_model(served), await a_version(served, "1")) == ("1", "2")
        served.store.fail(method, OUTAGE)
        response = await served.client.post(path, json=body)
        assert response.status_code == 503
        assert "retry-after" in response.headers
        await served.make(path, **body)


# At the same time.

RACES = {
    "models": ("/registered_models", {"name": "x"}),
    "versions": ("/model_versions", {"name": "x", "registeredModelId": "1"}),
    "versions by path": ("/registered_models/1/versions", {"name": "x", "registeredModelId": "1"}),
    "artifacts": ("/model_versions/2/artifacts", {"name": "x", "artifactType": "dataset-artifact"}),
    "serves": ("/inference_services/4/serves", {"name": "x", "modelVersionId": "2"}),
}


async def prepared(served: Served) -> None:
    """A model 1, its version 2, an environment 3 and a service 4."""
    assert (await a_model(served), await a_version(served, "1")) == ("1", "2")
    assert (await served.make("/serving_environments", name="e"))["id"] == "3"
    service = await served.make("/inference_services", servingEnvironmentId="3", registeredModelId="1")
    assert service["id"] == "4"


@pytest.mark.parametrize("case", RACES)
@pytest.mark.parametrize("proxies", [1, 2])
@pytest.mark.parametrize("new_store", [MemoryStore, FakeStore], ids=["in memory", "over MLMD"])
async def test_of_many_requests_that_create_one_name_one_succeeds(
    new_store: Callable[[], MemoryStore | FakeStore], case: str, proxies: int
) -> None:
    path, body = RACES[case]
    store = new_store()
    async with serving(store) as one, serving(store) as other:
        await prepared(one)
        clients = [one.client, other.client][:proxies] * (8 // proxies)
        responses = await asyncio.gather(*(client.post(path, json=body) for client in clients))
        made = [response for response in responses if response.is_success]
        assert len(made) == 1
        assert {response.status_code for response in responses if response not in made} == {409}
        assert [row["name"] for row in await items(one, path)].count("x") == 1


async def test_of_two_requests_that_complete_a_child_the_one_that_mysql_refuses_gets_409() -> None:
    async with serving() as served:
        model = await a_model(served)
        served.store.fail("link", FAILURE)
        body = {"name": "v", "registeredModelId": model}
        await served.client.post("/model_versions", json=body)
        served.store.fail("put", NotUnique("Duplicate entry '7-x-1' for key 'PRIMARY'", Taken.PROPERTY_NAME), after=1)
        assert (await served.client.post("/model_versions", json=body)).status_code == 409
        await served.make("/model_versions", **body)


# Parents.


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/model_versions", {"name": "x", "registeredModelId": "99"}),
        ("/model_versions", {"name": "x", "registeredModelId": "2"}),
        ("/registered_models/99/versions", {"name": "x", "registeredModelId": "1"}),
        ("/registered_models/0/versions", {"name": "x", "registeredModelId": "1"}),
        ("/model_versions/1/artifacts", {"artifactType": "doc-artifact"}),
        ("/inference_services", {"servingEnvironmentId": "3", "registeredModelId": "99"}),
        ("/inference_services", {"servingEnvironmentId": "3", "registeredModelId": "1", "modelVersionId": "1"}),
        ("/inference_services/4/serves", {"modelVersionId": "99"}),
        ("/experiment_runs", {"experimentId": "1"}),
    ],
)
async def test_nothing_is_created_below_a_missing_parent_or_about_a_missing_entity(path: str, body: Json) -> None:
    async with serving() as served:
        await prepared(served)
        served.store.forget()
        response = await served.client.post(path, json=body)
        assert response.status_code == 404, response.text
        assert not served.store.writes


async def test_a_version_of_another_model_is_refused() -> None:
    async with serving() as served:
        await prepared(served)
        other = await a_version(served, await a_model(served, "other"))
        body = {"servingEnvironmentId": "3", "registeredModelId": "1", "modelVersionId": other}
        response = await served.client.post("/inference_services", json=body)
        assert response.status_code == 400
        assert "belongs to registered model 5, but registeredModelId says 1." in response.json()["message"]


async def test_the_path_wins_over_the_body() -> None:
    async with serving() as served:
        first, second = await a_model(served, "a"), await a_model(served, "b")
        made = await served.make(f"/registered_models/{first}/versions", name="v", registeredModelId=second)
        assert made["registeredModelId"] == first


async def test_a_taken_external_id_has_another_message_than_a_taken_name() -> None:
    async with serving() as served:
        await served.make("/registered_models", name="a", externalId="x")
        by_name = await served.client.post("/registered_models", json={"name": "a"})
        by_id = await served.client.post("/registered_models", json={"name": "b", "externalId": "x"})
        of_another_type = await served.client.post("/experiments", json={"name": "c", "externalId": "x"})
        assert [r.status_code for r in (by_name, by_id, of_another_type)] == [409, 409, 409]
        assert by_name.json()["message"] == "Another registered model named 'a' already exists."
        assert by_id.json()["message"] == "externalId 'x' already exists: the registered model with id 1 has it."
        assert (
            of_another_type.json()["message"] == "externalId 'x' already exists: the registered model with id 1 has it."
        )


@pytest.mark.parametrize("name", ["Data too long", "value too long for"])
async def test_a_name_that_reads_like_an_error_of_the_database_is_an_ordinary_conflict(name: str) -> None:
    async with serving() as served:
        await served.make("/registered_models", name=name)
        assert (await served.client.post("/registered_models", json={"name": name})).status_code == 409


async def test_an_entity_without_a_name_gets_one() -> None:
    async with serving() as served:
        await prepared(served)
        for path, body in (
            ("/artifacts", {"artifactType": "doc-artifact"}),
            ("/model_versions/2/artifacts", {"artifactType": "model-artifact"}),
            ("/inference_services/4/serves", {"modelVersionId": "2"}),
        ):
            assert len((await served.make(path, **body))["name"]) == 36


@pytest.mark.parametrize("lists", [False, True])
async def test_a_struct_of_30_levels_is_kept_by_every_kind_of_write_and_one_of_31_is_refused(lists: bool) -> None:
    def body(levels: int) -> Json:
        opening, closing = ("[", "]") if lists else ('{"a":', "}")
        text = '{"a":' + opening * (levels - 1) + "1" + closing * (levels - 1) + "}"
        struct = {"metadataType": "MetadataStructValue", "struct_value": base64.b64encode(text.encode()).decode()}
        return {"name": f"deep{levels}", "customProperties": {"p": struct}}

    async with serving() as served:
        await prepared(served)
        for path, more in (
            ("/registered_models", {}),
            ("/artifacts", {"artifactType": "doc-artifact"}),
            ("/model_versions/2/artifacts", {"artifactType": "doc-artifact"}),
            ("/inference_services/4/serves", {"modelVersionId": "2"}),
        ):
            made = await served.make(path, **body(30), **more)
            assert made["customProperties"] == body(30)["customProperties"]
            response = await served.client.post(path, json={**body(31), **more})
            assert response.status_code == 400
            assert "nested too deeply: the store keeps 30 levels." in response.json()["message"]
