"""Fixtures: a server for the tests. `MODEL_REGISTRY_TEST_URL` runs the tests against another one."""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from model_registry_client import AsyncRegistry, Registry

from tests.support import processes
from tests.support.patience import be_patient_over_http

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder below it is made for each run)
OTHER_SERVER = "MODEL_REGISTRY_TEST_URL"
_ENOUGH_BYTES = 2**30


def pytest_configure() -> None:
    """Puts the stores of the tests in memory if there is enough."""
    processes.pass_by_http_proxies()
    be_patient_over_http()
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > _ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
        tempfile.tempdir = str(MEMORY)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a registry: the proxy on the embedded engine, or the server of `MODEL_REGISTRY_TEST_URL`."""
    if other := os.environ.get(OTHER_SERVER):
        yield other
        return
    with processes.proxy(tmp_path_factory.mktemp("registry"), "--validate-responses") as proxy:
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
