"""Fixtures: a server for the tests. `MODEL_REGISTRY_TEST_URL` runs the tests against another one."""

import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from model_registry_client import AsyncRegistry, Registry

from tests.support import processes
from tests.support.commands import Ended, environment, run
from tests.support.tiers import further_referee

Mr = Callable[..., Ended]
Unique = Callable[[str], str]
OTHER_SERVER = "MODEL_REGISTRY_TEST_URL"


@pytest.fixture(scope="session")
def server_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry: the proxy on the embedded engine, or the server of `MODEL_REGISTRY_TEST_URL`."""
    if other := os.environ.get(OTHER_SERVER):
        yield other
        return
    folder = tmp_path_factory.mktemp("registry")
    log = ("--audit-log", str(folder / "audit.log"))
    with processes.proxy(folder, *log, *further_referee(request.config)) as proxy:
        yield proxy.url


@pytest.fixture
def registry(server_url: str) -> Iterator[Registry]:
    """A client for threads."""
    with Registry(server_url) as client:
        yield client


@pytest.fixture
async def async_registry(server_url: str) -> AsyncIterator[AsyncRegistry]:
    """A client for asyncio."""
    async with AsyncRegistry(server_url) as client:
        yield client


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Makes names that are unique to a test."""
    return lambda prefix: f"{prefix}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def mr(server_url: str, tmp_path: Path) -> Mr:
    """Runs `mr` against the server. Another exit code than `code` fails the test."""

    def call(*arguments: str, code: int = 0, stdin: str = "", **env: str) -> Ended:
        ended = run(arguments, environment(tmp_path, server_url, env), stdin)
        assert ended.code == code, f"mr {' '.join(arguments)}: {ended}"
        assert "Traceback" not in ended.err
        assert "\x1b" not in ended.out + ended.err
        return ended

    return call


@pytest.fixture
def above(registry: Registry, unique: Unique) -> dict[str, str]:
    """References to a parent of each kind."""
    model = registry.create_registered_model(unique("model"))
    registry.create_model_version(model.id, "1")
    environment = registry.create_serving_environment(unique("environment"))
    experiment = registry.create_experiment(unique("experiment"))
    registry.create_experiment_run(experiment.id, "run")
    return {
        "model": model.name,
        "version": f"{model.name}/1",
        "environment": environment.name,
        "experiment": experiment.name,
        "run": f"{experiment.name}/run",
    }
