"""The retry policy: how long a call is tried again, and how a write that may have taken effect is found out about."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from model_registry_proxy.deadlines.deadline import deadline
from model_registry_proxy.mlmd import retries
from model_registry_proxy.mlmd.failures import Interrupted
from model_registry_proxy.mlmd.port import (
    AlreadyExists,
    NotFound,
    NothingKnown,
    NotUnique,
    RolledBack,
    Taken,
    Unavailable,
)
from model_registry_proxy.mlmd.retries import RetryPolicy
from tests.support.clock import Clock


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off in steps of a millisecond."""
    monkeypatch.setattr(retries, "_FIRST_WAIT", 0.0005)


class Script:
    """A call with outcomes in a row: an exception is raised, anything else answered."""

    def __init__(self, *outcomes: object) -> None:
        self.outcomes, self.calls = list(outcomes), 0

    async def __call__(self) -> object:
        self.calls += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


OUT = Interrupted()


async def test_a_call_is_tried_until_it_succeeds() -> None:
    call = Script(OUT, OUT, "x")
    assert await RetryPolicy(1000).idempotent(call) == "x"
    assert call.calls == 3


async def test_without_time_for_retries_a_call_is_tried_once() -> None:
    call = Script(OUT, "x")
    with pytest.raises(Unavailable):
        await RetryPolicy(0).idempotent(call)
    assert call.calls == 1


async def test_retries_end(clock: Clock) -> None:
    call = Script(*[OUT] * 1000)

    async def slowly() -> object:
        clock.advance(400)
        return await call()

    with pytest.raises(Unavailable):
        await RetryPolicy(1000).idempotent(slowly)
    assert call.calls == 4  # the time begins with the first failure, after 400 s


async def test_the_time_for_retries_begins_with_the_first_failure_however_late_it_shows(clock: Clock) -> None:
    """A server that has stopped answers nothing for seconds before its silence counts as an outage."""
    call = Script(OUT, "x", OUT, "x")

    async def slowly() -> object:
        clock.advance(2000)
        return await call()

    assert await RetryPolicy(1000).idempotent(slowly) == "x"
    assert await RetryPolicy(1000).write(slowly, Script(None)) == "x"


async def test_another_failure_is_raised_at_once() -> None:
    call = Script(NotFound("no"), "x")
    with pytest.raises(NotFound):
        await RetryPolicy(1000).idempotent(call)
    assert call.calls == 1


async def test_all_share_a_budget_of_retries_which_successes_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_MOST_TOKENS", 3.0)
    monkeypatch.setattr(retries, "_TOKENS_PER_SECOND", 0.0)
    policy = RetryPolicy(1000)
    call = Script(*[OUT] * 100)
    with pytest.raises(Unavailable):
        await policy.idempotent(call)
    assert call.calls == 4
    for _ in range(6):
        policy.earn()
    assert await policy.idempotent(Script(OUT, "x")) == "x"
    with pytest.raises(Unavailable):
        await policy.idempotent(Script(OUT, "x"))


async def test_time_brings_free_retries_so_that_no_budget_is_used_up_for_good(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(retries, "_MOST_TOKENS", 1.0)
    monkeypatch.setattr(retries, "_TOKENS_PER_SECOND", 1e-4)
    policy = RetryPolicy(1000)
    assert await policy.idempotent(Script(OUT, "x")) == "x"
    with pytest.raises(Unavailable):
        await policy.idempotent(Script(OUT, "x"))
    clock.advance(1e4)
    assert await policy.idempotent(Script(OUT, "x")) == "x"


async def test_no_retry_is_begun_that_the_deadline_would_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_WAIT", 1e6)
    monkeypatch.setattr(retries, "_LONGEST_WAIT", 1e6)
    former = deadline.set(time.monotonic() + 1000)
    call = Script(OUT, "x")
    with pytest.raises(Unavailable):  # at once: a wait of this length would not end
        await RetryPolicy(1e9).idempotent(call)
    deadline.reset(former)
    assert call.calls == 1


@pytest.mark.parametrize(
    ("write", "found", "outcome", "writes"),
    [
        (["made"], [], "made", 1),
        ([OUT], ["found"], "found", 1),
        ([OUT, "made"], [None], "made", 2),
        ([OUT, OUT, "made"], [None, None], "made", 3),
        ([OUT, AlreadyExists()], [None, "found"], "found", 2),
        ([AlreadyExists()], ["found"], AlreadyExists, 1),
        ([OUT, AlreadyExists()], [None, None], AlreadyExists, 2),
        ([NotFound()], [], NotFound, 1),
    ],
)
async def test_a_write_happens_once(
    write: Sequence[object], found: Sequence[object], outcome: object, writes: int
) -> None:
    writing, looking = Script(*write), Script(*found)

    async def run() -> object:
        return await RetryPolicy(1000).write(writing, looking)

    if isinstance(outcome, type) and issubclass(outcome, Exception):
        with pytest.raises(outcome):
            await run()
    else:
        assert await run() == outcome
    assert writing.calls == writes


async def test_a_change_of_which_nothing_is_known_is_not_tried_again() -> None:
    writing, looking = Script(OUT, "never"), Script(NothingKnown())
    with pytest.raises(NothingKnown):
        await RetryPolicy(1000).write(writing, looking)
    assert writing.calls == 1


async def test_an_outage_of_the_lookup_does_not_repeat_the_write() -> None:
    writing, looking = Script(OUT), Script(OUT, OUT, "found")
    assert await RetryPolicy(1000).write(writing, looking) == "found"
    assert (writing.calls, looking.calls) == (1, 3)


async def test_a_transaction_that_was_rolled_back_is_repeated_without_a_lookup() -> None:
    writing, looking = Script(RolledBack(), "made"), Script()
    assert await RetryPolicy(0).write(writing, looking) == "made"
    assert looking.calls == 0


async def test_a_clash_that_may_be_a_race_is_repeated_three_times_and_another_one_never() -> None:
    race, clash = (NotUnique("", Taken.PROPERTY_NAME, may_be_race=is_race) for is_race in (True, False))
    for failure, calls in ((race, 4), (clash, 1)):
        writing = Script(*[failure] * 9)
        with pytest.raises(NotUnique):
            await RetryPolicy(0).write(writing, Script())
        assert writing.calls == calls


async def test_requests_that_fail_together_pause_together_and_pay_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_MOST_TOKENS", 1.0)
    monkeypatch.setattr(retries, "_TOKENS_PER_SECOND", 0.0)
    policy, failure, woken = RetryPolicy(1000), RolledBack(), []

    async def one(number: int) -> None:
        call = Script(failure, number)
        assert await policy.idempotent(call) == number
        woken.append(number)

    await asyncio.gather(*(one(number) for number in range(20)))
    assert woken == list(range(20))
