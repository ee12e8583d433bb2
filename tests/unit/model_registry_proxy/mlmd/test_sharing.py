"""Equal questions share an answer, but a request never gets the answer to a question that was sent before it came."""

import asyncio

import pytest

from model_registry_proxy.mlmd.sharing import Sharing


class Asked:
    """Counts how often it is asked, and answers after `may_answer` is set."""

    def __init__(self) -> None:
        self.times = 0
        self.may_answer = asyncio.Event()

    async def __call__(self) -> int:
        self.times += 1
        mine = self.times
        await self.may_answer.wait()
        return mine


async def test_requests_that_come_while_one_is_asked_share_the_next() -> None:
    sharing, asked = Sharing(), Asked()
    first = asyncio.create_task(sharing("key", asked))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = [asyncio.create_task(sharing("key", asked)) for _ in range(5)]
    await asyncio.sleep(0)
    asked.may_answer.set()
    assert await first == 1
    assert set(await asyncio.gather(*late)) == {2}
    assert asked.times == 2


async def test_other_questions_are_asked_at_the_same_time() -> None:
    sharing, one, other = Sharing(), Asked(), Asked()
    both = [asyncio.create_task(sharing("one", one)), asyncio.create_task(sharing("other", other))]
    one.may_answer.set()
    other.may_answer.set()
    assert await asyncio.gather(*both) == [1, 1]


async def test_a_cancelled_request_does_not_cancel_the_others() -> None:
    sharing, asked = Sharing(), Asked()
    gone, stays = (asyncio.create_task(sharing("key", asked)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    asked.may_answer.set()
    assert await stays == 1


async def test_a_failure_reaches_all_requests_that_share_it_and_no_later_one() -> None:
    sharing, times = Sharing(), 0

    async def fail_once() -> str:
        nonlocal times
        times += 1
        if times == 1:
            raise ValueError
        return "well"

    outcomes = await asyncio.gather(*(sharing("key", fail_once) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError] * 3
    assert await sharing("key", fail_once) == "well"


async def test_no_answer_is_kept() -> None:
    sharing, asked = Sharing(), Asked()
    asked.may_answer.set()
    for _ in range(3):
        await sharing("key", asked)
    assert asked.times == 3
    assert not sharing._waiting
    assert not sharing._asking


pytestmark = pytest.mark.asyncio
