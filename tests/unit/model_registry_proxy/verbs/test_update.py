"""Changes: fields that are mentioned change, others stay, and an impossible change is refused with its reason."""

import asyncio
from typing import Any

import pytest

from tests.support.serving import Served, serving

Json = dict[str, Any]


async def patch(served: Served, path: str, body: Json) -> Json:
    """A change that must be taken; answers the entity."""
    response = await served.client.patch(path, json=body)
    assert response.is_success, response.text
    answer: Json = response.json()
    return answer


async def test_a_change_leaves_other_fields_as_they_are() -> None:
    async with serving() as served:
        made = await served.make("/registered_models", name="m", owner="ann", state="ARCHIVED", tasks=["a"])
        changed = await patch(served, "/registered_models/1", {"description": "d"})
        for answer in (made, changed):
            answer.pop("lastUpdateTimeSinceEpoch")
        assert changed == {**made, "description": "d"}


async def test_changes_at_the_same_time_do_not_undo_each_other() -> None:
    fields = ("description", "owner", "readme", "maturity", "provider", "logo", "license")
    async with serving() as served:
        await served.make("/registered_models", name="m")
        await asyncio.gather(*(patch(served, "/registered_models/1", {field: field}) for field in fields))
        row = (await served.client.get("/registered_models/1")).json()
        assert {field: row[field] for field in fields} == {field: field for field in fields}


async def test_a_change_with_nothing_in_it_writes_nothing() -> None:
    async with serving() as served:
        made = await served.make("/registered_models", name="m")
        served.store.forget()
        assert await patch(served, "/registered_models/1", {}) == made
        assert await patch(served, "/registered_models/1", {"description": None}) == made
        assert served.store.counts == {"get": 2}


async def test_a_taken_external_id_is_a_conflict_and_nothing_changes() -> None:
    async with serving() as served:
        await served.make("/registered_models", name="a", externalId="x")
        made = await served.make("/registered_models", name="b", externalId="y")
        response = await served.client.patch("/registered_models/2", json={"externalId": "x", "owner": "ann"})
        assert response.status_code == 409
        assert response.json()["message"] == "externalId 'x' already exists: the registered model with id 1 has it."
        assert (await served.client.get("/registered_models/2")).json() == made


async def test_an_external_id_may_be_said_again_and_cleared() -> None:
    async with serving() as served:
        for name in ("a", "b"):
            await served.make("/registered_models", name=name, externalId=name)
        assert (await patch(served, "/registered_models/1", {"externalId": "a", "owner": "ann"}))["externalId"] == "a"
        for id_ in (1, 2):
            assert "externalId" not in await patch(served, f"/registered_models/{id_}", {"externalId": ""})


async def test_a_bad_change_does_not_harm_other_changes_of_its_batch() -> None:
    async with serving() as served:
        for name in ("a", "b", "c"):
            await served.make("/registered_models", name=name)
        await served.make("/experiments", name="e")
        ids = [1, 99, 2, 4, 0, -1, 3]
        sent = (served.client.patch(f"/registered_models/{id_}", json={"owner": "ann"}) for id_ in ids)
        responses = await asyncio.gather(*sent)
        assert [response.status_code for response in responses] == [200, 404, 200, 404, 404, 404, 200]
        assert responses[1].json()["message"] == "No registered model has id 99."
        assert "owner" not in (await served.client.get("/experiments/4")).json()


async def test_an_artifact_keeps_its_type() -> None:
    async with serving() as served:
        await served.make("/artifacts", artifactType="doc-artifact", name="d")
        for body in ({"description": "x"}, {}):
            response = await served.client.patch("/artifacts/1", json={"artifactType": "model-artifact", **body})
            assert response.status_code == 400
            assert "cannot change artifact type from 'doc-artifact' to 'model-artifact'" in response.json()["message"]
        assert (await served.client.patch("/model_artifacts/1", json={"uri": "x"})).status_code == 404


@pytest.mark.parametrize("body", [{"value": 0.1 + 0.2}, {"value": 2}, {"customProperties": {}}, {"step": 5}])
async def test_exact_doubles_survive_changes_of_other_fields(body: Json) -> None:
    thirds = {"p": {"metadataType": "MetadataDoubleValue", "double_value": 1 / 3}}
    async with serving() as served:
        kind = {"artifactType": "metric"}
        await served.make("/artifacts", **kind, name="x", value=1e-20, customProperties=thirds)
        changed = await patch(served, "/artifacts/1", {**kind, **body})
        expected = {"value": 1e-20, "customProperties": thirds, **body}
        assert {key: changed[key] for key in expected} == expected
        assert (await served.client.get("/artifacts/1")).json() == changed


async def test_a_nested_create_with_an_id_is_a_change_below_that_parent_only() -> None:
    async with serving() as served:
        for name in ("a", "b"):
            await served.make("/registered_models", name=name)
        version = await served.make("/model_versions", name="v", registeredModelId="1")
        body = {"id": version["id"], "name": "ignored", "registeredModelId": "1", "author": "ann"}
        response = await served.client.post("/registered_models/1/versions", json=body)
        assert response.json()["author"] == "ann"
        assert response.json()["name"] == "v"
        response = await served.client.post("/registered_models/2/versions", json=body)
        assert response.status_code == 400
        assert response.json()["message"] == f"The model version {version['id']} is not below registered model 2."


async def test_writes_of_one_metric_at_the_same_time_are_all_kept() -> None:
    async with serving() as served:
        await served.make("/experiments", name="e")
        await served.make("/experiment_runs", name="r", experimentId="1")
        body = {"artifactType": "metric", "name": "loss"}
        sent = (served.make("/experiment_runs/2/artifacts", **body, value=value, step=value) for value in range(12))
        rows = await asyncio.gather(*sent)
        assert len({row["id"] for row in rows}) == 1
        history = (await served.client.get("/experiment_runs/2/metric_history")).json()["items"]
        assert sorted(row["value"] for row in history) == list(range(12))
        assert {row["name"] for row in history} == {"loss"}
        assert len((await served.client.get("/experiment_runs/2/artifacts")).json()["items"]) == 1


async def test_an_upsert_below_a_version_updates_metrics_and_parameters_of_the_same_name() -> None:
    async with serving() as served:
        await served.make("/registered_models", name="m")
        await served.make("/model_versions", name="v", registeredModelId="1")
        path = "/model_versions/2/artifacts"
        for kind, field, values in (("metric", "value", (1, 2)), ("parameter", "value", ("1", ""))):
            made = [await served.make(path, artifactType=kind, name="x", **{field: value}) for value in values]
            assert [row[field] for row in made] == list(values)
            assert made[0]["id"] == made[1]["id"]
        for kind in ("model-artifact", "doc-artifact", "dataset-artifact"):
            await served.make(path, artifactType=kind, name="x")
            assert (await served.client.post(path, json={"artifactType": kind, "name": "x"})).status_code == 409
