"""The history of a run: every call with its answer, every fault, and the content of the store afterwards.

The file has JSON lines. Each line is an object; its field `line` is `run`, `call`, `fault` or `state`. Times are
nanoseconds of the monotonic clock.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.robustness.families import Row

CREATE, UPSERT, PATCH = "create", "upsert", "patch"
GET, FIND, LIST, HISTORY = "get", "find", "list", "history"
MOVE = "move"
"""A move of the alias of a model: `parent` is the model, `wrote` has the version."""
WRITES = (CREATE, UPSERT, PATCH)
SETTLER = -2
"""The number of the client that repeats the unanswered calls after the last fault."""


@dataclass
class Call:
    """One call of a client.

    `wrote` maps registers to what the call writes there; `rows` are the REST rows of its answer (one of a write, a get or
    a find; those of all pages of a list). `status` is `None` where no answer came, and `error` says how; `was_sent` is false
    where no connection came about. A list read in several requests is one call. `parent` is the id of the parent that a row
    is below, or whose list is asked for. `patience` is how many seconds the client allowed the proxy to take, 0 for
    nothing said.
    """

    number: int
    client: int
    proxy: int
    verb: str
    family: str
    start: int
    end: int = 0
    parent: str | None = None
    name: str | None = None
    id: str | None = None
    marker: str | None = None
    wrote: Row = field(default_factory=dict)
    status: int | None = None
    rows: list[Row] = field(default_factory=list)
    error: str = ""
    was_sent: bool = True
    patience: float = 0.0

    @property
    def is_acknowledged(self) -> bool:
        """Whether the answer was a success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_refused(self) -> bool:
        """Whether it is certain that the call changed nothing. A 429 is not certain: any server on the path may have sent it."""
        return not self.was_sent or (self.status is not None and 400 <= self.status < 500 and self.status != 429)

    @property
    def is_unknown(self) -> bool:
        """Whether the outcome is unknown: the write has happened, will happen, or will not happen."""
        return not self.is_acknowledged and not self.is_refused

    @property
    def latest(self) -> float:
        """The latest time at which the call can have taken effect."""
        return math.inf if self.is_unknown else self.end

    @property
    def made_id(self) -> str | None:
        """The id in the answer to an acknowledged write."""
        return self.rows[0].get("id") if self.is_acknowledged and self.verb in WRITES and self.rows else None


@dataclass
class Node:
    """A node as MLMD returns it over gRPC. `owners` are the contexts that it is below, attributed to or associated with."""

    id: int
    kind: str
    type_name: str
    name: str
    properties: Row
    custom_properties: Row
    owners: list[int]


@dataclass
class State:
    """The content of the store after all clients have ended, read over REST and over gRPC from MLMD.

    `lists` are keyed by family, `below` by family and parent's id, `gets` by family and id, `found` by family, parent's id
    (or "") and name, `history` by the run's id. `moves` (oldest first) and `aliases` are keyed by the model's id. `is_repaired`
    says whether `model-registry repair` has run.
    """

    is_repaired: bool
    at: int
    lists: dict[str, list[Row]] = field(default_factory=dict)
    below: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    gets: dict[str, dict[str, Row | None]] = field(default_factory=dict)
    found: dict[str, dict[str, dict[str, Row | None]]] = field(default_factory=dict)
    history: dict[str, list[Row]] = field(default_factory=dict)
    moves: dict[str, list[Row]] = field(default_factory=dict)
    aliases: dict[str, list[Row]] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)


@dataclass
class Fault:
    """A fault that was injected into the servers."""

    kind: str
    target: str
    start: int
    end: int = 0


@dataclass
class History:
    """The history of one run. `about` holds the command that repeats it."""

    about: Row = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    states: list[State] = field(default_factory=list)

    def write(self, file: IO[str]) -> None:
        """Writes the lines in order of time."""
        calls = [(call.start, {"line": "call", **asdict(call)}) for call in self.calls]
        faults = [(fault.start, {"line": "fault", **asdict(fault)}) for fault in self.faults]
        states = [(state.at, {"line": "state", **asdict(state)}) for state in self.states]
        timed = sorted([*calls, *faults, *states], key=lambda entry: entry[0])
        for line in ({"line": "run", **self.about}, *(entry for _, entry in timed)):
            file.write(json.dumps(line) + "\n")

    def save(self, path: Path) -> None:
        """Writes a file."""
        with path.open("w", encoding="utf-8") as file:
            self.write(file)


def load(path: Path) -> History:
    """Reads a file that `History.save` wrote."""
    history = History()
    for kind, entry in _lines(path):
        if kind == "run":
            history.about = entry
        elif kind == "call":
            history.calls.append(Call(**entry))
        elif kind == "fault":
            history.faults.append(Fault(**entry))
        elif kind == "state":
            entry["nodes"] = [Node(**node) for node in entry["nodes"]]
            history.states.append(State(**entry))
        else:
            raise ValueError(f"{path}: a line of an unknown sort, {kind!r}")
    return history


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for text in file:
            entry = json.loads(text)
            yield entry.pop("line"), entry
