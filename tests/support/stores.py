"""The MLMD stores that integration tests run on, each with a proxy in front."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import processes
from tests.support.processes import Database, Proxy

STORES = ("embedded-sqlite", "google-sqlite", "embedded-mysql", "google-mysql")


def why_not(store: str) -> str | None:
    """Why a store cannot be had here; `None` where it can."""
    if store.startswith("google") and not processes.google_server():
        return "MLMD_SERVER_BINARY does not name a build of Google's MLMD server"
    if store.endswith("mysql") and not processes.has_mysql():
        return "no MariaDB or MySQL server is installed"
    return None


@dataclass(frozen=True)
class Place:
    """Where a store is kept: the address that `--database` takes, and Google's configuration for the same."""

    address: str
    connection: str


def place_of(file: Path) -> Place:
    """A SQLite file."""
    return Place(str(file), processes.sqlite_connection(file))


def new_place(store: str, folder: Path, database: Callable[[], Database]) -> Place:
    """An empty place for one of `STORES`; `database()` is asked for only where it is needed."""
    if not store.endswith("mysql"):
        return place_of(folder / "registry.db")
    server = database()
    name = server.create()
    return Place(server.url(name), server.connection(name))


@contextmanager
def proxy_at(store: str, folder: Path, place: Place, *flags: str) -> Iterator[Proxy]:
    """A proxy before one of `STORES` at a place, which may be opened again afterwards."""
    if reason := why_not(store):
        pytest.skip(reason)
    with ExitStack() as stack:
        if store.startswith("google"):
            _, port = stack.enter_context(processes.mlmd_server(folder, place.connection))
            yield stack.enter_context(processes.proxy(folder, *flags, mlmd_port=port))
        else:
            yield stack.enter_context(processes.proxy(folder, *flags, database=place.address))


@contextmanager
def proxy_on(
    store: str, folder: Path, database: Callable[[], Database], *flags: str, file: Path | None = None
) -> Iterator[Proxy]:
    """A proxy before one of `STORES`, on a fresh store; `file` opens an existing one."""
    if reason := why_not(store):
        pytest.skip(reason)
    with proxy_at(store, folder, place_of(file) if file else new_place(store, folder, database), *flags) as proxy:
        yield proxy
