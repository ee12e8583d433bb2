"""The tiers of the tests: pytest's option `--tier` decides which tests run, on which stores and with how many examples.

| | quick (the default) | all |
|---|---|---|
| a test that can run on several stores | runs on the first store that is present | runs on every store that is present |
| a test marked `slow` | is left out | runs |
| examples of a Hypothesis test | 30 | 600 |
| examples of one that takes `many_cases()` | 10 | 200 |
| the referee checks the answers | of the proxy of most tests | of all shared proxies |

A third tier, `rest`, completes a quick run: it is `all` without what `quick` runs in the same way. Hypothesis tests are in both,
since `all` gives them more examples.

The environment variable `TEST_STORES` limits all tiers to the stores that it names. A test whose store is not present is skipped,
with the reason. Tests that share a server run in one worker of pytest-xdist, so that the server starts once.
"""

import functools
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.nodeid import NodeId
from hypothesis import HealthCheck, settings

from tests.support import stores

EXAMPLES = {"quick": 30, "all": 600, "rest": 600}
"""The tiers, each with the number of examples of a Hypothesis test."""

_LEFT_OUT = pytest.StashKey[Counter[str]]()
_WORKER_KEY = "left_out_by_tier"


REFEREE = ("--validate-responses",)
"""Flags of a proxy whose answers are checked against the document. Each of its answers takes several times longer."""


def many_cases() -> int:
    """The number of examples for a Hypothesis test with many cases: a third of the usual.

    Such a test also runs for dozens of entities or operations, or fills its store with each example.
    """
    assert settings.default
    return settings.default.max_examples // 3


def further_referee(config: pytest.Config) -> tuple[str, ...]:
    """`REFEREE` in the tiers `all` and `rest`; no flags in the quick tier, whose referee only checks the answers of `any_proxy`."""
    return () if config.getoption("tier") == "quick" else REFEREE


def slow(*values: Any) -> list[Any]:
    """Parameters of a test that only the tier `all` runs, as in `parametrize("workers", ["1", *slow("2")])`.

    A tuple holds the values of several parameters.
    """
    return [pytest.param(*(each if isinstance(each, tuple) else (each,)), marks=pytest.mark.slow) for each in values]


