"""The command as an operator uses it: real processes with flags, environment, file, signals and crashes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.support import processes
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import API, ROOT
from tests.support.tiers import slow
from tests.support.watching import await_true, children_of, engine_of, is_running, needs_proc

WORKER = "spawn_main"
COMMAND = [sys.executable, "-m", "model_registry_proxy"]


@dataclass(frozen=True)
class Started:
    """A started command with what it has written so far."""

    child: "subprocess.Popen[bytes]"
    folder: Path

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    @property
    def errors(self) -> str:
        return (self.folder / "errors").read_text()

    @property
    def url(self) -> str:
        """Returns the printed address of the REST API, when it answers."""
        await_true(lambda: "MLMD" in self.output or self.child.poll() is not None, "the announcement")
        found = re.search(r"http://[^/\s]+", self.output)
        assert found, self.errors
        await_true(lambda: answers(found[0]), f"{found[0]} to be ready: {self.errors}")
        return found[0]

    def signal_group(self, number: signal.Signals) -> None:
        """Does what Ctrl-C in a terminal does: each process of the group gets the signal."""
        os.killpg(self.child.pid, number)

    def wait(self) -> int:
        return self.child.wait(PATIENCE_SECONDS)


def answers(url: str) -> bool:
    try:
        return httpx.get(url + "/readyz/health", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


def environment(home_directory: Path, **more: str) -> dict[str, str]:
    """The environment without settings of the caller, from MR_ variables or from a file in the home directory; no metrics."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MR_")}
    return {**inherited, "PYTHONPATH": str(ROOT), "HOME": str(home_directory), "MR_METRICS_PORT": "0", **more}


@contextmanager
def started(folder: Path, *arguments: str, **env: str) -> Iterator[Started]:
    """A command in a process group of its own, in `folder`."""
    with (folder / "output").open("wb") as output, (folder / "errors").open("wb") as errors:
        child = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=environment(folder, **env),
            cwd=folder,
            start_new_session=True,
        )
    try:
        yield Started(child, folder)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def proxy_flags(folder: Path) -> list[str]:
    """Flags for a proxy with ports and a store of its own."""
    processes.need_engine()
    where = ["--hostname", "127.0.0.1", "--port", "0", "--mlmd-port", "0"]
    return ["proxy", *where, "--database", str(folder / "registry.db")]


def run(folder: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself."""
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=environment(folder, **env),
        cwd=folder,
    )


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A proxy started as `make run` does it, with nothing but the environment; no test stops it."""
    processes.need_engine()
    folder = tmp_path_factory.mktemp("serving")
    env = {"MR_PORT": str(processes.free_port()), "MR_DATABASE": str(folder / "chosen.db"), "MR_MLMD_PORT": "0"}
    with started(folder, "proxy", **env) as command:
        assert command.url.endswith(env["MR_PORT"])
        yield command


# Settings


def test_the_environment_chooses_port_and_database(serving: Started) -> None:
    assert (serving.folder / "chosen.db").exists()
    assert httpx.get(f"{serving.url}{API}/registered_models").status_code == 200


def test_a_start_prints_all_addresses_and_the_store(serving: Started) -> None:
    url = serving.url
    printed = {line[:15].rstrip(): line[15:] for line in serving.output.splitlines()}
    assert printed.keys() - {"Metrics"} == {"Web UI", "REST API", "Documentation", "Authentication", "MLMD gRPC"}
    assert printed["REST API"] == f"{url}{API}"
    assert printed["Documentation"] == f"{url}/docs"
    assert printed["Authentication"] == "none: everyone who reaches this address may read and change everything"
    assert str(serving.folder / "chosen.db") in printed["MLMD gRPC"]
    port = re.search(r"localhost:(\d+)", printed["MLMD gRPC"])
    assert port
    socket.create_connection(("localhost", int(port[1])), timeout=5).close()


def test_each_request_is_logged_with_method_path_status_and_duration(serving: Started) -> None:
    path = f"{API}/registered_models/{uuid.uuid4().int % 10**15}"
    ids = [httpx.get(serving.url + path).headers["x-request-id"]]
    ids += [httpx.patch(serving.url + path, content="{").headers["x-request-id"]]
    for method, status, id_ in (("GET", 404, ids[0]), ("PATCH", 400, ids[1])):
        line = re.compile(rf"^.*\b{method} {re.escape(path)} {status} \d+\.\d ms \[{id_}\]$", re.MULTILINE)
        await_true(lambda line=line: bool(line.search(serving.errors)), "the access log")  # type: ignore[misc]


def test_with_json_every_line_of_the_log_is_an_object(tmp_path: Path) -> None:
    with started(
        tmp_path, *proxy_flags(tmp_path), "--log-format", "json", "--log-level", "debug", "--workers", "2"
    ) as one:
        id_ = "from-the-client"
        answer = httpx.get(f"{one.url}/a%0Apath", headers={"X-Request-Id": id_})
        assert answer.headers["x-request-id"] == id_
        await_true(lambda: id_ in one.errors, "the access log")
        lines = [json.loads(line) for line in one.errors.splitlines()]
    (logged,) = [line for line in lines if line.get("request_id") == id_]
    assert (logged["path"], logged["status"], logged["level"]) == ("/a\npath", 404, "info")


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    processes.need_engine()
    ports = [processes.free_port() for _ in range(3)]
    settings = [f"port: {ports[0]}", "database: file.db", "log-level: warning", "mlmd_port: 0", "no-such-key: 7"]
    (tmp_path / ".model-registry.yaml").write_text("\n".join(settings))
    env = {"MR_PORT": str(ports[1]), "MR_DATABASE": "environment.db"}
    with started(tmp_path, "proxy", "--port", str(ports[2]), **env) as command:
        assert command.url.endswith(f":{ports[2]}")
        assert (tmp_path / "environment.db").exists()
        assert not (tmp_path / "file.db").exists()
        (warning,) = command.errors.splitlines()  # log-level: no request is logged, and an unknown key is a warning
        assert "no-such-key" in warning
        assert command.errors.count("\n") == 1
        command.child.terminate()
        assert command.wait() == 0


@pytest.mark.parametrize("arguments", [["--version"], ["proxy", "--version"], ["mlmd-server", "--version"]])
def test_the_version_is_printed(tmp_path: Path, arguments: list[str]) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"model-registry \d+\.\d+\.\d+\S*\n", done.stdout)


