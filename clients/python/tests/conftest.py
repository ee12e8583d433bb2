"""Fixtures: a server for the tests. `MODEL_REGISTRY_TEST_URL` runs the tests against another one."""

import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from model_registry_client import AsyncRegistry, Registry

from tests.support import processes

OTHER_SERVER = "MODEL_REGISTRY_TEST_URL"


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
