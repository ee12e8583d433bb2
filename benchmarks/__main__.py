"""The command line of the benchmarks: `python -m benchmarks run|compare|growth|...`. The `bench` targets of the Makefile run it."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console

from benchmarks import (
    catalog,
    children,
    filtering,
    generator,
    growth,
    large_families,
    mlflow,
    results,
    scaling,
    stores,
    tables,
    watching,
)
from benchmarks.generator import GeneratorError
from benchmarks.measurements import Bench, measure_store, measure_url
from benchmarks.operations import operations
from benchmarks.results import Choice, Result
from benchmarks.seeds import seed_rest
from benchmarks.servers import Target
from benchmarks.stores import Store
from benchmarks.web_ui import comparison, mlflow_server, showing

RESULTS = Path(__file__).parent / "results"
SIZES = "1000,10000,100000"
_NAMES = list(operations("", 0))
_COLUMNS = 132
"""The width of tables where the output is no terminal."""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
console = Console(width=None if sys.stdout.isatty() else _COLUMNS)


def _option(*names: str, text: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, **more)


Names = Annotated[str, _option("--operations", "-o", text=f"Some of {', '.join(_NAMES)}, with commas between. [all]")]
Stores = Annotated[str, _option("--stores", "-s", text=f"Some of {', '.join(Store)}, with commas between.")]
Seconds = Annotated[float, _option("--seconds", text="Seconds for each operation, side and round.", min=0.1)]
Rounds = Annotated[int, _option("--rounds", text="Rounds; the figures are their medians.", min=1)]
Connections = Annotated[str, _option("--connections", "-c", text="Numbers of connections, with commas between.")]
Output = Annotated[Path | None, _option("--output", text="File for the figures. [benchmarks/results/<time>.json]")]
Flags = Annotated[str, _option("--proxy-flags", text='More flags for the proxy, such as "--workers 2".')]
Check = Annotated[bool, _option("--check", text="Check that each response is about the entity that was requested.")]
Url = Annotated[
    str, _option("--url", text="Measure a server that runs already, such as http://localhost:8080; start none.")
]
Mlmd = Annotated[
    str,
    _option("--mlmd", text="host:port of the MLMD server behind --url. Without it the naive client is not measured."),
]
Headers = Annotated[
    list[str] | None, _option("--header", text='Header of each request to --url, such as "Authorization: Bearer x".')
]
Sizes = Annotated[str, _option("--sizes", text="Numbers of models, with commas between.")]
Soak = Annotated[int, _option("--soak", text="Number of requests to send at the end, while memory is measured.", min=0)]


@app.command()
def run(
    *,
    names: Names = "",
    chosen_stores: Stores = "",
    seconds: Seconds = 2.0,
    rounds: Rounds = 3,
    connections: Connections = "1,32",
    check: Check = False,
    url: Url = "",
    mlmd: Mlmd = "",
    header: Headers = None,
    proxy_flags: Flags = "",
    output: Output = None,
) -> None:
    """Measure operations, and compare each with the reference points "naive" and "noop"."""
    choice = Choice(
        _parts(names, _NAMES, "operation") or _NAMES,
        [int(number) for number in _parts(connections)],
        seconds,
        rounds=rounds,
        is_checked=check,
        flags=proxy_flags.split(),
    )
    with _bench(choice) as bench:
        if url:
            measured = [_measure_url(bench, url, mlmd, header or [])]
        else:
            measured = [measure_store(bench, store) for store in _stores(chosen_stores, stores.USUAL)]
    content = results.as_json(measured, choice)
    tables.show(content, console)
    _keep(content, output, "bench")
    if any(result.wrong() for result in measured):
        raise typer.Exit(1)


@app.command()
def compare(a: Path, b: Path) -> None:
    """Show two results side by side."""
    tables.compare(json.loads(a.read_text()), json.loads(b.read_text()), console)


@app.command("growth")
def grow(
    *,
    sizes: Sizes = SIZES,
    chosen_stores: Stores = Store.SQLITE.value,
    seconds: Seconds = 2.0,
    rounds: Rounds = 3,
    soak: Soak = 0,
    proxy_flags: Flags = "",
    output: Output = None,
) -> None:
    """Measure stores of several sizes: latency, memory and time to start."""
    content: dict[str, Any] = {}
    with _bench(Choice([], [1], seconds, rounds=rounds, flags=proxy_flags.split())) as bench:
        for store in _stores(chosen_stores, ()):
            measured = growth.grow(bench, store, [int(size) for size in _parts(sizes)])
            growth.show(measured, console)
            seen = growth.soak(bench, store, soak) if soak else []
            content[store] = {"sizes": [asdict(size) for size in measured], "mib_after_requests": seen}
    _keep(content, output, "growth")


@app.command("children")
def count_children(
    *,
    numbers: Annotated[str, _option("--numbers", text="Numbers of children, with commas between.")] = "50,1000,50000",
    chosen_stores: Stores = Store.SQLITE.value,
    output: Output = None,
) -> None:
    """Measure the MLMD calls that can list the versions of one model."""
    content: dict[str, Any] = {}
    with _bench(Choice([], [1], 1.0, rounds=1)) as bench:
        for store in _stores(chosen_stores, ()):
            measured = children.children(bench, store, [int(number) for number in _parts(numbers)])
            children.show(measured, console)
            content[store] = {str(number): times for number, times in measured.items()}
    _keep(content, output, "children")


@app.command("watching")
def watch(
    *, names: Names = "get,create model", seconds: Seconds = 2.0, rounds: Rounds = 3, output: Output = None
) -> None:
    """Measure the processor time that metrics, traces, timings and logs cost."""
    with _bench(Choice(_parts(names, _NAMES, "operation"), [32], seconds, rounds=rounds)) as bench:
        content = watching.watch(bench, 32)
    watching.show(content, console)
    _keep(content, output, "watching")


@app.command("filtering")
def compare_filtering(
    *,
    names: Names = "",
    sizes: Sizes = "1000,20000",
    seconds: Seconds = 1.0,
    rounds: Rounds = 3,
    connections: Connections = "1,32",
    output: Output = None,
) -> None:
    """Measure every operation on MLMD with its filters and on one that refuses them."""
    chosen = _parts(names, _NAMES, "operation") or _NAMES
    choice = Choice(chosen, [int(number) for number in _parts(connections)], seconds, rounds=rounds)
    with _bench(choice) as bench:
        content = filtering.compare(bench, [int(size) for size in _parts(sizes)])
    filtering.show(content, console)
    _keep({str(models): times for models, times in content.items()}, output, "filtering")


@app.command("families")
def compare_families(*, output: Output = None) -> None:
    """Measure lists below parents with thousands of rows, on MLMD with its filters and on one that refuses them."""
    content = large_families.compare(_report)
    large_families.show(content, console)
    times = {name: {store: each._asdict() for store, each in row.items()} for name, row in content.items()}
    _keep(times, output, "families")


@app.command("scaling")
def scale(
    *,
    names: Names = "get,patch,create model",
    numbers: Annotated[str, _option("--proxies", text="Numbers of proxies, with commas between.")] = "1,2,4",
    seconds: Seconds = 2.0,
    rounds: Rounds = 3,
    proxy_flags: Flags = "",
    output: Output = None,
) -> None:
    """Measure several proxies on one MySQL server, each with its own MLMD server of Google."""
    if reason := stores.why_not(Store.GOOGLE_MYSQL):
        raise typer.BadParameter(f"This cannot be measured: {reason}.")
    choice = Choice(_parts(names, _NAMES, "operation"), [64], seconds, rounds=rounds, flags=proxy_flags.split())
    with _bench(choice) as bench:
        content = scaling.scale(bench, [int(number) for number in _parts(numbers)], 64)
    scaling.show(content, console)
    _keep(content, output, "scaling")


@app.command("ui")
def measure_ui(
    *,
    sizes: Sizes = "1000,100000",
    rounds: Rounds = 7,
    ours_only: Annotated[bool, _option("--without-mlflow", text="Measure only our pages.")] = False,
    output: Output = None,
) -> None:
    """Measure the pages of the web UI, and their first views next to those of MLflow's UI."""
    programs = None
    if not ours_only:
        try:
            programs = mlflow_server.installed()
            _report(f"MLflow {mlflow_server.version(programs)}")
        except mlflow_server.NotInstalled as error:
            _report(f"MLflow is not measured, because it cannot be installed: {error}")
    found = comparison.compare(_report, [int(size) for size in _parts(sizes)], rounds, programs)
    showing.show(found, console)
    _keep({str(size.models): asdict(size) for size in found}, output, "ui")
    if any(not page.is_shown for size in found for page in size.pages.values()):
        raise typer.Exit(1)


