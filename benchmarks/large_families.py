"""Measures lists below a parent with thousands of rows, and of thousands of rows of one time, with MLMD's filters and without them.

Each list is read page by page to its end, twice: the first page of each reading follows a pause, in which a proxy forgets what it
keeps for a second.
"""

import sqlite3
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.filtering import BOTH
from benchmarks.measurements import Progress, folder
from benchmarks.operations import API
from benchmarks.seeds import Mlmd, seed_mlmd
from benchmarks.servers import Setting, serving
from benchmarks.stores import Store, databases
from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service

BY_CHANGE: Mapping[str, str] = {"orderBy": "LAST_UPDATE_TIME"}
MODELS, VERSIONS, RUNS, ARTIFACTS = 20_000, 2_000, 5_000, 3_000
_PAGES = 10
"""Pages of one reading."""
_READINGS = 2
_PAUSE_SECONDS = 1.1


class Times(NamedTuple):
    """Medians in ms: of first pages after a pause, and of the pages behind them."""

    first: float
    next: float


def compare(report: Progress) -> dict[str, dict[str, Times]]:
    """Measures each list on both engines; returns the times by list and store."""
    measured: dict[str, dict[str, Times]] = {}
    with folder() as place, databases(Store.SQLITE, place) as there:
        seeded = there.empty()
        report(f"seeding {MODELS:,} models, {VERSIONS:,} versions, {RUNS:,} runs, {ARTIFACTS:,} artifacts")
        with serving(Setting(BOTH[0], place), seeded) as target:
            paths = _seed(target.mlmd)
        at_once = there.copy(seeded)
        _give_all_one_time(at_once.address)
        by_change = f"{MODELS:,} models, changed at one time, by change", ("/registered_models", BY_CHANGE)
        for database, lists in ((seeded, paths.items()), (at_once, [by_change])):
            for store in BOTH:
                with (
                    serving(Setting(store, place), database) as target,
                    httpx.Client(base_url=f"http://{target.rest}{API}", timeout=60) as client,
                ):
                    for name, (path, query) in lists:
                        report(f"{store}: {name}")
                        measured.setdefault(name, {})[store] = _times(client, path, query)
    return measured


def _seed(address: str) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Seeds a store; returns the path and the query of each list by its description."""
    seeds = seed_mlmd(address, MODELS, VERSIONS)
    (model,) = seeds.pools["versioned"]
    experiment = int(seeds.pools["experiment"][0]["id"])
    types = seeds.types
    with Mlmd(address) as store:
        nodes = [mlmd.Context(type_id=types["kf.ExperimentRun"], name=f"{experiment}:r{n}") for n in range(RUNS)]
        runs = store.put(nodes)
        store.link(runs, experiment)
        (run,) = runs[:1]
        for start in range(0, ARTIFACTS, 500):
            request = service.PutArtifactsRequest()
            for number in range(start, start + 500):
                if number % 3:
                    name, type_name = f"{run}:loss__{number}", "kf.MetricHistory"
                else:
                    name, type_name = f"{run}:p{number}", "kf.Parameter"
                request.artifacts.add(type_id=types[type_name], name=name)
            ids = store.call(request).artifact_ids
            links = [{"artifact_id": id_, "context_id": run} for id_ in ids]
            store.call(service.PutAttributionsAndAssociationsRequest(attributions=links))
    return {
        f"{RUNS:,} runs of an experiment": (f"/experiments/{experiment}/experiment_runs", {}),
        f"{VERSIONS:,} versions of a model": (f"/registered_models/{model['id']}/versions", {}),
        f"an artifact by its name, in a run with {ARTIFACTS:,}": (
            "/artifact", {"name": "p300", "parentResourceId": str(run)},
        ),
        f"metric history of a run with {ARTIFACTS:,} artifacts": (f"/experiment_runs/{run}/metric_history", {}),
        "the same of one metric": (f"/experiment_runs/{run}/metric_history", {"name": "loss"}),
        f"parameters of a run with {ARTIFACTS:,} artifacts": (
            f"/experiment_runs/{run}/artifacts", {"artifactType": "parameter"},
        ),
        f"{RUNS:,} runs of an experiment, by change": (f"/experiments/{experiment}/experiment_runs", BY_CHANGE),
        f"{MODELS:,} models": ("/registered_models", {}),
        f"{MODELS:,} models, changed at one time, by change": (
            "/registered_models", {"orderBy": "LAST_UPDATE_TIME"},
        ),
    }  # fmt: skip


def _give_all_one_time(address: str) -> None:
    """Gives all contexts the time of change of the newest one, as an import or a migration of a database does."""
    with sqlite3.connect(address) as database:
        database.execute(
            "UPDATE Context SET last_update_time_since_epoch = (SELECT MAX(last_update_time_since_epoch) FROM Context)"
        )


def _times(client: httpx.Client, path: str, query: Mapping[str, str]) -> Times:
    firsts: list[float] = []
    later: list[float] = []
    for _ in range(_READINGS):
        time.sleep(_PAUSE_SECONDS)
        first, *rest = _reading(client, path, query)
        firsts.append(first)
        later += rest
    return Times(statistics.median(firsts), statistics.median(later))


def _reading(client: httpx.Client, path: str, query: Mapping[str, str]) -> Sequence[float]:
    """Reads a list to its end, or one answer as often; returns the ms of each page."""
    moments = [time.perf_counter(), *_moments(client, path, query)]
    return [1000 * (after - before) for before, after in pairwise(moments)]


def _moments(client: httpx.Client, path: str, query: Mapping[str, str]) -> Iterator[float]:
    token = ""
    for _ in range(_PAGES):
        asked = {**query, "pageSize": "100"} if "parentResourceId" not in query else query
        asked = {**asked, "nextPageToken": token} if token else asked
        answer = client.get(path, params=asked).raise_for_status().json()
        yield time.perf_counter()
        token = answer.get("nextPageToken", "")


def show(measured: Mapping[str, Mapping[str, Times]], console: Console) -> None:
    """Prints a table: ms of the first page and of the next ones, with filters and without, and the ratios."""
    table = Table("list", "first page: with filters, without", "next pages: with filters, without")
    for name, times in measured.items():
        filtered, unfiltered = (times[store] for store in BOTH)
        table.add_row(
            name, *(f"{a:.1f} ms, {b:.1f} ms: {b / a:.2f}" for a, b in zip(filtered, unfiltered, strict=True))
        )
    console.print(table)
