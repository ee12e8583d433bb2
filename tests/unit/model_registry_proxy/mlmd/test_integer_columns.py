"""Whole numbers beyond 32 bits on a store with columns of 32 bits, which the proxy finds out by itself."""

import asyncio
from typing import Any

import grpc
import pytest

from converters.companion import COMPANION
from tests.support.fake_store import OUT_OF_RANGE, Columns, FakeStore
from tests.support.serving import Served, serving

Json = dict[str, Any]

BIG = 3_000_000_000
CLAMPED = 2**31 - 1
NARROW = [Columns.REFUSE, Columns.CLAMP]
every_store = pytest.mark.parametrize("columns", Columns)
narrow_stores = pytest.mark.parametrize("columns", NARROW)


def whole(**numbers: int) -> Json:
    """Custom properties of these numbers."""
    return {key: {"metadataType": "MetadataIntValue", "int_value": str(number)} for key, number in numbers.items()}


async def seen(served: Served, path: str) -> Json:
    """What a GET answers."""
    answer: Json = (await served.client.get(path)).raise_for_status().json()
    return answer


async def patched(served: Served, path: str, **body: Any) -> Json:
    """What a PATCH answers, which a GET answers too."""
    answer: Json = (await served.client.patch(path, json=body)).raise_for_status().json()
    assert await seen(served, path) == answer
    return answer


@every_store
async def test_custom_numbers_of_every_kind_of_node_come_back(columns: Columns) -> None:
    numbers = whole(a=BIG, b=-(2**63), c=2**63 - 1, d=5, e=2**31 - 1, f=-(2**31), g=2**31)
    async with serving(FakeStore(columns)) as served:
        made = [
            await served.make("/registered_models", name="m", customProperties=numbers),
            await served.make("/model_versions", name="v", registeredModelId="1", customProperties=numbers),
            await served.make("/serving_environments", name="e", customProperties=numbers),
        ]
        made.append(
            await served.make(
                "/inference_services",
                name="s",
                registeredModelId=made[0]["id"],
                servingEnvironmentId=made[2]["id"],
                customProperties=numbers,
            )
        )
        serves = f"/inference_services/{made[3]['id']}/serves"
        made.append(await served.make(serves, modelVersionId=made[1]["id"], customProperties=numbers))
        below = f"/model_versions/{made[1]['id']}/artifacts"
        for type_ in ("doc-artifact", "dataset-artifact", "model-artifact", "parameter", "metric"):
            body: Json = {"value": 1.0 if type_ == "metric" else "x"} if type_ in ("parameter", "metric") else {}
            body |= {"artifactType": type_, "name": type_, "customProperties": numbers}
            made.append(await served.make(below, **body))
        assert [row["customProperties"] for row in made] == [numbers] * len(made)
        listed = await seen(served, below)
        assert [row["customProperties"] for row in listed["items"]] == [numbers] * 5


@narrow_stores
async def test_the_store_holds_the_nearest_number_and_the_exact_one_in_the_companion(columns: Columns) -> None:
    store = FakeStore(columns)
    async with serving(store) as served:
        for name in "ab":
            await served.make("/registered_models", name=name, customProperties=whole(n=BIG, m=-BIG, k=1))
        for node in store.ask("GetContexts").contexts:
            assert [node.custom_properties[key].int_value for key in "nmk"] == [CLAMPED, -CLAMPED - 1, 1]
            companion = dict(node.custom_properties[COMPANION].struct_value.items())
            assert companion == {"customProperties.n": str(BIG), "customProperties.m": str(-BIG)}


async def test_a_store_of_64_bits_holds_numbers_in_full() -> None:
    store = FakeStore()
    async with serving(store) as served:
        await served.make("/registered_models", name="m", customProperties=whole(n=BIG))
        (node,) = store.ask("GetContexts").contexts
        assert dict(node.custom_properties.items()).keys() == {"n"}
        assert node.custom_properties["n"].int_value == BIG


@pytest.mark.parametrize(
    ("columns", "first"),
    [
        (Columns.KEEP, {"PutContexts": 1, "GetContextsByID": 2}),
        (Columns.REFUSE, {"PutContexts": 2, "GetContextsByID": 1}),
        (Columns.CLAMP, {"PutContexts": 2, "GetContextsByID": 2}),
    ],
)
async def test_only_the_first_large_number_costs_a_call_more(columns: Columns, first: Json) -> None:
    async with serving(FakeStore(columns)) as served:
        for name, calls in (("a", first), ("b", {"PutContexts": 1, "GetContextsByID": 1})):
            served.store.forget()
            await served.make("/registered_models", name=name, customProperties=whole(n=BIG))
            assert served.store.counts == calls


async def test_a_refused_number_does_not_harm_other_writes_of_its_batch() -> None:
    async with serving(FakeStore(Columns.REFUSE)) as served:
        numbers = [BIG + n if n % 2 else n for n in range(9)]
        rows = await asyncio.gather(
            *(served.make("/registered_models", name=f"m{n}", customProperties=whole(n=n)) for n in numbers)
        )
        assert [row["customProperties"] for row in rows] == [whole(n=n) for n in numbers]


