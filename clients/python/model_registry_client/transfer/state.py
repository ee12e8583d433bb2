"""The state file of an import: what the import has created, so that the next one continues from there."""

from pathlib import Path

from model_registry_client.transfer.journal import Journal, cut, whole_lines
from model_registry_client.transfer.report import Left
from model_registry_client.transfer.rest import Json, TransferError

Key = tuple[str, str]
"""The kind of an entity and its id at the source."""


class State:
    """What earlier imports of one export to one server have created.

    `ids`: ids at the target. `unlinked`: ids at the target of artifacts that lack some of their parents. `left`: what the target
    does not have of an entity.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ids: dict[Key, str] = {}
        self.unlinked: dict[str, str] = {}
        self.left: dict[Key, Left] = {}

    def read(self, export: str, target: str) -> set[Key]:
        """Reads the file. Returns kinds and ids at the target. Raises `TransferError` for the file of another import."""
        if not self.path.exists():
            return set()
        last, there = 0, set[Key]()
        for number, (end, line) in enumerate(whole_lines(self.path)):
            last = end
            if number:
                there.add(self._take(line))
            elif (line.get("import"), line.get("target")) != (export, target):
                raise TransferError(
                    f"{self.path} belongs to an import of another export, or to {line.get('target')}; "
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
        """Notes an entity that was created. The next import tries its missing links again."""
        kind, source = key
        line: Json = {"kind": kind, "from": source, "to": self.ids[key]}
        left.parts, left.values = list(dict.fromkeys(left.parts)), list(dict.fromkeys(left.values))
        line |= {"left": left.parts} if left.parts else {}
        line |= {"leftValues": left.values} if left.values else {}
        journal.add(line | ({"unlinked": True} if left.links else {}))
