"""Measures how long MLMD takes for the first page of the versions of one model, with each call that can list them."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import naive
from benchmarks.measurements import Bench, folder
from benchmarks.seeds import Mlmd, seed_mlmd
from benchmarks.servers import Setting, serving
from benchmarks.stores import Store, databases
from converters._generated import metadata_store_service_pb2 as service

_PAGE = 100
_CALLS = 20
_VERSION = "kf.ModelVersion"
Milliseconds = Mapping[str, float]
"""The shortest time of several, by the description of the call."""


def children(bench: Bench, store: Store, numbers: Sequence[int]) -> dict[int, Milliseconds]:
    """Measures the calls for a parent with each number of children, in a store with the seeded models. Returns times by number."""
    measured: dict[int, Milliseconds] = {}
    with folder() as place, databases(store, place) as there:
        setting = Setting(store, place, bench.choice.flags, there.pids)
        with serving(setting, there.empty()) as target, Mlmd(target.mlmd) as mlmd:
            for number in numbers:
                bench.report(f"{store}: seeding a model with {number:,} versions")
                seeds = seed_mlmd(target.mlmd, versions=number)
                (parent,) = seeds.pools["versioned"]
                calls = dict(_calls(seeds.types, int(parent["id"])))
                measured[number] = {name: _best(mlmd, number, request) for name, request in calls.items()}
    return measured


def _calls(types: naive.TypeIds, parent: int) -> Iterator[tuple[str, Any]]:
    """Pairs of a description and a request."""
    yield (
        "GetChildrenContextsByContext, which has no pages",
        service.GetChildrenContextsByContextRequest(context_id=parent),
    )
    below = f"parent_contexts_p.id = {parent}"
    by_type = service.GetContextsByTypeRequest(type_name=_VERSION)
    of_type = service.GetContextsRequest()
    for request, condition in ((by_type, below), (of_type, f"(type_id = {types[_VERSION]}) AND ({below})")):
        request.options.max_result_size = _PAGE
        request.options.order_by_field.is_asc = True
        request.options.filter_query = condition
    yield "GetContextsByType, filter on the parent", by_type
    yield "GetContexts, filter on the type and the parent", of_type


def _best(mlmd: Mlmd, number: int, request: Any) -> float:
    """The shortest time of `_CALLS` calls, in ms. Raises `AssertionError` where rows are missing."""
    times = [_timed(lambda: mlmd.call(request)) for _ in range(_CALLS)]
    shortest, answer = min(times, key=lambda one: one[0])
    if len(answer.contexts) < min(number, _PAGE):
        raise AssertionError(f"{len(answer.contexts)} of {number} children were returned.")
    return shortest


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = call()
    return (time.perf_counter() - started) * 1000, answer


def show(measured: Mapping[int, Milliseconds], console: Console) -> None:
    """Prints a table with a row for each call."""
    table = Table(title=f"ms for the first {_PAGE} children", title_justify="left")
    table.add_column("call")
    for number in measured:
        table.add_column(f"{number:,} children", justify="right")
    for name in next(iter(measured.values())):
        table.add_row(name, *(f"{times[name]:.1f}" for times in measured.values()))
    console.print(table)
