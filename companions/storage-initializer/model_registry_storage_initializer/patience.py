"""How long a transfer is tried again: each MiB that comes renews the number of attempts and the time.

So a connection that breaks off now and then does not end a long download, and one that brings some bytes at a time does.
"""

import time
from collections.abc import Callable

from model_registry_storage_initializer.errors import Failure, Interrupted
from model_registry_storage_initializer.settings import MIB, Settings

_STALLS = 5
"""A MiB may take so many times what a transfer may bring nothing."""
_REMEDY = "The storage breaks off, is too slow, or does not answer: start again later."


class Patience:
    """The patience with one transfer.

    Args:
        what: What is fetched, for messages.
        settings: The number of attempts, and how long a transfer may bring nothing.
        is_continued: Whether the next attempt begins where the last one ended, so that what it brought counts.
        clock: The time in seconds.
    """

    def __init__(
        self, what: str, settings: Settings, *, is_continued: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what, self._is_continued, self._clock = what, is_continued, clock
        self._retries, self._seconds = settings.retries, _STALLS * settings.stall
        self._failures, self._brought, self._since = 0, 0, clock()

    def brought(self, size: int) -> None:
        """Counts bytes that came. Raises `Failure` if a MiB takes too long."""
        self._brought += size
        if self._brought >= MIB:
            self._brought, self._since = 0, self._clock()
            if self._is_continued:
                self._failures = 0
        elif self._clock() - self._since > self._seconds:
            cause = f"{self._brought} bytes came in {self._seconds:g} seconds"
            raise self._failure(cause)

    def failed(self, interruption: Interrupted) -> int:
        """Counts an attempt that broke off; returns how many did. Raises `Failure` if they are too many."""
        self._failures += 1
        if self._failures > self._retries:
            raise self._failure(str(interruption)) from interruption
        self._since = self._clock()
        return self._failures

    def _failure(self, cause: str) -> Failure:
        kept = " What was fetched is kept." if self._is_continued else ""
        return Failure(f"{self._what} cannot be fetched: {cause}", _REMEDY + kept, may_pass=self._is_continued)
