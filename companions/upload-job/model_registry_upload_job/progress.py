"""How far a job is: a line in the log every 10 seconds, or what a command line shows instead."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
SECONDS = 10.0


class Progress:
    """Counts the bytes of one phase after the other. Threads may share it.

    Args:
        show: Gets the phase, the bytes so far and the bytes in all (`None` if that is not known), often.
        clock: Returns seconds.
    """

    def __init__(
        self,
        show: Callable[[str, int, int | None], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show, self._clock = show or self._log, clock
        self._lock = threading.Lock()
        self._phase, self._done = "", 0
        self._total: int | None = None
        self._shown_at = self._began_at = clock()

    def phase(self, name: str, total: int | None) -> Callable[[int], None]:
        """Begins a phase of `total` bytes. Returns the function that counts its bytes."""
        with self._lock:
            self._phase, self._done, self._total = name, 0, total
            self._shown_at = self._began_at = self._clock()
        return self.count

    def count(self, more: int) -> None:
        """Counts bytes of the phase."""
        with self._lock:
            self._done += more
            self._show(self._phase, self._done, self._total)

    def text(self) -> str:
        """Returns the phase and how far it is, in words; empty before the first one."""
        with self._lock:
            phase, done, total = self._phase, self._done, self._total
        if not phase:
            return ""
        return f"{phase}: {done / 2**20:.1f}" + (
            f" of {total / 2**20:.1f} MiB ({done / total:.0%})" if total else " MiB"
        )

    def _log(self, phase: str, done: int, total: int | None) -> None:
        now = self._clock()
        if now - self._shown_at < SECONDS:
            return
        self._shown_at = now
        speed = done / 2**20 / max(now - self._began_at, 0.001)
        share = f" of {total / 2**20:.1f} ({done / total:.0%})" if total else ""
        log.info("%s: %.1f%s MiB, %.1f MiB/s", phase, done / 2**20, share, speed)
