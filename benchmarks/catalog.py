"""Measures the model catalog: its start, its restart, its memory, and its answers, with a catalog of a chosen number of models."""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.generator import Generator, Plan, Step
from benchmarks.measurements import Progress, folder
from benchmarks.usage import processor_seconds, resident_mib, tree

API = "/api/model_catalog/v1"
MODELS = f"{API}/models"
_MAKER = Path(__file__).parents[1] / "tests/fixtures/catalog/gen_big.py"
_BYTECODE = Path(sys.prefix) / "bytecode"
"""Compiled modules, which an installed package and the image have too. Compiling them takes longer than the rest of a start."""
_LONGEST_START = 600.0
_CONNECTIONS = (1, 32)
_PROVIDERS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "joist"]
_SINGLES: Mapping[str, str] = {
    "1,000 models on a page": f"{MODELS}?pageSize=1000",
    "ordered by accuracy": f"{MODELS}?orderBy=ACCURACY",
    "a text of artifacts, not asked before": f"{MODELS}?filterQuery={quote('artifacts.hardware_type LIKE ')}%27H%25{{n}}%27",
    "two conditions on one artifact, not asked before": (
        f"{MODELS}?filterQuery={quote('artifacts.use_case = ')}%27chat%27{quote(' AND artifacts.ttft_p90 < ')}{{n}}"
    ),
    "recommendations over all models, not asked before": f"{MODELS}?recommendations=true&targetRPS={{n}}",
    "options of filters": f"{MODELS}/filter_options",
}
"""Requests that are sent one after the other. `{n}` is another number each time."""


@dataclass
class Measured:
    """Figures of one catalog.

    Attributes:
        models: The number of models.
        seconds: Until the first start is ready, until a restart answers, and until that is ready.
        memory: Resident memory in MiB of the service after each step.
        rates: Requests a second and p50 and p99 in ms, by operation and number of connections.
        singles: Median ms of requests that are sent one after the other.
    """

    models: int
    seconds: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)
    rates: dict[str, dict[int, tuple[float, float, float]]] = field(default_factory=dict)
    singles: dict[str, float] = field(default_factory=dict)


def measure(generator: Generator, seconds: float, sizes: Sequence[int], report: Progress) -> list[Measured]:
    """Measures catalogs of these numbers of models, each operation for some seconds."""
    return [_measured(generator, seconds, size, report) for size in sizes]


def _measured(generator: Generator, seconds: float, size: int, report: Progress) -> Measured:
    found = Measured(size)
    with folder() as place:
        report(f"writing {size:,} models")
        subprocess.run([sys.executable, _MAKER, place, str(size)], check=True)
        report("first start")
        with _serving(place) as service:
            found.seconds["first start, all models"] = service.until_ready()
            found.memory["after the first start"] = service.memory()
        report("restart")
        with _serving(place) as service:
            found.seconds["restart, first answer"] = service.until_answer()
            found.seconds["restart, all models"] = service.until_ready()
            found.memory["after a restart"] = service.memory()
            for name, step, pools in _operations(size):
                found.rates[name] = {}
                for connections in _CONNECTIONS:
                    report(f"{name}, {connections} connections")
                    plan = Plan("http", service.address, [step], pools, "", connections, seconds)
                    done = generator.play(plan)
                    if done.errors:
                        raise AssertionError(f"{name}: {done.complaints}")
                    found.rates[name][connections] = done.requests / done.seconds, done.p50_ms, done.p99_ms
            found.memory["after load"] = service.memory()
            for name, path in _SINGLES.items():
                report(name)
                found.singles[name] = service.median_ms(path)
            found.memory["at the end"] = service.memory()
            found.seconds["processor time of the service"] = processor_seconds(tree(service.pid))
    return found


