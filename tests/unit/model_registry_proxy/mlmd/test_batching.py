"""Natural batching: which items share a call, and which item gets which result."""

import asyncio
from collections.abc import Sequence

import pytest

from model_registry_proxy.deadlines.deadline import deadline
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.port import NotFound, Unavailable


class Sender:
    """Doubles numbers, one call after another. A call ends after `release`, or at once if not `is_slow`."""

    def __init__(self, *, is_slow: bool = True) -> None:
        self.sent: list[list[int]] = []
        self.refused: dict[int, Exception] = {}
        self.is_slow = is_slow
        self.in_flight = self.most_in_flight = 0
        self._gate = asyncio.Semaphore(0)

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.sent.append(list(items))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        if self.is_slow:
            await self._gate.acquire()
        self.in_flight -= 1
        for item in items:
            if item in self.refused:
                raise self.refused[item]
        return [2 * item for item in items]

    def release(self, calls: int = 1) -> None:
        """Ends this number of calls."""
        for _ in range(calls):
            self._gate.release()


async def run_ready_tasks() -> None:
    """Runs the event loop until every task waits for something."""
    for _ in range(20):
        await asyncio.sleep(0)


def ask(batcher: Batcher[int, int], *items: int) -> list[asyncio.Task[int]]:
    """Starts one task for each item, which waits for its result."""

    async def one(item: int) -> int:
        return await batcher(item)

    return [asyncio.create_task(one(item)) for item in items]


async def test_a_single_item_is_sent_at_once() -> None:
    sender = Sender(is_slow=False)
    assert await Batcher(sender)(1) == 2
    assert sender.sent == [[1]]


async def test_items_that_come_together_share_a_call_and_get_their_own_results() -> None:
    sender = Sender(is_slow=False)
    assert await asyncio.gather(*ask(Batcher(sender), 3, 1, 2)) == [6, 2, 4]
    assert sender.sent == [[3, 1, 2]]


async def test_no_item_joins_a_call_that_has_been_sent() -> None:
    sender = Sender()
    batcher = Batcher(sender)
    first = ask(batcher, 1)
    await run_ready_tasks()
    second, third = ask(batcher, 2, 3)
    await run_ready_tasks()
    assert sender.sent == [[1]]
    sender.release()
    await run_ready_tasks()
    assert sender.sent == [[1], [2, 3]]
    sender.release()
    assert await asyncio.gather(*first, second, third) == [2, 4, 6]


async def test_a_call_has_at_most_so_many_items() -> None:
    sender = Sender(is_slow=False)
    assert await asyncio.gather(*ask(Batcher(sender, most=2), *range(5))) == [0, 2, 4, 6, 8]
    assert sender.sent == [[0, 1], [2, 3], [4]]


async def test_a_call_has_at_most_so_many_bytes_but_a_larger_item_goes_by_itself() -> None:
    sender = Sender(is_slow=False)
    batcher = Batcher(sender, most_bytes=10, weigh=lambda item: item)
    assert await asyncio.gather(*ask(batcher, 4, 6, 1, 50, 9, 1)) == [8, 12, 2, 100, 18, 2]
    assert sender.sent == [[4, 6], [1], [50], [9, 1]]


async def test_a_cancelled_item_does_not_count_as_bytes() -> None:
    sender = Sender(is_slow=False)
    batcher = Batcher(sender, most_bytes=10, weigh=lambda item: item)
    gone, *others = ask(batcher, 9, 5, 5)
    asyncio.get_running_loop().call_soon(gone.cancel)
    assert await asyncio.gather(*others) == [10, 10]
    assert sender.sent == [[5, 5]]


async def test_a_call_has_the_latest_deadline_of_its_items() -> None:
    seen: list[float] = []

    async def send(items: Sequence[int]) -> Sequence[int]:
        seen.append(deadline.get())
        return items

    batcher: Batcher[int, int] = Batcher(send)

    async def one(until: float) -> None:
        deadline.set(until)
        await batcher(1)

    await asyncio.gather(*(asyncio.create_task(one(until)) for until in (5.0, 7.0, 6.0)))
    assert seen == [7.0]


