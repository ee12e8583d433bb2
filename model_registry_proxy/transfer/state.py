"""The file in which an import notes what it has made, so that the next one goes on from there."""

from pathlib import Path

from model_registry_proxy.transfer.journal import Journal, cut, whole_lines
from model_registry_proxy.transfer.report import Left
from model_registry_proxy.transfer.rest import Json, TransferError

Key = tuple[str, str]
"""The kind of an entity and its id at the source."""


class State:
    """What earlier imports of one export to one server have made.

    `ids` are the ids at the target; `unlinked` those of artifacts that some of their parents lack; `left` is what the target has
    not taken of an entity.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ids: dict[Key, str] = {}
        self.unlinked: dict[str, str] = {}
        self.left: dict[Key, Left] = {}

    def read(self, export: str, target: str) -> set[Key]:
        """Reads the file; answers kinds and ids at the target. Raises `TransferError` for a file of another import."""
        if not self.path.exists():
            return set()
        last, there = 0, set[Key]()
        for number, (end, line) in enumerate(whole_lines(self.path)):
            last = end
            if number:
                there.add(self._take(line))
            elif (line.get("import"), line.get("target")) != (export, target):
                raise TransferError(
                    f"{self.path} tells of an import of another export, or to {line.get('target')}; "
                    "name another file with --state."
                )
        cut(self.path, last)
        return there

    def _take(self, line: Json) -> Key:
        key = line["kind"], line["from"]
        self.left[key] = Left(line.get("left", []), line.get("leftValues", []))
        if "unlinked" in line:
            self.unlinked[line["from"]] = line["to"]
        else:
            self.ids[key] = line["to"]
        return line["kind"], line["to"]

    def note(self, journal: Journal, key: Key, left: Left) -> None:
        """Notes an entity that was made. Links that are missing are tried again by the next import."""
        kind, source = key
        line: Json = {"kind": kind, "from": source, "to": self.ids[key]}
        left.parts, left.values = list(dict.fromkeys(left.parts)), list(dict.fromkeys(left.values))
        line |= {"left": left.parts} if left.parts else {}
        line |= {"leftValues": left.values} if left.values else {}
        journal.add(line | ({"unlinked": True} if left.links else {}))
