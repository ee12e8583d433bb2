"""Measures MLflow's registry API of this server next to MLflow's own server: the same requests, both on SQLite, side by side."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.generator import Generator, Plan, Step
from benchmarks.measurements import Progress, folder
from benchmarks.servers import Setting, serving
from benchmarks.stores import Database, Store
from benchmarks.web_ui import mlflow_server

API = "/api/2.0/mlflow"
OURS, MLFLOW = "this server", "MLflow"
_VERSIONS = 20
_MODELS = 50
_NAMED = quote("name = 'churn'")

Rates = dict[str, dict[str, dict[int, float]]]
"""Requests a second by operation, server and number of connections."""


def _step(method: str, path: str, **body: str) -> Step:
    return Step(method, f"{API}/{path}", json.dumps(body) if body else "", statuses=[200])


OPERATIONS: Mapping[str, Step] = {
    "get by alias": _step("GET", "registered-models/alias?name=churn&alias=champion"),
    "get version": _step("GET", "model-versions/get?name=churn&version=3"),
    "get model": _step("GET", "registered-models/get?name=churn"),
    "search 20 versions": _step("GET", f"model-versions/search?filter={_NAMED}&max_results=20"),
    "search 10 models": _step("GET", "registered-models/search?max_results=10"),
    "set tag": _step("POST", "model-versions/set-tag", name="churn", version="5", key="{tag.key}", value="{unique}"),
    "move alias": _step(
        "POST", "registered-models/alias", name="moving", alias="{alias.name}", version="{alias.version}"
    ),
    "create version": _step("POST", "model-versions/create", name="growing", source="s3://b/{unique}"),
    "create model": _step("POST", "registered-models/create", name="{unique}"),
}
"""The last ones make the store larger, so they come last."""
_POOLS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "tag": [{"key": f"k{number}"} for number in range(9)],
    "alias": [{"name": f"a{number % 50}", "version": str(number % _VERSIONS + 1)} for number in range(170)],
}


def measure(
    generator: Generator, programs: Path, connections: Sequence[int], seconds: float, rounds: int, report: Progress
) -> Rates:
    """Returns medians of some rounds. Both servers run all the time, and each operation is measured by turns."""
    measured: dict[tuple[str, str, int], list[float]] = {}
    with folder() as place, _both(programs, place) as addresses:
        for address in addresses.values():
            _fill(address)
        for number in range(rounds):
            for name, step in OPERATIONS.items():
                for count in connections:
                    for server, address in addresses.items():
                        report(f"round {number + 1}: {name}, {count} connections, {server}")
                        unique = f"round-{number}-{count}"
                        plan = Plan("http", address, [step], _POOLS, unique, count, seconds)
                        done = generator.play(plan)
                        if done.errors:
                            raise AssertionError(f"{name} of {server}: {done.complaints}")
                        measured.setdefault((name, server, count), []).append(done.requests / done.seconds)
    found: Rates = {}
    for (name, server, count), rates in measured.items():
        found.setdefault(name, {}).setdefault(server, {})[count] = statistics.median(rates)
    return found


@contextmanager
def _both(programs: Path, place: Path) -> Iterator[dict[str, str]]:
    """Starts both servers; yields their addresses, host:port."""
    database = Database(str(place / "ours.db"), "")
    with (
        serving(Setting(Store.SQLITE, place), database) as ours,
        mlflow_server.answering(programs, place / "mlflow.db") as theirs,
    ):
        yield {OURS: ours.rest, MLFLOW: urlsplit(theirs).netloc}


def _fill(address: str) -> None:
    """Creates what the operations read."""
    with httpx.Client(base_url=f"http://{address}{API}", timeout=60) as client:

        def post(path: str, **body: str) -> None:
            client.post(path, json=body).raise_for_status()

        for name in ("churn", "moving", "growing", *(f"m{number:03}" for number in range(_MODELS))):
            post("/registered-models/create", name=name)
            post("/model-versions/create", name=name, source="s3://b/1")
        for number in range(2, _VERSIONS + 1):
            for name in ("churn", "moving"):
                post("/model-versions/create", name=name, source=f"s3://b/{number}")
        post("/registered-models/alias", name="churn", alias="champion", version="7")
        for tag in _POOLS["tag"]:  # MLflow's server fails where two requests create one at the same time
            post("/model-versions/set-tag", name="churn", version="5", key=tag["key"], value="v")
        for alias in _POOLS["alias"]:
            post("/registered-models/alias", name="moving", alias=alias["name"], version=alias["version"])


def show(rates: Rates, console: Console) -> None:
    """Prints the rates, and how many times as fast this server is."""
    counts = list(next(iter(next(iter(rates.values())).values())))
    table = Table("operation")
    for count in counts:
        for title in (f"{OURS}, {count}", f"{MLFLOW}, {count}", "ratio"):
            table.add_column(title, justify="right")
    for name, by_server in rates.items():
        row = [name]
        for count in counts:
            ours, theirs = by_server[OURS][count], by_server[MLFLOW][count]
            row += [f"{ours:,.0f}", f"{theirs:,.0f}", f"{ours / theirs:.1f}"]
        table.add_row(*row)
    console.print("Requests a second, by the number of connections")
    console.print(table)