@app.command("catalog")
def measure_catalog(*, sizes: Sizes = "10000", seconds: Seconds = 3.0, output: Output = None) -> None:
    """Measure the model catalog: start, restart, memory and answers, with so many models."""
    with _built() as built:
        found = catalog.measure(built, seconds, [int(size) for size in _parts(sizes)], _report)
    catalog.show(found, console)
    _keep(catalog.as_json(found), output, "catalog")


@app.command("mlflow")
def measure_mlflow(
    *, connections: Connections = "1,16", seconds: Seconds = 2.0, rounds: Rounds = 3, output: Output = None
) -> None:
    """Measure MLflow's registry API next to MLflow's own server, both on SQLite."""
    try:
        programs = mlflow_server.installed()
    except mlflow_server.NotInstalled as error:
        raise typer.BadParameter(f"MLflow cannot be installed: {error}") from None
    _report(f"MLflow {mlflow_server.version(programs)}")
    with _built() as built:
        numbers = [int(number) for number in _parts(connections)]
        found = mlflow.measure(built, programs, numbers, seconds, rounds, _report)
    mlflow.show(found, console)
    _keep(found, output, "mlflow")


def _measure_url(bench: Bench, url: str, mlmd: str, headers: Sequence[str]) -> Result:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise typer.BadParameter(f"--url must be like http://localhost:8080; got {url!r}.")
    is_tls = parts.scheme == "https"
    address = parts.netloc if parts.port else f"{parts.netloc}:{443 if is_tls else 80}"
    bench.report("Seeding")
    pairs = [header.partition(":") for header in headers]
    seeds = seed_rest(url.rstrip("/"), {name: value.strip() for name, _, value in pairs}, mlmd)
    return measure_url(bench, Target(address, mlmd, parts.path.rstrip("/"), is_tls, headers), seeds)


