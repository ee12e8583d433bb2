"""Processor time and memory of running processes, from Linux's /proc. On other systems all figures are 0."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_ENGINE = b"model_registry_proxy.engine.process"
Roles = Mapping[str, Iterable[int]]


def tree(pid: int) -> list[int]:
    """The ids of a process and of all its descendants."""
    found = [pid]
    for children in (_PROC / str(pid) / "task").glob("*/children"):
        for child in _text(children).split():
            found.extend(tree(int(child)))
    return found


def is_engine(pid: int) -> bool:
    """Whether a process is the proxy's embedded engine."""
    try:
        return _ENGINE in (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False


def processor_seconds(pids: Iterable[int]) -> float:
    """The processor time of processes since they started, in seconds, user mode and kernel together."""
    return sum(_seconds(pid) for pid in pids)


def resident_mib(pid: int) -> float:
    """The resident memory of a process in MiB; 0 for one that has ended."""
    lines = _text(_PROC / str(pid) / "status").splitlines()
    return sum(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def _seconds(pid: int) -> float:
    # The second field is the name in parentheses, which may contain blanks. The text after it begins with the third field.
    fields = _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