async def test_batchers_of_one_lane_take_turns() -> None:
    sender, lane = Sender(), asyncio.Semaphore(1)
    tasks = [*ask(Batcher(sender, lane=lane), 1), *ask(Batcher(sender, lane=lane), 2)]
    await run_ready_tasks()
    assert sender.sent == [[1]]
    sender.release(2)
    assert await asyncio.gather(*tasks) == [2, 4]
    assert sender.most_in_flight == 1


async def test_at_most_so_many_calls_are_in_flight() -> None:
    sender = Sender()
    waiting = ask(Batcher(sender, most=1, lane=asyncio.Semaphore(2)), *range(5))
    await run_ready_tasks()
    assert sender.sent == [[0], [1]]
    sender.release(5)
    await asyncio.gather(*waiting)
    assert sender.most_in_flight == 2


async def test_only_items_of_one_key_share_a_call() -> None:
    sender = Sender(is_slow=False)
    await asyncio.gather(*ask(Batcher(sender, key=lambda item: item % 2), 1, 2, 3, 4))
    assert sender.sent == [[1, 3], [2, 4]]


async def test_a_stream_of_one_key_does_not_starve_another() -> None:
    sender = Sender()
    batcher = Batcher(sender, key=lambda item: item % 2)
    waiting = ask(batcher, 0)
    await run_ready_tasks()
    waiting += ask(batcher, 2, 1)
    for item in (4, 6, 8):
        sender.release()
        await run_ready_tasks()
        waiting += ask(batcher, item)
        await run_ready_tasks()
    assert sender.sent[:3] == [[0], [2], [1]]  # 2 came before 1, and 4 after it
    sender.release(9)
    await asyncio.gather(*waiting)


@pytest.mark.parametrize("bad", [0, 3, 6])
async def test_an_item_that_fails_never_fails_the_others(bad: int) -> None:
    sender = Sender(is_slow=False)
    sender.refused[bad] = NotFound("no")
    outcomes = await asyncio.gather(*ask(Batcher(sender), *range(7)), return_exceptions=True)
    assert [outcome for item, outcome in enumerate(outcomes) if item != bad] == [2 * i for i in range(7) if i != bad]
    assert outcomes[bad] is sender.refused[bad]


async def test_every_item_gets_its_own_error() -> None:
    sender = Sender(is_slow=False)
    sender.refused = {item: StoreError(str(item)) for item in (1, 2, 5)}
    outcomes = await asyncio.gather(*ask(Batcher(sender), *range(6)), return_exceptions=True)
    assert outcomes == [0, sender.refused[1], sender.refused[2], 6, 8, sender.refused[5]]


async def test_one_bad_item_of_many_costs_only_a_few_calls() -> None:
    sender = Sender(is_slow=False)
    sender.refused[17] = NotFound("no")
    await asyncio.gather(*ask(Batcher(sender), *range(64)), return_exceptions=True)
    assert len(sender.sent) <= 1 + 2 * 6


async def test_an_outage_fails_all_items_without_another_call() -> None:
    sender = Sender(is_slow=False)
    sender.refused[2] = Unavailable()
    outcomes = await asyncio.gather(*ask(Batcher(sender), 1, 2, 3), return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert sender.sent == [[1, 2, 3]]


async def test_an_unexpected_error_fails_all_items_and_the_next_call_is_sent() -> None:
    sender = Sender(is_slow=False)
    sender.refused[1] = KeyError("x")
    batcher = Batcher(sender)
    outcomes = await asyncio.gather(*ask(batcher, 1, 2), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [KeyError, KeyError]
    assert await batcher(3) == 6


async def test_a_cancelled_item_does_not_cancel_the_others() -> None:
    sender = Sender()
    first, second, third = ask(Batcher(sender), 1, 2, 3)
    await run_ready_tasks()
    second.cancel()
    await run_ready_tasks()
    sender.release()
    assert await first == 2
    assert await third == 6
    assert second.cancelled()


async def test_a_cancelled_item_is_not_sent() -> None:
    sender = Sender()
    batcher = Batcher(sender)
    first = ask(batcher, 1)
    await run_ready_tasks()
    second, third = ask(batcher, 2, 3)
    await run_ready_tasks()
    second.cancel()
    sender.release(2)
    assert await asyncio.gather(*first, third) == [2, 6]
    assert sender.sent == [[1], [3]]