# ---- The option ------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--tier`."""
    parser.getgroup("tiers", "tiers of tests").addoption(
        "--tier",
        choices=tuple(EXAMPLES),
        default="quick",
        help=f"quick (default): each test on the first store that is present, no test that is marked slow, "
        f"{EXAMPLES['quick']} Hypothesis examples. all: each test on every store that is present, slow tests too, "
        f"{EXAMPLES['all']} examples. rest: all, without what quick runs in the same way. "
        f"The environment variable TEST_STORES limits them to the stores that it names, out of "
        f"{', '.join(stores.ALL_STORES)}.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Every run takes the same Hypothesis examples, as many as the tier says."""
    tier: str = config.getoption("tier")
    settings.register_profile(
        tier,
        max_examples=EXAMPLES[tier],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    settings.load_profile(tier)
    config.stash[_LEFT_OUT] = Counter()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """`-n auto` starts one worker more than there are cores: tests wait for their servers a sixth of the time."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Says which stores are present, and why the others are not."""
    present = [store for store in stores.ALL_STORES if not _why_absent(store)]
    absent = [f"  not {store}: {reason}" for store in stores.ALL_STORES if (reason := _why_absent(store))]
    return [f"tier: {config.getoption('tier')}", f"stores: {', '.join(present) or 'none'}", *absent]


@functools.cache
def _why_absent(store: str) -> str | None:
    return stores.why_not(store)


# ---- What is left out ------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips tests of absent stores, leaves out what the tier does not run, and groups what shares a server."""
    tier: str = config.getoption("tier")
    if tier != "all":
        left_out = {**_slow(items), **_on_further_stores(items)}
        if tier == "rest":
            left_out = {
                item: "tests that quick runs" for item in items if item not in left_out and not _has_examples(item)
            }
        else:
            _check_that_every_file_runs(config, items, left_out)
        config.stash[_LEFT_OUT].update(left_out.values())
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    for item in items:
        if (store := store_of(item)) and (reason := _why_absent(store)):
            item.add_marker(pytest.mark.skip(reason=f"{store}: {reason}"))
        if group := group_of(item):
            _put_in_group(item, group)


def store_of(item: pytest.Item) -> str | None:
    """The store that a test runs on, as its marker `store` says; `None` where the test is not about a store."""
    marker = item.get_closest_marker("store")
    return str(marker.args[0]) if marker else None


def group_of(item: pytest.Item) -> str | None:
    """The name of the group of tests that run in one worker with this one, because they share servers or other costly fixtures.

    It is the test's store, or its file where it uses a fixture that lives longer than a test. `None` for all other tests.
    """
    if store := store_of(item):
        return store
    definitions: Iterable[Any] = item._fixtureinfo.name2fixturedefs.values()
    is_shared = any(each[-1].scope != "function" and each[-1].baseid for each in definitions)
    return item.nodeid.partition("::")[0] if is_shared else None


def _put_in_group(item: pytest.Item, group: str) -> None:
    """Marks the group, and appends it to the id that the scheduler reads: xdist 3.8 no longer does that with pytest 9.2.

    See https://github.com/pytest-dev/pytest-xdist/issues/1386.
    """
    item.add_marker(pytest.mark.xdist_group(group))
    if item.config.getoption("loadgroup", default=False):
        item._id = NodeId(path=item.id.path, names=(f"{item.id.rest}@{group}",))


def _slow(items: Iterable[pytest.Item]) -> dict[pytest.Item, str]:
    return {item: "slow tests" for item in items if item.get_closest_marker("slow")}


def _has_examples(item: pytest.Item) -> bool:
    return getattr(getattr(item, "obj", None), "is_hypothesis_test", False)


def _on_further_stores(items: Iterable[pytest.Item]) -> dict[pytest.Item, str]:
    """The cases of each test on all stores but the first that is present; where none is, but the first."""
    stores_of_tests: dict[str, set[str]] = {}
    for item in items:
        if store := store_of(item):
            stores_of_tests.setdefault(_function(item), set()).add(store)
    chosen = {function: min(found, key=_preference) for function, found in stores_of_tests.items()}
    return {
        item: "cases on further stores"
        for item in items
        if (store := store_of(item)) and store != chosen[_function(item)]
    }


def _preference(store: str) -> tuple[bool, int]:
    return _why_absent(store) is not None, stores.ALL_STORES.index(store)


def _function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _check_that_every_file_runs(
    config: pytest.Config, items: Iterable[pytest.Item], left_out: dict[pytest.Item, str]
) -> None:
    """Raises UsageError where the quick tier leaves out a whole file, unless the command line names single tests."""
    if any("::" in argument for argument in config.args) or config.getoption("keyword") or config.getoption("markexpr"):
        return
    kept = {item.path for item in items if item not in left_out}
    if missing := sorted({str(item.path) for item in left_out if item.path not in kept}):
        raise pytest.UsageError(f"The quick tier must run a test of every file, but all are marked slow in {missing}")


# ---- The report ------------------------------------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker sends the controller what it has left out."""
    if output := getattr(session.config, "workeroutput", None):
        output[_WORKER_KEY] = dict(session.config.stash[_LEFT_OUT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The controller takes what a worker has left out; it is the same for all workers."""
    node.config.stash[_LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get(_WORKER_KEY, {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says what the tier has left out."""
    if left_out := config.stash[_LEFT_OUT]:
        tier = config.getoption("tier")
        numbers = " and ".join(f"{number} {what}" for what, number in sorted(left_out.items()))
        terminalreporter.write_line(f"The tier {tier} left out {numbers}; --tier=all runs them.")
