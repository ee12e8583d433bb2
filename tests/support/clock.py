"""Time in tests: a clock that they put forward, and turns of the event loop in place of short sleeps.

A limit that is far away when measured by a real clock, and passes when the test says so, holds on a machine of any speed.
"""

import asyncio
import time

import pytest

_TURNS = 500
"""More than any request on a fake store takes until it waits for a gate."""


class Clock:
    """`time.monotonic`, `time.perf_counter` and with them asyncio's timers. They run on, and jump when they are put forward."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        for name in ("monotonic", "perf_counter"):
            self._put_ahead(patch, name)

    def _put_ahead(self, patch: pytest.MonkeyPatch, name: str) -> None:
        real = getattr(time, name)
        patch.setattr(time, name, lambda: real() + self._ahead)

    def advance(self, seconds: float) -> None:
        """Puts the clock forward."""
        self._ahead += seconds


async def turns() -> None:
    """Lets every task run until it waits for something that only the test, the network or the clock can bring."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
