"""The file that audit records go to: whole lines, also of several processes, and also across its rotation."""

import errno
import os
import sys
from collections import deque
from pathlib import Path

from model_registry_proxy.configuration.settings import SettingsError

STANDARD_OUTPUT = "-"
_MODE = 0o640


class AuditFile:
    """Appends lines to the file at `place`, or to stdout for `-`. Raises `SettingsError` where it cannot be opened.

    Each line is one `write` to a file that is open for appending, so that lines of several workers never mix. A file that has been
    moved away is opened anew. What could not be written is kept, and goes before all that follows.
    """

    def __init__(self, place: str) -> None:
        self._path = None if place == STANDARD_OUTPUT else Path(place)
        self._is_torn = False
        self._owed: deque[bytes] = deque()
        try:
            self._file = self._open()
        except OSError as error:
            raise SettingsError(f"--audit-log {place}: {error.strerror}.") from None

    def close(self) -> None:
        """Closes the file; stdout stays open."""
        if self._path:
            os.close(self._file)

    def write(self, line: bytes, *, is_owed: bool = True) -> None:
        """Writes a line, which ends with a line break; raises `OSError`. One that `is_owed` is kept for later then."""
        self._owed.append(line)
        try:
            self.settle()
        except OSError:
            if not is_owed:
                self._owed.pop()
            raise

    def settle(self) -> None:
        """Writes what is owed; raises `OSError` where that still cannot be done."""
        while self._owed:
            self._follow()
            start = b"\n" if self._is_torn else b""  # the half of a line that a full disk has left is a line of its own
            text = start + self._owed[0]
            written = os.write(self._file, text)
            self._is_torn = written < len(text)
            if self._is_torn:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._owed.popleft()

    def _follow(self) -> None:
        """Opens the file anew where another one, or none, is at its place by now."""
        if self._path is None:
            return
        mine = os.fstat(self._file)
        try:
            there = os.stat(self._path)  # noqa: PTH116 (a third of the time of Path.stat)
        except FileNotFoundError:
            there = None
        if there is None or (there.st_ino, there.st_dev) != (mine.st_ino, mine.st_dev):
            fresh = self._open()
            os.close(self._file)
            self._file, self._is_torn = fresh, False

    def _open(self) -> int:
        if self._path is None:
            return sys.stdout.fileno()
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
