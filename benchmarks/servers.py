"""Starts the servers that are measured: MLMD over a database, the proxy, a proxy that counts its MLMD calls, and "noop"."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from benchmarks import counted_proxy, usage
from benchmarks.stores import Database, Store, is_google
from tests.support import processes
from tests.support.ports import free_port
from tests.support.processes import ROOT, Process, running, wait_until

_HOST = "127.0.0.1"
_READY = "/readyz/health"


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load: `rest` and `mlmd` are host:port, `prefix` is the part of paths before `/api`."""

    rest: str
    mlmd: str = ""
    prefix: str = ""
    tls: bool = False
    headers: Sequence[str] = ()
    proxy_pid: int | None = None
    store_pids: Sequence[int] = ()
    start_seconds: float = 0.0

    def pids(self) -> dict[str, list[int]]:
        """The process ids of the roles "proxy" and "store"."""
        family = usage.tree(self.proxy_pid) if self.proxy_pid else []
        engines = [pid for pid in family if usage.is_engine(pid)]
        return {"proxy": [pid for pid in family if pid not in engines], "store": [*engines, *self.store_pids]}


@dataclass(frozen=True, slots=True)
class Setting:
    """How a store is served: `flags` are those of the proxy, `database_pids` the processes of the database server."""

    store: Store
    folder: Path
    flags: Sequence[str] = ()
    database_pids: Sequence[int] = ()


@contextmanager
def serving(setting: Setting, database: Database) -> Iterator[Target]:
    """Starts MLMD on `database` and a proxy before it; both end with the context."""
    with ExitStack() as stack:
        pids = list(setting.database_pids)
        if is_google(setting.store):
            process, port = stack.enter_context(processes.mlmd_server(setting.folder, database.connection))
            pids.append(process.child.pid)
            flags = _mlmd_at(port)
        elif setting.store is Store.MYSQL_PER_RPC:
            process, port = stack.enter_context(_connection_per_rpc(database, setting.folder))
            pids.append(process.child.pid)
            flags = _mlmd_at(port)
        elif setting.store in (Store.SQLITE_SERVER, Store.SQLITE_UNFILTERED):
            start = processes.standalone_engine if setting.store is Store.SQLITE_SERVER else processes.unfiltered_engine
            process, port = stack.enter_context(start(setting.folder, database.address))
            pids.append(process.child.pid)
            flags = _mlmd_at(port)
        else:
            port = free_port()
            flags = ["--database", database.address, "--mlmd-port", str(port)]
        target = stack.enter_context(_proxy(setting.folder, [*flags, *setting.flags]))
        yield replace(target, mlmd=f"{_HOST}:{port}", store_pids=pids)


@contextmanager
def several(setting: Setting, database: Database, number: int) -> Iterator[list[Target]]:
    """Starts `number` proxies on one database, each with its own MLMD."""
    with ExitStack() as stack:
        made = []
        for each in range(number):
            place = setting.folder / f"pod-{each}"
            place.mkdir(exist_ok=True)
            made.append(stack.enter_context(serving(replace(setting, folder=place), database)))
        yield made


@contextmanager
def counting(mlmd: str, folder: Path) -> Iterator[tuple[Target, Path]]:
    """Starts a proxy that counts its calls of a running MLMD (`mlmd` is host:port). Yields it and the file with the count."""
    file = folder / "calls"
    counted_proxy.empty_counter(file)
    flags = _mlmd_at(int(mlmd.rpartition(":")[2]))
    with _proxy(folder, flags, "benchmarks.counted_proxy", str(file)) as target:
        yield target, file


@contextmanager
def noop(folder: Path) -> Iterator[Target]:
    """Starts the server with an application that returns a constant."""
    port = free_port()
    with _module(["benchmarks.noop", str(port)], folder / "noop.log") as process:
        wait_until(lambda: is_answering(f"http://{_HOST}:{port}/"), process, "The no-op server")
        yield Target(f"{_HOST}:{port}", proxy_pid=process.child.pid)


def is_answering(url: str) -> bool:
    """Whether the response to a GET has status 200."""
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 (a URL of our own)
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


@contextmanager
def _proxy(folder: Path, flags: Sequence[str], *module: str) -> Iterator[Target]:
    port = free_port()
    command = [*(module or ["model_registry_proxy"]), "proxy", "-n", _HOST, "-p", str(port), "--log-level", "warning"]
    started = time.monotonic()
    with _module([*command, *flags], folder / f"proxy-{port}.log") as process:
        wait_until(lambda: is_answering(f"http://{_HOST}:{port}{_READY}"), process, "The proxy")
        yield Target(f"{_HOST}:{port}", proxy_pid=process.child.pid, start_seconds=time.monotonic() - started)


@contextmanager
def _connection_per_rpc(database: Database, folder: Path) -> Iterator[tuple[Process, int]]:
    port = free_port()
    with _module(["benchmarks.connection_per_rpc", database.address, str(port)], folder / "engine.log") as process:
        yield process, port


@contextmanager
def _module(command: Sequence[str], log: Path) -> Iterator[Process]:
    """Runs a Python module of this repository, without settings from the environment. Metrics are off unless flags turn them on."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MR_")}
    ours |= {"PYTHONPATH": str(ROOT), "MR_METRICS_PORT": "0"}
    with running([sys.executable, "-m", *command], log, ours) as process:
        yield process


def _mlmd_at(port: int) -> list[str]:
    return ["--mlmd-hostname", _HOST, "--mlmd-port", str(port)]
