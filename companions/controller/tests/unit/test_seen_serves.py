"""What runs becomes serves: once for each change, with the version of the revision, and so that drift shows."""

from typing import Any

import pytest
from controller_support.world import MODEL, NUMBER, VERSION, World, ready
from model_registry_controller.kserve.status import seen


async def started(cluster: World, **labels: str) -> str:
    """Starts a controller with one recorded object; returns the id of its entry."""
    await cluster.start()
    cluster.create("model", {MODEL: cluster.model, VERSION: cluster.versions[0], **labels})
    await cluster.idle()
    number: str = cluster.meta("model")["labels"][NUMBER]
    return number


async def test_each_change_of_what_runs_is_one_serve(cluster: World) -> None:
    first, _ = cluster.versions
    number = await started(cluster)
    assert await cluster.serves(number) == []
    for status in (
        ready("m-1", status="Unknown"),
        ready("m-1"),
        ready("m-1"),
        ready("m-1", status="Unknown"),
        ready("m-1", status="False", reason="RevisionFailed"),
        ready("m-1", status="False", reason="RevisionFailed", url="http://x"),
        ready("m-1"),
    ):
        cluster.change("model", status=status)
        await cluster.idle()
    assert await cluster.serves(number) == [
        ("m-1", first, "RUNNING"),
        ("m-1", first, "FAILED"),
        ("m-1", first, "RUNNING"),
    ]


async def test_each_revision_of_a_traffic_split_has_its_own_version(cluster: World) -> None:
    first, second = cluster.versions
    number = await started(cluster)
    cluster.change("model", status=ready("m-1", traffic={"m-1": 100}))
    await cluster.idle()
    cluster.label("model", model_version_id=second)
    await cluster.idle()
    assert await cluster.serves(number) == [("m-1", first, "RUNNING")]  # the old revision has the old version
    for traffic in ({"m-1": 90, "m-2": 10}, {"m-1": 50, "m-2": 50}, {"m-2": 100}):
        cluster.change("model", status=ready("m-2", traffic=traffic))
        await cluster.idle()
    assert await cluster.serves(number) == [("m-1", first, "RUNNING"), ("m-2", second, "RUNNING")]


async def test_a_roll_back_makes_the_old_version_the_newest_serve(cluster: World) -> None:
    first, second = cluster.versions
    number = await started(cluster)
    cluster.change("model", status=ready("m-1"))
    await cluster.idle()
    cluster.label("model", model_version_id=second)
    for status in (
        ready("m-2", ready_revision="m-1", status="Unknown", traffic={"m-1": 100}),
        ready("m-2", traffic={"m-1": 90, "m-2": 10}),
        ready("m-2", traffic={"m-1": 100}),
    ):
        cluster.change("model", status=status)
        await cluster.idle()
    assert await cluster.serves(number) == [
        ("m-1", first, "RUNNING"),
        ("m-2", second, "RUNNING"),
        ("m-1", first, "RUNNING"),
    ]


async def test_a_new_revision_that_fails_while_the_old_one_serves_is_the_newest_serve(cluster: World) -> None:
    first, second = cluster.versions
    number = await started(cluster)
    cluster.change("model", status=ready("m-1"))
    await cluster.idle()
    cluster.label("model", model_version_id=second)
    failure = {"transitionStatus": "BlockedByFailedLoad", "states": {"targetModelState": "FailedToLoad"},
               "lastFailureInfo": {"message": "no such bucket"}}  # fmt: skip
    cluster.change("model", status=ready("m-2", ready_revision="m-1", traffic={"m-1": 100}, modelStatus=failure))
    await cluster.idle()
    assert await cluster.serves(number) == [("m-1", first, "RUNNING"), ("m-2", second, "FAILED")]
    page = await cluster.read(f"/inference_services/{number}/serves?orderBy=CREATE_TIME&sortOrder=DESC")
    assert page["items"][0]["customProperties"]["reason"]["string_value"] == "no such bucket"


