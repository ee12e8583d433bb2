"""Runs the load generator: builds the Go program in `load/`, sends it a plan, and reads its report.

Why not an existing program: a flow is several requests that depend on each other (create a run, then log ten metrics below
it), each body needs a new name, and the gRPC calls of the naive client must be timed in the same way as the REST requests.
wrk and oha can do this only with scripts, which slow them down. A generator in Python would be slower than the server. Go
builds this one in seconds, from the standard library only and without a network. It sends HTTP/1.1 over plain sockets and
gRPC over Go's HTTP/2, and each report has the processor time that it used.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "load"
_OLDEST_GO = (1, 24)
_GET_GO = (
    "Go 1.24 or newer builds the load generator: install it (https://go.dev/dl, `brew install go`, "
    "`apt install golang-go` where that is new enough), and see that `go` is on the PATH."
)
Record = Mapping[str, str]


class GeneratorError(Exception):
    """The generator cannot be built, or has failed. The message is one line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a flow. Its texts are templates with {variables}. load/main.go describes the fields."""

    method: str
    path: str = ""
    body: str = ""
    message: Sequence[Any] = ()
    statuses: Sequence[int] = ()
    save: Mapping[str, str] = field(default_factory=dict)
    check: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The flow to play, where and for how long. load/main.go describes the fields."""

    kind: str
    address: str
    steps: Sequence[Step]
    pools: Mapping[str, Sequence[Record]]
    prefix: str
    connections: int = 1
    seconds: float = 2.0
    warmup: float = 0.3
    overtime: float = 60.0
    disjoint: bool = False
    check: bool = False
    tls: bool = False
    headers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a plan: `flows` and `requests` were done in the measured `seconds`; `played` also counts flows outside them."""

    flows: float
    played: float
    requests: int
    errors: int
    wrong: int
    complaints: Sequence[str]
    seconds: float
    cpu_seconds: float
    p50_ms: float
    p90_ms: float
    p99_ms: float


def why_not() -> str | None:
    """The reason why the generator cannot be built on this machine; `None` if it can."""
    go = shutil.which("go")
    if go is None:
        return _GET_GO
    said = subprocess.run([go, "version"], check=False, capture_output=True, text=True).stdout
    version = re.search(r"go(\d+)\.(\d+)", said)
    if version is None or (int(version[1]), int(version[2])) < _OLDEST_GO:
        return f"{_GET_GO} Found: {said.strip() or 'a go that does not print its version'}."
    return None


class Generator:
    """The load generator, after it was built."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def play(self, plan: Plan) -> Report:
        """Runs a plan to its end and returns the report. Raises `GeneratorError`."""
        done = subprocess.run(
            [self._program], input=json.dumps(asdict(plan)), check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise GeneratorError(f"The load generator failed: {done.stderr.strip()[-2000:]}")
        return Report(**json.loads(done.stdout))


@contextmanager
def built() -> Iterator[Generator]:
    """Builds the generator in a temporary folder, which is deleted at the end. Raises `GeneratorError`."""
    if reason := why_not():
        raise GeneratorError(reason)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        program = Path(folder) / "load"
        done = subprocess.run(
            ["go", "build", "-o", program, "."], cwd=SOURCE, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise GeneratorError(f"The load generator does not build: {done.stderr.strip()}")
        yield Generator(program)
