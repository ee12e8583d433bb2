"""Time in tests: a clock that a test moves forward, and turns of the event loop instead of short sleeps.

The limits of such tests are long for a real clock, so the speed of the machine does not matter.
"""

import asyncio
import time

import pytest

_TURNS = 500
"""More turns than any request on a fake store needs until it waits for a gate."""


class Clock:
    """`time.monotonic`, `time.perf_counter` and with them the timers of asyncio. They run as usual, and jump on `advance`."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        for name in ("monotonic", "perf_counter"):
            self._put_ahead(patch, name)

    def _put_ahead(self, patch: pytest.MonkeyPatch, name: str) -> None:
        real = getattr(time, name)
        patch.setattr(time, name, lambda: real() + self._ahead)

    def advance(self, seconds: float) -> None:
        """Moves the clock forward."""
        self._ahead += seconds


async def turns() -> None:
    """Lets every task run until it waits for the test, the network or the clock."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
