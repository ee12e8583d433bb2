"""Limits on the time of a block: they end it in time, and nothing else."""

import asyncio
import time

import pytest

from model_registry_proxy.deadlines.time_limits import LOOK_SECONDS, TimeLimits


async def test_a_block_that_runs_too_long_ends_by_a_timeout() -> None:
    began = time.monotonic()
    with pytest.raises(TimeoutError), TimeLimits()(0.1):
        await asyncio.sleep(60)
    assert time.monotonic() - began >= 0.1


async def test_each_block_has_a_limit_of_its_own() -> None:
    limits = TimeLimits()

    async def block(limit: float, seconds: float) -> str:
        try:
            with limits(limit):
                await asyncio.sleep(seconds)
        except TimeoutError:
            return "too long"
        return "done"

    ended = await asyncio.gather(block(0.1, 60), block(60, 0.3), block(0.2, 60), block(60, 0))
    assert ended == ["too long", "done", "too long", "done"]


async def test_a_block_that_ends_in_time_is_never_cancelled_later() -> None:
    limits = TimeLimits()
    with limits(LOOK_SECONDS):
        pass
    await asyncio.sleep(3 * LOOK_SECONDS)


async def test_a_block_may_be_ended_from_outside_and_only_while_it_runs() -> None:
    limit = TimeLimits()(60)
    asyncio.get_running_loop().call_later(LOOK_SECONDS, limit.end)
    with pytest.raises(TimeoutError), limit:
        await asyncio.sleep(60)
    limit.end()
    await asyncio.sleep(0)


async def test_the_cancellation_of_the_task_stays_one() -> None:
    limits = TimeLimits()

    async def block() -> None:
        with limits(1000):
            await asyncio.sleep(60)

    task = asyncio.create_task(block())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_is_cancelled_as_its_time_is_over_is_cancelled() -> None:
    async def block(limits: TimeLimits) -> None:
        with limits(60) as limit:
            limit.end()
            asyncio.current_task().cancel()  # type: ignore[union-attr]
            await asyncio.sleep(60)

    task = asyncio.create_task(block(TimeLimits()))
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_block_goes_through() -> None:
    with pytest.raises(KeyError), TimeLimits()(60):
        raise KeyError


def test_limits_serve_one_loop_after_another() -> None:
    limits = TimeLimits()

    async def block() -> None:
        with pytest.raises(TimeoutError), limits(0.01):
            await asyncio.sleep(60)

    for _ in range(2):
        asyncio.run(block())
