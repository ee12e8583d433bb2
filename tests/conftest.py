"""Fixtures for all tests of the server: proxies that the tests of a worker share."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support import processes
from tests.support.processes import Database, Proxy
from tests.support.stores import SHARED_STORES, STORES, on, proxy_on, why_not
from tests.support.tiers import REFEREE, further_referee


@pytest.fixture(scope="session")
def database() -> Iterator[Callable[[], Database]]:
    """A function that returns a MySQL-compatible server, and starts it on the first call."""
    started: list[Database] = []
    with ExitStack() as stack:

        def get() -> Database:
            if not started:
                started.append(stack.enter_context(processes.mysql()))
            return started[0]

        yield get


@pytest.fixture(scope="session", params=on(SHARED_STORES))
def any_proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[Proxy]:
    """A proxy on each store that the tier takes. The referee checks its answers against the document.

    Tests share it, so they choose names that no other test has.
    """
    folder = tmp_path_factory.mktemp(request.param)
    with proxy_on(request.param, folder, database, *REFEREE) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def proxy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, database: Callable[[], Database]
) -> Iterator[Proxy]:
    """A proxy on the first store that is present, for tests that are not about the store. They share it as `any_proxy`."""
    store = next((store for store in STORES if not why_not(store)), STORES[0])
    with proxy_on(store, tmp_path_factory.mktemp("proxy"), database, *further_referee(request.config)) as running:
        yield running
