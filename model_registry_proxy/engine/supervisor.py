"""Keeps the embedded MLMD engine running: the proxy's parent process starts it, watches it, and stops it.

The engine is `engine/process.py` in a child process, since the C++ store holds the interpreter lock during a call and can
abort its process. Nothing here imports gRPC or the ml-metadata wheel.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

DEFAULT_PORT = 9090
DEFAULT_MESSAGE_BYTES = 64 * 2**20
START_SECONDS = 120.0
"""Until the first answer. The schema takes most: creating it on a slow MySQL, or waiting for another engine that creates it."""
STOP_SECONDS = 10.0
"""After SIGTERM, until SIGKILL."""
FIRST_DELAY_SECONDS = 0.1
LAST_DELAY_SECONDS = 5.0
HEALTHY_SECONDS = 10.0
"""An engine that lived so long is started again with the first, short delay."""
SOCKET_PATH_BYTES = 100
"""Unix socket paths end at 104 (macOS) or 108 bytes (Linux)."""

logger = logging.getLogger("model_registry_proxy.engine")


class EngineError(Exception):
    """The engine cannot run; the text is one line that says what to do."""


class EmbeddedMlmd:
    """An MLMD engine over a database, started again whenever it dies, until `stop`.

    `database` is an SQLite path or `mysql://user:password@host:port/database`. Without a port the engine takes 9090 if
    that is free, else any other, and keeps it across restarts. `address` is its gRPC address for all clients; `target` is
    for the proxy: a Unix socket where the platform has them (see `frames`). Both are known after `start`.
    `on_restart` is called before each restart. Messages in both directions may have
    `max_message_bytes`.
    """

    def __init__(
        self,
        database: str,
        hostname: str = "localhost",
        port: int | None = None,
        max_message_bytes: int = DEFAULT_MESSAGE_BYTES,
        on_restart: Callable[[], None] = lambda: None,
    ) -> None:
        self.database = database
        self.max_message_bytes = max_message_bytes
        self._on_restart = on_restart
        self.hostname = hostname
        self._port = port
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._first_answer = threading.Event()
        self._heard = threading.Event()
        self._first_error: EngineError | None = None
        self._warned: set[str] = set()

    @property
    def port(self) -> int:
        """The TCP port of the engine."""
        if self._port is None or not self._first_answer.is_set():
            message = "The engine has not been started."
            raise EngineError(message)
        return self._port

    @property
    def target(self) -> str:
        """What `channels.channel_to` takes: `frames:` and the path of a socket, else the address."""
        return f"frames:{self._socket}" if self._socket else self.address

    @property
    def address(self) -> str:
        """The gRPC target for everyone."""
        return f"{self.hostname}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id of the engine; None between two engines."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Start the engine and wait until it answers; raise EngineError if it cannot run."""
        self.begin()
        if not self.is_ready_within(START_SECONDS):
            self.stop()
            message = f"The MLMD engine did not get ready within {START_SECONDS:.0f} s."
            raise EngineError(message)

    def begin(self) -> None:
        """Start the engine without waiting for it; `target` is known from here on where there are Unix sockets."""
        if self._thread is not None:
            message = "The engine has been started already."
            raise EngineError(message)
        self._stopping.clear()
        self._first_answer.clear()
        self._heard.clear()
        self._first_error = None
        self._folder = _socket_folder()
        self._thread = threading.Thread(target=self._supervise, name="mlmd-engine", daemon=True)
        self._thread.start()

    def wait_for_news(self, seconds: float) -> None:
        """Wait so long until the engine is ready, cannot run, or reports what it waits for."""
        self._heard.wait(seconds)

    def is_ready_within(self, seconds: float | None) -> bool:
        """Wait at most so long (`None`: without limit) for the first answer of the engine; raise EngineError if it cannot run."""
        is_there = self._first_answer.wait(seconds)
        if self._first_error is not None:
            error = self._first_error
            self.stop()
            raise error
        return is_there

    def stop(self) -> None:
        """Stop the engine after the call that it works on, by force after 10 s. Safe to call at any time."""
        with self._lock:
            self._stopping.set()
            self._signal(signal.SIGTERM)
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)
            if self._thread.is_alive():
                self._signal(signal.SIGKILL)
                self._thread.join()
            self._thread = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # a signal to end, too, leaves no engine behind
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _socket(self) -> Path | None:
        return self._folder / "mlmd.sock" if self._folder is not None else None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _supervise(self) -> None:
        # All engines are children of this one thread: Linux signals a child that its parent died when the thread that
        # started it ends, and this thread lives as long as the supervisor.
        try:
            self._launch()
        except EngineError as error:
            self._first_error = error
            return
        finally:
            self._first_answer.set()
            self._heard.set()
        delay = FIRST_DELAY_SECONDS
        while True:  # also after `stop`, which has signalled the engine: this thread waits for its end
            started = time.monotonic()
            ending = self._await_end()
            if self._stopping.is_set():
                return
            if time.monotonic() - started >= HEALTHY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            logger.warning("The embedded MLMD engine %s; starting it again in %.1f s.", ending, delay)
            self._on_restart()
            delay = self._launch_again(delay)

    def _launch_again(self, delay: float) -> float:
        """Try after the delay until an engine answers or `stop` is called; return the next delay in seconds."""
        while not self._stopping.wait(delay):
            delay = min(2 * delay, LAST_DELAY_SECONDS)
            try:
                self._launch()
            except EngineError as error:
                if not self._stopping.is_set():
                    logger.warning("The embedded MLMD engine does not start; next try in %.1f s: %s", delay, error)
            else:
                break
        return delay

    def _launch(self) -> None:
        """Start one engine and wait for its answer; raise EngineError if it cannot run or `stop` was called."""
        options = {
            "database": self.database,
            "hostname": self.hostname,
            "port": self._port,
            "socket": str(self._socket) if self._socket else None,
            "max_message_bytes": self.max_message_bytes,
        }
        with self._lock:
            if self._stopping.is_set():
                message = "The MLMD engine was stopped."
                raise EngineError(message)
            process = self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "model_registry_proxy.engine.process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the proxy, which stops the engine after its last request
            )
        assert process.stdin is not None  # noqa: S101 - for the type checker: both are pipes
        assert process.stdout is not None  # noqa: S101
        # Not as arguments, which every user of the machine can list: the address may hold a password.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(options).encode() + b"\n")
            process.stdin.flush()
        answer = self._answer(process.stdout)
        if "port" in answer:
            self._port = answer["port"]
            return
        ending = self._await_end()
        raise EngineError(
            answer.get("error") or f"The MLMD engine {ending} before it was ready; see its messages above."
        )

    def _answer(self, output: IO[bytes]) -> dict[str, Any]:
        """The engine's answer; its warnings before that go to the log, each text once in the life of this object."""
        with output:
            for line in output:
                try:
                    answer: dict[str, Any] = json.loads(line)
                except ValueError:
                    break
                if "warning" not in answer:
                    return answer
                if answer["warning"] not in self._warned or not self._first_answer.is_set():
                    logger.warning("%s", answer["warning"])
                self._warned.add(answer["warning"])
                self._heard.set()
        return {}

    def _await_end(self) -> str:
        """Wait for the engine to end, reap it, and say how it ended."""
        process = self._process
        assert process is not None  # noqa: S101 - for the type checker
        status = process.wait()
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        if status >= 0:
            return f"(process {process.pid}) ended with status {status}"
        with contextlib.suppress(ValueError):
            return f"(process {process.pid}) was ended by {signal.Signals(-status).name}"
        return f"(process {process.pid}) was ended by signal {-status}"


def printable(database: str) -> str:
    """Leave user and password out of a database address."""
    scheme, separator, rest = database.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else database


def _socket_folder() -> Path | None:
    """Make a folder for the Unix socket that only this user can enter; None where the platform has no such sockets."""
    if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
        return None
    for parent in (None, "/tmp"):  # noqa: S108 - mkdtemp makes a private folder in it
        folder = Path(tempfile.mkdtemp(prefix="mlmd-", dir=parent))
        if len(os.fsencode(folder / "mlmd.sock")) <= SOCKET_PATH_BYTES:
            return folder
        folder.rmdir()
    return None


def _environment() -> dict[str, str]:
    """Let the child find this package even if the parent has it from the working directory."""
    packages = [str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, packages))}
