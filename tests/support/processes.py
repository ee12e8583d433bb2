"""Servers for tests: the proxy, Google's MLMD server and a MySQL-compatible database, each a process on a free port."""

import getpass
import importlib.util
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import pytest

from tests.support.patience import PATIENCE_SECONDS
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "model_registry_proxy"]
API = "/api/model_registry/v1alpha3"
MARIADB = shutil.which("mariadbd") or shutil.which("mysqld") or "/usr/sbin/mariadbd"


PROXY = [sys.executable, "-m", "model_registry_proxy", "proxy"]


def environment() -> dict[str, str]:
    """The environment of the caller without settings of the proxy."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("MR_")}, "PYTHONPATH": str(ROOT)}


def pass_by_http_proxies() -> None:
    """Lets this process, and those that it starts, reach this machine whatever HTTP proxy the environment names."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1", "localhost")))


@dataclass(frozen=True)
class Process:
    """A running child process and the file with its output."""

    child: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """Sends SIGKILL and waits for the end."""
        self.child.kill()
        self.child.wait()

    def stop(self) -> int:
        """Sends SIGTERM, then SIGKILL if the process does not end; returns the exit status."""
        self.child.terminate()
        try:
            return self.child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL


@dataclass(frozen=True)
class Proxy(Process):
    """A proxy that is ready. `engine_port` is the TCP port of its MLMD server or engine."""

    url: str
    engine_port: int

    @property
    def api(self) -> str:
        """The base URL of the v1alpha3 API."""
        return self.url + API


@contextmanager
def running(command: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[Process]:
    """Starts a command and stops it in the end."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=log.parent
        )
    process = Process(child, log)
    try:
        yield process
    finally:
        if child.poll() is None:
            process.stop()


def wait_until(is_ready: "object", process: Process, what: str) -> None:
    """Waits for `is_ready()`; fails with the log where the process ends or takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_ready():  # type: ignore[operator]
        if process.child.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"{what} did not start:\n{process.log.read_text()[-4000:]}")
        time.sleep(0.05)


def proxy_command(port: int, engine_port: int, database: str, *flags: str) -> list[str]:
    """Serves on `port`: with the embedded engine on `database`, or without a database before the MLMD server there."""
    where = ["--database", database] if database else ["--mlmd-hostname", "127.0.0.1"]
    command = [*PROXY, "-n", "127.0.0.1", "-p", str(port)]
    return [*command, *where, "--mlmd-port", str(engine_port), "--log-level", "warning", *flags]


def wait_for(is_ready: Callable[[], bool], what: str, seconds: float) -> None:
    """Waits for `is_ready()` of a server that is not a child of this process."""
    end = time.monotonic() + seconds
    while not is_ready():
        assert time.monotonic() < end, f"{what} did not start within {seconds:g} seconds"
        time.sleep(0.2)


def why_no_engine() -> str | None:
    """Why there is no embedded engine here; `None` where there is one."""
    if importlib.util.find_spec("ml_metadata") is None:
        return "the ml-metadata wheel is not installed"
    return None


def need_engine() -> None:
    """Skips the test that calls this where there is no embedded engine."""
    if reason := why_no_engine():
        pytest.skip(reason)


@contextmanager
def proxy(
    folder: Path, *flags: str, mlmd_port: int | None = None, database: str = "", ca: Path | None = None
) -> Iterator[Proxy]:
    """A proxy with the embedded engine on `database` (a fresh file by default), or before the MLMD server at `mlmd_port`.

    `ca` is the certificate authority of a proxy whose flags make it serve TLS.
    """
    if not mlmd_port:
        need_engine()
    port, engine_port = free_port(), mlmd_port or free_port()
    command = proxy_command(port, engine_port, "" if mlmd_port else database or str(folder / "registry.db"), *flags)
    with running(command, folder / "proxy.log", environment()) as process:
        url = f"{'https' if ca else 'http'}://127.0.0.1:{port}"
        trusted = ssl.create_default_context(cafile=ca) if ca else True
        wait_until(lambda: _answers(url + "/readyz/health", trusted), process, "The proxy")
        yield Proxy(process.child, process.log, url, engine_port)


def bare_environment() -> dict[str, str]:
    """The environment of the caller without settings of the proxy. Metrics are off unless a test turns them on."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MR_")}
    return {**inherited, "PYTHONPATH": str(ROOT), "MR_METRICS_PORT": "0"}


def _answers(url: str, trusted: ssl.SSLContext | bool) -> bool:
    try:
        return httpx.get(url, verify=trusted).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def why_no_google_server() -> str | None:
    """Why the environment names no usable build of Google's MLMD server; `None` where it names one."""
    binary = os.environ.get("MLMD_SERVER_BINARY")
    if not binary:
        return "MLMD_SERVER_BINARY does not name a build of Google's MLMD server"
    if not os.access(binary, os.X_OK) or Path(binary).is_dir():
        return f"MLMD_SERVER_BINARY names {binary}, which is no program that can be started"
    return None


