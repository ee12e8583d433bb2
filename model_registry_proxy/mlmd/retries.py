"""The one retry policy: which failures of the store are tried again, how often, and what happens after an outage of a write.

After an outage it is not known whether a write took effect. Every new node has a name that MLMD keeps unique, so looking it up
finds it; a changed node is compared with the change.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from model_registry_proxy.deadlines.deadline import seconds_left
from model_registry_proxy.errors import RegistryError
from model_registry_proxy.mlmd.events import Observer, Retried
from model_registry_proxy.mlmd.failures import Interrupted
from model_registry_proxy.mlmd.port import AlreadyExists, NotUnique, RolledBack, Unavailable

Result = TypeVar("Result")

_FIRST_WAIT, _FIRST_WAIT_AFTER_ROLLBACK, _LONGEST_WAIT = 0.05, 0.005, 1.0
"""Seconds. The wait doubles with each attempt. After a rollback the other transaction is over soon."""
_MOST_RACES = 3
"""Attempts to store properties that another write may be storing too, before the node is taken to clash with itself."""
_MOST_TOKENS, _EARNED, _TOKENS_PER_SECOND = 100.0, 0.2, 1.0


class _Pause(NamedTuple):
    """A pause before a retry: when it ends, by `time.monotonic`, and a future that is done then."""

    until: float
    over: "asyncio.Future[None]"


class RetryPolicy:
    """Retries for `seconds` after the first sign of an outage, and for `rollback_seconds` after the first rollback.

    All requests share one budget of retries: a call that succeeds earns a fifth of a retry, so that a store in trouble gets at
    most a fifth more calls; one retry a second is free. Requests that fail together, since they shared a batch, pause together,
    pay once, and so form one batch again. `observer` receives `Retried`.
    """

    def __init__(self, seconds: float, rollback_seconds: float = 30.0, observer: Observer | None = None) -> None:
        self.seconds, self._rollback_seconds, self._observer = seconds, rollback_seconds, observer
        self._tokens, self._counted = _MOST_TOKENS, time.monotonic()
        self._pauses: WeakKeyDictionary[RegistryError, _Pause] = WeakKeyDictionary()

    def earn(self) -> None:
        """Notes a call that succeeded."""
        if self._tokens < _MOST_TOKENS:
            self._tokens += _EARNED

    async def idempotent(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Returns what `call` returns: a read, or a write that may be repeated at will. Raises its last failure."""
        retries: _Retries | None = None
        while True:
            try:
                return await call()
            except (Unavailable, RolledBack, NotUnique) as error:
                retries = retries or _Retries(self)
                await retries.after(error)

    async def write(
        self, call: Callable[[], Awaitable[Result]], took_effect: Callable[[], Awaitable[Result | None]]
    ) -> Result:
        """Returns what `call` returns, which takes effect once; raises what `call` raises.

        After an outage `took_effect` finds the result of the attempts so far; `None` if they had none. `AlreadyExists` on a
        retry may be our first attempt, so we look it up.
        """
        retries: _Retries | None = None
        is_open = False
        while True:
            try:
                if is_open and (result := await took_effect()) is not None:
                    return result
                try:
                    return await call()
                except AlreadyExists:
                    if not is_open or (result := await took_effect()) is None:
                        raise
                    return result
            except (Unavailable, RolledBack, NotUnique) as error:
                is_open = is_open or isinstance(error, Interrupted)
                retries = retries or _Retries(self)
                await retries.after(error)

    async def pause(self, error: RegistryError, attempt: int, until: float) -> None:
        """Waits before retry `attempt` (the first is 1); raises `error` where there should be none.

        The wait is a random part of a time that doubles with each attempt. A wait beyond `until`, or beyond the deadline of the
        request, is not begun.
        """
        pause = self._pauses.get(error)
        if pause and pause.over.done():
            pause = None
        end = pause.until if pause else time.monotonic() + _wait(error, attempt)
        is_late = end > until or end - time.monotonic() > seconds_left()
        if is_late or (pause is None and not self._spend()):
            self._report(error, is_made=False)
            raise error
        if pause is None:
            pause = self._pauses[error] = _Pause(end, asyncio.get_running_loop().create_future())
            asyncio.get_running_loop().call_later(max(0.0, end - time.monotonic()), _wake, pause.over)
        await asyncio.shield(pause.over)
        self._report(error, is_made=True)

    def _report(self, error: RegistryError, *, is_made: bool) -> None:
        if self._observer:
            self._observer(Retried(error, is_made))

    def until(self, error: RegistryError) -> float:
        """Returns when, by `time.monotonic`, retries end whose first failure of this kind is now."""
        return time.monotonic() + (self.seconds if isinstance(error, Unavailable) else self._rollback_seconds)

    def _spend(self) -> bool:
        """Takes one retry out of the budget; returns whether there was one."""
        now = time.monotonic()
        self._tokens = min(_MOST_TOKENS, self._tokens + (now - self._counted) * _TOKENS_PER_SECOND)
        self._counted = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class _Retries:
    """The retries of one call: how many there were of each kind of failure, and when they end."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._attempts: dict[type[RegistryError], int] = {}
        self._until: dict[type[RegistryError], float] = {}

    async def after(self, error: RegistryError) -> None:
        """Waits until the call may be repeated; raises `error` where it should not be."""
        kind = Unavailable if isinstance(error, Unavailable) else type(error)
        attempt = self._attempts[kind] = self._attempts.get(kind, 0) + 1
        if isinstance(error, NotUnique) and (not error.may_be_race or attempt > _MOST_RACES):
            raise error
        until = self._until.setdefault(kind, self._policy.until(error))
        await self._policy.pause(error, attempt, until)


def _wait(error: RegistryError, attempt: int) -> float:
    first = _FIRST_WAIT if isinstance(error, Unavailable) else _FIRST_WAIT_AFTER_ROLLBACK
    longest: float = min(_LONGEST_WAIT, first * 2**attempt)
    return random.uniform(0.5, 1) * longest  # noqa: S311 (no secret)


def _wake(over: "asyncio.Future[None]") -> None:
    if not over.done():
        over.set_result(None)
