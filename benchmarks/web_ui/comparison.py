"""Measures the web UI on stores of several sizes, and MLflow's UI in turn with it, and shows the figures next to the goals."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measurements import Progress, folder
from benchmarks.seeds import model_name
from benchmarks.servers import Setting, serving
from benchmarks.stores import Store, databases
from benchmarks.web_ui import first_views, mlflow_server, pages
from benchmarks.web_ui.first_views import NETWORKS, FirstView, Network, first_view, median
from benchmarks.web_ui.page_costs import PageCost, measure
from benchmarks.web_ui.registry import Seeded, fill

OURS, MLFLOW = "ours", "MLflow"
_ROWS = {OURS: "tr[data-row] a", MLFLOW: mlflow_server.ROW}
_WARMUP = 3


@dataclass(slots=True)
class Measured:
    """The figures of one size of the store: costs by page, and the views of each round by network and side."""

    models: int
    pages: Mapping[str, PageCost]
    views: dict[str, dict[str, list[FirstView]]] = field(default_factory=dict)

    def median(self, network: Network, side: str) -> FirstView | None:
        """The median of all rounds; `None` if this side was not measured."""
        views = self.views.get(network.words, {}).get(side)
        return median(views) if views else None


def compare(report: Progress, sizes: Sequence[int], rounds: int, programs: Path | None) -> list[Measured]:
    """Measures stores with each number of models; `programs` are those of MLflow, `None` leaves it out."""
    with folder() as place, databases(Store.SQLITE, place) as there:
        found = []
        for models in sizes:
            report(f"seeding {models:,} models")
            with serving(Setting(Store.SQLITE, place), there.empty()) as target:
                seeded = fill(target, models)
                report("pages")
                address = f"http://{target.rest}"
                measured = Measured(models, measure(address, pages.questions(seeded)))
                if reason := first_views.why_not():
                    report(f"No first views: {reason}.")
                else:
                    with _addresses(address, seeded, place, programs) as addresses:
                        _views(report, measured, addresses, rounds)
            found.append(measured)
    return found


@contextmanager
def _addresses(ours: str, seeded: Seeded, place: Path, programs: Path | None) -> Iterator[dict[str, str]]:
    """The addresses of the lists of models by side."""
    with ExitStack() as stack:
        found = {OURS: ours + pages.questions(seeded)[pages.LIST].path}
        if programs:
            names = lambda number: model_name(seeded.prefix, number)  # noqa: E731
            found[MLFLOW] = stack.enter_context(mlflow_server.serving(programs, place, seeded.models, names))
        yield found


def _views(report: Progress, measured: Measured, addresses: Mapping[str, str], rounds: int) -> None:
    """Opens the lists in turn, so that other load of the machine meets both sides."""
    with first_views.chromium() as browser:
        for _ in range(_WARMUP):
            for side, url in addresses.items():
                first_view(browser, url, _ROWS[side])
        for network in NETWORKS:
            views = measured.views.setdefault(network.words, {})
            for number in range(rounds):
                for side, url in addresses.items():
                    view = first_view(browser, url, _ROWS[side], network)
                    if view:
                        views.setdefault(side, []).append(view)
                    words = f"{view.rows_ms:.0f} ms" if view else "no rows within a minute; the round is left out"
                    report(f"  {network.words}, round {number + 1}, {side}: {words}")
