"""Prints results as tables: one run next to its reference points and targets, or two runs next to each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks import stores, targets
from benchmarks.results import NOOP

Json = Mapping[str, Any]


def show(content: Json, console: Console) -> None:
    """Prints a table for each store and number of connections, and the complaints. `content` is that of `results.as_json`."""
    for store, result in content["stores"].items():
        for connections in content["choice"]["connections"]:
            console.print(_table(store, result, connections))
        console.print(_generator_use(result))
        if memory := result["memory_mib"]:
            listed = ", ".join(f"{role} {mib:.0f} MiB" for role, mib in memory.items())
            console.print(
                f"Memory after load (largest process): {listed}; target {targets.MOST_MIB:.0f} MiB a proxy worker."
            )
        for name, connections, side, sample in _samples(result):
            for complaint in sample["complaints"]:
                console.print(f"{name}, {connections} connections, {side}: {complaint}", style="red", markup=False)
    console.print(
        "A flow is one request, or all of a run or a register_model. "
        "Errors of the naive client are in parentheses. CPU in cores: generator, proxy, store."
    )


def _generator_use(result: Json) -> str:
    """A sentence with the highest processor use of the load generator. Near one core, the generator limits the figures."""
    use, where = max((sample["generator"], where) for *where, sample in _samples(result))
    name, connections, side = where
    return f"The load generator took at most {use:.2f} of a core ({name}, {connections} connections, {side})."


def _table(store: str, result: Json, connections: int) -> Table:
    words = stores.WORDS.get(stores.Store(store), store) if store in set(stores.Store) else "the server at --url"
    table = Table(title=f"{words}, {connections} connection{'s' if connections > 1 else ''}", title_justify="left")
    table.add_column("operation")
    for heading in (
        "flows/s",
        "p50 ms",
        "p99 ms",
        "errors",
        "RPCs",
        "naive/s",
        "its RPCs",
        "x naive",
        "target",
        "% noop",
        "CPU",
    ):
        table.add_column(heading, justify="right")
    noop = result["operations"][NOOP][str(connections)]["proxy"]["rate"]
    for name, cells in result["operations"].items():
        if str(connections) in cells:
            table.add_row(*_row(store, name, connections, cells[str(connections)], noop))
    return table


def _row(store: str, name: str, connections: int, cell: Json, noop: float) -> Iterator[Text]:
    proxy, naive = cell["proxy"], cell["naive"]
    ratio = proxy["rate"] / naive["rate"] if naive and naive["rate"] else None
    wanted = targets.target(store, connections, name)
    share = proxy["rate"] / noop if noop else 0
    yield Text(name)
    yield Text(f"{proxy['rate']:,.0f}" if proxy["rate"] >= 100 else f"{proxy['rate']:.1f}")  # noqa: PLR2004
    yield Text(f"{proxy['p50']:.2f}")
    yield Text(f"{proxy['p99']:.2f}")
    yield _faults(proxy["errors"] + proxy["wrong"], naive["errors"] if naive else 0)
    yield Text(_number(cell["calls"]))
    yield Text(f"{naive['rate']:,.1f}" if naive else "")
    yield Text(_number(cell["naive_calls"]))
    yield _judged(ratio, wanted, "{:.2f}")
    yield Text(_number(wanted))
    yield _judged(share * 100, _percent(targets.noop_share(store, connections, name)), "{:.0f}")
    yield Text(f"{proxy['generator']:.2f} {proxy['proxy']:.2f} {proxy['store']:.2f}")


def _faults(proxy: float, naive: float) -> Text:
    """The number of errors and wrong responses, then in parentheses that of the naive client if it had any."""
    return Text(f"{proxy:.0f}", style="red" if proxy else "").append(f" ({naive:.0f})" if naive else "", style="dim")


def _judged(value: float | None, wanted: float | None, form: str) -> Text:
    if value is None:
        return Text("")
    style = "" if wanted is None else "green" if value >= wanted else "red"
    return Text(form.format(value), style=style)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _samples(result: Json) -> Iterator[tuple[str, str, str, Json]]:
    for name, cells in result["operations"].items():
        for connections, cell in cells.items():
            for side in ("proxy", "naive"):
                if cell[side]:
                    yield name, connections, side, cell[side]


def compare(a: Json, b: Json, console: Console) -> None:
    """Prints two results side by side: B's rate as a multiple of A's, and both as multiples of "naive"."""
    for store in a["stores"]:
        if store in b["stores"]:
            console.print(_comparison(store, a["stores"][store]["operations"], b["stores"][store]["operations"]))


def _comparison(store: str, a: Json, b: Json) -> Table:
    table = Table(title=store, title_justify="left")
    table.add_column("operation")
    headings = (
        "connections",
        "A a second",
        "B a second",
        "B / A",
        "A p50 ms",
        "B p50 ms",
        "A x naive",
        "B x naive",
        "A RPCs",
        "B RPCs",
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for name in a:
        for connections in a[name]:
            if connections in b.get(name, {}):
                table.add_row(name, connections, *_compared(a[name][connections], b[name][connections]))
    return table


def _compared(a: Json, b: Json) -> Iterator[str]:
    rates = a["proxy"]["rate"], b["proxy"]["rate"]
    yield from (f"{rate:,.1f}" for rate in rates)
    yield f"{rates[1] / rates[0]:.2f}" if rates[0] else ""
    yield from (f"{side['proxy']['p50']:.2f}" for side in (a, b))
    for side in (a, b):
        yield f"{side['proxy']['rate'] / side['naive']['rate']:.2f}" if side["naive"] and side["naive"]["rate"] else ""
    yield from (_number(side["calls"]) for side in (a, b))
