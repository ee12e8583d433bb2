"""The file of the audit log: whole lines, also from several processes and while the file is rotated."""

import errno
import os
import sys
from collections import deque
from pathlib import Path

from model_registry_proxy.configuration.settings import SettingsError

STANDARD_OUTPUT = "-"
_MODE = 0o640


class AuditFile:
    """Appends lines to a file, or to stdout for the path `-`. Raises `SettingsError` if it cannot be opened.

    Each line is one `write` to a file that is open for appending, so lines of several workers never mix. If the file was renamed, a
    new one is opened. Lines that could not be written are kept and are written before all later lines.
    """

    def __init__(self, path: str) -> None:
        self._path = None if path == STANDARD_OUTPUT else Path(path)
        self._ends_in_half_a_line = False
        self._pending: deque[bytes] = deque()
        try:
            self._file = self._open()
        except OSError as error:
            raise SettingsError(f"--audit-log {path}: {error.strerror}.") from None

    def close(self) -> None:
        """Closes the file; stdout stays open."""
        if self._path:
            os.close(self._file)

    def write(self, line: bytes, *, keep: bool = True) -> None:
        """Writes a line, which must end with a line break; raises `OSError`. `keep`: if that fails, write it later."""
        self._pending.append(line)
        try:
            self.write_pending()
        except OSError:
            if not keep:
                self._pending.pop()
            raise

    def write_pending(self) -> None:
        """Writes the lines that could not be written before; raises `OSError` if that fails again."""
        while self._pending:
            self._follow()
            start = b"\n" if self._ends_in_half_a_line else b""  # a full disk left half of a line: end it
            text = start + self._pending[0]
            written = os.write(self._file, text)
            self._ends_in_half_a_line = written < len(text)
            if self._ends_in_half_a_line:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._pending.popleft()

    def _follow(self) -> None:
        """Opens the file again if its path has another file by now, or none."""
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
            self._file, self._ends_in_half_a_line = fresh, False

    def _open(self) -> int:
        if self._path is None:
            return sys.stdout.fileno()
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
