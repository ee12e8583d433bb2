"""The queue: each key once, pauses that grow up to a limit, and no key with two workers."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from model_registry_controller.queue import BackOff, WorkQueue

FAST, SLOW = BackOff(0.5, 60.0), BackOff(10.0, 300.0)


class Clock:
    """Timers that a test fires by hand."""

    def __init__(self) -> None:
        self.timers: list[tuple[float, Callable[[], None], Any]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> Any:
        clock = self

        class Timer:
            def cancel(self) -> None:
                clock.timers = [each for each in clock.timers if each[2] is not self]

        timer = Timer()
        self.timers.append((seconds, call, timer))
        return timer

    def fire(self) -> None:
        timers, self.timers = self.timers, []
        for _, call, _ in timers:
            call()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> WorkQueue[str]:
    return WorkQueue(clock.later)


async def test_a_key_waits_once(queue: WorkQueue[str]) -> None:
    for key in "abab":
        queue.add(key)
    assert len(queue) == 2
    assert [await queue.take(), await queue.take()] == ["a", "b"]


async def test_a_key_that_is_added_while_it_is_worked_on_is_given_out_afterwards(queue: WorkQueue[str]) -> None:
    queue.add("a")
    await queue.take()
    queue.add("a")
    assert len(queue) == 0
    queue.done("a")
    assert await queue.take() == "a"
    queue.done("a")
    assert queue.is_idle


async def test_a_worker_waits_for_the_next_key(queue: WorkQueue[str]) -> None:
    taking = asyncio.create_task(queue.take())
    await asyncio.sleep(0)
    queue.add("a")
    assert await taking == "a"


async def test_pauses_double_up_to_a_limit_with_a_random_part(queue: WorkQueue[str], clock: Clock) -> None:
    queue.add("a")
    for failures in range(1, 60):
        await queue.take()
        pause = queue.failed("a", FAST)
        expected = min(0.5 * 2.0 ** (failures - 1), 60.0)
        assert 0.8 * expected <= pause <= 1.2 * expected
        assert len(queue) == 0
        clock.fire()
    await queue.take()
    queue.done("a")
    queue.add("a")
    await queue.take()
    assert queue.failed("a", SLOW) <= 12
    assert SLOW.pause(20) >= 240


async def test_a_change_ends_the_pause(queue: WorkQueue[str], clock: Clock) -> None:
    queue.add("a")
    await queue.take()
    queue.failed("a", FAST)
    queue.add("a")
    assert clock.timers == []
    assert await queue.take() == "a"
    queue.add("a")
    assert queue.failed("a", FAST) == 0.0
    assert await queue.take() == "a"


async def test_all_pauses_can_be_ended_and_keys_dropped(queue: WorkQueue[str], clock: Clock) -> None:
    for key in "abc":
        queue.add(key)
        await queue.take()
        queue.failed(key, FAST)
    queue.forget("b")
    queue.hurry(["a", "b", "unknown"])
    assert await queue.take() == "a"
    queue.hurry()
    assert await queue.take() == "c"
    assert clock.timers == []


async def test_a_pause_may_have_a_limit_of_its_own(queue: WorkQueue[str]) -> None:
    queue.add("a")
    await queue.take()
    assert queue.failed("a", SLOW, most=2.5) == 2.5