def google_server() -> str:
    """The absolute path of a build of Google's MLMD server, from the environment."""
    reason = why_no_google_server()
    assert reason is None, reason
    return str(Path(os.environ["MLMD_SERVER_BINARY"]).absolute())


def mlmd_server_command(folder: Path, connection: str, port: int, tls: str = "") -> list[str]:
    """Google's own MLMD server, by a configuration that is kept in `folder`.

    `connection` is the text of its connection_config, `tls` that of its ssl_config.
    """
    config = folder / "mlmd.pbtxt"
    config.write_text(f"connection_config {{ {connection} }}" + (f" ssl_config {{ {tls} }}" if tls else ""))
    return [google_server(), f"--grpc_port={port}", f"--metadata_store_server_config_file={config}"]


@contextmanager
def mlmd_server(
    folder: Path, connection: str, port: int | None = None, tls: str = "", flags: Sequence[str] = ()
) -> Iterator[tuple[Process, int]]:
    """A server by `mlmd_server_command`, with more flags. Yields the process and its port."""
    port = port or free_port()
    command = [*mlmd_server_command(folder, connection, port, tls), *flags]
    with running(command, folder / "mlmd.log") as process:
        wait_until(lambda: _takes_connections(port) if tls else takes_grpc(port), process, "MLMD")
        yield process, port


@contextmanager
def unfiltered_engine(folder: Path, database: str) -> Iterator[tuple[Process, int]]:
    """The embedded engine on a database, which refuses filters. Yields the process and its port."""
    need_engine()
    port = free_port()
    command = [sys.executable, "-m", "tests.support.unfiltered_engine", database, str(port)]
    with running(command, folder / "mlmd.log", environment()) as process:
        wait_until(lambda: takes_grpc(port), process, "MLMD")
        yield process, port


@contextmanager
def standalone_engine(folder: Path, database: str, port: int | None = None) -> Iterator[tuple[Process, int]]:
    """The embedded engine as `model-registry mlmd-server`, by default at any free port. Yields the process and the port."""
    need_engine()
    port = port or free_port()
    where = ["-n", "127.0.0.1", "--mlmd-port", str(port), "--database", database]
    with running([*COMMAND, "mlmd-server", *where], folder / "mlmd.log", environment()) as process:
        wait_until(lambda: takes_grpc(port), process, "MLMD")
        yield process, port


def takes_grpc(port: int) -> bool:
    """Whether a gRPC server answers at a port of this machine."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=5)
        except grpc.FutureTimeoutError:
            return False
    return True


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sqlite_connection(file: Path) -> str:
    """Google's configuration for a SQLite file."""
    return f'sqlite {{ filename_uri: "{file}" connection_mode: READWRITE_OPENCREATE }}'


@dataclass(frozen=True)
class Database:
    """A MySQL-compatible server."""

    port: int
    socket: Path

    def create(self) -> str:
        """Makes an empty database, as the documentation asks of operators; returns its name."""
        name = f"registry_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        return name

    def run(self, sql: str) -> str:
        """Runs SQL as root over the Unix socket; returns what the client prints."""
        client = shutil.which("mariadb") or "mysql"
        command = [client, "--no-defaults", f"--socket={self.socket}", "-uroot", "-N", "-e", sql]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def allow_registry(self) -> None:
        """Creates the user that `url` and `connection` name."""
        self.run("CREATE USER registry@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO registry@'%'")

    def url(self, name: str) -> str:
        """The value of the flag `--database` for a database here."""
        return f"mysql://registry:secret@127.0.0.1:{self.port}/{name}"

    def connection(self, name: str) -> str:
        """Google's configuration for a database here."""
        return f'mysql {{ host: "127.0.0.1" port: {self.port} database: "{name}" user: "registry" password: "secret" }}'


def new_database(folder: Path) -> tuple[Database, list[str]]:
    """Makes an empty data directory in `folder`; returns the server for it and the command that starts the server."""
    folder.chmod(0o755)
    user = [f"--user={getpass.getuser()}"]
    install = shutil.which("mariadb-install-db") or "mysql_install_db"
    subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={folder}/data",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *user,
        ],
        check=True,
        capture_output=True,
    )
    database = Database(free_port(), folder / "s")
    command = [
        MARIADB, "--no-defaults", f"--datadir={folder}/data", f"--socket={database.socket}", f"--port={database.port}",
        "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=1", "--skip-log-bin", *user,
    ]  # fmt: skip
    return database, command


@contextmanager
def mysql() -> Iterator[Database]:
    """A MariaDB with a data directory of its own, on a free port."""
    folder = Path(tempfile.mkdtemp(prefix="mr-db-"))
    try:
        database, command = new_database(folder)
        with running(command, folder / "log") as process:
            wait_until(database.socket.exists, process, "MariaDB")
            database.allow_registry()
            yield database
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def has_mysql() -> bool:
    """Whether a MySQL-compatible server is installed."""
    return Path(MARIADB).exists()
