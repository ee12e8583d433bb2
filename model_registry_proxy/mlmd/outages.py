"""Outages of the store: waiting for it within reason, and finding out whether a write took effect before repeating it.

After an outage nobody knows whether a write that was under way has happened. Every create bears a name that MLMD keeps unique,
so looking that name up tells.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from math import inf
from typing import TypeVar

from model_registry_proxy.deadlines.deadline import seconds_left
from model_registry_proxy.errors import AlreadyExists, RegistryError, StoreUnavailable
from model_registry_proxy.mlmd.events import Observer, Retried

Result = TypeVar("Result")

_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0
_MOST_TOKENS, _EARNED, _TOKENS_PER_SECOND = 100.0, 0.2, 1.0


class Patience:
    """How long and how often to try again: at most `seconds` after the first failure, and from a budget that all share.

    A call that succeeds earns a fifth of a retry, so that a store in trouble gets at most a fifth more calls for it; one a
    second is free, so that a quiet proxy does not run out for good. `observer` receives `Retried`.
    """

    def __init__(self, seconds: float, observer: Observer | None = None) -> None:
        self.seconds, self._observer = seconds, observer
        self._tokens, self._counted = _MOST_TOKENS, time.monotonic()

    def earn(self) -> None:
        """Notes a call that succeeded."""
        if self._tokens < _MOST_TOKENS:
            self._tokens += _EARNED

    def until(self) -> float:
        """When, by `time.monotonic`, a call whose first failure is now is given up."""
        return time.monotonic() + self.seconds

    async def wait(self, error: RegistryError, attempt: int, until: float, first: float | None = None) -> None:
        """Waits before attempt `attempt` (1 is the first repetition); raises `error` where there should be none.

        The wait doubles each time, from `first` seconds on, and is a random part of that. One that would last beyond
        `until`, or beyond the request's deadline, is not begun.
        """
        longest = min(_LONGEST_WAIT, (first or _FIRST_WAIT) * 2**attempt)
        wait = random.uniform(0.5, 1) * longest  # noqa: S311 (no secret)
        if time.monotonic() + wait > until or wait > seconds_left() or not self._spend():
            if self._observer:
                self._observer(Retried(error, is_made=False))
            raise error
        await asyncio.sleep(wait)
        if self._observer:
            self._observer(Retried(error, is_made=True))

    def _spend(self) -> bool:
        """Takes one retry out of the budget, if there is one."""
        now = time.monotonic()
        self._tokens = min(_MOST_TOKENS, self._tokens + (now - self._counted) * _TOKENS_PER_SECOND)
        self._counted = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


async def repeated(read: Callable[[], Awaitable[Result]], patience: Patience) -> Result:
    """A call that may be repeated at will."""
    until, attempt = inf, 0
    while True:
        try:
            return await read()
        except StoreUnavailable as error:
            attempt, until = attempt + 1, min(until, patience.until())
            await patience.wait(error, attempt, until)


async def settled(
    write: Callable[[], Awaitable[Result]], landed: Callable[[], Awaitable[Result | None]], patience: Patience
) -> Result:
    """A write that happens once: after an outage `landed` tells what it made, `None` if it did not take effect.

    Raises what `write` raises. A write that is found out to be there already, on a repetition, may be our own of before.
    """
    until, attempt = inf, 0
    while True:
        try:
            return await write()
        except StoreUnavailable as error:
            attempt, until = attempt + 1, min(until, patience.until())
            await patience.wait(error, attempt, until)
        except AlreadyExists:
            if not attempt or (result := await landed()) is None:
                raise
            return result
        if (result := await landed()) is not None:
            return result
