"""Measures how the rate grows with the number of proxies. Each has its own MLMD server of Google; all use one MySQL server."""

import statistics
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks import servers
from benchmarks.measurements import Bench, Scene, folder
from benchmarks.seeds import seed_mlmd
from benchmarks.stores import Store, databases

Measured = Mapping[int, Mapping[str, Mapping[str, float]]]


def scale(bench: Bench, numbers: Sequence[int], connections: int) -> Measured:
    """Measures each number of proxies. Returns figures by number and operation, the medians of the rounds.

    `rate` is flows per second of all proxies together, `p99` in ms is that of the slowest, `proxy` is cores of all.
    """
    seen: dict[int, dict[str, list[dict[str, float]]]] = {number: {} for number in numbers}
    with folder() as place, databases(Store.GOOGLE_MYSQL, place) as there:
        setting = servers.Setting(Store.GOOGLE_MYSQL, place, bench.choice.flags)
        seeded = there.empty()
        with servers.serving(setting, seeded) as target:
            seeds = seed_mlmd(target.mlmd)
        for turn in range(bench.choice.rounds):
            for number in numbers:
                bench.report(f"round {turn + 1} of {bench.choice.rounds}: {number} proxies")
                database = there.copy(seeded)
                with servers.several(setting, database, number) as targets:
                    scenes = [Scene(target, seeds) for target in targets]
                    for name in bench.choice.operations:
                        samples = bench.together(scenes, name, connections)
                        seen[number].setdefault(name, []).append(
                            {
                                "rate": sum(sample.rate for sample in samples),
                                "p99": max(sample.p99 for sample in samples),
                                "proxy": sum(sample.proxy for sample in samples),
                                "errors": sum(sample.errors for sample in samples),
                            }
                        )
                there.drop(database)
    return {
        number: {
            name: {key: statistics.median(round_[key] for round_ in rounds) for key in rounds[0]}
            for name, rounds in found.items()
        }
        for number, found in seen.items()
    }


def show(measured: Measured, console: Console) -> None:
    """Prints a table with the rates as multiples of the first row's."""
    first = next(iter(measured))
    names = list(measured[first])
    table = Table("proxies", *names)
    for number, found in measured.items():
        cells = [
            f"{found[name]['rate'] / measured[first][name]['rate']:.2f} ({found[name]['rate']:.0f}/s, "
            f"p99 {found[name]['p99']:.0f} ms, {found[name]['proxy']:.1f} cores, {found[name]['errors']:.0f} errors)"
            for name in names
        ]
        table.add_row(str(number), *cells)
    console.print(table)
