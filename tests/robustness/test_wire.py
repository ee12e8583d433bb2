"""The wire that faults go through."""

import asyncio

import pytest

from tests.robustness.wire import Wire


async def test_a_robbery_that_is_cancelled_while_it_succeeds_ends() -> None:
    """`asyncio.wait_for` of Python 3.11 forgets such a cancellation, and the faults of a run went on for ever."""
    wire = Wire(target=1)
    robbery = asyncio.create_task(wire.rob(seconds=60))
    await asyncio.sleep(0)
    wire._robbed.set()
    await asyncio.sleep(0)
    robbery.cancel()
    with pytest.raises(asyncio.CancelledError):
        await robbery
