"""Several proxies before several MLMD servers on one MySQL: servers die under load, and no client notices.

What a client wrote is there once, also where the server died between the write and its answer. The servers are Google's, or the
embedded engine as `model-registry mlmd-server`. Tests wait for the clients' requests, not for time.
"""

import asyncio
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import httpx
import pytest

from model_registry_proxy.mlmd.outcomes import CLOCKS_APART_MS
from tests.support import processes
from tests.support.listening import soon
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import Database, Process, Proxy
from tests.support.stores import Location, new_location, on

CLIENTS = 16
ENOUGH_ROUNDS = 3
"""Of every client, between one event and the next."""
IDLE_SECONDS = 10
"""A transaction whose server says nothing for so long is ended."""


@dataclass
class Cluster:
    """Servers by their ports, and proxies that know of all of them."""

    kind: str
    folder: Path
    location: Location
    stack: ExitStack
    ports: list[int] = field(default_factory=list)
    servers: dict[int, Process] = field(default_factory=dict)
    proxies: list[Proxy] = field(default_factory=list)

    def start(self, port: int) -> None:
        """Starts a server at a port, again or for the first time."""
        folder = self.folder / str(port)
        folder.mkdir(exist_ok=True)
        serving = (
            processes.mlmd_server(folder, self.location.connection, port)
            if self.kind.startswith("google")
            else processes.standalone_engine(folder, self.location.address, port)
        )
        self.servers[port], _ = self.stack.enter_context(serving)

    @property
    def flag(self) -> str:
        """All servers as `--mlmd-hostname` takes them."""
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)


@contextmanager
def cluster(kind: str, folder: Path, location: Location, servers: int = 2, proxies: int = 2) -> Iterator[Cluster]:
    """Servers of a kind on one fresh database, and proxies before them."""
    with ExitStack() as stack:
        made = Cluster(kind, folder, location, stack)
        made.ports = [processes.free_port() for _ in range(servers)]
        for port in made.ports:
            made.start(port)
        for number in range(proxies):
            own = folder / f"proxy-{number}"
            own.mkdir()
            flags = [
                "--mlmd-hostname",
                made.flag,
                "--max-page-size",
                "10000",
                "--request-timeout",
                f"{PATIENCE_SECONDS:g}",
            ]
            made.proxies.append(stack.enter_context(processes.proxy(own, *flags, mlmd_port=made.ports[0])))
        yield made


@dataclass
class Answered:
    """The answers that clients got: successful rounds of each client, failures, and the names and values that were accepted."""

    rounds: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    metrics: Counter[str] = field(default_factory=Counter)
    stale: list[str] = field(default_factory=list)


class Client:
    """Writes by one proxy, and reads what it wrote by another."""

    def __init__(self, number: int, proxies: list[Proxy], answered: Answered) -> None:
        self.number, self.answered = number, answered
        order = proxies[number % len(proxies) :] + proxies[: number % len(proxies)]
        self.apis = [proxy.api for proxy in order]
        self.http = httpx.AsyncClient(timeout=PATIENCE_SECONDS)

    async def ask(self, method: str, path: str, api: int = 0, **options: Any) -> dict[str, Any]:
        answer = await self.http.request(method, self.apis[api % len(self.apis)] + path, **options)
        if not answer.is_success:
            self.answered.failures.append(f"{method} {path}: {answer.status_code} {answer.text}")
            raise AssertionError(self.answered.failures[-1])
        found: dict[str, Any] = answer.json()
        return found

    async def run(self, rounds: Iterator[int]) -> None:
        """Rounds of a model, a version, a change and a metric, each read back over the other proxy."""
        experiment = await self.ask("POST", "/experiments", json={"name": f"e-{self.number}"})
        body = {"name": f"run-{self.number}", "experimentId": experiment["id"]}
        run = await self.ask("POST", "/experiment_runs", json=body)
        for turn in rounds:
            name = f"m-{self.number}-{turn}"
            model = await self.ask("POST", "/registered_models", json={"name": name})
            self.answered.models.append(name)
            path = f"/registered_models/{model['id']}"
            version = await self.ask("POST", path + "/versions", json={"name": "v", "registeredModelId": model["id"]})
            self.answered.versions.append(version["id"])
            await asyncio.sleep(2 * CLOCKS_APART_MS / 1000)  # after an outage, a change of something younger is a 503
            await self.ask("PATCH", path, json={"description": name})
            metric = {"name": "loss", "value": turn, "artifactType": "metric", "timestamp": "1", "step": turn}
            await self.ask("POST", f"/experiment_runs/{run['id']}/artifacts", json=metric)
            self.answered.metrics[run["id"]] += 1
            read = await self.ask("GET", path, api=1)
            listed = await self.ask("GET", path + "/versions", api=1)
            if read.get("description") != name or [v["id"] for v in listed["items"]] != [version["id"]]:
                self.answered.stale.append(name)
            self.answered.rounds[self.number] += 1