def _operations(size: int) -> Iterator[tuple[str, Step, Mapping[str, Sequence[Mapping[str, str]]]]]:
    """The operations with their requests. Each takes its values by turns, so that most were not asked shortly before."""

    def step(path: str) -> Step:
        return Step("GET", path, statuses=[200])

    numbers = [{"n": str(number)} for number in range(1, 71)]
    both = [{"p": quote(f"Provider {name}"), "n": str(number)} for name in _PROVIDERS for number in range(1, 71)]
    yield "GET /models", step(MODELS), {}
    yield "GET /models, 100 on a page", step(f"{MODELS}?pageSize=100"), {}
    query = "provider%20%3D%20%27{both.p}%27%20AND%20params%20%3E%20{both.n}"
    yield f"filterQuery, {len(both):,} different", step(f"{MODELS}?filterQuery={query}"), {"both": both}
    found = [{"w": f"{number:04d}"} for number in range(0, min(size, 9_999), 7)]
    yield f"q, {len(found):,} different", step(f"{MODELS}?q={{found.w}}"), {"found": found}
    yield "one page of 70 filters", step(f"{MODELS}?filterQuery=params%20%3D%20{{numbers.n}}"), {"numbers": numbers}
    yield "GET /sources", step(f"{API}/sources"), {}
    yield "filter_options", step(f"{MODELS}/filter_options"), {}


@dataclass
class _Service:
    """A running service. Times count from its start."""

    process: "subprocess.Popen[bytes]"
    address: str
    started: float

    @property
    def pid(self) -> int:
        return self.process.pid

    def until_ready(self) -> float:
        """Seconds until all sources were read."""
        return self._until("/readyz")

    def until_answer(self) -> float:
        """Seconds until the first list of models is answered with models."""
        return self._until(f"{MODELS}?pageSize=1", '"size":1')

    def _until(self, path: str, held: str = "") -> float:
        while time.monotonic() < self.started + _LONGEST_START:
            if self.process.poll() is not None:
                raise AssertionError("The catalog has ended.")
            try:
                answer = httpx.get(f"http://{self.address}{path}", timeout=60)
                if answer.is_success and held in answer.text.replace(" ", ""):
                    return time.monotonic() - self.started
            except httpx.HTTPError:
                pass
            time.sleep(0.01)
        raise AssertionError(f"{path} was not answered within {_LONGEST_START:g} s.")

    def memory(self) -> float:
        """Resident memory in MiB, without processes that read sources."""
        return resident_mib(self.pid)

    def median_ms(self, path: str, times: int = 9) -> float:
        """The median time of requests that follow each other."""
        with httpx.Client(base_url=f"http://{self.address}", timeout=60) as client:
            client.get(MODELS)
            taken = []
            for number in range(times):
                before = time.perf_counter()
                client.get(path.replace("{n}", str(100 + number))).raise_for_status()
                taken.append(1000 * (time.perf_counter() - before))
        return statistics.median(taken)


@contextmanager
def _serving(place: Path) -> Iterator[_Service]:
    port = 18_000 + os.getpid() % 2_000
    command: list[str | Path] = [
        Path(sys.executable).with_name("model-registry"),
        "catalog",
        "--listen",
        f"127.0.0.1:{port}",
    ]
    command += ["--catalogs-path", place / "sources-big.yaml", "--cache-dir", place / "cache", "--metrics-port", "0"]
    command += ["--log-level", "error"]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(_BYTECODE)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.monotonic()
    process = subprocess.Popen(command, env=environment)
    try:
        yield _Service(process, f"127.0.0.1:{port}", started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def show(found: Sequence[Measured], console: Console) -> None:
    """Prints the figures."""
    for each in found:
        console.print(f"\n{each.models:,} models", style="bold")
        times = Table("", "seconds")
        for name, seconds in each.seconds.items():
            times.add_row(name, f"{seconds:.2f}")
        for name, mib in each.memory.items():
            times.add_row(f"memory {name}", f"{mib:.0f} MiB")
        console.print(times)
        rates = Table("", *(f"{number} connections: a second, p50, p99" for number in _CONNECTIONS))
        for name, by_connections in each.rates.items():
            rates.add_row(name, *(f"{a:,.0f}, {b:.1f} ms, {c:.1f} ms" for a, b, c in by_connections.values()))
        console.print(rates)
        singles = Table("one after the other", "median ms")
        for name, ms in each.singles.items():
            singles.add_row(name, f"{ms:.1f}")
        console.print(singles)


def as_json(found: Sequence[Measured]) -> Any:
    """The figures for a file."""
    return {str(each.models): asdict(each) for each in found}
