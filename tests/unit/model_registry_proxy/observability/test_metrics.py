"""Metrics: what is counted while requests are served, and that they cost nothing if they are off."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
import pytest
from prometheus_client import REGISTRY

from model_registry_proxy import observability
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.mlmd.events import BatchTaken, Event
from model_registry_proxy.observability.metrics import Level, MeasuredRequests, watcher
from model_registry_proxy.observability.watcher import UNWATCHED, Watcher, combined
from tests.support.fake_store import FakeStore
from tests.support.processes import ROOT
from tests.support.serving import serving

Value = Callable[..., float]


@pytest.fixture(autouse=True)
def gauges_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Level, "SECONDS", 0)


@contextmanager
def counting() -> Iterator[Value]:
    """Yields a function that returns the growth of a sample: other tests count in the same process."""
    before = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
    }

    def grown(name: str, **labels: str) -> float:
        now = REGISTRY.get_sample_value(f"model_registry_{name}", labels) or 0.0
        return now - before.get((f"model_registry_{name}", tuple(sorted(labels.items()))), 0.0)

    yield grown


async def reaches(value: Callable[[], float], wanted: float) -> None:
    """Runs the event loop until `value` returns `wanted`."""
    for _ in range(1000):
        await asyncio.sleep(0)
        if value() == wanted:
            return
    assert value() == wanted


async def test_requests_are_counted_by_operation_and_status_and_timed() -> None:
    with counting() as grown:
        async with serving(watcher=watcher()) as served:
            await served.make("/registered_models", name="m")
            await served.client.post("/registered_models", json={"name": "m"})
            await served.client.post("/registered_models", json={"nme": "m"})
            await served.client.get("/nothing")
    created = {"operation": "createRegisteredModel"}
    assert [grown("requests_total", status=status, **created) for status in ("201", "409", "400")] == [1, 1, 1]
    assert grown("request_duration_seconds_count", **created) == 3
    assert 0 < grown("request_duration_seconds_sum", **created) < 60
    assert grown("requests_total", operation="other", status="404") == 1
    await reaches(lambda: grown("requests_in_flight"), 0)


async def test_calls_are_counted_by_method_and_code_and_timed() -> None:
    store = FakeStore()
    with counting() as grown:
        async with serving(store, watcher=watcher()) as served:
            store.fail("PutContexts", grpc.StatusCode.DATA_LOSS)
            assert (await served.client.post("/registered_models", json={"name": "m"})).status_code == 500
            await served.make("/registered_models", name="m")
    assert grown("mlmd_calls_total", method="PutContexts", code="DATA_LOSS") == 1
    assert grown("mlmd_calls_total", method="PutContexts", code="OK") == 1
    assert grown("mlmd_calls_total", method="GetContextsByID", code="OK") == 1
    assert grown("mlmd_call_duration_seconds_count", method="PutContexts") == 2
    await reaches(lambda: grown("mlmd_calls_in_flight"), 0)


async def test_requests_that_share_a_call_show_in_the_batch_size_and_before_in_the_queue_depth() -> None:
    store = FakeStore()
    with counting() as grown:
        async with serving(store, watcher=watcher()) as served:
            gate = store.hold("PutContexts")
            first = asyncio.create_task(served.make("/registered_models", name="first"))
            await gate.arrived.wait()
            others = [asyncio.create_task(served.make("/registered_models", name=f"m{n}")) for n in range(9)]
            await reaches(lambda: grown("queue_depth", queue="put contexts"), 9)
            assert (grown("requests_in_flight"), grown("mlmd_calls_in_flight")) == (10, 1)
            gate.open()
            await asyncio.gather(first, *others)
    assert grown("batch_size_count", queue="put contexts") == 2
    assert grown("batch_size_sum", queue="put contexts") == 10
    assert grown("batch_size_bucket", queue="put contexts", le="1.0") == 1
    await reaches(lambda: grown("queue_depth", queue="put contexts"), 0)


async def test_a_cancelled_request_leaves_the_queue() -> None:
    store = FakeStore()
    with counting() as grown:
        async with serving(store, watcher=watcher()) as served:
            gate = store.hold("PutContexts")
            first = asyncio.create_task(served.make("/registered_models", name="first"))
            await gate.arrived.wait()
            other = asyncio.create_task(served.make("/registered_models", name="other"))
            await reaches(lambda: grown("queue_depth", queue="put contexts"), 1)
            other.cancel()
            gate.open()
            await first
            await served.make("/registered_models", name="third")
        await reaches(lambda: grown("queue_depth", queue="put contexts"), 0)
        await reaches(lambda: grown("requests_in_flight"), 0)


@pytest.mark.parametrize(
    ("code", "details", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "gone", "outage"),
        (grpc.StatusCode.ABORTED, "in favour of another", "rolled back"),
        (grpc.StatusCode.INTERNAL, "Deadlock found", "rolled back"),
    ],
)
async def test_retries_are_counted_by_their_reason(code: grpc.StatusCode, details: str, reason: str) -> None:
    store = FakeStore()
    with counting() as grown:
        async with serving(store, watcher=watcher(), outlasts=5) as served:
            store.fail("PutContexts", code, details)
            await served.make("/registered_models", name="m")
    assert grown("retries_total", reason=reason, outcome="made") == 1
    assert grown("retries_total", reason=reason, outcome="given up") == 0


async def test_a_retry_that_was_not_made_counts_too() -> None:
    store = FakeStore()
    with counting() as grown:
        async with serving(store, watcher=watcher(), outlasts=0) as served:
            store.fail("PutContexts", grpc.StatusCode.UNAVAILABLE)
            assert (await served.client.post("/registered_models", json={"name": "m"})).status_code == 503
    assert grown("retries_total", reason="outage", outcome="given up") == 1


def test_features_that_are_off_are_not_even_imported() -> None:
    assert observability.watcher(Settings(metrics_port=0)) is UNWATCHED
    unwanted = ("prometheus_client", "opentelemetry")
    code = f"import sys, model_registry_proxy.serving.server; sys.exit(any(name.startswith({unwanted}) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_features_that_are_on_are_combined() -> None:
    first: list[Event] = []
    second: list[Event] = []
    both = combined([Watcher(first.append, {"metrics": MeasuredRequests}), Watcher(), Watcher(second.append)])
    assert both.observer
    both.observer(BatchTaken("queue", 1))
    assert first == second == [BatchTaken("queue", 1)]
    assert both.makers == {"metrics": MeasuredRequests}
