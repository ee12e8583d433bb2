"""Fixtures for all tests: a proxy on each store, shared by the tests of a worker."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import processes
from tests.support.patience import be_patient_over_http
from tests.support.processes import Database, Proxy
from tests.support.stores import SHARED_STORES, STORES, on, proxy_on, why_not

MEMORY = Path("/dev/shm")  # noqa: S108 (a folder below it is made for each run)
_ENOUGH_BYTES = 4 * 2**30


def pytest_configure() -> None:
    """Keeps the stores of tests in memory where there is enough: hundreds of tests wait for the disk otherwise."""
    processes.pass_by_http_proxies()
    be_patient_over_http()
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > _ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
        tempfile.tempdir = str(MEMORY)


@pytest.fixture(scope="session")
def database() -> Iterator[Callable[[], Database]]:
    """Answers a MySQL-compatible server, started when it is first asked for."""
    started: list[Database] = []
    contexts = []

    def get() -> Database:
        if not started:
            context = processes.mysql()
            started.append(context.__enter__())
            contexts.append(context)
        return started[0]

    yield get
    for context in contexts:
        context.__exit__(None, None, None)


@pytest.fixture(scope="session", params=on(SHARED_STORES))
def any_proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[Proxy]:
    """A proxy on every store that this machine has, with its answers checked against the document."""
    folder = tmp_path_factory.mktemp(request.param)
    with proxy_on(request.param, folder, database, "--validate-responses") as proxy:
        yield proxy


@pytest.fixture(scope="session")
def proxy(tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]) -> Iterator[Proxy]:
    """A proxy on the first store that there is, for tests that are not about the store. Tests choose names of their own."""
    store = next((store for store in STORES if not why_not(store)), STORES[0])
    with proxy_on(store, tmp_path_factory.mktemp("proxy"), database, "--validate-responses") as running:
        yield running
