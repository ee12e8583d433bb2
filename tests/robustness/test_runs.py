"""The short form of `make robustness`: one run on each store, and runs with planted bugs that the checker must find."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.robustness.run import Outcome, Plan, run
from tests.support.processes import need_engine
from tests.support.stores import STORES, on
from tests.support.tiers import slow

SEEDS = (1, 2, 3)
"""A run with one of these seeds must find a planted bug."""

PLANTED = {
    "no_completion": Plan("embedded-sqlite", 0, 1, strikes=4, faults=("kill proxy amid create",)),
    "no_repair": Plan("embedded-sqlite", 0, 1, strikes=4, faults=("kill proxy amid create",)),
    "no_look_up": Plan("embedded-sqlite", 0, 1, strikes=8, faults=("lose answers", "lose answer to create")),
    "merged_instead_of_masked": Plan("embedded-sqlite", 0, 1, calls=500, is_calm=True),
}
"""Bugs, and the runs that show them. `make robustness` has those that show without any fault."""


def played(plan: Plan, folder: Path) -> Outcome:
    folder.chmod(0o755)  # the database may run as another user
    return asyncio.run(run(plan, folder))


RUNS = {
    "a short run": Plan("", seed=1, seconds=2.0, strikes=2, calls=100),
    "a longer run": Plan("", seed=1, seconds=6.0, strikes=6, calls=200),
}


@pytest.mark.parametrize("length", ["a short run", *slow("a longer run")])
@pytest.mark.parametrize("store", on(STORES))
def test_no_promise_is_broken_by_faults(store: str, length: str, tmp_path: Path) -> None:
    outcome = played(replace(RUNS[length], store=store), tmp_path)
    listed = "\n".join(map(str, outcome.violations))
    assert not outcome.violations, f"{listed}\nRun it again: {outcome.plan.command}\n{outcome.history.about}"
    assert outcome.history.faults
    assert any(call.is_acknowledged for call in outcome.history.calls)


@pytest.mark.slow
@pytest.mark.parametrize(("plant", "plan"), PLANTED.items(), ids=list(PLANTED))
def test_a_planted_bug_is_found(plant: str, plan: Plan, tmp_path: Path) -> None:
    need_engine()
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        found = played(replace(plan, seed=seed, plant=plant), folder).violations
        if any(
            violation.rule != "unexpected answer" for violation in found
        ):  # those would show a plant that has withered
            return
    pytest.fail(f"the checker has not found {plant} with seeds {SEEDS}")
