"""Kubeflow's Go client, `github.com/kubeflow/model-registry/pkg/openapi`, which uses v1alpha3."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import Proxy

SOURCE = Path(__file__).parent / "go"
FLOWS = [
    "models_versions_and_artifacts",
    "pages_and_filters",
    "serving",
    "experiments_and_metrics",
    "refusals",
]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built flows. Go keeps what it has downloaded and compiled in caches of its own."""
    if not shutil.which("go"):
        pytest.skip("go is not installed")
    env = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    download = subprocess.run(
        ["go", "mod", "download"], cwd=SOURCE, env=env, check=False, capture_output=True, text=True, timeout=300
    )
    if download.returncode:
        pytest.skip(f"the Go client cannot be downloaded: {download.stderr.strip()}")
    path = tmp_path_factory.mktemp("go") / "flows"
    build = subprocess.run(["go", "build", "-o", path, "."], cwd=SOURCE, env=env, check=False, capture_output=True)
    assert build.returncode == 0, build.stderr.decode()
    return path


@pytest.mark.parametrize("flow", FLOWS)
def test_by_v1alpha3(any_proxy: Proxy, program: Path, flow: str) -> None:
    done = subprocess.run([program, any_proxy.url, flow], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
