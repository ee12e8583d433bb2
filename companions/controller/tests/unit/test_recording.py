"""What the controller records of objects: entries, addresses, versions, deletions. Each row with the calls that it costs."""

import asyncio
from typing import Any

import pytest
from controller_support.world import ELSEWHERE, FINALIZER, MODEL, NUMBER, VERSION, P, World, path, ready

URL = P + "url"


async def test_an_object_without_labels_is_left_as_it_is(cluster: World) -> None:
    cluster.create("plain", {}, {URL: ELSEWHERE})
    await cluster.start()
    assert cluster.meta("plain").get("finalizers") is None
    assert (cluster.wire.calls, [call for call in cluster.api.calls if "PATCH" in call]) == ([], [])


async def test_a_model_id_makes_an_entry_and_one_change_of_the_object(cluster: World) -> None:
    await cluster.start()
    cluster.create("model", {MODEL: cluster.model, "other": "kept"}, {URL: ELSEWHERE})
    await cluster.idle()
    entry = await cluster.entry("model")
    assert [call.partition("?")[0] for call in cluster.wire.take()] == [
        "GET /serving_environment",
        "POST /serving_environments",
        "GET /inference_service",
        "POST /inference_services",
    ]
    assert (entry["name"], entry["desiredState"], entry["runtime"]) == ("model/uid-1", "DEPLOYED", "ovms")
    assert entry["registeredModelId"] == cluster.model
    assert "modelVersionId" not in entry
    meta = cluster.meta("model")
    assert meta["labels"] == {MODEL: cluster.model, NUMBER: entry["id"], "other": "kept"}
    assert meta["finalizers"] == [FINALIZER]
    assert [call for call in cluster.api.calls if call.startswith(("PATCH", "PUT"))] == [f"PATCH {path('model')}"]
    cluster.create("second", annotations={URL: ELSEWHERE})
    await cluster.idle()
    assert [call.partition("?")[0] for call in cluster.wire.take()] == [
        "GET /inference_service",
        "POST /inference_services",
    ]


async def test_the_version_is_recorded_and_followed(cluster: World) -> None:
    first, second = cluster.versions
    await cluster.start()
    cluster.create("versioned", {MODEL: cluster.model, VERSION: first})
    await cluster.idle()
    assert (await cluster.entry("versioned"))["modelVersionId"] == first
    cluster.wire.take()
    cluster.label("versioned", model_version_id=second)
    await cluster.idle()
    assert (await cluster.entry("versioned"))["modelVersionId"] == second
    assert [call.split()[0] for call in cluster.wire.take()] == ["GET", "PATCH"]


async def test_the_address_is_kept_in_step_and_what_people_set_stays(cluster: World) -> None:
    await cluster.start()
    cluster.create("model")
    await cluster.idle()
    number = cluster.meta("model")["labels"][NUMBER]
    cluster.change("model", status={"url": "http://one"})
    await cluster.idle()
    assert (await cluster.entry("model"))["customProperties"]["url"]["string_value"] == "http://one"
    mine = {"url": {"metadataType": "MetadataStringValue", "string_value": "http://one"},
            "mine": {"metadataType": "MetadataDoubleValue", "double_value": 0.1}}  # fmt: skip
    await cluster.registry.client.patch(
        f"/inference_services/{number}", json={"desiredState": "UNDEPLOYED", "customProperties": mine}
    )
    for url in ("http://two", None):
        cluster.change("model", status={"url": url} if url else {})
        await cluster.idle()
        entry = await cluster.entry("model")
        assert entry["customProperties"] == {
            **mine,
            "url": {"metadataType": "MetadataStringValue", "string_value": url or ""},
        }
        assert entry["desiredState"] == "UNDEPLOYED"


async def test_a_change_that_changes_nothing_costs_no_call(cluster: World) -> None:
    await cluster.start()
    cluster.create("model")
    await cluster.idle()
    cluster.wire.take()
    for number in range(5):
        cluster.change("model", status={"conditions": [{"type": "Ready", "status": "Unknown", "message": str(number)}]})
        await cluster.idle()
    assert cluster.wire.calls == []


