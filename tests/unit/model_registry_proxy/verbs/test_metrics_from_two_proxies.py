"""Two proxies that write one metric: neither loses what the other wrote, and every value is in the history once."""

import asyncio
from typing import Any

import pytest

from model_registry_proxy.registry import conflicts
from tests.support.clock import turns
from tests.support.memory_store import MemoryStore
from tests.support.serving import Served, serving

PATH = "/experiment_runs/2/artifacts"


def metric(**fields: Any) -> dict[str, Any]:
    return {"artifactType": "metric", "name": "loss", **fields}


async def a_run(served: Served) -> None:
    await served.make("/experiments", name="e")
    await served.make("/experiment_runs", name="r", experimentId="1")
    await served.make(PATH, **metric(value=0))


async def history(served: Served) -> list[float]:
    page = (await served.client.get("/experiment_runs/2/metric_history", params={"pageSize": 1000})).json()
    return sorted(item["value"] for item in page["items"])


async def test_a_write_that_is_based_on_an_older_version_reads_the_new_one_first() -> None:
    store = MemoryStore()
    async with serving(store) as one, serving(store) as other:
        await a_run(one)
        gate = store.hold("put_below")
        first = asyncio.create_task(one.make(PATH, **metric(value=1, description="by one")))
        second = asyncio.create_task(other.make(PATH, **metric(value=2, step=7)))
        await gate.arrived.wait()
        await turns()  # both have read the same version, and both are about to write
        gate.open()
        await asyncio.gather(first, second)
        (now,) = (await one.client.get(PATH)).json()["items"]
        assert (now["description"], now["step"]) == ("by one", 7)
        assert await history(one) == [0, 1, 2]


@pytest.mark.parametrize("rounds", [10])
async def test_values_written_at_the_same_time_are_all_in_the_history_once(rounds: int) -> None:
    store = MemoryStore()
    async with serving(store) as one, serving(store) as other:
        await a_run(one)
        writes = [served.make(PATH, **metric(value=number)) for number in range(1, rounds) for served in (one, other)]
        await asyncio.gather(*writes)
        assert await history(other) == sorted([0, *range(1, rounds), *range(1, rounds)])


async def test_the_first_write_of_a_metric_that_another_proxy_has_created_does_not_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    async with serving(store) as one, serving(store) as other:
        await a_run(one)
        monkeypatch.delattr(conflicts, "_LONGEST_PAUSE")  # a pause would fail
        await other.make(PATH, **metric(value=1))
        assert await history(one) == [0, 1]
