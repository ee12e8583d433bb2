"""Says how far the download is: a line every 10 seconds in a log, or a bar on a terminal."""

import logging
import sys
import threading
import time
from types import TracebackType
from typing import Self

logger = logging.getLogger(__name__)
LOG_SECONDS = 10.0
BAR_SECONDS = 0.2
_BAR_WIDTH = 30
_STEP = 1024.0


class Progress:
    """Counts what was fetched; threads may share it. Use it as a context manager."""

    def __init__(self) -> None:
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._bytes = self._total = self._resumed = 0
        self._files = self._all_files = 0
        self._started = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._thread = threading.Thread(target=self._report, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self._is_terminal and self._bytes:
            sys.stderr.write(f"\r{self._bar()}\n")

    @property
    def fetched(self) -> int:
        """The bytes that came in this run."""
        return self._bytes

    @property
    def files(self) -> int:
        """The files that are complete."""
        return self._files

    def expect(self, files: int, size: int) -> None:
        """Adds files to come, and their bytes as far as they are known."""
        with self._lock:
            self._all_files += files
            self._total += size

    def add(self, size: int) -> None:
        """Counts bytes that came."""
        with self._lock:
            self._bytes += size

    def resume(self, size: int) -> None:
        """Counts bytes that an earlier run has fetched."""
        with self._lock:
            self._resumed += size

    def finish(self, files: int = 1) -> None:
        """Counts complete files."""
        with self._lock:
            self._files += files

    def line(self) -> str:
        """Returns the present state as a sentence."""
        seconds = max(time.monotonic() - self._started, 1e-3)
        done = self._bytes + self._resumed
        total = f" of {size_text(self._total)} ({min(done / self._total, 1):.0%})" if self._total else ""
        files = f"{self._files} of {self._all_files} files, " if self._all_files else ""
        return f"{files}{size_text(done)}{total}, {size_text(self._bytes / seconds)} a second"

    def _bar(self) -> str:
        done = (self._bytes + self._resumed) / self._total if self._total else 0
        filled = min(_BAR_WIDTH, int(done * _BAR_WIDTH))
        return f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {self.line()}\x1b[K"

    def _report(self) -> None:
        while not self._ended.wait(BAR_SECONDS if self._is_terminal else LOG_SECONDS):
            if self._is_terminal:
                sys.stderr.write(f"\r{self._bar()}")
                sys.stderr.flush()
            else:
                logger.info("Fetched %s.", self.line())


def size_text(size: float) -> str:
    """Returns a number of bytes for people, such as "1.5 GiB"."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < _STEP:
            return f"{size:.0f} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:.1f} TiB"
