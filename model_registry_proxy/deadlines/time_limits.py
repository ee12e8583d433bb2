"""Time limits for blocks of code, as by `asyncio.timeout`, in a third of its processor time (docs/decisions/0033).

One timer checks all blocks that run, instead of one timer for each. So a block may run `LOOK_SECONDS` longer than its limit.
"""

import asyncio
import time
from types import TracebackType
from typing import Self

LOOK_SECONDS = 0.05


class TimeLimit:
    """Around a block of a task: cancels it when its time has passed, or at `end`, and raises `TimeoutError` then."""

    __slots__ = ("_cancelling", "_is_over", "_limits", "_task", "until")

    def __init__(self, limits: "TimeLimits", until: float) -> None:
        self.until = until
        self._limits, self._is_over = limits, False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task  # noqa: S101 (only a task can be cancelled)
        self._task, self._cancelling = task, task.cancelling()
        self._limits.begin(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._limits.forget(self)
        is_ours = self._is_over and self._task.uncancel() <= self._cancelling
        if is_ours and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error

    def end(self) -> None:
        """Ends the block now, if it still runs."""
        if self._limits.forget(self):
            self._is_over = True
            self._task.cancel()


class TimeLimits:
    """The limits of the blocks that run on one event loop. The timer runs only while a block does."""

    def __init__(self) -> None:
        self._running: set[TimeLimit] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self, seconds: float) -> TimeLimit:
        """Returns a limit that ends `seconds` from now, for one `with`."""
        return TimeLimit(self, time.monotonic() + seconds)

    def begin(self, limit: TimeLimit) -> None:
        """Starts to check a block that begins."""
        self._running.add(limit)
        if self._timer is None:
            self._look_later()

    def forget(self, limit: TimeLimit) -> bool:
        """Stops checking a block; returns whether it was checked until now."""
        if limit not in self._running:
            return False
        self._running.discard(limit)
        if self._timer and not self._running:
            self._timer.cancel()
            self._timer = None
        return True

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Ends the blocks that have run for too long."""
        self._look_later()
        now = time.monotonic()
        for limit in [limit for limit in self._running if limit.until <= now]:
            limit.end()
