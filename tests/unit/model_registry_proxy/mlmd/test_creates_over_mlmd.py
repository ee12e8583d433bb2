"""Creates through the whole API over MLMD: once, in shared calls and below the right parent, whatever happens to MLMD's calls."""

import asyncio
import logging
from typing import Any

import grpc
import pytest

from model_registry_proxy.mlmd import retries
from tests.support.fake_store import FakeStore
from tests.support.serving import Served, serving

Json = dict[str, Any]
OUTAGE, FAILURE = grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off in steps of a millisecond."""
    monkeypatch.setattr(retries, "_FIRST_WAIT", 0.001)


async def a_model(served: Served, name: str = "m") -> str:
    """Returns the id of a new model."""
    id_: str = (await served.make("/registered_models", name=name))["id"]
    return id_


async def a_version(served: Served, model: str, name: str = "v") -> str:
    """Returns the id of a new version."""
    id_: str = (await served.make("/model_versions", name=name, registeredModelId=model))["id"]
    return id_


async def items(served: Served, path: str) -> list[Json]:
    """Returns all rows of a list."""
    rows: list[Json] = (await served.client.get(path)).json()["items"]
    return rows


LOST_ANSWERS = {
    "PutContexts": ("/registered_models", {"name": "new"}),
    "PutParentContexts": ("/model_versions", {"name": "new", "registeredModelId": "1"}),
    "PutArtifacts": ("/artifacts", {"name": "new", "artifactType": "doc-artifact"}),
    "PutLineageSubgraph": ("/model_versions/2/artifacts", {"name": "new", "artifactType": "doc-artifact"}),
}


@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("method", LOST_ANSWERS)
async def test_a_write_that_an_outage_interrupts_takes_effect_once(method: str, is_done: bool) -> None:
    path, body = LOST_ANSWERS[method]
    async with serving(FakeStore(), outlasts=5) as served:
        assert (await a_model(served), await a_version(served, "1")) == ("1", "2")
        before = await items(served, path)
        served.store.fail(method, OUTAGE, is_done=is_done)
        made = await served.make(path, **body)
        assert [row for row in await items(served, path) if row not in before] == [made]


@pytest.mark.parametrize("method", LOST_ANSWERS)
async def test_a_short_outage_is_503_without_retries_and_the_next_request_succeeds(method: str) -> None:
    path, body = LOST_ANSWERS[method]
    async with serving(FakeStore()) as served:
        assert (await a_model(served), await a_version(served, "1")) == ("1", "2")
        served.store.fail(method, OUTAGE)
        response = await served.client.post(path, json=body)
        assert response.status_code == 503
        assert "retry-after" in response.headers
        await served.make(path, **body)


async def test_a_transaction_that_was_rolled_back_is_tried_again() -> None:
    async with serving(FakeStore()) as served:
        served.store.fail("PutContexts", grpc.StatusCode.ABORTED)
        served.store.fail("PutContexts", FAILURE, "database is locked")
        await a_model(served)
        assert served.store.counts["PutContexts"] == 3


async def test_each_request_of_a_batch_gets_its_own_outcome() -> None:
    async with serving(FakeStore()) as served:
        await a_model(served, "m3")
        posts = (served.client.post("/registered_models", json={"name": f"m{number}"}) for number in range(8))
        responses = await asyncio.gather(*posts)
        assert [response.status_code for response in responses] == [201, 201, 201, 409, 201, 201, 201, 201]
        assert [response.json().get("name") for response in responses if response.is_success] == [
            f"m{number}" for number in range(8) if number != 3
        ]


async def test_creates_below_many_parents_share_calls_and_each_gets_its_own_entity() -> None:
    async with serving(FakeStore()) as served:
        model = await a_model(served)
        versions = [await a_version(served, model, f"v{number}") for number in range(12)]
        served.store.forget()
        body = {"artifactType": "doc-artifact", "name": "readme"}
        made = await asyncio.gather(*(served.make(f"/model_versions/{id_}/artifacts", **body) for id_ in versions))
        assert sum(served.store.counts.values()) < 12
        for id_, artifact in zip(versions, made, strict=True):
            assert await items(served, f"/model_versions/{id_}/artifacts") == [artifact]


async def test_creates_below_many_parents_whose_links_fail_write_nothing_twice() -> None:
    async with serving(FakeStore(), outlasts=5) as served:
        experiment = (await served.make("/experiments", name="e"))["id"]
        runs = [(await served.make("/experiment_runs", name=f"r{n}", experimentId=experiment))["id"] for n in range(6)]
        served.store.fail("PutAttributionsAndAssociations", FAILURE)
        body = {"artifactType": "metric", "name": "loss", "value": 1.0}
        await asyncio.gather(*(served.make(f"/experiment_runs/{run}/artifacts", **body) for run in runs))
        assert served.store.counts["PutAttributionsAndAssociations"] > 1
        assert len(served.store.ask("GetArtifacts").artifacts) == 2 * len(runs)
        for run in runs:
            assert [row["value"] for row in await items(served, f"/experiment_runs/{run}/metric_history")] == [1.0]


def rename(store: FakeStore, id_: str, name: str) -> None:
    """A change of a context that a gRPC client may make."""
    (context,) = store.ask("GetContextsByID", context_ids=[int(id_)]).contexts
    context.name = name
    store.ask("PutContexts", contexts=[context])


async def test_a_parent_that_was_renamed_is_found_and_no_phantom_is_made() -> None:
    async with serving(FakeStore()) as served:
        version = await a_version(served, await a_model(served))
        rename(served.store, version, "1:renamed")
        artifact = await served.make(f"/model_versions/{version}/artifacts", artifactType="doc-artifact", name="readme")
        assert [row["name"] for row in await items(served, "/model_versions")] == ["renamed"]
        assert len(served.store.ask("GetContexts").contexts) == 2
        assert await items(served, f"/model_versions/{version}/artifacts") == [artifact]


async def test_a_metric_below_a_renamed_run_keeps_its_history() -> None:
    async with serving(FakeStore()) as served:
        experiment = (await served.make("/experiments", name="e"))["id"]
        run = (await served.make("/experiment_runs", name="r", experimentId=experiment))["id"]
        rename(served.store, run, f"{experiment}:renamed")
        for value in (1, 2):
            await served.make(f"/experiment_runs/{run}/artifacts", artifactType="metric", name="loss", value=value)
        history = await items(served, f"/experiment_runs/{run}/metric_history")
        assert [row["value"] for row in history] == [1, 2]
        assert len(served.store.ask("GetContexts").contexts) == 2


async def test_a_parent_whose_name_another_got_is_not_missed(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(FakeStore()) as served:
        model = await a_model(served)
        version = await a_version(served, model)
        rename(served.store, version, f"{model}:renamed")
        type_id = served.store.ask("GetContextsByID", context_ids=[int(version)]).contexts[0].type_id
        served.store.ask("PutContexts", contexts=[{"type_id": type_id, "name": f"{model}:v"}])
        with caplog.at_level(logging.ERROR):
            artifact = await served.make(f"/model_versions/{version}/artifacts", artifactType="doc-artifact", name="d")
        assert "has lost its name" in caplog.text
        assert await items(served, f"/model_versions/{version}/artifacts") == [artifact]
