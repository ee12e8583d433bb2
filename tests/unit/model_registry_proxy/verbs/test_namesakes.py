"""Artifacts that were created standalone and attached later are found by name, and their rows name their run."""

from typing import Any

import pytest

from model_registry_proxy.verbs import namesakes
from tests.support.serving import Served, serving

Json = dict[str, Any]


async def a_run(served: Served) -> str:
    """The id of a new run."""
    experiment = (await served.make("/experiments", name="e"))["id"]
    id_: str = (await served.make("/experiment_runs", name="r", experimentId=experiment))["id"]
    return id_


async def upsert(served: Served, parent: str, **body: Any) -> Json:
    """What an upsert below a parent, given by its path, answers."""
    answer = await served.client.post(f"{parent}/artifacts", json=body)
    assert answer.is_success, answer.text
    row: Json = answer.json()
    return row


METRIC = {"artifactType": "metric", "name": "loss", "value": 0.5}
PARAMETER = {"artifactType": "parameter", "name": "depth", "value": "3", "parameterType": "number"}


@pytest.mark.parametrize("body", [METRIC, PARAMETER], ids=["metric", "parameter"])
@pytest.mark.parametrize("kind", ["run", "version"])
async def test_an_upsert_by_name_updates_the_namesake_that_was_attached_later(kind: str, body: Json) -> None:
    async with serving() as served:
        if kind == "run":
            parent = f"/experiment_runs/{await a_run(served)}"
        else:
            model = (await served.make("/registered_models", name="m"))["id"]
            parent = (
                f"/model_versions/{(await served.make('/model_versions', name='v', registeredModelId=model))['id']}"
            )
        standalone = await served.make("/artifacts", **body)
        await served.make("/artifacts", **{**body, "name": "other"})
        await upsert(served, parent, artifactType=body["artifactType"], id=standalone["id"])
        again = await upsert(served, parent, **{**body, "description": "new"})
        assert (again["id"], again["description"]) == (standalone["id"], "new")
        items = (await served.client.get(f"{parent}/artifacts")).json()["items"]
        assert [item["id"] for item in items] == [standalone["id"]]


async def test_a_namesake_attached_by_another_proxy_is_seen_a_second_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as served:
        run = await a_run(served)
        await upsert(served, f"/experiment_runs/{run}", **METRIC)
        standalone = await served.make("/artifacts", **{**METRIC, "name": "accuracy"})
        async with serving(served.store) as other:
            await upsert(other, f"/experiment_runs/{run}", artifactType="metric", id=standalone["id"])
        monkeypatch.setattr(namesakes, "TRUSTED_SECONDS", 0.0)
        again = await upsert(served, f"/experiment_runs/{run}", **{**METRIC, "name": "accuracy", "value": 0.9})
        assert again["id"] == standalone["id"]


async def test_a_run_without_attached_metrics_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namesakes, "TRUSTED_SECONDS", 3600.0)
    async with serving() as served:
        run = await a_run(served)
        async with serving(served.store) as other:
            served.store.forget()
            for name in "abc":
                await upsert(other, f"/experiment_runs/{run}", **{**METRIC, "name": name})
        assert served.store.counts["list_nodes"] == 1


async def test_every_answer_names_the_run_of_an_artifact_that_was_attached_later() -> None:
    async with serving() as served:
        run = await a_run(served)
        standalone = await served.make("/artifacts", artifactType="dataset-artifact", name="d", uri="s3://d")
        assert "experimentRunId" not in (await served.client.get(f"/artifacts/{standalone['id']}")).json()
        attached = await upsert(
            served, f"/experiment_runs/{run}", artifactType="dataset-artifact", id=standalone["id"], digest="x"
        )
        got = (await served.client.get(f"/artifacts/{standalone['id']}")).json()
        patched = await served.client.patch(
            f"/artifacts/{standalone['id']}", json={"artifactType": "dataset-artifact", "digest": "x"}
        )
        (listed,) = (await served.client.get("/artifacts")).json()["items"]
        (below,) = (await served.client.get(f"/experiment_runs/{run}/artifacts")).json()["items"]
        assert got["experimentRunId"] == patched.json()["experimentRunId"] == run
        assert attached == got
        assert patched.json() == listed == below
