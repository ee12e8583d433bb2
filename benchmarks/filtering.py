"""Measures what MLMD's filters are worth: the same operations on an engine that filters and on one that refuses filters."""

import statistics
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.measurements import Bench, Scene, folder
from benchmarks.seeds import seed_mlmd
from benchmarks.servers import Setting, serving
from benchmarks.stores import Store, databases

BOTH = (Store.SQLITE_SERVER, Store.SQLITE_UNFILTERED)

Times = Mapping[str, Mapping[str, Sequence[float]]]
"""By "operation, connections" and store: ms of a flow, the median of each round."""


def compare(bench: Bench, sizes: Sequence[int]) -> dict[int, Times]:
    """Measures all operations on both engines, in turn, on stores with these numbers of models."""
    return {models: _compare(bench, models) for models in sizes}


def _compare(bench: Bench, models: int) -> Times:
    times: dict[str, dict[str, list[float]]] = {}
    with folder() as place, databases(Store.SQLITE, place) as there:
        seeded = there.empty()
        bench.report(f"seeding {models:,} models")
        with serving(Setting(BOTH[0], place), seeded) as target:
            seeds = seed_mlmd(target.mlmd, models)
        for number in range(bench.choice.rounds):
            for store in BOTH:
                bench.report(f"{models:,} models, round {number + 1} of {bench.choice.rounds}: {store}")
                database = there.copy(seeded)
                with serving(Setting(store, place), database) as target:
                    for name in bench.choice.operations:
                        for connections in bench.choice.connections:
                            sample = bench.rest(Scene(target, seeds), name, connections)
                            if sample.errors:
                                bench.report(f"  {name}: {sample.errors} errors: {sample.complaints}")
                            row = times.setdefault(f"{name}, {connections}", {each: [] for each in BOTH})
                            row[store].append(1000 * connections / sample.rate)
                there.drop(database)
    return times


def show(measured: Mapping[int, Times], console: Console) -> None:
    """Prints a table: ms of a flow with filters and without them, and the ratio, for each number of models."""
    table = Table("operation, connections", *(f"{models:,} models" for models in measured))
    for row in next(iter(measured.values())):
        table.add_row(row, *(_cell(times[row]) for times in measured.values()))
    console.print(table)


def _cell(times: Mapping[str, Sequence[float]]) -> str:
    filtered, unfiltered = (statistics.median(times[store]) for store in BOTH)
    return f"{filtered:.2f} ms, {unfiltered:.2f} ms: {unfiltered / filtered:.2f}"
