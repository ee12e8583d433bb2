"""Outages of the store: waiting for it within reason, and finding out whether a write took effect before repeating it.

After an outage nobody knows whether a write that was under way has happened. Every create bears a name that MLMD keeps unique,
so looking that name up tells.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from model_registry_proxy.errors import AlreadyExists, StoreUnavailable

Result = TypeVar("Result")

_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0
_MOST_TOKENS, _EARNED = 100.0, 0.1


class Patience:
    """How long and how often to try again: at most `seconds` after the first failure, and from a budget that all share.

    A call that succeeds earns a tenth of a retry, so that a store in trouble gets at most a tenth more calls for it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._tokens = _MOST_TOKENS

    def earn(self) -> None:
        """Notes a call that succeeded."""
        self._tokens = min(_MOST_TOKENS, self._tokens + _EARNED)

    async def wait(self, error: StoreUnavailable, attempt: int, since: float) -> None:
        """Waits before attempt `attempt` (1 is the first repetition); raises `error` where there should be none."""
        wait = random.uniform(0.5, 1) * min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)  # noqa: S311 (no secret)
        if self._tokens < 1 or time.monotonic() - since + wait > self.seconds:
            raise error
        self._tokens -= 1
        await asyncio.sleep(wait)


async def repeated(read: Callable[[], Awaitable[Result]], patience: Patience) -> Result:
    """A call that may be repeated at will."""
    since, attempt = time.monotonic(), 0
    while True:
        try:
            result = await read()
        except StoreUnavailable as error:
            attempt += 1
            await patience.wait(error, attempt, since)
        else:
            patience.earn()
            return result


async def settled(
    write: Callable[[], Awaitable[Result]], landed: Callable[[], Awaitable[Result | None]], patience: Patience
) -> Result:
    """A write that happens once: after an outage `landed` tells what it made, `None` if it did not take effect.

    Raises what `write` raises. A write that is found out to be there already, on a repetition, may be our own of before.
    """
    since, attempt = time.monotonic(), 0
    while True:
        try:
            return await write()
        except StoreUnavailable as error:
            attempt += 1
            await patience.wait(error, attempt, since)
        except AlreadyExists:
            if not attempt or (result := await landed()) is None:
                raise
            return result
        if (result := await landed()) is not None:
            return result
