"""Registries that are down, slow or refuse the token; deletions never wait longer than the limit."""

import pytest
from controller_support.world import FINALIZER, MODEL, NUMBER, World
from model_registry_controller.queue import BackOff
from model_registry_controller.reconciling import departures as module
from model_registry_controller.registries import pool


@pytest.mark.parametrize("status", [0, 401, 403, 500, 503, 429])
async def test_nothing_is_created_unless_the_registry_says_that_it_is_missing(cluster: World, status: int) -> None:
    cluster.wire.status = status
    await cluster.start()
    cluster.create("model")
    await cluster.until(lambda: len(cluster.wire.calls) >= 2)
    assert {call.split()[0] for call in cluster.wire.calls} == {"GET"}
    assert cluster.meta("model").get("finalizers") is None
    await cluster.until(lambda: cluster.events("model"))
    cluster.wire.status = None
    await cluster.idle()
    assert (await cluster.entry("model"))["desiredState"] == "DEPLOYED"
    assert len((await cluster.read("/inference_services"))["items"]) == 1


async def test_one_request_at_a_time_finds_out_whether_a_registry_is_back(
    cluster: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_PROBES", BackOff(1000, 1000))  # longer than the test
    await cluster.start()
    cluster.wire.status = 0
    for number in range(50):
        cluster.create(f"model-{number}")
    await cluster.until(lambda: len(cluster.controller._queue._timers) == 50)
    assert len(cluster.wire.calls) <= 4  # one of each worker
    cluster.wire.status = None
    for registry in cluster.controller._pool.known.values():
        registry._next_probe = 0.0
    cluster.label("model-7", other="1")
    await cluster.idle()
    assert len((await cluster.read("/inference_services"))["items"]) == 50


async def test_an_answer_that_is_not_of_a_registry_creates_nothing(cluster: World) -> None:
    cluster.wire.status = 404
    cluster.wire._inner = cluster.registry.client._transport
    await cluster.start()
    cluster.create("model", {NUMBER: "1"})
    await cluster.until(lambda: cluster.events("model"))
    assert {call.split()[0] for call in cluster.wire.calls} == {"GET"}


async def recorded(cluster: World, *flags: str) -> str:
    """Starts a controller with one recorded object; returns the id of its entry."""
    await cluster.start(*flags)
    cluster.create("model")
    await cluster.idle()
    number: str = cluster.meta("model")["labels"][NUMBER]
    return number


@pytest.mark.parametrize("status", [0, 503, 401])
async def test_a_deletion_waits_no_longer_than_the_limit_and_is_recorded_afterwards(
    cluster: World, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AFTERWARDS", module.BackOff(0.01, 0.01))
    number = await recorded(cluster, "--deletion-timeout=300ms")
    cluster.wire.status = status
    cluster.delete("model")
    await cluster.until(lambda: not cluster.exists("model"))
    assert (await cluster.read(f"/inference_services/{number}"))["desiredState"] == "DEPLOYED"
    await cluster.until(lambda: cluster.events("model"))
    assert "Deleted, and the registry does not know it yet" in cluster.messages("model")
    cluster.wire.status = None
    await cluster.idle()
    assert (await cluster.read(f"/inference_services/{number}"))["desiredState"] == "UNDEPLOYED"


async def test_a_deletion_is_recorded_as_soon_as_another_object_finds_the_registry_back(
    cluster: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AFTERWARDS", module.BackOff(1000, 1000))  # longer than the test waits
    number = await recorded(cluster, "--deletion-timeout=100ms")
    cluster.wire.status = 0
    cluster.delete("model")
    cluster.create("other")
    await cluster.until(lambda: not cluster.exists("model"))
    cluster.wire.status = None
    await cluster.idle()
    assert (await cluster.read(f"/inference_services/{number}"))["desiredState"] == "UNDEPLOYED"


async def test_a_deletion_does_not_wait_for_a_registry_whose_service_is_gone(cluster: World) -> None:
    await recorded(cluster, "--deletion-timeout=300ms")
    cluster.api.remove("/api/v1/namespaces/kubeflow/services/registry")
    cluster.delete("model")
    await cluster.until(lambda: not cluster.exists("model"))
    await cluster.until(lambda: "NoRegistry" in cluster.events("model"))


async def test_many_deletions_while_a_registry_is_down_all_pass(cluster: World) -> None:
    await cluster.start("--deletion-timeout=500ms")
    names = [f"model-{number}" for number in range(100)]
    for name in names:
        cluster.create(name)
    await cluster.idle()
    cluster.wire.status = 0
    for name in names:
        cluster.delete(name)
    await cluster.until(lambda: not any(cluster.exists(name) for name in names))


@pytest.mark.parametrize("labels", [{NUMBER: "999999"}, {NUMBER: "no id"}, {MODEL: "999999"}, {}])
async def test_an_object_that_another_controller_left_with_the_finalizer_can_be_deleted(
    cluster: World, labels: dict[str, str]
) -> None:
    await cluster.start()
    cluster.create("left", labels)
    cluster.change("left", metadata={"finalizers": [FINALIZER, "other"]})
    await cluster.until(lambda: cluster.events("left") or not labels)
    cluster.delete("left")
    await cluster.until(lambda: cluster.meta("left")["finalizers"] == ["other"])


async def test_an_entry_without_an_id_label_is_found_by_its_name_at_the_deletion(cluster: World) -> None:
    number = await recorded(cluster)
    await cluster.stop()
    cluster.label("model", inference_service_id=None)
    cluster.delete("model")
    await cluster.start()
    await cluster.until(lambda: not cluster.exists("model"))
    assert (await cluster.read(f"/inference_services/{number}"))["desiredState"] == "UNDEPLOYED"


async def test_a_deletion_does_not_queue_behind_objects_of_a_slow_registry(cluster: World) -> None:
    await recorded(cluster)
    for key in ("a", "b", "c", "d", "e"):
        cluster.create(key)
    workers = cluster.controller._queue
    cluster.delete("model")
    await cluster.until(lambda: not cluster.exists("model"))
    await cluster.until(lambda: workers.is_idle)


async def test_the_api_server_may_refuse_events_and_come_and_go(cluster: World) -> None:
    cluster.api.refuse["POST /api/v1/namespaces/team/events"] = [403] * 100
    await cluster.start()
    cluster.create("wrong", {NUMBER: "999999"})
    cluster.create("model")
    cluster.api.refuse["PATCH"] = [500, 0]
    await cluster.until(lambda: NUMBER in cluster.meta("model")["labels"])
    assert len((await cluster.read("/inference_services"))["items"]) == 1


async def test_an_event_that_lasts_is_written_once(cluster: World) -> None:
    await cluster.start()
    cluster.create("wrong", {NUMBER: "999999"})
    await cluster.until(lambda: cluster.events("wrong"))
    for number in range(3):
        cluster.change("wrong", metadata={"annotations": {"n": str(number)}})
        await cluster.until(lambda: len(cluster.wire.calls) >= number + 2)  # noqa: B023
    assert len([call for call in cluster.api.calls if "events" in call]) == 1
