"""The stages of a request, and the time that each of them takes. `Api` names them in order; `Server-Timing` shows them.

A request is in one stage at a time. What answers a request reports its waits and its calls to the clock; by that the clock
knows the stages between `check` and `render`.
"""

import time
from collections.abc import Sequence
from contextvars import ContextVar
from enum import StrEnum


class Stage(StrEnum):
    """The stages, in the order in which a request first enters them."""

    RECEIVE = "receive"
    """The operation is found, and the body arrives."""
    CHECK = "check"
    """The request is checked and converted, until it first waits for something."""
    WAIT = "wait"
    """It waits for its turn: no call of the store works for it."""
    STORE = "store"
    """A call of the store works for it, by itself or together with other requests."""
    RENDER = "render"
    """What the store has answered becomes JSON."""
    SEND = "send"
    """The answer is written to the connection."""


class StageClock:
    """Seconds that a request has spent in each stage. Times are those of `time.perf_counter`."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(Stage, 0.0)
        self._since = time.perf_counter()
        self._stage: Stage | None = Stage.RECEIVE
        self._waits = self._calls = 0

    def enter(self, stage: Stage | None) -> None:
        """Ends the present stage and begins another; `None` is the end of the request."""
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] += now - self._since
        self._stage, self._since = stage, now

    def count(self, *, waits: int = 0, calls: int = 0) -> None:
        """Adds the number of waits or calls that have begun (above 0) or ended (below 0)."""
        self._waits += waits
        self._calls += calls
        if self._stage not in (Stage.SEND, None):
            self.enter(Stage.STORE if self._calls else Stage.WAIT if self._waits else Stage.RENDER)


class _NoClock(StageClock):
    """The clock of requests that are not timed."""

    def enter(self, stage: Stage | None) -> None:
        """Does nothing."""


NO_CLOCK = _NoClock()
CLOCKS: ContextVar[Sequence[StageClock]] = ContextVar("clocks", default=(NO_CLOCK,))
"""The clocks of the requests that this task works for: one in the task of a request, several where requests share a call."""
