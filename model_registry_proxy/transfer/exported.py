"""An export as an import reads it: what is to be made, in order, and what belongs where."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from converters.entities import Artifact, Entity, ExperimentRun, Metric
from model_registry_proxy.transfer.export import ATTRIBUTION, END, FORMAT, VALUE, VERSION
from model_registry_proxy.transfer.histories import shown
from model_registry_proxy.transfer.journal import whole_lines
from model_registry_proxy.transfer.places import NAMED, artifact_entity
from model_registry_proxy.transfer.rest import Json, TransferError


class Exported:
    """The file of an export.

    `parents` tells, for an artifact's id, what it belongs to; `values`, for a run's id and a metric's name, what it has had.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.parents: dict[str, list[tuple[type[Entity], str]]] = defaultdict(list)
        self.values: dict[tuple[str, str], list[Json]] = defaultdict(list)
        self._metrics: dict[str, str] = {}

    def open(self) -> Json:
        """Reads what belongs where; answers the header. Raises `TransferError` unless the export came to its end."""
        header, is_whole = None, False
        for line in self._lines():
            if header is None:
                header = line
                if line.get("format") != FORMAT or line.get("version") != VERSION:
                    raise TransferError(f"{self._path} is no export of version {VERSION}.")
            elif line.get("kind") == ATTRIBUTION:
                ((parent, id_),) = line["below"].items()
                self.parents[line["artifact"]].append((NAMED[parent], id_))
            elif line.get("kind") == VALUE:
                (run,) = line["below"].values()
                self.values[run, line["entity"]["name"]].append(line["entity"])
            elif line.get("kind") == Artifact.__name__ and artifact_entity(line["entity"]) is Metric:
                self._metrics[line["entity"]["id"]] = line["entity"]["name"]
            elif line.get("kind") == END:
                is_whole = True
        if header is None or not is_whole:
            raise TransferError(
                f"{self._path} does not end as an export does: run `model-registry export` again to finish it."
            )
        return header

    def orphans(self) -> list[str]:
        """A sentence for each value of a metric that the export does not hold."""
        known = {
            (run, name)
            for id_, name in self._metrics.items()
            for parent, run in self.parents.get(id_, ())
            if parent is ExperimentRun
        }
        return [
            f'metric "{name}" of the experiment run {run}: {shown(value)}: the export does not hold the metric'
            for (run, name), values in self.values.items()
            if (run, name) not in known
            for value in values
        ]

    def in_order(self) -> Iterator[Json]:
        """The lines of entities. Standalone artifacts come last: looking for one must not hit upon one that belongs somewhere."""
        for is_alone in (False, True):
            for line in self._lines():
                if line.get("kind") in NAMED and is_alone is self._is_alone(line):
                    yield line

    def _lines(self) -> Iterator[Json]:
        return (line for _, line in whole_lines(self._path))

    def _is_alone(self, line: Json) -> bool:
        return line["kind"] == Artifact.__name__ and line["entity"]["id"] not in self.parents
