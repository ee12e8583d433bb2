"""A metric without a time gets the time of its arrival, through every operation; no other entity does."""

import time
from collections.abc import AsyncIterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from converters.entities import Metric, Parameter
from model_registry_proxy.verbs import default_times
from model_registry_proxy.verbs.default_times import with_default_times
from tests.support.serving import Served, serving

Json = dict[str, Any]
NOW = 1_790_000_000_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by a second each time it is read."""
    seconds = count(NOW // 1000)
    monkeypatch.setattr(default_times, "time", SimpleNamespace(time_ns=lambda: next(seconds) * 1_000_000_000))


@pytest_asyncio.fixture
async def served(clock: None) -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


async def a_run(served: Served) -> str:
    """The path of the artifacts of a new run."""
    experiment = (await served.make("/experiments", name="e"))["id"]
    run = (await served.make("/experiment_runs", name="r", experimentId=experiment))["id"]
    return f"/experiment_runs/{run}/artifacts"


async def a_version(served: Served) -> str:
    """The path of the artifacts of a new version."""
    model = (await served.make("/registered_models", name="m"))["id"]
    version = (await served.make("/model_versions", name="v", registeredModelId=model))["id"]
    return f"/model_versions/{version}/artifacts"


def metric(**fields: Any) -> Json:
    """The body of a metric."""
    return {"artifactType": "metric", **fields}


async def history_of(served: Served, artifacts: str) -> list[Any]:
    """Value and time of each row of the history, oldest first."""
    rows = (await served.client.get(artifacts.replace("artifacts", "metric_history"))).json()["items"]
    return [(row["value"], row.get("timestamp")) for row in rows]


def at(second: int) -> str:
    """The time of the clock's reading of this number."""
    return str(NOW + 1000 * second)


async def test_each_value_of_a_run_without_a_time_gets_its_own(served: Served) -> None:
    artifacts = await a_run(served)
    first = await served.make(artifacts, **metric(name="loss", value=1))
    assert first["timestamp"] == at(0)
    await served.make(artifacts, **metric(name="loss", value=2, timestamp="7"))
    assert (await served.make(artifacts, **metric(name="loss", value=3)))["timestamp"] == at(1)
    assert (await served.make(artifacts, **metric(name="loss", value=4, timestamp=None)))["timestamp"] == at(2)
    assert (await served.make(artifacts, **metric(id=first["id"], value=5)))["timestamp"] == at(3)
    expected = [(1, at(0)), (2, "7"), (3, at(1)), (4, at(2)), (5, at(3))]
    assert await history_of(served, artifacts) == expected


async def test_an_upsert_without_a_value_keeps_the_time_of_the_value(served: Served) -> None:
    artifacts = await a_run(served)
    made = await served.make(artifacts, **metric(name="loss", value=1, timestamp="7"))
    assert (await served.make(artifacts, **metric(id=made["id"], description="d")))["timestamp"] == "7"


async def test_values_below_versions_and_standalone_values_get_a_time_too(served: Served) -> None:
    artifacts = await a_version(served)
    assert (await served.make(artifacts, **metric(name="quality", value=1)))["timestamp"] == at(0)
    assert (await served.make(artifacts, **metric(name="quality", value=2)))["timestamp"] == at(1)
    assert (await served.make("/artifacts", **metric(name="quality", value=3)))["timestamp"] == at(2)


async def test_a_time_that_is_said_to_be_unknown_stays_unknown(served: Served) -> None:
    artifacts = await a_run(served)
    await served.make(artifacts, **metric(name="loss", value=1, timestamp="7"))
    assert not (await served.make(artifacts, **metric(name="loss", value=2, timestamp=""))).get("timestamp")
    assert [value for value, _ in await history_of(served, artifacts)] == [1, 2]
    assert not (await history_of(served, artifacts))[1][1]


async def test_a_patch_changes_only_what_it_mentions(served: Served) -> None:
    artifacts = await a_run(served)
    made = await served.make(artifacts, **metric(name="loss", value=1, timestamp="7"))
    changed = (await served.client.patch(f"/artifacts/{made['id']}", json=metric(value=2))).json()
    assert (changed["value"], changed["timestamp"]) == (2, "7")
    assert await history_of(served, artifacts) == [(1, "7")]
    assert (await served.make(artifacts, **metric(name="loss", value=3)))["timestamp"] == at(0)


@pytest.mark.usefixtures("clock")
def test_an_entity_without_a_timed_value_stays_as_it_is() -> None:
    for entity, body in ((Metric, {"step": 1}), (Metric, {"value": None}), (Parameter, {"value": "x"})):
        assert with_default_times(entity, body) is body


def test_the_time_is_the_present_in_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    found = int(with_default_times(Metric, {"value": 1})["timestamp"])
    assert before <= found <= time.time_ns() // 1_000_000
