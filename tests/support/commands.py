"""Runs the command `mr` for tests, each time in a new process.

`run` forks a process that has loaded the modules, so it is fast. `start` starts Python as a shell does. `in_terminal` does the
same with a pseudo-terminal.
"""

import atexit
import functools
import importlib
import io
import json
import os
import pkgutil
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import ROOT

MR = [sys.executable, "-m", "model_registry_cli"]
SECONDS = PATIENCE_SECONDS
_LOADED = ("model_registry_cli.application", "model_registry_cli.session", "httpcore", "yaml", "pydantic.type_adapter")


@dataclass(frozen=True)
class Ended:
    """The result of a command: its exit code and its output."""

    code: int
    out: str
    err: str


def environment(folder: Path, server: str | None, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of the caller without the variables of `mr`. The configuration of `mr` is in `folder`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MODEL_REGISTRY_", "KF_", "COLUMNS", "NO_COLOR"))}
    return {
        **kept,
        "XDG_CONFIG_HOME": str(folder),
        **({"MODEL_REGISTRY_URL": server} if server else {}),
        **(more or {}),
    }


def run(arguments: Sequence[str], env: Mapping[str, str], stdin: str = "") -> Ended:
    """Runs `mr` and waits for its end."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "in").write_text(stdin)
        code = _asked(json.dumps({"arguments": list(arguments), "environment": dict(env), "folder": folder}))
        return Ended(code, Path(folder, "out").read_text(), Path(folder, "err").read_text())


def _asked(question: str) -> int:
    """The answer of the fork server. Kills the server if none comes in time: a late answer would go to the next call."""
    server = _fork_server()
    assert server.stdin
    assert server.stdout
    try:
        server.stdin.write(question + "\n")
        server.stdin.flush()
        assert select.select([server.stdout], [], [], 2 * SECONDS)[0], f"No end within {2 * SECONDS:g} s: {question}"
        return int(server.stdout.readline())
    except BaseException:
        _fork_server.cache_clear()
        _end(server)
        raise


@functools.cache
def _fork_server() -> "subprocess.Popen[str]":
    """A process that has imported the modules of `mr` and forks itself for each line that it reads. It ends with its input."""
    pipe = subprocess.PIPE
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.commands"], cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    )
    atexit.register(_end, server)
    return server


def _end(server: "subprocess.Popen[str]") -> None:
    server.kill()
    server.wait()


def _serve() -> None:
    """Runs the fork server. It resets signals that the caller ignores or blocks, since `mr` and its alarm need them."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in _LOADED:
        importlib.import_module(name)
    commands = importlib.import_module("model_registry_cli.commands")
    for module in pkgutil.iter_modules(commands.__path__, f"{commands.__name__}."):
        importlib.import_module(module.name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become_mr(**json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 (the answer)


def _become_mr(arguments: list[str], environment: dict[str, str], folder: str) -> NoReturn:
    """Turns the forked process into `mr`, with files as its streams and the given environment. An alarm ends it after `SECONDS`."""
    signal.alarm(int(SECONDS))
    streams = (("in", os.O_RDONLY), ("out", os.O_CREAT | os.O_WRONLY), ("err", os.O_CREAT | os.O_WRONLY))
    for number, (name, flags) in enumerate(streams):
        os.dup2(os.open(Path(folder, name), flags, 0o600), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 (as long as the process)
    sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["mr", *arguments]
    code = 1
    try:
        importlib.import_module("model_registry_cli.__main__").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
        if isinstance(end.code, str):
            sys.stderr.write(end.code)
    except BaseException:  # noqa: BLE001 (as the interpreter would)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


@contextmanager
def start(arguments: Sequence[str], env: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Starts `mr` as a shell does, with pipes; kills it at the end of the block."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*MR, *arguments], env=dict(env), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def in_terminal(
    arguments: Sequence[str], env: Mapping[str, str], answers: Mapping[str, str] | None = None, columns: int = 100
) -> Ended:
    """Runs `mr` in a pseudo-terminal. `answers` maps a text on the screen to the input after it. `out` is all that was shown."""
    waiting, shown = dict(answers or {}), io.StringIO()
    terminal, end_of_child = (
        pty.openpty()
    )  # not pty.fork(): what runs between fork and exec may wait for a thread that is not there
    size = {"COLUMNS": str(columns), "LINES": "40", "TERM": "xterm-256color"}
    streams = {"stdin": end_of_child, "stdout": end_of_child, "stderr": end_of_child}
    child = subprocess.Popen([*MR, *arguments], env={**env, **size}, start_new_session=True, **streams)
    os.close(end_of_child)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux raises this after the end of the child
            break
        if not piece:
            break
        shown.write(piece.decode(errors="replace"))
        for text in [text for text in waiting if text in shown.getvalue()]:
            os.write(terminal, waiting.pop(text).encode())
    else:
        child.kill()
    os.close(terminal)
    return Ended(child.wait(SECONDS), shown.getvalue(), "")


if __name__ == "__main__":
    _serve()
