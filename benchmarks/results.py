"""The results of a benchmark: samples, their medians, and the JSON file for them."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

NOOP = "noop"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to measure, and for how long."""

    operations: Sequence[str]
    connections: Sequence[int] = (1, 32)
    seconds: float = 2.0
    warmup: float = 0.3
    rounds: int = 3
    is_checked: bool = False
    flags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of one operation: flows per second, latencies in ms, counts of faults, and cores used by each role."""

    rate: float
    p50: float
    p90: float
    p99: float
    errors: float
    wrong: float
    generator: float
    proxy: float
    store: float
    complaints: Sequence[str] = ()


@dataclass(slots=True)
class Cell:
    """The samples of all rounds, for one operation and one number of connections. `calls` and `naive_calls` are RPCs per flow."""

    proxy: list[Sample] = field(default_factory=list)
    naive: list[Sample] = field(default_factory=list)
    calls: float | None = None
    naive_calls: float | None = None


@dataclass(slots=True)
class Result:
    """The results on one store. `cells` has them by operation and connections, `memory` the MiB after load by role."""

    store: str
    cells: dict[tuple[str, int], Cell] = field(default_factory=dict)
    memory: Mapping[str, float] = field(default_factory=dict)

    def cell(self, operation: str, connections: int) -> Cell:
        """The cell of an operation and a number of connections; it is added if missing."""
        return self.cells.setdefault((operation, connections), Cell())

    def wrong(self) -> float:
        """The number of the proxy's responses whose content is wrong."""
        return sum(sample.wrong for cell in self.cells.values() for sample in cell.proxy)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON: medians of all rounds, and the rate of each round."""
        table: dict[str, dict[str, Any]] = {}
        for (name, connections), cell in self.cells.items():
            table.setdefault(name, {})[str(connections)] = {
                "proxy": asdict(median(cell.proxy)) if cell.proxy else None,
                "naive": asdict(median(cell.naive)) if cell.naive else None,
                "rates": [sample.rate for sample in cell.proxy],
                "naive_rates": [sample.rate for sample in cell.naive],
                "calls": cell.calls,
                "naive_calls": cell.naive_calls,
            }
        return {"memory_mib": self.memory, "operations": table}


def median(samples: Sequence[Sample]) -> Sample:
    """One sample with the median of each figure. Errors and wrong responses are added up, so that none is lost."""
    figures = {
        part.name: (sum if part.name in {"errors", "wrong"} else statistics.median)(
            getattr(sample, part.name) for sample in samples
        )
        for part in fields(Sample)
        if part.name != "complaints"
    }
    return Sample(**figures, complaints=[text for sample in samples for text in sample.complaints][:3])


def as_json(results: Sequence[Result], choice: Choice) -> dict[str, Any]:
    """All results as JSON, with the choice and the machine."""
    machine = {"system": platform.platform(), "processors": os.cpu_count(), "python": platform.python_version()}
    return {"machine": machine, "choice": asdict(choice), "stores": {one.store: one.to_json() for one in results}}


def write(content: Any, file: Path) -> None:
    """Writes results to a JSON file; folders that are missing are created."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n")
