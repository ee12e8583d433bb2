"""The commands, flags and variables of the manifests, run on Google's MLMD server and a real database, without pods."""

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.support import processes
from tests.support.processes import Database
from tests.support.stores import why_not

ROOT = Path(__file__).parents[2]
Tool = Callable[..., "subprocess.CompletedProcess[str]"]
Object = dict[str, Any]


class Cluster:
    """Takes the place of the part of Kubernetes that gives containers their variables and arguments."""

    def __init__(self, objects: list[Object]) -> None:
        self._objects = {(each["kind"], each["metadata"]["name"]): each for each in objects}

    def container(self, kind: str, owner: str, name: str) -> Object:
        """The container of that name in the pod template of an object."""
        pod = self._objects[kind, owner]["spec"]["template"]["spec"]
        (found,) = [each for each in [*pod["initContainers"], *pod["containers"]] if each["name"] == name]
        container: Object = found
        return container

    def variables(self, container: Object) -> dict[str, str]:
        """The environment of a container."""
        found: dict[str, str] = {}
        for source in container.get("envFrom", []):
            found |= self._objects["ConfigMap", source["configMapRef"]["name"]]["data"]
        for variable in container.get("env", []):
            found[variable["name"]] = variable.get("value") or self._value(variable["valueFrom"])
        return found

    def arguments(self, container: Object) -> list[str]:
        """Its arguments, with `$(NAME)` replaced."""
        variables = self.variables(container)
        return [re.sub(r"\$\((\w+)\)", lambda m: variables[m[1]], text) for text in container.get("args", [])]

    def _value(self, source: Object) -> str:
        if "configMapKeyRef" in source:
            wanted = source["configMapKeyRef"]
            return str(self._objects["ConfigMap", wanted["name"]]["data"][wanted["key"]])
        wanted = source["secretKeyRef"]
        encoded = self._objects["Secret", wanted["name"]]["data"][wanted["key"]]
        return base64.b64decode(encoded).decode("utf-8")


@pytest.fixture
def address(database: Callable[[], Database]) -> Database:
    """The address of a MySQL server; skips without Google's MLMD server."""
    if reason := why_not("google-mysql"):
        pytest.skip(reason)
    return database()


def rendered(tool: Tool, folder: Path, overlay: str, server: Database, name: str) -> Cluster:
    """An overlay, rendered for a database on this machine."""
    tree = folder / overlay.replace("/", "-")
    shutil.copytree(ROOT / "manifests/kustomize", tree, ignore=shutil.ignore_patterns("secrets.env"))
    place = tree / "overlays/external-db/database"
    values = {"MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": server.port, "MYSQL_DATABASE": name, "MYSQL_USER": "registry"}
    (place / "params.env").write_text("".join(f"{key}={value}\n" for key, value in values.items()))
    (place / "secrets.env").write_text("MYSQL_PASSWORD=secret\n")
    done = tool("kustomize", "build", tree / "overlays" / overlay)
    assert done.returncode == 0, done.stderr
    return Cluster(list(yaml.safe_load_all(done.stdout)))


def mlmd_command(cluster: Cluster, container: Object, port: int) -> list[str]:
    flags = [f"--grpc_port={port}" if flag == "--grpc_port=9090" else flag for flag in cluster.arguments(container)]
    assert f"--grpc_port={port}" in flags
    return [processes.google_server(), *flags]


def test_the_job_and_then_the_pod_serve(tmp_path: Path, tool: Tool, address: Database) -> None:
    name = address.create()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("MR_", "FLAGS_"))}
    clean["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "model_registry_proxy"]

    jobs = rendered(tool, tmp_path, "scaling/init", address, name)
    sidecar = jobs.container("Job", "model-registry-init", "grpc-container")
    init = jobs.container("Job", "model-registry-init", "init")
    port = processes.free_port()
    with processes.running(
        mlmd_command(jobs, sidecar, port), tmp_path / "job.log", {**clean, **jobs.variables(sidecar)}
    ):
        flags = [flag.replace("9090", str(port)) for flag in jobs.arguments(init)]
        done = subprocess.run(
            [*command, *init["command"][1:], *flags], check=False, env=clean, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    types = address.run(f"SELECT name FROM `{name}`.Type").split()  # noqa: S608 (a name of our own)
    assert len([type_ for type_ in types if type_.startswith("kf.")]) == 13

    pods = rendered(tool, tmp_path, "scaling", address, name)
    deployment = ("Deployment", "model-registry-deployment")
    waiting = pods.container(*deployment, "wait-for-database")
    subprocess.run(waiting["command"], check=True, env={**clean, **pods.variables(waiting)}, timeout=20)
    grpc, rest = pods.container(*deployment, "grpc-container"), pods.container(*deployment, "rest-container")
    port, http = processes.free_port(), processes.free_port()
    metrics = processes.free_port()
    ports = {"MR_MLMD_PORT": str(port), "MR_METRICS_PORT": str(metrics), "MR_METRICS_HOSTNAME": "127.0.0.1"}
    settings = {**clean, **pods.variables(rest), **ports}
    flags = [flag.replace("8080", str(http)).replace("=0.0.0.0", "=127.0.0.1") for flag in pods.arguments(rest)]
    with (
        processes.running(mlmd_command(pods, grpc, port), tmp_path / "pod.log", {**clean, **pods.variables(grpc)}),
        processes.running([*command, *rest["command"][1:], *flags], tmp_path / "rest.log", settings) as serving,
    ):
        url = f"http://127.0.0.1:{http}"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            path = rest[probe]["httpGet"]["path"]
            processes.wait_until(lambda path=path: _is_ok(url + path), serving, f"The proxy of the pod ({path})")
        made = httpx.post(f"{url}/api/model_registry/v1alpha3/registered_models", json={"name": "m"}, timeout=30)
        assert made.status_code == 201, made.text
        assert "registered" in httpx.get(f"http://127.0.0.1:{metrics}/metrics", timeout=30).text.lower()


def test_the_wait_for_the_database_waits(tmp_path: Path, tool: Tool, address: Database) -> None:
    pods = rendered(tool, tmp_path, "external-db", address, address.create())
    waiting = pods.container("Deployment", "model-registry-deployment", "wait-for-database")
    nowhere = {"PATH": os.environ["PATH"], "MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": str(processes.free_port())}
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(waiting["command"], check=True, env=nowhere, timeout=2)


def _is_ok(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
