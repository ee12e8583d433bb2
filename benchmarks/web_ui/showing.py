"""Shows the figures of the web UI as tables: the goals, the pages, and the first views."""

from collections.abc import Iterator, Sequence

from model_registry_ui.static_files import files
from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.web_ui.comparison import MLFLOW, OURS, Measured
from benchmarks.web_ui.first_views import LOCAL, NETWORKS
from benchmarks.web_ui.pages import LIST

MOST_HTML_KB, MOST_CSS_KB, MOST_SCRIPT_KB = 40, 30, 25
MOST_REQUESTS, MOST_CALLS, MOST_OWN_MS = 3, 10, 15
TIMES_SOONER, TIMES_SMALLER = 3, 50
_KB = 1024


def show(found: Sequence[Measured], console: Console) -> None:
    """Prints all tables."""
    for table in (_goals(found), _pages(found), _views(found)):
        console.print(table)


def _table(title: str, first: str, found: Sequence[Measured]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for size in found:
        table.add_column(f"{size.models:,} models", justify="right")
    return table


def _goals(found: Sequence[Measured]) -> Table:
    table = _table("Goals", "figure", found)
    table.add_column("goal", justify="right")
    for words, goal, is_lower_better, figures in _figures(found):
        judged = (_judged(figure, goal, is_lower_better=is_lower_better) for figure in figures)
        table.add_row(words, *judged, f"{'at most' if is_lower_better else 'at least'} {goal:g}")
    grown = [name for name in found[0].pages if len({size.pages[name].calls for size in found}) > 1]
    table.add_row("pages whose calls grow with the store", ", ".join(grown) or "none", *[""] * (len(found) - 1), "none")
    return table


def _figures(found: Sequence[Measured]) -> Iterator[tuple[str, float, bool, Sequence[float | None]]]:
    """The words of each figure, its goal, whether lower is better, and the figure of each size."""
    lists = [size.pages[LIST] for size in found]
    yield "HTML of the list of models, 50 rows, KB", MOST_HTML_KB, True, [page.size / _KB for page in lists]
    for name, most in (("ui.css", MOST_CSS_KB), ("ui.js", MOST_SCRIPT_KB)):
        yield f"{name}, KB", most, True, [len(files()[name].content) / _KB for _ in found]
    yield "own time of the list, p50, ms", MOST_OWN_MS, True, [page.own_ms for page in lists]
    most_calls = [float(max(page.calls for page in size.pages.values())) for size in found]
    yield "most calls of the API for a page", MOST_CALLS, True, most_calls
    ours, mlflow = ([size.median(LOCAL, side) for size in found] for side in (OURS, MLFLOW))
    pairs = list(zip(ours, mlflow, strict=True))
    yield "requests of a first view", MOST_REQUESTS, True, [view.requests if view else None for view in ours]
    yield (
        "first rows: MLflow's ms / ours",
        TIMES_SOONER,
        False,
        [other.rows_ms / own.rows_ms if own and other else None for own, other in pairs],
    )
    yield (
        "bytes: MLflow's / ours",
        TIMES_SMALLER,
        False,
        [other.transferred / own.transferred if own and other else None for own, other in pairs],
    )


def _judged(value: float | None, goal: float, *, is_lower_better: bool) -> Text:
    if value is None:
        return Text("not measured", style="dim")
    is_kept = value <= goal if is_lower_better else value >= goal
    return Text(f"{value:.1f}", style="green" if is_kept else "red")


def _pages(found: Sequence[Measured]) -> Table:
    table = _table("Pages: calls of the API, KB of HTML, ms with the server's answers, own ms", "page", found)
    for name in found[0].pages:
        costs = [size.pages[name] for size in found]
        table.add_row(
            name,
            *(
                f"{cost.calls}, {cost.size / _KB:.0f} KB, {cost.total_ms:.1f}, {cost.own_ms:.1f}"
                if cost.is_shown
                else f"status {cost.status}"
                for cost in costs
            ),
        )
    return table


def _views(found: Sequence[Measured]) -> Table:
    table = _table("First views: ms to the first row, requests, KB sent, KB without compression", "side", found)
    for network in NETWORKS:
        for side in (OURS, MLFLOW):
            views = [size.median(network, side) for size in found]
            table.add_row(
                f"{side}, {network.words}",
                *(
                    f"{view.rows_ms:.0f}, {view.requests}, {view.transferred / _KB:,.0f}, {view.content / _KB:,.0f}"
                    if view
                    else "not measured"
                    for view in views
                ),
            )
    return table
