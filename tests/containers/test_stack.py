"""The whole stack in containers from docker-compose-local.yaml: it is built, started in order, used and restarted."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from testcontainers.compose import DockerCompose

from tests.support.containers import why_no_docker
from tests.support.processes import API, wait_for

ROOT = Path(__file__).parents[2]
FILE = "docker-compose-local.yaml"

pytestmark = pytest.mark.skipif(why_no_docker() is not None, reason=why_no_docker() or "")


@pytest.fixture(scope="module")
def stack() -> Iterator[DockerCompose]:
    with DockerCompose(ROOT, compose_file_name=FILE, build=True, wait=True) as running:
        yield running


@pytest.fixture(scope="module")
def client(stack: DockerCompose) -> Iterator[httpx.Client]:
    port = stack.get_service_port("model-registry", 8080)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}{API}", timeout=30) as client:
        yield client


def compose(*arguments: str) -> str:
    command = ["docker", "compose", "-f", FILE, *arguments]
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout


def test_a_registry_is_served_and_outlives_its_containers(stack: DockerCompose, client: httpx.Client) -> None:
    made = client.post("/registered_models", json={"name": "kept"})
    assert made.status_code == 201, made.text
    compose("restart")
    path = f"/registered_models/{made.json()['id']}"
    wait_for(lambda: _answers(client, path), "the registry after a restart", 120)
    assert client.get(path).json() == made.json()


def test_the_containers_have_no_privileges(stack: DockerCompose) -> None:
    assert compose("exec", "model-registry", "id", "-u").strip() == "65532"
    assert compose("exec", "mlmd", "id", "-u").strip() == "65534"
    with pytest.raises(subprocess.CalledProcessError):
        compose("exec", "model-registry", "touch", "/opt/x")


def test_the_image_brings_no_installer_and_says_that_anybody_may_ask(stack: DockerCompose) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        compose("exec", "model-registry", "python", "-m", "pip", "--version")
    assert "none" in compose("logs", "model-registry")


def _answers(client: httpx.Client, path: str) -> bool:
    try:
        return client.get(path).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
