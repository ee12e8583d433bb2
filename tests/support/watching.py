"""Looks at processes from outside: whether they run, which children they have, and which process is the engine of a proxy."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_SECONDS

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system has no /proc")


def await_true(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits until `condition()`; fails with `what` was waited for."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    return _state_and_parent(pid)[0] not in ("", "Z")


def children_of(pid: int, *, running: str) -> set[int]:
    """The living children of a process whose command line holds the text `running`."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and _state_and_parent(int(entry.name))[1] == pid and is_running(int(entry.name)):
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if running in command:
                found.add(int(entry.name))
    return found


def engine_of(proxy: int) -> int | None:
    """The process id of the embedded engine of a proxy; `None` while there is none."""
    return next(iter(children_of(proxy, running="model_registry_proxy.engine.process")), None)


def cpu_seconds(pids: Iterable[int]) -> float:
    """How long processes have worked so far, in seconds of processor time: others on the machine do not add to it."""
    fields = [Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[:2]
    except OSError:
        return "", 0
    return state, int(parent)
