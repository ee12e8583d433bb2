"""PyPI's `mlflow-skinny`, in the releases that teams still use and the newest, and next to Kubeflow's client.

Each release is installed with its dependencies in an environment of its own: they do not go together with ours.
"""

import os
import re
import subprocess
import uuid
from pathlib import Path

import pytest

from tests.integration.clients.conftest import FlowsOf
from tests.integration.clients.python_clients import NEWEST, CannotBeHad, PythonClient, flows_in
from tests.support.processes import ROOT, Proxy

MLFLOW_2_9 = PythonClient("mlflow", "mlflow-skinny==2.9.2", further=("setuptools<80",))
MLFLOW_2 = PythonClient("mlflow", "mlflow-skinny==2.22.5", further=("setuptools<80",))
MLFLOW = PythonClient(
    "mlflow",
    "mlflow-skinny==3.17.2",
    further=("setuptools<80", "alembic", "pandas", "scikit-learn", "skops", "sqlalchemy"),
)
"""With what the tutorial trains with, and where it tracks."""
FIRST, *FURTHER = flows_in("mlflow_registry.py")


def test_a_release_that_teams_still_use_in_short(proxy: Proxy, flows: FlowsOf) -> None:
    flows(MLFLOW_2, "mlflow_registry.py").run(FIRST, address=proxy.url)


@pytest.mark.slow
@pytest.mark.parametrize("flow", flows_in("mlflow_registry.py"))
def test_the_newest_release_on_any_store(any_proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(MLFLOW, "mlflow_registry.py").run(flow, address=any_proxy.url)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("client", "flow"),
    [(MLFLOW_2_9, flow) for flow in (FIRST, *FURTHER)] + [(MLFLOW_2, flow) for flow in FURTHER],
    ids=lambda value: getattr(value, "distribution", value),
)
def test_releases_that_teams_still_use(proxy: Proxy, flows: FlowsOf, client: PythonClient, flow: str) -> None:
    flows(client, "mlflow_registry.py").run(flow, address=proxy.url)


@pytest.mark.slow
@pytest.mark.parametrize("flow", flows_in("mlflow_newest.py"))
def test_what_only_the_newest_release_has(proxy: Proxy, flows: FlowsOf, flow: str) -> None:
    flows(MLFLOW, "mlflow_newest.py").run(flow, address=proxy.url)


@pytest.mark.slow
def test_the_tutorial_prints_what_it_shows(empty_proxy: Proxy, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "coming-from-mlflow.md").read_text("utf-8")
    blocks = re.findall(r"^```(python|text)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    code = "\n".join(text for language, text in blocks if language == "python")
    shown = "".join(text for language, text in blocks if language == "text")
    try:
        interpreter = MLFLOW.interpreter()
    except CannotBeHad as reason:
        pytest.skip(str(reason))
    done = subprocess.run(
        [interpreter, "-W", "ignore", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "MLFLOW_REGISTRY_URI": empty_proxy.url, "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == shown


@pytest.mark.slow
@pytest.mark.parametrize("client", [MLFLOW_2_9, MLFLOW], ids=["2.9", "newest"])
def test_kubeflows_and_mlflows_clients_load_what_the_other_has_made(
    any_proxy: Proxy, flows: FlowsOf, client: PythonClient, tmp_path: Path
) -> None:
    (tmp_path / "MLmodel").write_text("flavors:\n  python_function:\n    loader_module: x\n")
    (tmp_path / "weights.bin").write_text("w")
    given = {"address": any_proxy.url, "name": f"both-{uuid.uuid4().hex[:10]}"}
    flows(NEWEST, "kubeflow_side_of_mlflow.py").run("register", **given, folder=str(tmp_path))
    if client is MLFLOW:
        flows(client, "mlflow_side_of_kubeflow.py").run("load_by_what_stands_behind_the_sign", **given)
    flows(client, "mlflow_side_of_kubeflow.py").run("load_what_kubeflow_has_registered", **given)
    flows(NEWEST, "kubeflow_side_of_mlflow.py").run("see_what_mlflow_has_made", **given)
