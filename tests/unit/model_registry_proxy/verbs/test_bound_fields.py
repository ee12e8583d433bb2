"""Rules that bind one field to another or to what is stored, and what fuzzing has found, through the whole API."""

from typing import Any

import pytest

from converters.entity import Kind
from tests.support.serving import Served, serving

EARLY, LATE = "1767225600000", "1767229200000"


async def run_in(served: Served, **body: Any) -> dict[str, Any]:
    experiment = await served.make("/experiments", name="e")
    return await served.make("/experiment_runs", experimentId=experiment["id"], **body)


@pytest.mark.parametrize("path", ["/experiment_runs", "/experiments/{}/experiment_runs"])
@pytest.mark.parametrize(
    ("start", "end", "status"), [(EARLY, LATE, 201), (EARLY, EARLY, 201), ("+0", "00", 201), (LATE, EARLY, 400)]
)
async def test_a_run_cannot_end_before_it_began(path: str, start: str, end: str, status: int) -> None:
    async with serving() as served:
        experiment = await served.make("/experiments", name="e")
        body = {"experimentId": experiment["id"], "startTimeSinceEpoch": start, "endTimeSinceEpoch": end}
        response = await served.client.post(path.format(experiment["id"]), json=body)
        assert response.status_code == status
        if status == 400:
            message = response.json()["message"]
            assert message == f"endTimeSinceEpoch must not be before startTimeSinceEpoch; got {end} and {start}."
            assert (await served.client.get("/experiment_runs")).json()["items"] == []


async def test_a_change_of_the_end_is_compared_with_the_stored_start() -> None:
    async with serving() as served:
        run = await run_in(served, startTimeSinceEpoch=LATE)
        refused = await served.client.patch(f"/experiment_runs/{run['id']}", json={"endTimeSinceEpoch": EARLY})
        assert refused.status_code == 400
        taken = await served.client.patch(f"/experiment_runs/{run['id']}", json={"endTimeSinceEpoch": LATE})
        assert taken.json()["endTimeSinceEpoch"] == LATE


async def test_an_end_without_a_start_may_be_any_time() -> None:
    async with serving() as served:
        run = await run_in(served)
        taken = await served.client.patch(f"/experiment_runs/{run['id']}", json={"endTimeSinceEpoch": EARLY})
        assert taken.status_code == 200


async def test_a_time_that_another_program_wrote_as_text_is_no_limit() -> None:
    async with serving() as served:
        run = await run_in(served, startTimeSinceEpoch=LATE)
        node = await served.registry.store.get(Kind.CONTEXT, int(run["id"]))
        assert node is not None
        node.properties["start_time_since_epoch"].string_value = "yesterday"
        await served.registry.store.put(node)
        taken = await served.client.patch(f"/experiment_runs/{run['id']}", json={"endTimeSinceEpoch": EARLY})
        assert taken.status_code == 200


async def test_a_new_metric_needs_a_value_and_a_change_of_one_does_not() -> None:
    async with serving() as served:
        run = await run_in(served)
        for path in ("/artifacts", f"/experiment_runs/{run['id']}/artifacts"):
            for body in ({}, {"value": None}):
                refused = await served.client.post(path, json={"artifactType": "metric", "name": "m", **body})
                assert refused.status_code == 400
                assert refused.json()["message"].startswith("The body must have a value; only a change of a metric,")
        path = f"/experiment_runs/{run['id']}/artifacts"
        made = (await served.client.post(path, json={"artifactType": "metric", "name": "m", "value": 0})).json()
        assert made["value"] == 0
        changed = await served.client.post(path, json={"artifactType": "metric", "id": made["id"], "step": 3})
        assert (changed.json()["value"], changed.json()["step"]) == (0, 3)


@pytest.mark.parametrize("name", ["name", "externalId", "filterQuery", "nextPageToken"])
async def test_an_empty_text_in_the_query_counts_as_absent(name: str) -> None:
    async with serving() as served:
        model = await served.make("/registered_models", name="m")
        await served.make("/model_versions", name="v", registeredModelId=model["id"])
        path = f"/registered_models/{model['id']}/versions"
        first = (await served.client.get(f"{path}?pageSize=1&{name}=")).json()
        assert first == (await served.client.get(f"{path}?pageSize=1")).json()
        assert first["size"] == 1


async def test_a_token_goes_with_and_without_the_empty_texts_of_its_question() -> None:
    async with serving() as served:
        for name in "ab":
            await served.make("/registered_models", name=name)
        token = (await served.client.get("/registered_models?pageSize=1&filterQuery=")).json()["nextPageToken"]
        rest = await served.client.get("/registered_models", params={"pageSize": 1, "nextPageToken": token})
        assert [item["name"] for item in rest.json()["items"]] == ["b"]


async def test_an_empty_parent_is_none_in_a_find() -> None:
    async with serving() as served:
        model = await served.make("/registered_models", name="m")
        version = await served.make("/model_versions", name="v", registeredModelId=model["id"], externalId="x")
        found = await served.client.get("/model_version?externalId=x&parentResourceId=&name=")
        assert found.json() == version
        refused = await served.client.get("/model_version?name=v&parentResourceId=7a")
        assert (
            refused.json()["message"]
            == 'parentResourceId must be a whole number of up to 64 bits in decimal; got "7a".'
        )


@pytest.mark.parametrize("name", ["orderBy", "sortOrder", "artifactType", "pageSize"])
async def test_an_empty_choice_or_number_in_the_query_is_refused(name: str) -> None:
    async with serving() as served:
        model = await served.make("/registered_models", name="m")
        version = await served.make("/model_versions", name="v", registeredModelId=model["id"])
        refused = await served.client.get(f"/model_versions/{version['id']}/artifacts?{name}=")
        assert refused.status_code == 400


async def test_a_property_without_a_name_keeps_its_exact_double() -> None:
    async with serving() as served:
        value = {"metadataType": "MetadataDoubleValue", "double_value": 9.999999999999998e59}
        made = await served.make("/registered_models", name="m", customProperties={"": value})
        assert made["customProperties"] == {"": value}


@pytest.mark.parametrize("step", [3, 3.0])
async def test_a_whole_number_may_be_written_with_a_point(step: float) -> None:
    async with serving() as served:
        made = await served.make("/artifacts", artifactType="metric", name="m", value=1, step=step)
        assert made["step"] == 3


async def test_an_external_id_that_nothing_has_is_not_found() -> None:
    async with serving() as served:
        assert (await served.client.get("/registered_model?externalId=x")).status_code == 404


async def test_the_lowest_id_names_nothing_however_it_is_written() -> None:
    async with serving() as served:
        for id_ in ("-9223372036854775808", "-00009223372036854775808", "0" * 5000):
            assert (await served.client.get(f"/registered_models/{id_}")).status_code == 404