@every_store
async def test_changes_keep_and_replace_large_numbers(columns: Columns) -> None:
    async with serving(FakeStore(columns)) as served:
        await served.make("/registered_models", name="m", customProperties=whole(n=5))
        assert (await patched(served, "/registered_models/1", customProperties=whole(n=BIG)))[
            "customProperties"
        ] == whole(n=BIG)
        assert (await patched(served, "/registered_models/1", owner="ann"))["customProperties"] == whole(n=BIG)
        for numbers in (whole(n=BIG + 1, m=-BIG), whole(n=CLAMPED), whole(n=BIG), {}, whole(n=-CLAMPED - 1)):
            changed = await patched(served, "/registered_models/1", customProperties=numbers)
            assert changed["customProperties"] == numbers


@every_store
async def test_the_step_of_a_metric_and_its_companions_outlive_each_others_changes(columns: Columns) -> None:
    kind = {"artifactType": "metric"}
    expected = {"step": BIG, "value": 1 / 3, "customProperties": whole(n=-BIG)}
    async with serving(FakeStore(columns)) as served:
        await served.make("/artifacts", **kind, name="m", **expected)
        changes: list[Json] = [
            {"description": "d"},
            {"step": 4},
            {"step": CLAMPED},
            {"step": 2**62},
            {"value": 1e-20},
            {"customProperties": whole(k=2**50)},
            {"step": -CLAMPED - 1},
            {"step": -BIG, "value": 2},
            {"step": 3e9},
            {"customProperties": {}},
        ]
        for change in changes:
            expected |= change
            changed = await patched(served, "/artifacts/1", **kind, **change)
            assert {key: changed[key] for key in expected} == expected, change


@pytest.mark.parametrize("filters", [True, False], ids=["filters", "no-filters"])
@every_store
async def test_every_step_stands_in_the_history_of_a_run_and_is_found_there(columns: Columns, filters: bool) -> None:
    steps = [BIG, CLAMPED, 7, -BIG, 2**63 - 1]
    async with serving(FakeStore(columns, filters=filters)) as served:
        await served.make("/experiments", name="e")
        await served.make("/experiment_runs", name="r", experimentId="1")
        for step in steps:
            row = await served.make(
                "/experiment_runs/2/artifacts", artifactType="metric", name="loss", value=1 / 3, step=step
            )
            assert (row["step"], row["value"]) == (step, 1 / 3)
        path = "/experiment_runs/2/metric_history"
        assert [row["step"] for row in (await seen(served, path))["items"]] == steps
        for step in steps:
            assert [row["step"] for row in (await seen(served, f"{path}?stepIds={step}"))["items"]] == [step]
        assert not (await seen(served, f"{path}?stepIds={BIG + 1}"))["items"]


@narrow_stores
async def test_a_value_that_a_grpc_client_has_written_counts(columns: Columns) -> None:
    store = FakeStore(columns)
    async with serving(store) as served:
        await served.make("/registered_models", name="m", customProperties=whole(n=BIG, m=BIG))
        node = store.ask("GetContextsByID", context_ids=[1]).contexts[0]
        node.custom_properties["n"].int_value = 5
        store.ask("PutContexts", contexts=[node])
        assert (await seen(served, "/registered_models/1"))["customProperties"] == whole(n=5, m=BIG)


@every_store
async def test_a_condition_sees_the_exact_number(columns: Columns) -> None:
    async with serving(FakeStore(columns)) as served:
        await served.make("/registered_models", name="m", customProperties=whole(n=BIG))
        tag = (await served.client.get("/registered_models/1")).headers["etag"]
        await patched(served, "/registered_models/1", customProperties=whole(n=BIG + 1))
        body: Json = {"customProperties": {}}
        refused = await served.client.patch("/registered_models/1", json=body, headers={"If-Match": tag})
        assert refused.status_code == 412


@narrow_stores
async def test_a_change_whose_answer_is_lost_is_recognised(columns: Columns) -> None:
    store = FakeStore(columns)
    async with serving(store, outlasts=5) as served:
        await served.make("/registered_models", name="m", customProperties=whole(n=BIG))
        store.fail("PutContexts", grpc.StatusCode.UNAVAILABLE, is_done=True)
        assert (await patched(served, "/registered_models/1", customProperties=whole(n=BIG + 1)))[
            "customProperties"
        ] == whole(n=BIG + 1)
        store.fail("PutContexts", grpc.StatusCode.UNAVAILABLE, is_done=True)
        made = await served.make("/registered_models", name="other", customProperties=whole(n=BIG))
        assert made["customProperties"] == whole(n=BIG)


async def test_a_refusal_that_clamping_does_not_mend_says_nothing_of_the_columns() -> None:
    store = FakeStore()
    async with serving(store) as served:
        store.fail("PutContexts", grpc.StatusCode.INTERNAL, OUT_OF_RANGE)
        store.fail("PutContexts", grpc.StatusCode.INTERNAL, "something else")
        refused = await served.client.post("/registered_models", json={"name": "m", "customProperties": whole(n=BIG)})
        assert refused.status_code == 500
        await served.make("/registered_models", name="n", customProperties=whole(n=BIG))
        (node,) = store.ask("GetContexts").contexts
        assert node.custom_properties["n"].int_value == BIG
