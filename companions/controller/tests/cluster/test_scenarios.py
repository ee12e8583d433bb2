"""The scenarios of Kubeflow's controller on a real API server, with real watches, finalizers and rights."""

from typing import Any

import pytest
from controller_support.real import FINALIZER, MODEL, NUMBER, URL, VERSION, Cluster, Controller, Isvc, P, until

SERVICE_ANNOTATION = "routing.kubeflow.org/external-address-rest"
DELETED_WITHIN = 30.0
"""Seconds: the limit of the controller is 12, and a busy machine adds some."""


@pytest.fixture(autouse=True)
def _recorder_is_up(cluster: Cluster) -> None:
    cluster.recorder.mode, cluster.recorder.delay = "up", 0.0
    cluster.recorder.calls.clear()


@pytest.fixture
def team(cluster: Cluster) -> str:
    return cluster.namespace()


@pytest.fixture
def recorded(cluster: Cluster, running: Controller, team: str) -> Isvc:
    """An object that is recorded."""
    made = cluster.create(team, "model", {MODEL: cluster.model})
    until(lambda: made.number)
    return made


def test_without_labels_nothing_is_done(cluster: Cluster, running: Controller, team: str) -> None:
    plain = cluster.create(team, "plain", {})
    marker = cluster.create(team, "marker", {MODEL: cluster.model})
    until(lambda: marker.number)  # created later, and worked on by now
    assert plain.finalizers == []
    assert cluster.recorder.about("plain") == []


def test_a_model_id_makes_an_entry(cluster: Cluster, recorded: Isvc) -> None:
    until(lambda: FINALIZER in recorded.finalizers)
    assert [call.line.partition("?")[0] for call in cluster.recorder.calls] == [
        "GET /serving_environment",
        "POST /serving_environments",
        "GET /inference_service",
        "POST /inference_services",
    ]
    meta, entry = recorded.item["metadata"], recorded.entry
    assert entry["name"] == f"model/{meta['uid']}"
    assert (entry["registeredModelId"], entry["runtime"], entry["desiredState"]) == (cluster.model, "ovms", "DEPLOYED")
    assert meta["labels"] == {MODEL: cluster.model, NUMBER: entry["id"]}
    assert meta["annotations"] == {URL: cluster.recorder.url}
    writers = [each["manager"] for each in meta["managedFields"]]
    assert len(writers) == len(set(writers)) == 2  # the creator and the controller, once each
    assert cluster.recorder.calls[0].token == ""


def test_versions_and_addresses_are_followed(cluster: Cluster, running: Controller, team: str) -> None:
    first, second = cluster.versions
    made = cluster.create(team, "versioned", {MODEL: cluster.model, VERSION: first})
    until(lambda: made.number)
    assert made.entry["modelVersionId"] == first
    made.label(model_version_id=second)
    until(lambda: made.entry["modelVersionId"] == second)
    made.status({"url": "http://one"})
    until(lambda: made.recorded_url == "http://one")
    cluster.registry("PATCH", f"/inference_services/{made.number}", {"desiredState": "UNDEPLOYED", "customProperties": {
        "url": {"metadataType": "MetadataStringValue", "string_value": "http://one"},
        "mine": {"metadataType": "MetadataStringValue", "string_value": "x"}}})  # fmt: skip
    made.status({"url": "http://two"})
    until(lambda: made.recorded_url == "http://two")
    made.status({"url": None})
    until(lambda: made.recorded_url == "")
    entry = made.entry
    assert (entry["desiredState"], entry["customProperties"]["mine"]["string_value"]) == ("UNDEPLOYED", "x")


def test_an_entry_that_was_made_before_is_kept_in_step(cluster: Cluster, running: Controller, team: str) -> None:
    environment = cluster.registry("POST", "/serving_environments", {"name": f"{team}-before"})
    body = {"name": "mine", "registeredModelId": cluster.model, "servingEnvironmentId": environment["id"]}
    number = cluster.registry("POST", "/inference_services", body)["id"]
    made = cluster.create(team, "byid", {NUMBER: number})
    until(lambda: FINALIZER in made.finalizers)
    made.status({"url": "http://byid"})
    until(lambda: made.recorded_url == "http://byid")


def test_a_deletion_is_recorded(cluster: Cluster, recorded: Isvc) -> None:
    number = recorded.number
    cluster.recorder.calls.clear()
    recorded.delete()
    until(lambda: not recorded.exists, DELETED_WITHIN)
    assert cluster.registry("GET", f"/inference_services/{number}")["desiredState"] == "UNDEPLOYED"
    assert [call.line for call in cluster.recorder.calls] == [
        f"GET /inference_services/{number}",
        f"PATCH /inference_services/{number}",
    ]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({NUMBER: "999999"}, "UnknownInferenceService"),
        ({MODEL: "999999"}, "UnknownModel"),
        ({MODEL: "churn"}, "InvalidLabel"),
    ],
)
def test_labels_that_name_nothing_get_an_event_and_never_hold_up_a_deletion(
    cluster: Cluster, running: Controller, team: str, labels: dict[str, str], reason: str
) -> None:
    wrong = cluster.create(team, "wrong", labels)
    assert until(wrong.events) == [reason]
    assert wrong.finalizers == []
    wrong.delete()
    until(lambda: not wrong.exists, DELETED_WITHIN)


