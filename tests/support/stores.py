"""The MLMD stores that integration tests run on, each with a proxy in front."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import processes
from tests.support.processes import Database, Proxy

GIVEN = "given-server"
UNFILTERED = ("unfiltered-sqlite", "unfiltered-mysql")
STORES = ("embedded-sqlite", "google-sqlite", "embedded-mysql", "google-mysql", "container-mysql", *UNFILTERED)
"""`google`: a build of Google's server; `container`: its image, with MySQL's; `unfiltered`: an engine that refuses filters."""

SHARED_STORES = (*STORES, GIVEN)
"""For tests that do without an empty store: also the MLMD server at MLMD_SERVER_ADDRESS, with whatever is in it."""

ALL_STORES = (*SHARED_STORES, "container-sqlite")
"""Every store that a test names, in the order in which the quick tier prefers them."""


def on(names: Iterable[str]) -> list[Any]:
    """Parameters of a fixture or a test, one for each store; `tests/support/tiers.py` decides which of them run."""
    return [pytest.param(name, id=name, marks=pytest.mark.store(name)) for name in names]


def why_not(store: str) -> str | None:
    """Why a store is not present on this machine; `None` where it is."""
    if (only := os.environ.get("TEST_STORES", "").split()) and store not in only:
        return f"TEST_STORES asks for {' '.join(only)} only"
    if store in UNFILTERED and not only:
        return "make test-unfiltered runs tests on it"
    if store == GIVEN:
        return (
            None if _given_port() else "MLMD_SERVER_ADDRESS does not name a running MLMD server, as in localhost:9090"
        )
    if store.startswith("container"):
        from tests.support import containers  # noqa: PLC0415 - testcontainers is large, and few tests need it

        return containers.why_no_docker()
    if store.startswith(("embedded", "unfiltered")) and (reason := processes.why_no_engine()):
        return reason
    if store.startswith("google") and (reason := processes.why_no_google_server()):
        return reason
    if store.endswith("mysql") and not processes.has_mysql():
        return "no MariaDB or MySQL server is installed"
    return None


def _given_port() -> int | None:
    """The port of the server that the environment names. It must be on this machine: tests call it over gRPC too."""
    host, _, port = os.environ.get("MLMD_SERVER_ADDRESS", "").rpartition(":")
    if not port:
        return None
    assert host in ("localhost", "127.0.0.1"), f"MLMD_SERVER_ADDRESS: forward a port of localhost to {host}:{port}"
    return int(port)


@dataclass(frozen=True)
class Location:
    """Where a store is kept: `address` as the flag `--database` takes it, `connection` as Google's MLMD server takes it."""

    address: str
    connection: str


def location_of(file: Path) -> Location:
    """The location of a store in a SQLite file."""
    return Location(str(file), processes.sqlite_connection(file))


def new_location(store: str, folder: Path, database: Callable[[], Database]) -> Location:
    """Makes an empty location for one of `STORES`; calls `database()` only where the store is on MySQL."""
    if not store.endswith("mysql"):
        return location_of(folder / "registry.db")
    if store.startswith("container"):
        from tests.support import containers  # noqa: PLC0415

        return Location("", containers.database().create())
    server = database()
    name = server.create()
    return Location(server.url(name), server.connection(name))


@contextmanager
def proxy_at(store: str, folder: Path, location: Location, *flags: str) -> Iterator[Proxy]:
    """Starts a proxy on one of `STORES` at a location, which may be opened again afterwards."""
    if reason := why_not(store):
        pytest.skip(reason)
    with ExitStack() as stack:
        if store.startswith("container"):
            from tests.support import containers  # noqa: PLC0415

            port = stack.enter_context(containers.mlmd_server(folder, location.connection))
            yield stack.enter_context(processes.proxy(folder, *flags, mlmd_port=port))
        elif store in UNFILTERED:
            _, port = stack.enter_context(processes.unfiltered_engine(folder, location.address))
            yield stack.enter_context(processes.proxy(folder, *flags, mlmd_port=port))
        elif store.startswith("google"):
            _, port = stack.enter_context(processes.mlmd_server(folder, location.connection))
            yield stack.enter_context(processes.proxy(folder, *flags, mlmd_port=port))
        else:
            yield stack.enter_context(processes.proxy(folder, *flags, database=location.address))


@contextmanager
def proxy_on(
    store: str, folder: Path, database: Callable[[], Database], *flags: str, file: Path | None = None
) -> Iterator[Proxy]:
    """Starts a proxy on one of `STORES` with an empty store, on the given server, or on the store in `file`."""
    if reason := why_not(store):
        pytest.skip(reason)
    if store == GIVEN:
        with processes.proxy(folder, *flags, mlmd_port=_given_port()) as proxy:
            yield proxy
        return
    with proxy_at(store, folder, location_of(file) if file else new_location(store, folder, database), *flags) as proxy:
        yield proxy
