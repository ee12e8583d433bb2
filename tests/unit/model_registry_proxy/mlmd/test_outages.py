"""Outages: how long a call is tried again, and how a write that may have happened is found out about."""

import time
from collections.abc import Sequence

import pytest

from model_registry_proxy.deadlines.deadline import deadline
from model_registry_proxy.errors import AlreadyExists, Rejected, StoreUnavailable
from model_registry_proxy.mlmd import outages
from model_registry_proxy.mlmd.outages import Patience, repeated, settled
from tests.support.clock import Clock


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off in steps of a millisecond."""
    monkeypatch.setattr(outages, "_FIRST_WAIT", 0.0005)


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


OUT = StoreUnavailable()


async def test_a_call_is_tried_until_it_succeeds() -> None:
    call = Script(OUT, OUT, "x")
    assert await repeated(call, Patience(1000)) == "x"
    assert call.calls == 3


async def test_without_patience_it_is_tried_once() -> None:
    call = Script(OUT, "x")
    with pytest.raises(StoreUnavailable):
        await repeated(call, Patience(0))
    assert call.calls == 1


async def test_patience_ends(clock: Clock) -> None:
    call = Script(*[OUT] * 1000)

    async def slowly() -> object:
        clock.advance(400)
        return await call()

    with pytest.raises(StoreUnavailable):
        await repeated(slowly, Patience(1000))
    assert call.calls == 4  # the patience begins with the first failure, after 400 s


async def test_patience_begins_with_the_first_failure_however_long_that_took_to_show(clock: Clock) -> None:
    """A server that has stopped answers nothing for seconds before its silence counts as an outage."""
    call = Script(OUT, "x", OUT, "x")

    async def slowly() -> object:
        clock.advance(2000)
        return await call()

    assert await repeated(slowly, Patience(1000)) == "x"
    assert await settled(slowly, Script(None), Patience(1000)) == "x"


async def test_what_is_no_outage_is_told_at_once() -> None:
    call = Script(Rejected("no"), "x")
    with pytest.raises(Rejected):
        await repeated(call, Patience(1000))
    assert call.calls == 1


async def test_all_share_a_budget_of_retries_which_successes_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "_MOST_TOKENS", 3.0)
    monkeypatch.setattr(outages, "_TOKENS_PER_SECOND", 0.0)
    patience = Patience(1000)
    call = Script(*[OUT] * 100)
    with pytest.raises(StoreUnavailable):
        await repeated(call, patience)
    assert call.calls == 4
    for _ in range(6):
        patience.earn()
    assert await repeated(Script(OUT, "x"), patience) == "x"
    with pytest.raises(StoreUnavailable):
        await repeated(Script(OUT, "x"), patience)


async def test_time_brings_free_retries_so_that_no_budget_is_used_up_for_good(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(outages, "_MOST_TOKENS", 1.0)
    monkeypatch.setattr(outages, "_TOKENS_PER_SECOND", 1e-4)
    patience = Patience(1000)
    assert await repeated(Script(OUT, "x"), patience) == "x"
    with pytest.raises(StoreUnavailable):
        await repeated(Script(OUT, "x"), patience)
    clock.advance(1e4)
    assert await repeated(Script(OUT, "x"), patience) == "x"


async def test_no_retry_is_begun_that_the_deadline_would_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "_FIRST_WAIT", 1e6)
    monkeypatch.setattr(outages, "_LONGEST_WAIT", 1e6)
    former = deadline.set(time.monotonic() + 1000)
    call = Script(OUT, "x")
    with pytest.raises(StoreUnavailable):  # at once: a wait of this length would not end
        await repeated(call, Patience(1e9))
    deadline.reset(former)
    assert call.calls == 1


@pytest.mark.parametrize(
    ("write", "landed", "outcome", "writes"),
    [
        (["made"], [], "made", 1),
        ([OUT], ["found"], "found", 1),
        ([OUT, "made"], [None], "made", 2),
        ([OUT, OUT, "made"], [None, None], "made", 3),
        ([OUT, AlreadyExists()], [None, "found"], "found", 2),
        ([AlreadyExists()], ["found"], AlreadyExists, 1),
        ([OUT, AlreadyExists()], [None, None], AlreadyExists, 2),
        ([Rejected()], [], Rejected, 1),
    ],
)
async def test_a_write_happens_once(
    write: Sequence[object], landed: Sequence[object], outcome: object, writes: int
) -> None:
    writing, looking = Script(*write), Script(*landed)

    async def run() -> object:
        return await settled(writing, looking, Patience(1000))

    if isinstance(outcome, type) and issubclass(outcome, Exception):
        with pytest.raises(outcome):
            await run()
    else:
        assert await run() == outcome
    assert writing.calls == writes
