"""Measures what observability costs: the processor time of the proxy per request, with each kind of it and with none.

The figure is processor time and not the rate, because the generator, the engine and the proxy share the machine's cores.
"""

import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from benchmarks import servers
from benchmarks.measurements import Bench, Scene, folder
from benchmarks.seeds import seed_mlmd
from benchmarks.stores import Store, databases
from tests.support.ports import free_port

OFF = "off"
_NOWHERE = "http://127.0.0.1:9"
"""No server listens at this address: the cost of creating spans is measured, not that of sending them."""

Variables = Mapping[str, str]
_TRACES: Variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": _NOWHERE}
WAYS: Mapping[str, tuple[Sequence[str], Variables]] = {
    OFF: ([], {}),
    "metrics": (["--metrics-port", "{port}"], {}),
    "server timing": (["--server-timing"], {}),
    "access log, text": (["--log-level", "info"], {}),
    "access log, json": (["--log-level", "info", "--log-format", "json"], {}),
    "traces, none sampled": ([], {**_TRACES, "OTEL_TRACES_SAMPLER": "always_off"}),
    "traces, a tenth": ([], {**_TRACES, "OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"}),
    "traces, all": ([], _TRACES),
}


def watch(bench: Bench, connections: int) -> dict[str, dict[str, float]]:
    """Measures each kind. Returns microseconds of the proxy's processor time per flow, by kind and operation (medians)."""
    seen: dict[str, dict[str, list[float]]] = {way: {} for way in WAYS}
    with folder() as place, databases(Store.SQLITE, place) as there:
        setting = servers.Setting(Store.SQLITE, place)
        seeded = there.empty()
        with servers.serving(setting, seeded) as target:
            seeds = seed_mlmd(target.mlmd)
        for number in range(bench.choice.rounds):
            for way, (flags, variables) in WAYS.items():
                bench.report(f"round {number + 1} of {bench.choice.rounds}: {way}")
                database = there.copy(seeded)
                given = [flag.format(port=free_port()) for flag in flags]
                with (
                    _environment(variables),
                    servers.serving(servers.Setting(Store.SQLITE, place, given), database) as target,
                ):
                    for name in bench.choice.operations:
                        sample = bench.rest(Scene(target, seeds), name, connections)
                        seen[way].setdefault(name, []).append(sample.proxy / sample.rate * 1e6)
                there.drop(database)
    return {way: {name: statistics.median(times) for name, times in found.items()} for way, found in seen.items()}


def show(measured: Mapping[str, Mapping[str, float]], console: Console) -> None:
    """Prints a table: microseconds with all kinds off, and for each kind the multiple of that."""
    names = list(measured[OFF])
    table = Table("way", *names)
    table.add_row("off, \u00b5s a request", *(f"{measured[OFF][name]:.0f}" for name in names))
    for way in list(measured)[1:]:
        table.add_row(way, *(f"{measured[way][name] / measured[OFF][name]:.2f}" for name in names))
    console.print(table)


@contextmanager
def _environment(variables: Variables) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
