"""An export as an import reads it: what is to be made, in order, and what belongs where."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from converters.entities import ARTIFACT_BY_TYPE, Artifact, ExperimentRun, Metric, ServeModel
from converters.entity import Entity
from model_registry_proxy.transfer.export import ATTRIBUTION, END, FORMAT, VALUE, VERSION
from model_registry_proxy.transfer.histories import shown
from model_registry_proxy.transfer.journal import whole_lines
from model_registry_proxy.transfer.places import NAMED, artifact_entity
from model_registry_proxy.transfer.rest import Json, TransferError


class Exported:
    """The file of an export.

    `parents` tells, for an artifact's id, what it belongs to; `values`, for a run's id and a metric's name, what it has had;
    `unreadable` has the kind of each line that cannot be understood, and a sentence about it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.parents: dict[str, list[tuple[type[Entity], str]]] = defaultdict(list)
        self.values: dict[tuple[str, str], list[Json]] = defaultdict(list)
        self.unreadable: list[tuple[str, str]] = []
        self._metrics: dict[str, str] = {}

    def open(self) -> Json:
        """Reads what belongs where; answers the header. Raises `TransferError` unless the export came to its end."""
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
                if line.get("kind") in NAMED and not _what_is_wrong(line) and is_alone is self._is_alone(line):
                    yield line

    def _lines(self) -> Iterator[Json]:
        return (line for _, line in whole_lines(self._path))

    def _is_alone(self, line: Json) -> bool:
        return line["kind"] == Artifact.__name__ and line["entity"]["id"] not in self.parents


def _what_is_wrong(line: Json) -> str:
    """Why a line cannot be understood; empty where it can. A line without a kind is for going on with an export."""
    kind, entity = line.get("kind", END), line.get("entity")
    if kind == END:
        return ""
    if kind not in {*NAMED, ATTRIBUTION, VALUE}:
        return "this version does not know the kind"
    if kind in {ServeModel.__name__, ATTRIBUTION, VALUE} and not _is_one_place(line.get("below")):
        return 'below must name one entity, as in {"ExperimentRun": "7"}'
    if kind == ATTRIBUTION:
        return "" if isinstance(line.get("artifact"), str) else "artifact must be an id, as text"
    if not isinstance(entity, dict):
        return "entity must be a JSON object"
    if not str(entity.get("id", "")).isdecimal() or not isinstance(entity["id"], str):
        return "id must be a whole number, as text"
    if kind == VALUE and not isinstance(entity.get("name"), str):
        return "name must be a text"
    if kind == Artifact.__name__ and str(entity.get("artifactType")) not in ARTIFACT_BY_TYPE:
        return f"artifactType must be one of {', '.join(ARTIFACT_BY_TYPE)}; it is {entity.get('artifactType')}"
    return ""


def _is_one_place(below: object) -> bool:
    return isinstance(below, dict) and len(below) == 1 and below.keys() <= NAMED.keys()


def _shown(line: Json) -> str:
    """How a message names a line."""
    entity = line.get("entity")
    row = entity if isinstance(entity, dict) else {}
    return f'{line["kind"]} {row.get("id", line.get("artifact", "?"))} "{row.get("name", "")}"'
