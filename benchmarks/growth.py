"""Measures the same requests on small and large stores, the memory after load, and the time until the first response."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks import targets
from benchmarks.measurements import Bench, Scene, folder, memory
from benchmarks.results import median
from benchmarks.seeds import seed_mlmd
from benchmarks.servers import Setting, serving
from benchmarks.stores import Databases, Store, databases

LOOKUPS = ("get", "find", "create model", "create version")
LISTS = ("list 100", "list with filter", "50 versions")
_STARTS = 3
_SOAKED = ("get", "find", "create model", "list 100")
_MANY = 32


@dataclass(frozen=True, slots=True)
class Size:
    """The figures of one store size: p50 by operation in ms, seconds until the first response, MiB by role after load.

    `p50_of_mlmd` is the p50 of the same lists when MLMD is called directly, in ms.
    """

    models: int
    p50: Mapping[str, float]
    p50_of_mlmd: Mapping[str, float]
    start_seconds: float
    memory: Mapping[str, float]
    errors: float


def grow(bench: Bench, store: Store, sizes: Sequence[int]) -> list[Size]:
    """Measures one store with each number of models, and returns a `Size` for each."""
    with folder() as place, databases(store, place) as there:
        setting = Setting(store, place, bench.choice.flags, there.pids)
        return [_size(bench, setting, there, models) for models in sizes]


def _size(bench: Bench, setting: Setting, there: Databases, models: int) -> Size:
    bench.report(f"{setting.store}: seeding {models:,} models")
    database = there.empty()
    with serving(setting, database) as target:
        seeds = seed_mlmd(target.mlmd, models)
    starts = []
    for _ in range(_STARTS):
        with serving(setting, database) as target:
            starts.append(target.start_seconds)
    with serving(setting, database) as target:
        scene = Scene(target, seeds)
        rounds = range(bench.choice.rounds)
        of_mlmd = {name: median([bench.naive(scene, name, 1) for _ in rounds]) for name in LISTS}
        samples = {name: median([bench.rest(scene, name, 1) for _ in rounds]) for name in (*LISTS, *LOOKUPS)}
        p50 = {name: sample.p50 for name, sample in samples.items()}
        p50_of_mlmd = {name: of_mlmd[name].p50 for name in LISTS}
        bench.play(scene, "get", _MANY, bench.choice.seconds)
        errors = sum(sample.errors for sample in samples.values())
        size = Size(models, p50, p50_of_mlmd, statistics.median(starts), memory(target), errors)
    there.drop(database)
    bench.report(f"  {models:,} models: " + ", ".join(f"{name} {value:.2f} ms" for name, value in p50.items()))
    return size


def soak(bench: Bench, store: Store, requests: int) -> list[tuple[int, float]]:
    """Sends at least `requests` requests, reads and writes in turn, and measures memory after each turn.

    Returns pairs: the requests sent so far, and the MiB of the proxy's largest process.
    """
    seen: list[tuple[int, float]] = []
    done = 0
    with folder() as place, databases(store, place) as there:
        setting = Setting(store, place, bench.choice.flags, there.pids)
        with serving(setting, there.empty()) as target:
            scene = Scene(target, seed_mlmd(target.mlmd))
            while done < requests:
                done += sum(bench.play(scene, name, _MANY, bench.choice.seconds).requests for name in _SOAKED)
                seen.append((done, memory(target)["proxy"]))
                bench.report(f"  {done:,} requests: {seen[-1][1]:.1f} MiB")
    return seen


def show(sizes: Sequence[Size], console: Console) -> None:
    """Prints a table with a row for each operation; in parentheses, the figure as a multiple of the smallest store's."""
    table = Table(title="p50 in ms, one connection", title_justify="left")
    table.add_column("operation")
    for size in sizes:
        table.add_column(f"{size.models:,} models", justify="right")
    table.add_column("at most", justify="right")
    for name in (*LOOKUPS, *LISTS):
        limit = targets.GROWTH_OF_LOOKUPS if name in LOOKUPS else targets.GROWTH_OF_LISTS
        table.add_row(name, *(_growth(size.p50[name], sizes[0].p50[name], limit) for size in sizes), f"{limit:g}x")
        if name in LISTS:
            times = [size.p50_of_mlmd[name] for size in sizes]
            table.add_row("  only MLMD", *(_growth(time, times[0]) for time in times))
    table.add_row(
        "first response, s",
        *(_limited(size.start_seconds, targets.MOST_START_SECONDS) for size in sizes),
        f"{targets.MOST_START_SECONDS:g}",
    )
    table.add_row(
        "proxy, MiB", *(_limited(size.memory["proxy"], targets.MOST_MIB) for size in sizes), f"{targets.MOST_MIB:g}"
    )
    table.add_row("store, MiB", *(f"{size.memory['store']:.0f}" for size in sizes))
    table.add_row("errors", *(f"{size.errors:.0f}" for size in sizes), "0")
    console.print(table)


def _growth(p50: float, smallest: float, limit: float | None = None) -> Text:
    multiple = p50 / smallest if smallest else 1.0
    style = "dim" if limit is None else "red" if multiple > limit else "green"
    return Text(f"{p50:.2f} ({multiple:.2f}x)", style=style)


def _limited(value: float, limit: float) -> Text:
    return Text(f"{value:.2f}", style="red" if value > limit else "green")