async def test_an_entry_that_was_made_before_is_kept_in_step(cluster: World) -> None:
    environment = await cluster.registry.make("/serving_environments", name="team")
    made = await cluster.registry.make(
        "/inference_services", name="mine", registeredModelId=cluster.model, servingEnvironmentId=environment["id"]
    )
    await cluster.start()
    cluster.create("byid", {NUMBER: made["id"]}, status={"url": "http://byid"})
    await cluster.idle()
    assert (await cluster.entry("byid"))["customProperties"]["url"]["string_value"] == "http://byid"
    assert cluster.meta("byid")["finalizers"] == [FINALIZER]


@pytest.mark.parametrize(
    ("labels", "reason", "calls"),
    [
        ({NUMBER: "999999"}, "UnknownInferenceService", 1),
        ({MODEL: "999999"}, "UnknownModel", 4),
        ({MODEL: "churn"}, "InvalidLabel", 0),
        ({NUMBER: "1e3"}, "InvalidLabel", 0),
        ({MODEL: "1", VERSION: "v1"}, "InvalidLabel", 0),
        ({MODEL: "99999999999999999999"}, "InvalidLabel", 0),
    ],
)
async def test_labels_that_name_nothing_get_an_event_and_no_finalizer(
    cluster: World, labels: dict[str, str], reason: str, calls: int
) -> None:
    await cluster.start()
    cluster.create("wrong", labels)
    await cluster.until(lambda: cluster.events("wrong"))
    assert cluster.events("wrong") == [reason]
    assert len(cluster.wire.calls) == calls
    assert cluster.meta("wrong").get("finalizers") is None
    cluster.delete("wrong")
    assert not cluster.exists("wrong")


async def test_an_entry_of_another_model_is_not_changed(cluster: World) -> None:
    other = await cluster.registry.make("/registered_models", name="other")
    environment = await cluster.registry.make("/serving_environments", name="team")
    made = await cluster.registry.make(
        "/inference_services", name="mine", registeredModelId=other["id"], servingEnvironmentId=environment["id"]
    )
    await cluster.start()
    cluster.create("moved", {NUMBER: made["id"], MODEL: cluster.model}, status={"url": "http://x"})
    await cluster.until(lambda: cluster.events("moved"))
    assert cluster.events("moved") == ["OtherModel"]
    assert (await cluster.read(f"/inference_services/{made['id']}"))["customProperties"] == {}
    assert cluster.meta("moved").get("finalizers") is None


async def test_a_wrong_label_is_recorded_as_soon_as_it_is_corrected(cluster: World) -> None:
    await cluster.start()
    cluster.create("wrong", {MODEL: "999999"})
    await cluster.until(lambda: cluster.events("wrong"))
    cluster.label("wrong", registered_model_id=cluster.model)
    await cluster.idle()
    assert (await cluster.entry("wrong"))["registeredModelId"] == cluster.model


@pytest.mark.parametrize(
    "predictor", [{"containers": [{"image": "x"}]}, {"sklearn": {"storageUri": "s3://x"}}, {}, {"model": None}]
)
async def test_a_predictor_without_a_model_has_no_runtime(cluster: World, predictor: dict[str, Any]) -> None:
    await cluster.start()
    cluster.create("custom", predictor=predictor)
    await cluster.idle()
    assert "runtime" not in await cluster.entry("custom")
    cluster.delete("custom")
    await cluster.until(lambda: not cluster.exists("custom"))


async def test_a_deletion_sets_the_entry_to_undeployed(cluster: World) -> None:
    await cluster.start()
    cluster.create("model")
    await cluster.idle()
    entry = await cluster.entry("model")
    cluster.wire.take()
    cluster.delete("model")
    await cluster.until(lambda: not cluster.exists("model"))
    assert (await cluster.read(f"/inference_services/{entry['id']}"))["desiredState"] == "UNDEPLOYED"
    assert [call.split()[0] for call in cluster.wire.take()] == ["GET", "PATCH"]