def _stores(text: str, usual: Sequence[Store]) -> list[Store]:
    """The stores that the user names, or else the usual stores that can run here. Raises `BadParameter`."""
    asked = [Store(name) for name in _parts(text, list(Store), "store")]
    for store in asked:
        if reason := stores.why_not(store):
            raise typer.BadParameter(f"{store} cannot be measured: {reason}.")
    for store in [] if asked else usual:
        if reason := stores.why_not(store):
            _report(f"{store} is skipped: {reason}.")
    return asked or [store for store in usual if not stores.why_not(store)]


def _parts(text: str, known: Sequence[str] = (), what: str = "") -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if known and part not in known:
            raise typer.BadParameter(f"There is no {what} {part!r}. Choose from {', '.join(known)}.")
        if not known and not part.isdecimal():
            raise typer.BadParameter(f"{part!r} is not a number.")
    return parts


@contextmanager
def _bench(choice: Choice) -> Iterator[Bench]:
    with _built() as built:
        yield Bench(built, choice, _report)


@contextmanager
def _built() -> Iterator[generator.Generator]:
    try:
        with generator.built() as built:
            yield built
    except GeneratorError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _keep(content: Any, output: Path | None, what: str) -> None:
    file = output or RESULTS / f"{what}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    results.write(content, file)
    console.print(f"Written to {os.path.relpath(file)}", soft_wrap=True)


def _report(text: str) -> None:
    console.print(text, style="dim", highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    app()
