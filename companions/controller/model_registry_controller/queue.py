"""The work that waits: each key once, one worker for a key at a time, and a pause after a failure."""

import asyncio
import random
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
_MOST_DOUBLINGS = 40


@dataclass(frozen=True)
class BackOff:
    """Pauses that double, with a random part of a fifth.

    Attributes:
        first: Seconds after the first failure.
        longest: The longest pause in seconds, without the random part.
    """

    first: float
    longest: float

    def pause(self, failures: int) -> float:
        """Returns the seconds to wait after this number of failures, at least 1."""
        doubled = min(self.first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS), self.longest)
        return doubled * random.uniform(0.8, 1.2)  # noqa: S311 (spreads load)


class WorkQueue(Generic[K]):
    """Keys that wait for a worker. Use it from one event loop.

    A key that is added while it waits stays once; while a worker has it, it is given out again afterwards.

    Args:
        later: Calls a function after some seconds, and returns what cancels that; for tests.
    """

    def __init__(self, later: "Callable[[float, Callable[[], None]], asyncio.TimerHandle] | None" = None) -> None:
        self._later = later or (lambda seconds, call: asyncio.get_running_loop().call_later(seconds, call))
        self._waiting: dict[K, None] = {}
        self._working: set[K] = set()
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}
        self._some = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, nothing is worked on, and nothing is to be tried again."""
        return not (self._waiting or self._working or self._timers)

    def add(self, key: K) -> None:
        """Adds a key now, also one that waits for the end of a pause."""
        if timer := self._timers.pop(key, None):
            timer.cancel()
        if key in self._working:
            self._again.add(key)
        else:
            self._waiting[key] = None
            self._some.set()

    async def take(self) -> K:
        """Waits for a key and returns it. The caller must then call `done` or `failed`."""
        while not self._waiting:
            self._some.clear()
            await self._some.wait()
        key = next(iter(self._waiting))
        del self._waiting[key]
        self._working.add(key)
        return key

    def done(self, key: K) -> None:
        """Says that the work on a key has succeeded."""
        self._failures.pop(key, None)
        self._release(key)

    def failed(self, key: K, back_off: BackOff, most: float | None = None) -> float:
        """Says that the work on a key has failed. It is given out again after a pause.

        Args:
            key: The key.
            back_off: The pauses.
            most: The longest pause in seconds that is of use, if there is one.

        Returns:
            The pause in seconds; 0 if the key was added again while it was worked on.
        """
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        if self._release(key):
            return 0.0
        pause = back_off.pause(failures)
        pause = pause if most is None else max(0.0, min(pause, most))
        self._timers[key] = self._later(pause, lambda: self.add(key))
        return pause

    def forget(self, key: K) -> None:
        """Drops a key that needs no more work, with its failures."""
        self._failures.pop(key, None)
        self._waiting.pop(key, None)
        self._again.discard(key)
        if timer := self._timers.pop(key, None):
            timer.cancel()

    def hurry(self, keys: Iterable[K] | None = None) -> None:
        """Ends the pauses of keys now: of these, or of all."""
        for key in list(self._timers if keys is None else keys):
            if key in self._timers:
                self.add(key)

    def _release(self, key: K) -> bool:
        self._working.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)
            return True
        return False
