"""Files that are read again when they change: certificates, tokens, the policy, keys."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from model_registry_proxy.configuration.settings import SettingsError

_log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
"""Between two looks at a file, so that a request mostly pays a comparison of two numbers."""

Content = TypeVar("Content")
_Signature = tuple[tuple[int, int, int], ...]


class Watched(Generic[Content]):
    """The result of `read` for some files, read again when one of them changes.

    The first reading raises `SettingsError`. A later one that fails is reported in the log, and the former content stays.
    Kubernetes replaces mounted files through a symbolic link, which is followed.
    """

    def __init__(self, paths: Sequence[Path], read: Callable[[], Content]) -> None:
        self._paths, self._read = paths, read
        self._signature = self._look()
        self._content = read()
        self._next_look = time.monotonic() + LOOK_SECONDS

    @property
    def current(self) -> Content:
        """The newest content that could be read."""
        if (now := time.monotonic()) >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self._refresh()
        return self._content

    def _refresh(self) -> None:
        signature = self._look()  # before reading: a change during the reading is seen by the next look
        if signature == self._signature:
            return
        self._signature = signature
        try:
            self._content = self._read()
        except SettingsError as error:
            _log.error("%s What was read before stays in force.", error)
        else:
            _log.info("%s: read again.", ", ".join(map(str, self._paths)))

    def _look(self) -> _Signature:
        return tuple(_signature(path) for path in self._paths)


def _signature(path: Path) -> tuple[int, int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 (a third of the time of Path.stat)
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_mtime_ns, found.st_size


def read_bytes(path: Path, setting: str) -> bytes:
    """The content of the file that a setting names; raises `SettingsError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"--{setting} {path}: {error.strerror}.") from None
