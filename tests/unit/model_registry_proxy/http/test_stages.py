"""The clock of a request: it is in one stage at a time, and the stages add up."""

from pathlib import Path

import pytest

from model_registry_proxy.http import stages
from model_registry_proxy.http.stages import NO_CLOCK, Stage, StageClock

Seconds = list[float]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    """The time that the clock reads; a test changes its only element."""
    time = [0.0]
    monkeypatch.setattr(stages.time, "perf_counter", lambda: time[0])
    return time


def spent(clock: StageClock) -> dict[str, float]:
    return {stage.value: seconds for stage, seconds in clock.seconds.items() if seconds}


def test_a_stage_ends_where_the_next_begins(now: Seconds) -> None:
    clock = StageClock()
    for second, stage in enumerate((Stage.CHECK, Stage.RENDER, Stage.SEND, None), 1):
        now[0] += second
        clock.enter(stage)
    assert spent(clock) == {"receive": 1, "check": 2, "render": 3, "send": 4}


def test_a_call_goes_before_a_wait_and_what_is_left_is_rendering(now: Seconds) -> None:
    clock = StageClock()
    clock.enter(Stage.CHECK)
    clock.count(waits=1)
    now[0] += 1
    clock.count(calls=1)
    now[0] += 2
    clock.count(calls=-1)
    now[0] += 4
    clock.count(waits=-1)
    now[0] += 8
    clock.enter(None)
    assert spent(clock) == {"wait": 5, "store": 2, "render": 8}


def test_waits_and_calls_that_overlap_count_once(now: Seconds) -> None:
    clock = StageClock()
    clock.count(calls=2)
    now[0] += 1
    clock.count(calls=-1)
    now[0] += 1
    clock.count(calls=-1)
    assert spent(clock) == {"store": 2}


def test_a_call_that_ends_after_the_answer_changes_nothing(now: Seconds) -> None:
    clock = StageClock()
    clock.count(calls=1)
    clock.enter(Stage.SEND)
    now[0] += 1
    clock.count(calls=-1)
    clock.enter(None)
    clock.count(calls=1)
    assert spent(clock) == {"send": 1}


def test_a_request_that_is_not_timed_leaves_no_time(now: Seconds) -> None:
    NO_CLOCK.enter(Stage.CHECK)
    now[0] += 1
    NO_CLOCK.enter(Stage.SEND)
    assert spent(NO_CLOCK) == {}


def test_the_documentation_explains_every_stage() -> None:
    page = (Path(__file__).parents[4] / "docs" / "observability.md").read_text("utf-8")
    assert [stage.value for stage in Stage if f"| `{stage}` |" not in page] == []