async def test_without_revisions_the_version_is_that_of_the_label(cluster: World) -> None:
    first, second = cluster.versions
    number = await started(cluster)
    cluster.change("model", status=ready())
    await cluster.idle()
    cluster.label("model", model_version_id=second)
    await cluster.idle()
    assert await cluster.serves(number) == [("", first, "RUNNING"), ("", second, "RUNNING")]


async def test_without_a_version_label_the_address_of_the_files_names_the_version_or_it_is_the_newest(
    cluster: World,
) -> None:
    first, second = cluster.versions
    await cluster.start()
    uri = {"model": {"storageUri": "model-registry://registry:8080/churn/1?namespace=x"}}
    cluster.create("named", predictor=uri, status=ready("m-1"))
    cluster.create("newest", status=ready("m-1"))
    await cluster.idle()
    for name, version in (("named", first), ("newest", second)):
        assert await cluster.serves(cluster.meta(name)["labels"][NUMBER]) == [("m-1", version, "RUNNING")]


async def test_a_restart_records_nothing_twice(cluster: World) -> None:
    number = await started(cluster)
    cluster.create("other", {MODEL: cluster.model})
    cluster.change("model", status=ready("m-1", traffic={"m-1": 100}))
    await cluster.idle()
    for _ in range(2):
        await cluster.stop()
        await cluster.start()
    assert len(await cluster.serves(number)) == 1


async def test_a_deleted_object_is_recorded_as_ended(cluster: World) -> None:
    first, _ = cluster.versions
    number = await started(cluster)
    cluster.change("model", status=ready("m-1"))
    await cluster.idle()
    cluster.delete("model")
    await cluster.until(lambda: not cluster.exists("model"))
    assert await cluster.serves(number) == [("m-1", first, "RUNNING"), ("m-1", first, "COMPLETE")]


async def test_serves_can_be_switched_off(cluster: World) -> None:
    await cluster.start("--record-serves=false")
    cluster.create("model", status=ready("m-1"))
    await cluster.idle()
    number = cluster.meta("model")["labels"][NUMBER]
    cluster.delete("model")
    await cluster.until(lambda: not cluster.exists("model"))
    assert await cluster.serves(number) == []


async def test_a_serve_that_the_registry_refuses_does_not_hold_up_the_rest(cluster: World) -> None:
    gated = {"hf_gated": {"metadataType": "MetadataBoolValue", "bool_value": True}}
    version = await cluster.registry.make(
        "/model_versions", name="gated", registeredModelId=cluster.model, customProperties=gated
    )
    number = await started(cluster, **{VERSION: version["id"]})
    cluster.change("model", status=ready("m-1", url="http://x"))
    await cluster.idle()
    assert (await cluster.entry("model"))["customProperties"]["url"]["string_value"] == "http://x"
    events = cluster.events("model")
    assert ("ServeNotRecorded" in events) == (await cluster.serves(number) == [])


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, []),
        ({"conditions": [{"type": "Ready", "status": "True"}]}, [("", "RUNNING")]),
        (ready("m-2", status="False", reason="MinimumReplicasUnavailable"), []),
        (ready("m-1", status="False", modelStatus={"transitionStatus": "InProgress"}), []),
        (ready("m-1", status="False"), [("m-1", "FAILED")]),
        (ready("m-2", ready_revision="m-1", status="Unknown"), [("m-1", "RUNNING")]),
        (ready("m-2", ready_revision="m-1", status="False"), [("m-1", "RUNNING"), ("m-2", "FAILED")]),
        (ready("m-2", traffic={"m-2": 10, "m-1": 90, "m-0": 0}), [("m-1", "RUNNING"), ("m-2", "RUNNING")]),
        (ready("m-1", modelStatus={"transitionStatus": "InvalidSpec"}), [("m-1", "FAILED")]),
        (ready("m-1", observedGeneration=1), []),
        (ready("m-1", observedGeneration=2), [("m-1", "RUNNING")]),
        ({"conditions": None, "components": None, "modelStatus": None}, []),
    ],
)
def test_what_a_status_says(status: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert [(one.revision, one.state) for one in seen({"metadata": {"generation": 2}, "status": status})] == expected
