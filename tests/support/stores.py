"""The MLMD stores that integration tests run on, each with a proxy in front."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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


@contextmanager
def proxy_on(
    store: str, folder: Path, database: Callable[[], Database], *flags: str, file: Path | None = None
) -> Iterator[Proxy]:
    """A proxy before one of `STORES`; `database()` is asked for only where it is needed. `file` opens an existing store."""
    if reason := why_not(store):
        pytest.skip(reason)
    with ExitStack() as stack:
        sqlite = file or folder / "registry.db"
        address, connection = str(sqlite), processes.sqlite_connection(sqlite)
        if store.endswith("mysql"):
            server = database()
            name = server.create()
            address, connection = server.url(name), server.connection(name)
        if store.startswith("google"):
            _, port = stack.enter_context(processes.mlmd_server(folder, connection))
            yield stack.enter_context(processes.proxy(folder, *flags, mlmd_port=port))
        else:
            yield stack.enter_context(processes.proxy(folder, *flags, database=address))