def test_help_lists_every_setting_with_its_variable(tmp_path: Path) -> None:
    done = run(tmp_path, "proxy", "--help", COLUMNS="200")
    assert done.returncode == 0
    for name in ("hostname", "port", "mlmd-hostname", "mlmd-port", "database", "log-level", "workers", "config"):
        assert f"--{name}" in done.stdout
        assert f"MR_{name.upper().replace('-', '_')}" in done.stdout


# Refusals


def assert_refused(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """One line that says what to do, and status 1."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"model-registry: [^\n]+\n", done.stderr)
    for word in words:
        assert word in done.stderr


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    processes.need_engine()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run(tmp_path, "proxy", "-n", "127.0.0.1", "-p", port, "--mlmd-port", "0")
        assert_refused(done, port, "--port", "MR_PORT")
        done = run(tmp_path, "proxy", "-n", "127.0.0.1", "-p", "0", "--mlmd-port", port)
        assert_refused(done, port, "--mlmd-port", "MR_MLMD_PORT")
        done = run(tmp_path, "mlmd-server", "-n", "127.0.0.1", "--mlmd-port", port)
        assert_refused(done, port, "--mlmd-port", "MR_MLMD_PORT")


def test_a_store_that_another_engine_holds_is_refused(tmp_path: Path, serving: Started) -> None:
    file = str(serving.folder / "chosen.db")
    done = run(tmp_path, "proxy", "-n", "127.0.0.1", "-p", "0", "--mlmd-port", "0", "--database", file)
    assert_refused(done, file, "in use", "--database", "MR_DATABASE")
    assert answers(serving.url)


@pytest.mark.parametrize(
    ("flags", "env", "file", "words"),
    [
        (["--port", "high"], {}, "", ["--port", "high"]),
        ([], {"MR_PORT": "high"}, "", ["MR_PORT", "high"]),
        ([], {}, "port: high", ["port", "high"]),
        *slow(
            (["--port", "65536"], {}, "", ["--port", "65536"]),
            ([], {}, "port: [1", ["YAML"]),
            ([], {}, "- port", ["keys and values"]),
            (["--config", "missing.yaml"], {}, "", ["missing.yaml", "No such file"]),
            (["--workers", "0"], {}, "", ["--workers"]),
            (["--scan-limit", "99"], {}, "", ["--scan-limit", "99"]),
            (["--log-level", "loud"], {}, "", ["--log-level", "loud"]),
            (["--datastore-type", "embedmd"], {}, "", ["--datastore-type", "embedmd"]),
            (["--mlmd-hostname", "mlmd"], {}, "", ["--mlmd-port", "MR_MLMD_PORT"]),
            (["--hostname", "no.such.host.invalid"], {}, "", ["--hostname", "MR_HOSTNAME"]),
            (["--database", "postgres://db", "--port", "0"], {}, "", ["postgres", "mysql://"]),
        ),
        (["--database", "/proc/none/registry.db", "--port", "0"], {}, "", ["/proc/none/registry.db"]),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(
    tmp_path: Path, flags: list[str], env: dict[str, str], file: str, words: list[str]
) -> None:
    if file:
        (tmp_path / ".model-registry.yaml").write_text(file)
    if "--database" in flags:
        processes.need_engine()
    assert_refused(run(tmp_path, "proxy", *flags, **env), *words)


def test_an_unknown_flag_is_refused_with_status_2(tmp_path: Path) -> None:
    done = run(tmp_path, "proxy", "--prot", "1")
    assert done.returncode == 2
    assert "--prot" in done.stderr
    assert "Traceback" not in done.stderr


# Ends


@needs_proc
def test_ctrl_c_ends_proxy_and_engine(tmp_path: Path) -> None:
    with started(tmp_path, *proxy_flags(tmp_path)) as command:
        url = command.url
        engine = engine_of(command.child.pid)
        assert engine
        command.signal_group(signal.SIGINT)
        assert command.wait() == 0
        assert not is_running(engine)
        assert not answers(url)
        assert "Traceback" not in command.errors


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_engine_starts_ends_both(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, *proxy_flags(tmp_path)) as command:
        await_true(lambda: engine_of(command.child.pid) is not None, "an engine")
        engine = engine_of(command.child.pid)
        assert engine
        command.signal_group(number)
        assert command.wait() == 0
        await_true(lambda: not is_running(engine), "the engine's end")
        assert "Traceback" not in command.errors


@needs_proc
def test_requests_in_progress_are_answered_before_the_end(tmp_path: Path) -> None:
    with started(tmp_path, *proxy_flags(tmp_path)) as command:
        url = command.url
        with httpx.Client(base_url=url + API) as client:
            client.get("/registered_models")  # a connection that idles must not hold up the end
            body = b'{"name": "late"}'

            def slowly() -> Iterator[bytes]:
                yield body[:5]
                command.child.terminate()
                time.sleep(0.5)
                yield body[5:]

            response = client.post("/registered_models", content=slowly())
        assert response.status_code == 201
        assert command.wait() == 0


@needs_proc
def test_a_killed_proxy_leaves_no_engine_and_its_store_free(tmp_path: Path) -> None:
    with started(tmp_path, *proxy_flags(tmp_path)) as command:
        assert httpx.post(command.url + API + "/registered_models", json={"name": "kept"}).status_code == 201
        engine = engine_of(command.child.pid)
        assert engine
        command.child.kill()
        command.wait()
        await_true(lambda: not is_running(engine), "the engine's end")
    with started(tmp_path, *proxy_flags(tmp_path)) as command:
        assert httpx.get(command.url + API + "/registered_model", params={"name": "kept"}).status_code == 200

        # And a killed engine comes back, at the same port.
        engine = engine_of(command.child.pid)
        assert engine
        os.kill(engine, signal.SIGKILL)
        await_true(lambda: engine_of(command.child.pid) not in (None, engine), "another engine")
        await_true(lambda: answers(command.url), "the proxy to be ready again")
        assert httpx.get(command.url + API + "/registered_model", params={"name": "kept"}).status_code == 200
        assert httpx.post(command.url + API + "/registered_models", json={"name": "more"}).status_code == 201
        assert "SIGKILL" in command.errors


# Several workers


@pytest.mark.slow
@needs_proc
def test_a_killed_worker_is_replaced_and_sigterm_ends_all(tmp_path: Path) -> None:
    with started(tmp_path, *proxy_flags(tmp_path), "--workers", "3") as command:
        url = command.url
        await_true(lambda: len(children_of(command.child.pid, running=WORKER)) == 3, "three workers")
        victim = min(children_of(command.child.pid, running=WORKER))
        os.kill(victim, signal.SIGKILL)
        await_true(lambda: not is_running(victim), "the worker's end")
        numbers = count()

        def is_replaced_while_the_others_serve() -> bool:
            name = f"m{next(numbers)}"
            assert httpx.post(url + API + "/registered_models", json={"name": name}, timeout=30).status_code == 201
            return len(children_of(command.child.pid, running=WORKER)) == 3

        await_true(is_replaced_while_the_others_serve, "a new worker")
        for _ in range(20):
            assert is_replaced_while_the_others_serve()
        engine = engine_of(command.child.pid)
        everybody = children_of(command.child.pid, running=WORKER)
        assert engine
        command.child.terminate()
        assert command.wait() == 0
        assert not any(is_running(pid) for pid in {*everybody, engine})
        assert "Traceback" not in command.errors


@pytest.mark.slow
@needs_proc
def test_killed_parent_leaves_neither_workers_nor_engine(tmp_path: Path) -> None:
    with started(tmp_path, *proxy_flags(tmp_path), "--workers", "2") as command:
        assert command.url
        workers = children_of(command.child.pid, running=WORKER)
        engine = engine_of(command.child.pid)
        assert len(workers) == 2
        assert engine
        command.child.kill()
        command.wait()
        await_true(lambda: not any(is_running(pid) for pid in {*workers, engine}), "the end of all")
