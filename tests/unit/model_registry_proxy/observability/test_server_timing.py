"""Server-Timing: the time that a request has spent in each stage, and that the stages add up to the whole."""

import asyncio
import json
import logging
import re

import httpx
import pytest

from model_registry_proxy.http.middleware import AROUND_ALL, wrapped
from model_registry_proxy.observability.access_log import AccessLog
from model_registry_proxy.observability.logs import JsonFormatter
from model_registry_proxy.observability.server_timing import watcher
from tests.support.clock import Clock, turns
from tests.support.fake_store import FakeStore
from tests.support.serving import API, serving

STAGES = ("receive", "check", "wait", "store", "render")


def timings(response: httpx.Response) -> dict[str, float]:
    """The stages of a response, in ms."""
    header = response.headers["server-timing"]
    assert re.fullmatch(", ".join(rf"{name};dur=[\d.]+" for name in (*STAGES, "total")), header)
    return {name: float(ms) for name, ms in re.findall(r"(\w+);dur=([\d.]+)", header)}


async def test_a_request_that_is_refused_never_waits() -> None:
    async with serving(watcher=watcher()) as served:
        timing = timings(await served.client.post("/registered_models", content="{"))
    assert timing["wait"] == timing["store"] == 0
    assert 0 < timing["receive"] + timing["check"] <= timing["total"]


async def test_the_stages_add_up_to_the_total() -> None:
    async with serving(FakeStore(), watcher=watcher()) as served:
        timing = timings(await served.client.post("/registered_models", json={"name": "m"}))
    assert sum(timing[stage] for stage in STAGES) == pytest.approx(timing["total"], abs=0.1)
    assert timing["store"] > 0


@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize(
    ("method", "path", "held"),
    [
        ("POST", "/registered_models", "PutContexts"),
        ("GET", "/registered_models/1", "GetContextsByID"),
        ("GET", "/artifacts", "GetArtifacts"),
        ("GET", "/registered_model?name=x", "GetContextByTypeAndName"),
    ],
)
async def test_a_call_counts_as_store_for_its_request_and_as_wait_for_the_requests_behind_it(
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
        first, *behind = [timings(answer) for answer in await asyncio.gather(*asks)]
    assert first["store"] >= 1e6 > first["wait"]
    assert all(timing["wait"] >= 1e6 > timing["store"] for timing in behind)
    assert all(
        sum(timing[stage] for stage in STAGES) == pytest.approx(timing["total"], abs=1) for timing in (first, *behind)
    )


async def test_a_call_counts_as_store_for_every_request_that_shares_it(clock: Clock) -> None:
    store = FakeStore()
    async with serving(store, watcher=watcher(), seconds=1e6) as served:
        gate = store.hold("PutContexts")
        asks = [asyncio.create_task(served.client.post("/registered_models", json={"name": f"m{n}"})) for n in range(3)]
        await gate.arrived.wait()
        clock.advance(1000)
        gate.open()
        shared = [timings(answer) for answer in await asyncio.gather(*asks)]
    assert all(timing["store"] >= 1e6 > timing["wait"] for timing in shared)


async def test_the_access_log_has_the_stages_with_that_of_sending(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with serving() as served:
        app = wrapped(served.api, AROUND_ALL, {**watcher().makers, "access_log": AccessLog})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://test{API}") as client:
            await client.get("/registered_models")
    record = next(record for record in caplog.records if record.name == "model_registry_proxy.access")
    stages = json.loads(JsonFormatter().format(record))["stages_ms"]
    assert list(stages) == [*STAGES, "send"]
    assert stages["send"] > 0
