"""Ports for servers that bind them later: nobody else takes one in between.

A port that the system gives out, by binding port 0, may be given to somebody else as soon as it is closed. These ports come from
below the range that the system gives out. The test processes of this machine mark in a file which ones they have taken.
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
    """A TCP port that nobody listens on, and that no other call answers, in this process or in another one."""
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
