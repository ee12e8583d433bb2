"""`model-registry repair` finds and repairs what interrupted writes have left."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import processes
from tests.support.processes import ROOT, Proxy

metadata_store = pytest.importorskip("ml_metadata.metadata_store.metadata_store", reason=str(processes.why_no_engine()))
mlmd = pytest.importorskip("ml_metadata.proto.metadata_store_pb2")


def repairing(proxy: Proxy, *flags: str, in_progress_ms: int | None = None) -> "subprocess.Popen[str]":
    """The command with JSON lines; contexts are in progress until they are `in_progress_ms` old, where that is given."""
    code = (
        f"from model_registry_proxy.commands import repair; repair._IN_PROGRESS_MS = {in_progress_ms};"
        if in_progress_ms is not None
        else ""
    ) + "from model_registry_proxy import __main__; import sys; sys.argv[0] = 'model-registry'; __main__.main()"
    where = ["--mlmd-hostname", "127.0.0.1", "--mlmd-port", str(proxy.engine_port)]
    return subprocess.Popen(
        [sys.executable, "-c", code, "repair", "--json", *where, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def repair(proxy: Proxy, *flags: str, in_progress_ms: int | None = -(10**6)) -> list[dict[str, Any]]:
    """What the command finds; contexts that the test has just created count as finished."""
    with repairing(proxy, *flags, in_progress_ms=in_progress_ms) as command:
        output, errors = command.communicate(timeout=60)
    assert command.returncode == 0, errors
    return [json.loads(line) for line in output.splitlines()]


def store_of(proxy: Proxy) -> metadata_store.MetadataStore:
    return metadata_store.MetadataStore(mlmd.MetadataStoreClientConfig(host="127.0.0.1", port=proxy.engine_port))


@pytest.fixture
def repaired(tmp_path: Path) -> Any:
    with processes.proxy(tmp_path) as running:
        yield running


def test_a_child_without_its_link_is_found_and_linked(repaired: Proxy) -> None:
    store = store_of(repaired)
    with httpx.Client(base_url=repaired.api) as client:
        model = client.post("/registered_models", json={"name": "m"}).json()
        version_type = store.get_context_type("kf.ModelVersion").id
        artifact_type = store.get_artifact_type("kf.ModelArtifact").id
        (version,) = store.put_contexts([mlmd.Context(type_id=version_type, name=f"{model['id']}:v1")])
        (artifact,) = store.put_artifacts([mlmd.Artifact(type_id=artifact_type, name=f"{version}:weights")])

        found = repair(repaired, "--dry-run")
        assert [(finding["entity"], finding["id"], finding["mended"]) for finding in found] == [
            ("model version", version, False),
            ("model artifact", artifact, False),
        ]
        assert client.get(f"/registered_models/{model['id']}/versions").json()["size"] == 0

        assert [finding["mended"] for finding in repair(repaired)] == [True, True]
        assert client.get(f"/registered_models/{model['id']}/versions").json()["items"][0]["id"] == str(version)
        assert client.get(f"/model_versions/{version}/artifacts").json()["items"][0]["id"] == str(artifact)
        assert repair(repaired) == []


@pytest.mark.slow
def test_damage_that_only_a_person_can_repair_is_reported(repaired: Proxy) -> None:
    store = store_of(repaired)
    with httpx.Client(base_url=repaired.api) as client:
        value = {"metadataType": "MetadataDoubleValue", "double_value": 1e-20}
        model = client.post("/registered_models", json={"name": "m", "customProperties": {"x": value}}).json()
        experiment = client.post("/experiments", json={"name": "e"}).json()
        run = client.post("/experiment_runs", json={"name": "r", "experimentId": experiment["id"]}).json()
    (node,) = store.get_contexts_by_id([int(model["id"])])
    node.custom_properties["x"].double_value = 7
    store.put_contexts([node])
    metric = mlmd.Artifact(type_id=store.get_artifact_type("kf.Metric").id, name=f"{run['id']}:loss")
    metric.properties["value"].double_value = 1
    (metric_id,) = store.put_artifacts([metric])
    store.put_attributions_and_associations([mlmd.Attribution(artifact_id=metric_id, context_id=int(run["id"]))], [])
    version_type = store.get_context_type("kf.ModelVersion").id
    store.put_contexts(
        [mlmd.Context(type_id=version_type, name=name) for name in ("no-prefix", "999:v", f"{run['id']}:v")]
    )

    service = mlmd.Context(type_id=store.get_context_type("kf.InferenceService").id, name="5:gone")
    service.properties["registered_model_id"].int_value = 777
    service.properties["model_version_id"].int_value = int(model["id"])
    store.put_contexts([service])

    dangling = [finding["problem"] for finding in repair(repaired) if finding["name"] == "gone"]
    assert "registeredModelId says 777, which is no registered model" in dangling
    assert f"modelVersionId says {model['id']}, which is no model version" in dangling
    problems = {(finding["entity"], finding["name"]): finding["problem"] for finding in repair(repaired)}
    assert "companion" in problems["registered model", "m"]
    assert "history" in problems["metric", "loss"]
    assert "before the colon" in problems["model version", "no-prefix"]
    assert "no such thing" in problems["model version", "v"]
    assert not any(finding["mended"] for finding in repair(repaired))


@pytest.mark.slow
def test_links_that_the_name_does_not_show_are_reported(repaired: Proxy) -> None:
    store = store_of(repaired)
    with httpx.Client(base_url=repaired.api) as client:
        model, other = (client.post("/registered_models", json={"name": name}).json() for name in "mo")
        version = client.post("/model_versions", json={"name": "v", "registeredModelId": model["id"]}).json()
    store.put_parent_contexts([mlmd.ParentContext(child_id=int(version["id"]), parent_id=int(other["id"]))])
    store.put_artifacts([mlmd.Artifact(type_id=store.get_artifact_type("kf.DocArtifact").id, name="bare")])

    assert [(found["entity"], found["name"], found["problem"]) for found in repair(repaired)] == [
        ("model version", "v", f"it is linked to {other['id']} too, which its name does not show"),
        ("document artifact", "bare", "its name has no parent's id before the colon"),
    ]


def test_a_dry_run_reports_children_that_may_be_in_progress(repaired: Proxy) -> None:
    store = store_of(repaired)
    with httpx.Client(base_url=repaired.api) as client:
        model = client.post("/registered_models", json={"name": "m"}).json()
    version_type = store.get_context_type("kf.ModelVersion").id
    (version,) = store.put_contexts([mlmd.Context(type_id=version_type, name=f"{model['id']}:v")])
    assert [finding["id"] for finding in repair(repaired, "--dry-run", in_progress_ms=None)] == [version]
