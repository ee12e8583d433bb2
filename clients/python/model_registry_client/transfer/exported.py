"""An export as an import reads it: what is to be created, in order, and what belongs to which parent."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from model_registry_client.entities import KINDS, Artifact, ExperimentRun, Metric, ServeModel
from model_registry_client.entity import Entity
from model_registry_client.transfer.export import ATTRIBUTION, END, FORMAT, VALUE, VERSION
from model_registry_client.transfer.histories import shown
from model_registry_client.transfer.journal import whole_lines
from model_registry_client.transfer.rest import Json, TransferError
from model_registry_client.transfer.tables import NAMED, artifact_entity


class Exported:
    """The file of an export.

    `parents`: the parents of each artifact, by its id. `values`: what each metric has had, by the run's id and the metric's name.
    `unreadable`: the kind of each line that cannot be read, and a sentence about it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.parents: dict[str, list[tuple[type[Entity], str]]] = defaultdict(list)
        self.values: dict[tuple[str, str], list[Json]] = defaultdict(list)
        self.unreadable: list[tuple[str, str]] = []
        self._metrics: dict[str, str] = {}

    def open(self) -> Json:
        """Reads what belongs to which parent; returns the header. Raises `TransferError` unless the export is complete."""
        header, is_whole = None, False
        for line in self._lines():
            if header is None:
                header = line
                if line.get("format") != FORMAT or line.get("version") != VERSION:
                    raise TransferError(f"{self._path} is no export of version {VERSION}.")
            elif reason := _what_is_wrong(line):
                self.unreadable.append((str(line["kind"]), f"{_shown(line)}: {reason}"))
            elif line.get("kind") == ATTRIBUTION:
                ((parent, id_),) = line["below"].items()
                self.parents[line["artifact"]].append((NAMED[parent], id_))
            elif line.get("kind") == VALUE:
                (run,) = line["below"].values()
                self.values[run, line["entity"]["name"]].append(line["entity"])
            elif line.get("kind") == Artifact.__name__ and artifact_entity(line["entity"]) is Metric:
                self._metrics[line["entity"]["id"]] = line["entity"].get("name", "")
            elif line.get("kind") == END:
                is_whole = True
        if header is None or not is_whole:
            raise TransferError(f"{self._path} does not end as an export does: run the export again to finish it.")
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
        """The lines of entities. Standalone artifacts come last: a search for one must not find one that has a parent."""
        for is_standalone in (False, True):
            for line in self._lines():
                if (
                    line.get("kind") in NAMED
                    and not _what_is_wrong(line)
                    and is_standalone is self._is_standalone(line)
                ):
                    yield line

    def _lines(self) -> Iterator[Json]:
        return (line for _, line in whole_lines(self._path))

    def _is_standalone(self, line: Json) -> bool:
        return line["kind"] == Artifact.__name__ and line["entity"]["id"] not in self.parents


def _what_is_wrong(line: Json) -> str:
    """Why a line cannot be read; empty where it can. A line without a kind is a checkpoint."""
    kind, entity = line.get("kind", END), line.get("entity")
    if kind == END:
        return ""
    if kind not in {*NAMED, ATTRIBUTION, VALUE}:
        return "this version does not know the kind"
    if kind in {ServeModel.__name__, ATTRIBUTION, VALUE} and not _is_one_entity(line.get("below")):
        return 'below must name one entity, as in {"ExperimentRun": "7"}'
    if kind == ATTRIBUTION:
        return "" if isinstance(line.get("artifact"), str) else "artifact must be an id, as text"
    if not isinstance(entity, dict):
        return "entity must be a JSON object"
    if not str(entity.get("id", "")).isdecimal() or not isinstance(entity["id"], str):
        return "id must be a whole number, as text"
    if kind == VALUE and not isinstance(entity.get("name"), str):
        return "name must be a text"
    if kind == Artifact.__name__ and str(entity.get("artifactType")) not in KINDS:
        return f"artifactType must be one of {', '.join(KINDS)}; it is {entity.get('artifactType')}"
    return ""


def _is_one_entity(below: object) -> bool:
    return isinstance(below, dict) and len(below) == 1 and below.keys() <= NAMED.keys()


def _shown(line: Json) -> str:
    """What a message calls a line."""
    entity = line.get("entity")
    row = entity if isinstance(entity, dict) else {}
    return f'{line["kind"]} {row.get("id", line.get("artifact", "?"))} "{row.get("name", "")}"'
