"""Controllers that are killed, API servers that come and go, and places of watches that are too old."""

import signal
from pathlib import Path

import pytest
from controller_support.real import MODEL, Cluster, controller, until
from model_registry_controller.kubernetes.lease import NAME

LEASE = f"/apis/coordination.k8s.io/v1/namespaces/kubeflow/leases/{NAME}"


def test_another_replica_takes_over_when_the_leader_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    team = cluster.namespace()
    flags = ("--leader-elect", "--leader-election-namespace=kubeflow")
    with (
        controller(cluster, tmp_path, *flags, name="first") as first,
        controller(cluster, tmp_path, *flags, name="second") as second,
    ):
        leader, other = until(
            lambda: (first, second) if first.metric("leader") else (second, first) if second.metric("leader") else None
        )
        before = cluster.create(team, "before", {MODEL: cluster.model})
        until(lambda: before.number)
        assert other.metric("leader") == 0
        leader.process.child.send_signal(signal.SIGKILL)
        after = cluster.create(team, "after", {MODEL: cluster.model})
        until(lambda: after.number, 30)
        assert other.metric("leader") == 1
        names = [entry["name"].partition("/")[0] for entry in cluster.entries()]
        assert names.count("before") == names.count("after") == 1
        assert other.process.stop() == 0
    assert cluster.kube.call("GET", LEASE)["spec"].get("holderIdentity", "") == ""  # given back


def test_changes_while_it_was_stopped_cost_one_list_and_a_stopped_api_server_costs_nothing(
    cluster: Cluster, tmp_path: Path
) -> None:
    team = cluster.namespace()
    with controller(cluster, tmp_path, name="one") as one:
        made = [cluster.create(team, name, {MODEL: cluster.model}) for name in ("a", "b", "c")]
        for each in made:
            until(lambda each=each: each.number)  # type: ignore[misc]
        assert one.process.stop() == 0
    deleted = made[2].number
    made[0].status({"url": "http://a"})
    made[2].delete()
    cluster.recorder.calls.clear()
    with controller(cluster, tmp_path, name="two") as two:
        until(lambda: made[0].recorded_url == "http://a")
        until(lambda: not made[2].exists)
        assert cluster.registry("GET", f"/inference_services/{deleted}")["desiredState"] == "UNDEPLOYED"
        lines = [call.line for call in cluster.recorder.calls]
        assert len([line for line in lines if line.startswith("GET /inference_services?")]) == 1
        assert not [line for line in lines if line.startswith(f"GET /inference_services/{made[1].number}")]

        cluster.kube.stop_api()
        until(lambda: two.metric("watch_restarts") >= 2)
        cluster.kube.start_api()
        made[1].status({"url": "http://b"})
        until(lambda: made[1].recorded_url == "http://b")
        assert two.process.child.poll() is None


def test_a_deletion_in_a_gap_that_the_store_has_forgotten_is_noticed(cluster: Cluster, tmp_path: Path) -> None:
    team = cluster.namespace()
    with controller(cluster, tmp_path) as running:
        lost, kept = (cluster.create(team, name, {MODEL: cluster.model}) for name in ("lost", "kept"))
        until(lambda: lost.number and kept.number)
        objects = running.metric("objects")
        cluster.kube.stop_api()
        until(lambda: running.metric("watch_restarts") >= 2)
        running.process.child.send_signal(signal.SIGSTOP)
        try:
            cluster.kube.start_api()
            cluster.kube.call("PATCH", lost.path, {"metadata": {"finalizers": None}})
            lost.delete()
            kept.status({"url": "http://kept"})
            cluster.kube.compact()
            cluster.kube.stop_api()
            cluster.kube.start_api()
        finally:
            running.process.child.send_signal(signal.SIGCONT)
        until(lambda: kept.recorded_url == "http://kept")
        until(lambda: running.metric("objects") == objects - 1)


@pytest.mark.slow
def test_a_thousand_objects_at_the_start(cluster: Cluster, tmp_path: Path) -> None:
    team = cluster.namespace()
    made = [cluster.create(team, f"many-{number}", {MODEL: cluster.model}) for number in range(1000)]
    with controller(cluster, tmp_path, name="new") as new:
        until(lambda: new.metric("reconciles_total") >= 1000 and made[-1].number, 120)
        until(lambda: all(each.number for each in made[::100]), 120)
        assert new.process.stop() == 0
    cluster.recorder.calls.clear()
    with controller(cluster, tmp_path, name="known") as known:
        until(lambda: known.metric("reconciles_total") >= 1000, 120)
        lists = [call.line for call in cluster.recorder.calls if call.line.startswith("GET /inference_services?")]
        assert len(lists) <= 2
        assert not cluster.recorder.about("POST")
        text = Path(f"/proc/{known.process.child.pid}/status").read_text()
        peak = int(next(line for line in text.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
        assert peak < 100, f"{peak} MiB"
