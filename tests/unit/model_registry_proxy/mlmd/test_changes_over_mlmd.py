"""Changes through the whole API over MLMD whose answer is lost: made once, and never at the cost of what came after them."""

import asyncio
from typing import Any

import grpc
import pytest

from model_registry_proxy.mlmd.outcomes import CLOCKS_APART_MS
from tests.support.fake_store import FakeStore
from tests.support.serving import Served, serving

Json = dict[str, Any]


async def patch(served: Served, path: str, body: Json) -> Json:
    """Makes a change that must be accepted; returns the entity."""
    response = await served.client.patch(path, json=body)
    assert response.is_success, response.text
    answer: Json = response.json()
    return answer


OUTAGE = grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("is_done", [False, True], ids=["not done", "done"])
async def test_a_change_whose_answer_is_lost_is_made_once(is_done: bool) -> None:
    async with serving(FakeStore(), outlasts=5) as served:
        await served.make("/registered_models", name="m", owner="ann")
        await long_ago()
        served.store.fail("PutContexts", OUTAGE, is_done=is_done)
        value = {"metadataType": "MetadataDoubleValue", "double_value": 0.1 + 1e-9}
        body = {"description": "mine", "tasks": ["a"], "customProperties": {"x": value}}
        changed = await patch(served, "/registered_models/1", body)
        assert {**changed, **body, "owner": "ann"} == changed
        assert served.store.counts["PutContexts"] == (2 if is_done else 3)


async def test_a_change_whose_answer_is_lost_does_not_undo_later_changes() -> None:
    async with serving(FakeStore(), outlasts=5) as served:
        await served.make("/registered_models", name="m")
        served.store.fail("PutContexts", OUTAGE, is_done=True)
        gate = served.store.hold("GetContextsByID")
        mine = asyncio.create_task(served.client.patch("/registered_models/1", json={"description": "mine"}))
        await gate.arrived.wait()
        (node,) = served.store.ask("GetContextsByID", context_ids=[1]).contexts
        assert node.properties["description"].string_value == "mine"
        node.properties["description"].string_value = "theirs"
        served.store.ask("PutContexts", contexts=[node])
        gate.open()
        answer = await mine
        assert (answer.status_code, "not known" in answer.json()["message"]) == (503, True)
        assert (await served.client.get("/registered_models/1")).json()["description"] == "theirs"


async def test_a_value_of_a_metric_whose_answer_is_lost_is_kept_once_though_another_came_after_it() -> None:
    async with serving(FakeStore(), outlasts=5) as served:
        await served.make("/experiments", name="e")
        await served.make("/experiment_runs", name="r", experimentId="1")
        path, body = "/experiment_runs/2/artifacts", {"artifactType": "metric", "name": "loss", "step": 1, "value": 0.5}
        served.store.fail("PutLineageSubgraph", OUTAGE, is_done=True)
        gate = served.store.hold("GetArtifactByTypeAndName")
        mine = asyncio.create_task(served.client.post(path, json=body))
        await gate.arrived.wait()
        (node,) = (a for a in served.store.ask("GetArtifacts").artifacts if a.name == "2:loss")
        node.properties["step"].int_value = 2
        served.store.ask("PutArtifacts", artifacts=[node])
        gate.open()
        assert (await mine).status_code == 200
        history = (await served.client.get("/experiment_runs/2/metric_history")).json()["items"]
        assert [row["step"] for row in history] == [1]
        assert (await served.client.get(path)).json()["items"][0]["step"] == 2


async def long_ago() -> None:
    """Makes all nodes older than the clocks may be apart."""
    await asyncio.sleep((CLOCKS_APART_MS + 100) / 1000)