async def under_load(made: Cluster, during: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]) -> Answered:
    """Runs clients while `during` runs; returns the answers that they got.

    `during` gets a function that waits until every client has made `ENOUGH_ROUNDS` more rounds, or one has failed.
    """
    answered = Answered()
    is_over = False

    def rounds() -> Iterator[int]:
        return takewhile(lambda _: not is_over, count())

    async def enough_rounds() -> None:
        wanted = {number: answered.rounds[number] + ENOUGH_ROUNDS for number in range(CLIENTS)}
        await soon(lambda: answered.failures or all(answered.rounds[number] >= wanted[number] for number in wanted))

    clients = [Client(number, made.proxies, answered) for number in range(CLIENTS)]
    work = [asyncio.create_task(client.run(rounds())) for client in clients]
    await during(enough_rounds)
    is_over = True
    await asyncio.gather(*work, return_exceptions=True)
    for client in clients:
        await client.http.aclose()
    for task in work:
        if (error := task.exception()) and not answered.failures:
            raise error
    return answered


def kept(api: str, path: str) -> list[dict[str, Any]]:
    answer = httpx.get(api + path, params={"pageSize": 10000}).json()
    assert not answer["nextPageToken"]
    items: list[dict[str, Any]] = answer["items"]
    return items


def assert_all_is_there_once(made: Cluster, answered: Answered) -> None:
    """Checks that each proxy shows all that was accepted, and nothing twice."""
    for proxy in made.proxies:
        assert sorted(item["name"] for item in kept(proxy.api, "/registered_models")) == sorted(answered.models)
        assert sorted(item["id"] for item in kept(proxy.api, "/model_versions")) == sorted(answered.versions)
        for run, written in answered.metrics.items():
            history = kept(proxy.api, f"/experiment_runs/{run}/metric_history")
            assert sorted(int(item["step"]) for item in history) == list(range(written))
    repair = subprocess.run(
        [*processes.COMMAND, "repair", "--dry-run", "--json", "--mlmd-hostname", made.flag],
        check=True, capture_output=True, text=True, env=processes.bare_environment(),
    )  # fmt: skip
    assert [line for line in repair.stdout.splitlines() if '"kind"' in line] == []


@pytest.fixture(params=on(["embedded-mysql", "google-mysql"]))
def two_and_two(request: pytest.FixtureRequest, tmp_path: Path, database: Callable[[], Database]) -> Iterator[Cluster]:
    """Two servers, two proxies.

    A transaction that a lost server leaves open keeps its rows locked. The database ends it after some time, longer than a
    server that is merely slow lets a transaction idle, and all requests that wait for its rows wait long enough.
    """
    chosen = {"idle_transaction_timeout": IDLE_SECONDS, "innodb_lock_wait_timeout": f"{PATIENCE_SECONDS:.0f}"}
    database().run("; ".join(f"SET GLOBAL {name} = {value}" for name, value in chosen.items()))
    try:
        with cluster(request.param, tmp_path, new_location(request.param, tmp_path, database)) as made:
            yield made
    finally:
        database().run("; ".join(f"SET GLOBAL {name} = DEFAULT" for name in chosen))


async def test_a_server_that_is_killed_under_load_costs_no_request_and_doubles_nothing(two_and_two: Cluster) -> None:
    first, second = two_and_two.ports

    async def deaths(enough_rounds: Callable[[], Awaitable[None]]) -> None:
        await enough_rounds()
        two_and_two.servers[first].kill()
        await enough_rounds()
        await asyncio.to_thread(two_and_two.start, first)
        await enough_rounds()
        two_and_two.servers[second].kill()
        await enough_rounds()

    answered = await under_load(two_and_two, deaths)
    assert answered.failures == []
    assert answered.stale == []
    assert_all_is_there_once(two_and_two, answered)


@pytest.mark.slow
async def test_a_server_that_stops_answering_is_left_out(two_and_two: Cluster) -> None:
    stopped = two_and_two.servers[two_and_two.ports[0]].child.pid

    async def freeze(enough_rounds: Callable[[], Awaitable[None]]) -> None:
        await enough_rounds()
        os.kill(stopped, signal.SIGSTOP)
        await enough_rounds()

    try:
        answered = await under_load(two_and_two, freeze)
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert answered.failures == []
    assert answered.stale == []
    assert_all_is_there_once(two_and_two, answered)
