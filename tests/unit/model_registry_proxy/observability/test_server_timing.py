"""Server-Timing: what a request waited for, and that its parts fit into the whole."""

import asyncio
import re

import httpx
import pytest

from model_registry_proxy.observability.server_timing import watcher
from tests.support.clock import Clock, turns
from tests.support.fake_store import FakeStore, serving


def told(response: httpx.Response) -> dict[str, float]:
    """Part to ms."""
    header = response.headers["server-timing"]
    assert re.fullmatch(r"validation;dur=[\d.]+, mlmd;dur=[\d.]+, total;dur=[\d.]+", header)
    return {name: float(ms) for name, ms in re.findall(r"(\w+);dur=([\d.]+)", header)}


async def test_a_request_that_asks_nothing_waits_for_nothing() -> None:
    async with serving(watcher=watcher()) as served:
        timing = told(await served.client.post("/registered_models", content="{"))
    assert timing["mlmd"] == 0
    assert 0 < timing["validation"] <= timing["total"]


@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize(
    ("method", "path", "held"),
    [
        ("POST", "/registered_models", "PutContexts"),
        ("GET", "/registered_models/1", "GetContextsByID"),
        ("GET", "/registered_models", "GetContexts"),
        ("GET", "/registered_model?name=x", "GetContextByTypeAndName"),
    ],
)
async def test_the_wait_for_mlmd_counts_for_all_who_share_it(
    method: str, path: str, held: str, others: int, clock: Clock
) -> None:
    store = FakeStore()
    async with serving(store, watcher=watcher(), seconds=1e6) as served:

        def ask(number: int) -> asyncio.Task[httpx.Response]:
            body = {"name": f"m{number}"} if method == "POST" else None
            return asyncio.create_task(served.client.request(method, path, json=body))

        gate = store.hold(held)
        asks = [ask(0)]
        await gate.arrived.wait()
        asks += [ask(number) for number in range(1, others + 1)]
        await turns()
        clock.advance(1000)
        gate.open()
        timings = [told(answer) for answer in await asyncio.gather(*asks)]
    assert timings[0]["mlmd"] >= 1e6
    assert all(timing["validation"] + timing["mlmd"] <= timing["total"] + 0.02 for timing in timings)
    assert all(timing["total"] - timing["mlmd"] - timing["validation"] < 9e5 for timing in timings if method == "POST")