async def test_a_recreated_object_gets_a_new_entry(cluster: World) -> None:
    await cluster.start()
    numbers = []
    for _ in range(2):
        cluster.create("model")
        await cluster.idle()
        numbers.append(cluster.meta("model")["labels"][NUMBER])
        cluster.delete("model")
        await cluster.until(lambda: not cluster.exists("model"))
    assert numbers[0] != numbers[1]


async def test_an_object_that_is_deleted_while_its_entry_is_made_leaves_none_deployed(cluster: World) -> None:
    await cluster.start()
    cluster.create("short")
    cluster.wire.hook = lambda call: cluster.delete("short") if call.startswith("POST /inference_services") else None
    await cluster.until(lambda: any(call.startswith("PATCH") for call in cluster.wire.calls))
    await cluster.idle()
    [entry] = (await cluster.read("/inference_services"))["items"]
    assert entry["desiredState"] == "UNDEPLOYED"


async def test_a_change_in_between_does_not_lose_the_label(cluster: World) -> None:
    await cluster.start()
    cluster.create("busy")
    cluster.wire.hook = lambda call: (
        cluster.change("busy", metadata={"annotations": {"other": "1"}, "finalizers": ["another"]})
        if call.startswith("POST /inference_services")
        else None
    )
    await cluster.idle()
    meta = cluster.meta("busy")
    assert meta["labels"][NUMBER]
    assert (meta["finalizers"], meta["annotations"]) == (["another", FINALIZER], {"other": "1"})


async def test_an_answer_that_arrives_after_a_newer_event_does_not_hide_it(cluster: World) -> None:
    await cluster.start()

    async def change_and_wait(call: str) -> None:
        if call == f"PATCH {path('model')}":
            cluster.api.before_answer = None
            cluster.change("model", status={"url": "http://newer"})
            await cluster.until(lambda: cluster.controller._objects.get(("team", "model")).url == "http://newer")

    cluster.api.before_answer = change_and_wait
    cluster.create("model")
    await cluster.idle()
    assert (await cluster.entry("model"))["customProperties"]["url"]["string_value"] == "http://newer"


async def test_what_changed_while_the_controller_was_stopped_is_caught_up_with_one_list(cluster: World) -> None:
    await cluster.start()
    for name in ("a", "b", "c"):
        cluster.create(name)
    await cluster.idle()
    await cluster.stop()
    cluster.wire.take()
    deleted = (await cluster.entry("c"))["id"]
    cluster.change("a", status=ready(url="http://a"))
    cluster.delete("c")
    cluster.create("d")
    await cluster.start()
    await cluster.until(lambda: not cluster.exists("c"))
    await cluster.idle()
    assert (await cluster.entry("a"))["customProperties"]["url"]["string_value"] == "http://a"
    assert (await cluster.read(f"/inference_services/{deleted}"))["desiredState"] == "UNDEPLOYED"
    assert len((await cluster.read("/inference_services"))["items"]) == 4
    calls = [call.partition("?")[0] for call in cluster.wire.calls]
    assert calls.count("GET /inference_services") == 1
    assert f"GET /inference_services/{(await cluster.entry('b'))['id']}" not in calls


async def test_a_resync_repairs_what_was_changed_in_the_registry_with_one_list(cluster: World) -> None:
    await cluster.start()
    for name in ("a", "b"):
        cluster.create(name, status={"url": f"http://{name}"})
    await cluster.idle()
    entry = await cluster.entry("a")
    await cluster.registry.client.patch(f"/inference_services/{entry['id']}", json={"customProperties": {}})
    cluster.wire.take()
    await cluster.controller._resync.run()
    await cluster.idle()
    assert (await cluster.entry("a"))["customProperties"]["url"]["string_value"] == "http://a"
    assert [call.split("?")[0] for call in cluster.wire.take()] == [
        "GET /inference_services",
        f"PATCH /inference_services/{entry['id']}",
    ]
    await asyncio.sleep(0)
    assert cluster.wire.calls == []
