"""Large whole numbers as text, and back: answers with `--client-safe-integers`, changes, and their cost."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from model_registry_proxy.contract import safe_integers
from tests.support.serving import Served, serving

Json = dict[str, Any]

NUMBER: Json = {"metadataType": "MetadataIntValue", "int_value": "1795766384"}
TEXT: Json = {"metadataType": "MetadataStringValue", "string_value": "1795766384"}
OTHER: Json = {"metadataType": "MetadataStringValue", "string_value": "x"}
EXACT = {"X-Exact-Integers": "true"}
METRIC: Json = {"artifactType": "metric", "name": "loss"}


def whole(number: int) -> dict[str, str]:
    return {"metadataType": "MetadataIntValue", "int_value": str(number)}


def text(content: str) -> dict[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": content}


@pytest.mark.parametrize("number", [10**9, -(10**9), 2**63 - 1, -(2**63)])
def test_a_large_number_is_shown_as_text_and_comes_back_as_the_number(number: int) -> None:
    row = {"id": "1", "customProperties": {"a": whole(number), "b": text("x")}}
    shown = safe_integers.shown(row)
    assert shown == {"id": "1", "customProperties": {"a": text(str(number)), "b": text("x")}}
    assert row["customProperties"] == {"a": whole(number), "b": text("x")}
    assert safe_integers.may_hold(shown)
    assert safe_integers.restored(shown, row) == row


@pytest.mark.parametrize("number", [0, 999_999_999, -999_999_999])
def test_a_small_number_stays_a_number(number: int) -> None:
    row = {"customProperties": {"a": whole(number)}}
    assert safe_integers.shown(row) is row
    assert safe_integers.shown({"items": [row], "size": 1}) == {"items": [row], "size": 1}
    assert not safe_integers.may_hold({"customProperties": {"a": text(str(number))}})


def test_another_text_replaces_the_number() -> None:
    stored = {"customProperties": {"a": whole(10**9), "b": text("1000000001")}}
    for body in (
        {"a": text("1000000001")},
        {"a": text("01000000000")},
        {"b": text("1000000001")},
        {"c": text("1000000000")},
    ):
        change = {"customProperties": body}
        assert safe_integers.restored(change, stored) is change


@pytest_asyncio.fixture
async def served() -> AsyncIterator[Served]:
    """The API with the switch on."""
    async with serving() as safe:
        switch(safe, is_on=True)
        yield safe


def switch(served: Served, *, is_on: bool) -> None:
    """Sets `--client-safe-integers`."""
    served.registry.safe_integers = served.api._safe_integers = is_on


async def answered(served: Served, path: str, **headers: str) -> Any:
    answer = (await served.client.get(path, headers=headers)).json()
    return [row["customProperties"] for row in answer["items"]] if "items" in answer else answer["customProperties"]


async def a_world(served: Served) -> dict[str, str]:
    """Creates one entity of each kind with a large number; returns their paths by kind."""
    held: Json = {"customProperties": {"n": NUMBER}}
    model = (await served.make("/registered_models", name="m", **held))["id"]
    version = (await served.make("/model_versions", name="v", registeredModelId=model, **held))["id"]
    place = (await served.make("/serving_environments", name="e", **held))["id"]
    of_service = {"registeredModelId": model, "servingEnvironmentId": place}
    service = (await served.make("/inference_services", name="s", **of_service, **held))["id"]
    serve = await served.make(f"/inference_services/{service}/serves", name="x", modelVersionId=version, **held)
    assert serve["customProperties"] == {"n": TEXT}
    experiment = (await served.make("/experiments", name="e", **held))["id"]
    run = (await served.make("/experiment_runs", name="r", experimentId=experiment, **held))["id"]
    loss = await served.make(f"/experiment_runs/{run}/artifacts", **METRIC, value=0.1, step=1, **held)
    weights = await served.make(f"/model_versions/{version}/artifacts", artifactType="model-artifact", name="w", **held)
    return {
        "registered_models": model,
        "model_versions": version,
        "serving_environments": place,
        "inference_services": service,
        "experiments": experiment,
        "experiment_runs": run,
        "artifacts": loss["id"],
        "model_artifacts": weights["id"],
    }


async def test_every_kind_shows_texts_in_gets_and_lists_and_numbers_on_request(served: Served) -> None:
    ids = await a_world(served)
    for kind, id_ in ids.items():
        assert await answered(served, f"/{kind}/{id_}") == {"n": TEXT}
        assert await answered(served, f"/{kind}/{id_}", **EXACT) == {"n": NUMBER}
        rows = await answered(served, f"/{kind}")
        assert rows == [{"n": TEXT}] * len(rows) != []
    below = (
        f"/inference_services/{ids['inference_services']}/serves",
        f"/experiment_runs/{ids['experiment_runs']}/metric_history",
        f"/registered_models/{ids['registered_models']}/versions",
        "/experiment_runs/metric_history",
    )
    for path in below:
        assert await answered(served, path) == [{"n": TEXT}]
        assert await answered(served, path, **EXACT) == [{"n": NUMBER}]


async def test_a_text_that_was_read_and_is_sent_back_leaves_the_number_for_every_kind(served: Served) -> None:
    types = {"artifacts": "metric", "model_artifacts": "model-artifact"}
    for kind, id_ in (await a_world(served)).items():
        type_ = {"artifactType": types[kind]} if kind in types else {}
        properties = {**(await answered(served, f"/{kind}/{id_}")), "other": OTHER}
        body = {**type_, "customProperties": properties}
        changed = await served.client.patch(f"/{kind}/{id_}", json=body)
        assert changed.json()["customProperties"] == {"n": TEXT, "other": OTHER}
        assert await answered(served, f"/{kind}/{id_}", **EXACT) == {"n": NUMBER, "other": OTHER}


async def test_posts_that_change_something_leave_the_number_too(served: Served) -> None:
    ids = await a_world(served)
    run, version = f"/experiment_runs/{ids['experiment_runs']}", f"/model_versions/{ids['model_versions']}"
    held: Json = {"customProperties": {"n": TEXT}}
    await served.make(f"{run}/artifacts", **METRIC, value=0.2, step=2, **held)
    await served.make(f"{run}/artifacts", **METRIC, id=ids["artifacts"], value=0.3, step=3, **held)
    assert await answered(served, f"{run}/metric_history", **EXACT) == [{"n": NUMBER}] * 3
    parameter: Json = {"artifactType": "parameter", "name": "p", "value": "1", "parameterType": "number"}
    made = await served.make(f"{version}/artifacts", **parameter, customProperties={"n": NUMBER})
    assert (await served.make(f"{version}/artifacts", **parameter, **held))["id"] == made["id"]
    assert await answered(served, f"/artifacts/{made['id']}", **EXACT) == {"n": NUMBER}
    weights: Json = {"artifactType": "model-artifact", "name": "w", "id": ids["model_artifacts"]}
    await served.make(f"{version}/artifacts", **weights, **held)
    assert await answered(served, f"/model_artifacts/{ids['model_artifacts']}", **EXACT) == {"n": NUMBER}
    above = f"/registered_models/{ids['registered_models']}/versions"
    await served.make(above, name="v", id=ids["model_versions"], registeredModelId=ids["registered_models"], **held)
    assert await answered(served, version, **EXACT) == {"n": NUMBER}


async def test_another_text_or_number_is_stored_as_it_was_sent(served: Served) -> None:
    await served.make("/registered_models", name="m", customProperties={"n": NUMBER})
    for sent in (TEXT | {"string_value": "1795766385"}, TEXT, NUMBER | {"int_value": "1795766386"}, OTHER):
        assert (await served.client.patch("/registered_models/1", json={"customProperties": {"n": sent}})).is_success
        assert await answered(served, "/registered_models/1", **EXACT) == {"n": sent}
    await served.make("/registered_models", name="new", customProperties={"n": TEXT})
    assert await answered(served, "/registered_models/2", **EXACT) == {"n": TEXT}


async def test_filters_see_the_number(served: Served) -> None:
    await served.make("/registered_models", name="m", customProperties={"n": NUMBER})
    for query in ("n > 1795766383", "n = 1795766384", "n.int_value = 1795766384"):
        page = (await served.client.get("/registered_models", params={"filterQuery": query})).json()
        assert [row["customProperties"] for row in page["items"]] == [{"n": TEXT}]


async def test_tags_of_both_answers_are_accepted(served: Served) -> None:
    await served.make("/registered_models", name="m", customProperties={"n": NUMBER})
    for headers in ({}, EXACT):
        read = await served.client.get("/registered_models/1", headers=headers)
        tag = read.headers["etag"]
        again = await served.client.get("/registered_models/1", headers={**headers, "If-None-Match": tag})
        assert again.status_code == 304
        for status in (200, 412):
            body = {"description": f"{headers}"}
            changed = await served.client.patch("/registered_models/1", json=body, headers={"If-Match": tag})
            assert changed.status_code == status


@pytest.mark.parametrize(
    ("is_on", "sent", "calls"),
    [
        (True, TEXT, "get; change; get"),
        (True, OTHER, "get; change; get"),
        (True, NUMBER, "get; change; get"),
        (False, TEXT, "get; change; get"),
    ],
)
async def test_a_change_of_custom_properties_reads_them_first_whatever_it_sends(
    is_on: bool, sent: Json, calls: str
) -> None:
    async with serving() as served:
        switch(served, is_on=is_on)
        await served.make("/registered_models", name="m", customProperties={"n": NUMBER})
        served.store.forget()
        await served.client.patch("/registered_models/1", json={"customProperties": {"n": sent}})
        assert served.store.rounds == calls


async def test_without_the_switch_numbers_are_answered_and_texts_are_texts() -> None:
    async with serving() as served:
        await served.make("/registered_models", name="m", customProperties={"n": NUMBER})
        assert await answered(served, "/registered_models/1") == {"n": NUMBER}
        await served.client.patch("/registered_models/1", json={"customProperties": {"n": TEXT}})
        assert await answered(served, "/registered_models/1") == {"n": TEXT}
