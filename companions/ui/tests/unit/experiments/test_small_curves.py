"""The small curves of a run's metrics: one call, no script, and a page that comes also without them."""

import asyncio

import pytest
from model_registry_ui.backend import Answer, Caller, Question
from model_registry_ui.experiments import small_curves
from model_registry_ui.experiments.measurements import Measure
from model_registry_ui.experiments.small_curves import MOST, chosen

from companions.ui.tests.experiment_registry import ExperimentBackend, registry
from companions.ui.tests.unit.experiments.test_pages import get


def curve_calls(backend: ExperimentBackend) -> list[dict[str, str]]:
    return [dict(one.parameters) for one in backend.questions if one.path.endswith("/metric_history")]


async def test_each_metric_with_a_history_has_its_small_curve_and_its_last_value() -> None:
    text = await get("/ui/runs/2", registry(curves=True))
    assert text.count('class="small-curve" role="img"') == 1
    assert "<title>10 values from 0.1 to 1</title>" in text
    assert '<td class="number">0.25</td><td><svg class="small-curve"' in text


async def test_all_small_curves_of_a_run_are_one_call_however_many_metrics_it_has() -> None:
    for count in (1, 30, 120):
        made = registry(curves=True)
        for number in range(count):
            made.measure("2", "metric", f"m{number:03}", 0.5, step=number)
        text = await get("/ui/runs/2", made)
        (asked,) = curve_calls(made)
        assert len(asked["names"].split(",")) == min(count + 2, MOST)
        assert ("Small curves are drawn of 50 of the 122 metrics." in text) == (count == 120)
        assert len(made.questions) == 6


async def test_without_the_extension_there_is_no_column_of_curves() -> None:
    made = registry()
    text = await get("/ui/runs/2", made)
    assert curve_calls(made) == []
    assert ">Curve</th>" not in text
    assert "not there in time" not in text


class Silent(ExperimentBackend):
    """A registry whose curves never come, or are refused."""

    status = 0

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Answers all but the curves."""
        if not question.path.endswith("/metric_history"):
            return await super().send(question, caller)
        if not self.status:
            await asyncio.Event().wait()
        return Answer(self.status, b'{"message": "Not now."}')


def silent(status: int = 0) -> Silent:
    made = Silent(curves=True)
    made.entities, made.status = registry(curves=True).entities, status
    return made


async def test_curves_that_are_late_do_not_hold_up_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_curves, "WAIT_SECONDS", 0.01)
    text = await get("/ui/runs/2", silent())
    assert 'id="metrics" data-part="/ui/runs/2?curves=1"' in text
    assert '<a href="/ui/runs/2?curves=1#metrics">Wait for them</a>' in text
    assert ">Curve</th>" in text


@pytest.mark.parametrize("status", [403, 500, 503])
async def test_curves_that_are_refused_only_take_themselves_from_the_page(status: int) -> None:
    text = await get("/ui/runs/2?curves=1", silent(status))
    assert "The small curves were not there in time.</p>" in text
    assert '<td class="number">0.25</td>' in text


def test_names_that_one_address_cannot_hold_are_left_out() -> None:
    assert chosen({"a,b": Measure("1", step=5), " c": Measure("1"), "d": Measure("1"), "e": Measure("1", step=2)}) == [
        "e",
        "d",
    ]
    assert len(chosen({"é" * 100 + str(number): Measure("1") for number in range(20)})) == 6
