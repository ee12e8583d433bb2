"""Runs the rounds of a benchmark. Each round uses a new copy of one store.

In a round, the naive client plays each operation before the proxy does. In this order the naive client never has to filter
the many rows that the faster proxy writes.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import counted_proxy, servers, usage
from benchmarks.generator import Generator, Plan, Report, Step
from benchmarks.naive import naive
from benchmarks.operations import Operation, operations
from benchmarks.results import NOOP, Choice, Result, Sample
from benchmarks.seeds import VERSIONS, Seeds, seed_mlmd
from benchmarks.servers import Target
from benchmarks.stores import Store, databases

_COUNTING_SECONDS = 0.5
_NOTHING = Operation([Step("GET", "/", statuses=[200])])
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """A target, and the entities that its store was seeded with."""

    target: Target
    seeds: Seeds

    def operation(self, name: str) -> Operation:
        """The operation of this name, for the seeded entities."""
        return _NOTHING if name == NOOP else operations(self.seeds.prefix, VERSIONS)[name]

    def calls(self, name: str) -> Sequence[Step]:
        """The MLMD calls of the naive client for an operation; none where the address of MLMD is not known."""
        return naive(self.seeds.types, self.seeds.prefix)[name] if self.seeds.types else []


class Bench:
    """Plays operations and measures them. `choice` says which, how often and for how long; `report` gets lines of progress."""

    def __init__(self, generator: Generator, choice: Choice, report: Progress) -> None:
        self.choice, self.report = choice, report
        self._generator, self._runs = generator, 0

    def rest(self, scene: Scene, name: str, connections: int) -> Sample:
        """Measures an operation through the proxy's REST API."""
        return self._sample(self._rest_plan(scene, name, connections), scene.target.pids())

    def together(self, scenes: Sequence[Scene], name: str, connections: int) -> list[Sample]:
        """Measures an operation on several proxies at the same time. Each gets an equal part of the connections, at least one."""
        plans = [self._rest_plan(scene, name, max(1, connections // len(scenes))) for scene in scenes]
        with ThreadPoolExecutor(len(scenes)) as threads:
            return list(threads.map(self._sample, plans, [scene.target.pids() for scene in scenes]))

    def naive(self, scene: Scene, name: str, connections: int) -> Sample:
        """Measures the naive client: it sends the Go proxy's calls for an operation directly to MLMD."""
        plan = self._plan(scene, name, connections)
        plan = replace(plan, kind="grpc", address=scene.target.mlmd, steps=scene.calls(name))
        return self._sample(plan, {**scene.target.pids(), "proxy": []})

    def play(self, scene: Scene, name: str, connections: int, seconds: float) -> Report:
        """Plays an operation through the REST API for some seconds, without a warm-up, and returns the generator's report."""
        plan = self._rest_plan(scene, name, connections)
        return self._generator.play(replace(plan, seconds=seconds, warmup=0))

    def round(self, scene: Scene, silent: Target, result: Result) -> None:
        """Plays one round and adds its samples to `result`.

        "noop", the target `silent`, comes first; then the naive client and the proxy for each operation.
        """
        for name in (NOOP, *self.choice.operations):
            for connections in self.choice.connections:
                cell = result.cell(name, connections)
                if name == NOOP:
                    cell.proxy.append(self.rest(replace(scene, target=silent), name, connections))
                    continue
                if calls := scene.calls(name):
                    cell.naive.append(self.naive(scene, name, connections))
                    cell.naive_calls = len(calls)
                cell.proxy.append(self.rest(scene, name, connections))
                naive = f" naive {cell.naive[-1].rate:,.1f}/s" if calls else ""
                self.report(f"  {name}, {connections} connections: {cell.proxy[-1].rate:,.1f}/s{naive}")

    def count(self, scene: Scene, result: Result, folder: Path) -> None:
        """Counts the MLMD calls per flow, with a short round on a second proxy that uses the same MLMD. Adds them to `result`."""
        with servers.counting(scene.target.mlmd, folder) as (counted, file):
            for name in self.choice.operations:
                for connections in self.choice.connections:
                    before = counted_proxy.calls(file)
                    seconds = min(_COUNTING_SECONDS, self.choice.seconds)
                    report = self.play(replace(scene, target=counted), name, connections, seconds)
                    if report.played:
                        calls = counted_proxy.calls(file) - before
                        result.cell(name, connections).calls = calls / report.played

    def _plan(self, scene: Scene, name: str, connections: int) -> Plan:
        self._runs += 1
        operation, seeds = scene.operation(name), scene.seeds
        return Plan(
            kind="http",
            address=scene.target.rest,
            steps=operation.steps,
            pools={pool: seeds.pools[pool] for pool in operation.pools},
            prefix=f"{seeds.prefix}-{os.getpid():x}-{self._runs}",
            connections=connections,
            seconds=self.choice.seconds,
            warmup=self.choice.warmup,
            disjoint=operation.disjoint,
            check=self.choice.is_checked,
        )

    def _rest_plan(self, scene: Scene, name: str, connections: int) -> Plan:
        plan, target = self._plan(scene, name, connections), scene.target
        steps = [replace(step, path=target.prefix + step.path) for step in plan.steps]
        return replace(plan, steps=steps, tls=target.tls, headers=target.headers)

    def _sample(self, plan: Plan, pids: Mapping[str, Sequence[int]]) -> Sample:
        before = {role: usage.processor_seconds(processes) for role, processes in pids.items()}
        started = time.monotonic()
        report = self._generator.play(plan)
        elapsed = time.monotonic() - started
        spent = {role: usage.processor_seconds(processes) - before[role] for role, processes in pids.items()}
        return Sample(
            rate=report.flows / report.seconds,
            p50=report.p50_ms,
            p90=report.p90_ms,
            p99=report.p99_ms,
            errors=report.errors,
            wrong=report.wrong,
            generator=report.cpu_seconds / report.seconds,
            proxy=spent["proxy"] / elapsed,
            store=spent["store"] / elapsed,
            complaints=report.complaints,
        )


def measure_store(bench: Bench, store: Store) -> Result:
    """Starts and seeds a store, and plays all rounds on copies of it."""
    result, choice = Result(store), bench.choice
    with folder() as place, databases(store, place) as there, servers.noop(place) as silent:
        setting = servers.Setting(store, place, choice.flags, there.pids)
        seeded = there.empty()
        with servers.serving(setting, seeded) as target:
            seeds = seed_mlmd(target.mlmd)
        for number in range(choice.rounds):
            bench.report(f"{store}: round {number + 1} of {choice.rounds}")
            database = there.copy(seeded)
            with servers.serving(setting, database) as target:
                scene = Scene(target, seeds)
                bench.round(scene, silent, result)
                result.memory = memory(target)
                if number + 1 == choice.rounds:
                    bench.count(scene, result, place)
            there.drop(database)
    return result


def measure_url(bench: Bench, target: Target, seeds: Seeds) -> Result:
    """Plays all rounds on a server that runs already. The entities that the rounds create stay there."""
    result = Result("url")
    with folder() as place, servers.noop(place) as silent:
        for number in range(bench.choice.rounds):
            bench.report(f"Round {number + 1} of {bench.choice.rounds}")
            bench.round(Scene(target, seeds), silent, result)
    return result


def memory(target: Target) -> dict[str, float]:
    """The resident memory of each role's largest process, in MiB; roles are "proxy" and "store"."""
    return {role: max(map(usage.resident_mib, pids), default=0.0) for role, pids in target.pids().items()}


@contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder, which is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        yield Path(name)
