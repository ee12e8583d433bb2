"""The entries of one source: rendered, with their ids, and as columns."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from model_catalog.entries import MODEL_ID, Entry, JsonObject

from .columns import Columns, ColumnsMaker
from .fields import ARTIFACT, MODEL, SERVER, TOOL, FieldTable
from .identifiers import ServerKey, first_id, first_tool_id
from .search import Vocabulary, VocabularyMaker


@dataclass(frozen=True, slots=True)
class Segment:
    """The entries of one source in the order of their file.

    Attributes:
        source_id: The id of the source.
        items: Each entry as JSON, with its id.
        parts: All their parts as JSON, with their ids; those of one entry follow each other.
        starts: For each entry where its parts begin, and at the end the number of all parts.
        columns: The values of the entries.
        part_columns: The values of the parts.
        words: What `q` looks into.
        readme_words: The words of the readmes.
        by_name: The row of each name, for models; for servers that of each pair of name and version.
    """

    source_id: str
    items: Sequence[bytes]
    parts: Sequence[bytes]
    starts: Sequence[int]
    columns: Columns
    part_columns: Columns
    words: Vocabulary
    readme_words: Vocabulary
    by_name: Mapping[Any, int]


@dataclass(frozen=True, slots=True)
class EntryKind:
    """What differs between models and servers.

    Attributes:
        fields: Of the entries.
        part_fields: Of their parts.
        key: By what an entry replaces an earlier one of its source.
        key_fields: The fields of `key`.
        searched: The fields of `flat` that `q` looks into; `readme` is searched on request.
        flat: The values that filters see, and those that only `q` sees.
        default_order: Of lists.
        offered: The key of `flat` whose values are the options of a field, where that is another one.
    """

    fields: FieldTable
    part_fields: FieldTable
    key: Callable[[JsonObject], Any]
    key_fields: tuple[str, ...]
    searched: tuple[str, ...]
    flat: Callable[[JsonObject], JsonObject]
    default_order: str
    offered: Mapping[str, str] = field(default_factory=dict)


_NAME_AND_VERSION = "name@version"


def _flat_server(item: JsonObject) -> JsonObject:
    """A server with its indicators as fields, its artifacts as JSON text, and its name with its version as clients write it."""
    flat = {**item, **item.get("securityIndicators", {})}
    version = item.get("version")
    flat[_NAME_AND_VERSION] = f"{item['name']}@{version}" if version else item["name"]
    if flat.get("artifacts"):
        flat["artifacts"] = orjson.dumps(flat["artifacts"], option=orjson.OPT_SORT_KEYS).decode()
    return flat


MODELS = EntryKind(
    MODEL,
    ARTIFACT,
    lambda item: item["name"],
    ("name",),
    ("name", "description", "provider", "libraryName", "tasks"),
    lambda item: item,
    "NAME",
)
SERVERS = EntryKind(
    SERVER,
    TOOL,
    lambda item: (item["name"], item.get("version", "")),
    ("name", "version"),
    (_NAME_AND_VERSION, "description", "provider"),
    _flat_server,
    "ID",
    {"license_link": "licenseLink"},
)


def model_segment(source_id: str, entries: Sequence[Entry]) -> Segment:
    """The models of a source. Of two with one name, the later replaces the earlier in its place."""
    first = first_id(source_id)
    return _segment(source_id, MODELS, entries, lambda row, _: first + row + 1, lambda _: first)


def server_segment(source_id: str, entries: Sequence[Entry], ids: Mapping[ServerKey, int]) -> Segment:
    """The MCP servers of a source, with their ids."""
    return _segment(
        source_id,
        SERVERS,
        entries,
        lambda _, item: ids[(source_id, item["name"], item.get("version", ""))],
        first_tool_id,
    )


def _segment(
    source_id: str,
    kind: EntryKind,
    entries: Sequence[Entry],
    id_of: Callable[[int, JsonObject], int],
    first_part_id: Callable[[int], int],
) -> Segment:
    making = _Making(kind)
    for entry in entries:
        number = id_of(len(making.items), entry.item)
        if not making.add(entry, number, first_part_id(number)):
            return _segment(source_id, kind, _latest(kind, entries), id_of, first_part_id)
    return making.finished(source_id)


def _latest(kind: EntryKind, entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries, each key once: the last entry of a key, in the place of the first."""
    return [*{kind.key(entry.item): entry for entry in entries}.values()]


def _rendered(shown: JsonObject) -> bytes:
    """JSON in a copy that is as long as it must be: orjson's own result keeps some thousand bytes more."""
    return memoryview(orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)).tobytes()


class _Making:
    """A segment that is being made."""

    def __init__(self, kind: EntryKind) -> None:
        self._kind = kind
        self.items: list[bytes] = []
        self._parts: list[bytes] = []
        self._starts = array("I", [0])
        self._by_name: dict[Any, int] = {}
        self._columns = ColumnsMaker([*(each.rest for each in kind.fields.fields), *kind.offered.values()])
        self._part_columns = ColumnsMaker([each.rest for each in kind.part_fields.fields])
        self._words, self._readme_words = VocabularyMaker(), VocabularyMaker()
        self._part_ids_are_shared = kind is MODELS

    def add(self, entry: Entry, number: int, first_part: int) -> bool:
        """Takes the next entry; returns False, and takes nothing, if there is one of its key."""
        row, key = len(self.items), self._kind.key(entry.item)
        if key in self._by_name:
            return False
        text = str(number)
        item = {**entry.item, "id": text}
        self.items.append(_rendered(item))
        self._by_name[key] = row
        flat = self._kind.flat(item)
        self._columns.add(self._kind.flat({**item, **entry.filtered}) if entry.filtered else flat)
        before = len(self._parts) if self._part_ids_are_shared else 0
        for place, part in enumerate(entry.parts, first_part + before + 1):
            self._add_part(part, str(place), text)
        self._starts.append(len(self._parts))
        searched = [flat.get(name) for name in self._kind.searched]
        self._words.add(chain.from_iterable((each,) if isinstance(each, str) else each for each in searched if each))
        self._readme_words.add((item["readme"],) if item.get("readme") else ())
        return True

    def _add_part(self, part: JsonObject, number: str, owner: str) -> None:
        shown = {**part, "id": number}
        for key in ("name", "externalId"):
            if MODEL_ID in shown.get(key, ""):
                shown[key] = shown[key].replace(MODEL_ID, owner)
        self._parts.append(_rendered(shown))
        self._part_columns.add(shown)

    def finished(self, source_id: str) -> Segment:
        return Segment(
            source_id,
            self.items,
            self._parts,
            self._starts,
            self._columns.finished(),
            self._part_columns.finished(),
            self._words.finished(),
            self._readme_words.finished(),
            self._by_name,
        )
