"""What pages of the web UI cost on a real store: calls of the API that do not grow with the registry, and little HTML."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.servers import Setting, Target, serving
from benchmarks.stores import Store, databases
from benchmarks.web_ui.page_costs import PageCost, measure
from benchmarks.web_ui.pages import LIST, questions
from benchmarks.web_ui.registry import fill
from tests.support import processes

SMALL, LARGE = 100, 1200
"""Numbers of models. In the larger registry, each parent has more rows than a page shows."""
MOST_CALLS = 10
MOST_BYTES = 40 * 1024


def _costs(target: Target, models: int) -> Mapping[str, PageCost]:
    return measure(f"http://{target.rest}", questions(fill(target, models)), repetitions=1)


@pytest.mark.skipif(processes.why_no_engine() is not None, reason=f"No engine: {processes.why_no_engine()}")
def test_no_page_asks_more_of_a_large_registry_than_of_a_small_one(tmp_path: Path) -> None:
    with databases(Store.SQLITE, tmp_path) as there, serving(Setting(Store.SQLITE, tmp_path), there.empty()) as target:
        small, large = (_costs(target, models) for models in (SMALL, LARGE))
    assert {name: cost.status for name, cost in large.items() if not cost.is_shown} == {}
    assert {
        name: (small[name].calls, cost.calls) for name, cost in large.items() if cost.calls > small[name].calls
    } == {}
    assert {name: cost.calls for name, cost in large.items() if cost.calls > MOST_CALLS} == {}
    assert large[LIST].size <= MOST_BYTES
