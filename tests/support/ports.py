"""Ports for servers that bind them later. No other process takes such a port in between.

The system chooses a port when a process binds port 0, and may give the same port to another process as soon as it is closed.
The ports of this module are below the range of the system. All test processes of this machine note in one file which they use.
"""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

_PORTS = range(10_000, 32_000)
_taken: set[int] = set()


def free_port() -> int:
    """A TCP port on which no server listens, and which no other call returns, in this process or in another test process."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 (no secret)
        if port not in _taken and _is_free(port) and _reserve(port):
            _taken.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _reserve(port: int) -> bool:
    """Locks the byte of this number, until this process ends."""
    try:
        fcntl.lockf(_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _file() -> int:
    """An open file that all test processes of this user share. It stays open: closing it would give up all locks."""
    folder = "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()  # noqa: S108 (tests change gettempdir())
    return os.open(Path(folder) / f"model-registry-tests-{os.getuid()}.ports", os.O_RDWR | os.O_CREAT, 0o600)