@pytest.mark.parametrize(
    "predictor", [{"containers": [{"name": "kserve-container", "image": "x"}]}, {"sklearn": {"storageUri": "s3://x"}}]
)
def test_a_predictor_without_a_model_is_recorded(
    cluster: Cluster, running: Controller, team: str, predictor: dict[str, Any]
) -> None:
    custom = cluster.create(team, "custom", {MODEL: cluster.model}, predictor=predictor)
    until(lambda: custom.number)
    assert "runtime" not in custom.entry
    custom.delete()
    until(lambda: not custom.exists, DELETED_WITHIN)


def test_services_of_registries_are_found_as_they_come_and_go(cluster: Cluster, running: Controller, team: str) -> None:
    waiting = cluster.create(team, "waiting", {MODEL: cluster.model}, at=None)
    assert until(waiting.events) == ["NoRegistry"]
    cluster.service("kubeflow", "one")
    until(lambda: waiting.number)
    [(host, token)] = {(call.host, call.token) for call in cluster.recorder.about("waiting")}
    assert (host, token) == ("one.kubeflow.svc.cluster.local:8080", "Bearer controller-token")
    cluster.service("kubeflow", "two")
    several = cluster.create(team, "several", {MODEL: cluster.model}, at=None)
    assert until(several.events) == ["SeveralRegistries"]
    named = cluster.create(team, "named", {MODEL: cluster.model, P + "name": "two"}, at=None)
    until(lambda: named.number)
    cluster.kube.call("DELETE", "/api/v1/namespaces/kubeflow/services/two")
    until(lambda: several.number)
    cluster.kube.call("DELETE", "/api/v1/namespaces/kubeflow/services/one")


def test_other_namespaces_outer_addresses_and_missing_ports(cluster: Cluster, running: Controller, team: str) -> None:
    there = cluster.namespace()
    cluster.service(there, "plain")
    elsewhere = cluster.create(
        team, "elsewhere", {MODEL: cluster.model, P + "namespace": there, P + "name": "plain"}, at=None
    )
    until(lambda: elsewhere.number)
    cluster.service(there, "outer", **{SERVICE_ANNOTATION: "registry.invalid:443"})
    cluster.service(there, "portless", port="grpc")
    for name, reason in (("outer", "RegistryUnavailable"), ("portless", "NoPort")):
        made = cluster.create(team, name, {MODEL: cluster.model, P + "namespace": there, P + "name": name}, at=None)
        assert until(made.events) == [reason]
        assert made.finalizers == []
    cluster.kube.call("DELETE", f"/api/v1/namespaces/{there}/services/plain")
    elsewhere.delete()
    until(lambda: not elsewhere.exists, DELETED_WITHIN)


@pytest.mark.parametrize("mode", ["drop", "503", "401"])
def test_while_the_registry_is_down_nothing_is_created_and_no_deletion_hangs(
    cluster: Cluster, recorded: Isvc, mode: str
) -> None:
    number = recorded.number
    cluster.recorder.calls.clear()
    cluster.recorder.mode = mode
    recorded.delete()
    late = cluster.create(recorded.namespace, "late", {MODEL: cluster.model})
    until(late.events)
    until(lambda: not recorded.exists, DELETED_WITHIN)
    assert {call.method for call in cluster.recorder.calls} == {"GET"}
    assert late.finalizers == []
    cluster.recorder.mode = "up"
    until(lambda: late.number)
    until(lambda: cluster.registry("GET", f"/inference_services/{number}")["desiredState"] == "UNDEPLOYED")
    assert (
        len([entry for entry in cluster.entries() if entry["name"].startswith("late/") and entry["id"] == late.number])
        == 1
    )


def test_a_slow_registry_holds_up_no_deletion(cluster: Cluster, recorded: Isvc) -> None:
    cluster.recorder.delay = 20.0
    for number in range(5):
        cluster.create(recorded.namespace, f"slow-{number}", {MODEL: cluster.model})
    recorded.delete()
    until(lambda: not recorded.exists, DELETED_WITHIN)
    cluster.recorder.delay = 0.0


def test_what_runs_is_recorded(cluster: Cluster, running: Controller, team: str) -> None:
    first, second = cluster.versions
    made = cluster.create(team, "runs", {MODEL: cluster.model, VERSION: first})
    until(lambda: made.number)

    def status(ready: str, created: str, **traffic: int) -> None:
        parts = [{"revisionName": f"m-{name[-1]}", "percent": percent} for name, percent in traffic.items()]
        predictor = {"latestCreatedRevision": created, "latestReadyRevision": created, "traffic": parts}
        made.status({"conditions": [{"type": "Ready", "status": ready}], "components": {"predictor": predictor}})

    status("True", "m-1", m1=100)
    until(lambda: len(made.serves) == 1)
    made.label(model_version_id=second)
    until(lambda: made.entry["modelVersionId"] == second)
    status("True", "m-2", m1=90, m2=10)
    until(lambda: len(made.serves) == 2)
    status("True", "m-2", m1=100)  # rolled back
    until(lambda: len(made.serves) == 3)
    status("False", "m-2")
    until(lambda: len(made.serves) == 4)
    assert made.serves == [
        ("m-1", first, "RUNNING"),
        ("m-2", second, "RUNNING"),
        ("m-1", first, "RUNNING"),
        ("m-2", second, "FAILED"),
    ]
    meta = made.item["metadata"]
    assert set(meta["labels"]) == {MODEL, VERSION, NUMBER}
    assert set(meta["annotations"]) == {URL}
