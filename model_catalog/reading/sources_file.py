"""Sources files: what stands in one, and what several of them say together.

A bad source, label or query is an error of this entry only. A file that is no YAML is refused as a whole, and the caller goes on
with what it read before.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from model_catalog.entries import AssetType, SourceError

from .checks import FieldError, boolean, checked, items, kind_of, mapping, one_of, patterns, text, texts
from .files import open_file
from .key_lines import key_lines
from .named_queries import GivenQuery, read_query
from .wording import quoted
from .yaml_values import Fields, Limits, YamlError, read_value

_ASSET_TYPES = tuple(AssetType)
_COMMON: dict[str, Callable[[Any], Any]] = {
    "id": text,
    "name": text,
    "type": text,
    "enabled": boolean,
    "labels": texts,
    "properties": mapping,
    "assetType": one_of(*_ASSET_TYPES),
    "status": lambda value: value,  # parts of an answer, which people copy into files
    "error": lambda value: value,
}
_RULES = {
    AssetType.MODELS: _COMMON | {"includedModels": patterns, "excludedModels": patterns},
    AssetType.MCP_SERVERS: _COMMON | {"includedServers": patterns, "excludedServers": patterns},
}
_LISTS = {
    "model_catalogs": AssetType.MODELS,
    "catalogs": AssetType.MODELS,  # the old name
    "mcp_catalogs": AssetType.MCP_SERVERS,
}
_SECTIONS: dict[str, Callable[[Any], Any]] = {**dict.fromkeys(_LISTS, items), "labels": items, "namedQueries": mapping}


STAYS = "What was read before stays in force."
_LIMITS = Limits(file_bytes=16 << 20)
"""The server itself reads these files, so they must be quick to read."""


@dataclass(frozen=True, slots=True)
class GivenSource:
    """A source as one file has it.

    Attributes:
        id: Of the source.
        asset_type: By the list in which it stands.
        given: The fields that the file sets.
        place: File and line.
        error: What is wrong with it, or None.
        notice: What is wrong around it, such as another entry with its id, or None.
        has_id: Whether its id is its own. An entry without a usable id is an error that is shown under its file and line.
    """

    id: str
    asset_type: AssetType
    given: dict[str, Any]
    place: str
    error: str | None = None
    notice: str | None = None
    has_id: bool = True


@dataclass(frozen=True, slots=True)
class SourcesFile:
    """What stands in one sources file.

    Attributes:
        path: Of the file.
        sources: In their order, each id once.
        labels: The good ones, with their places.
        queries: The good ones, by name.
        errors: A sentence for each entry that is not used.
        unknown: The first of those errors that may hide a source, such as one of an entry without an id, or None.
    """

    path: Path
    sources: Sequence[GivenSource] = ()
    labels: Sequence[tuple[str, Fields]] = ()
    queries: dict[str, GivenQuery] = field(default_factory=dict)
    errors: Sequence[str] = ()
    unknown: str | None = None

    def after(self, former: "SourcesFile") -> "SourcesFile":
        """What stands in force after a change: where this file may hide a source, those that it had before stay."""
        if self.unknown is None:
            return self
        named = {source.id for source in self.sources}
        notice = f"{self.unknown}. {STAYS}"
        hidden = [source for source in former.sources if source.has_id and source.id not in named]
        kept = [replace(source, notice=notice) for source in hidden]
        return replace(self, sources=[*self.sources, *kept])

    def broken(self, problem: str) -> "SourcesFile":
        """The same for a file that cannot be read now: each source says so."""
        notice = f"{problem.rstrip('.')}. {STAYS}"
        return replace(self, sources=[replace(source, notice=notice) for source in self.sources])


def read_sources_file(path: Path) -> SourcesFile:
    """What stands in a file. Raises SourceError if it cannot be read, or is no YAML mapping."""
    try:
        with open_file(path) as file:
            document = read_value(file, limits=_LIMITS)
    except OSError as error:
        raise SourceError(f"{path}: the sources file cannot be read: {error.strerror}") from error
    except YamlError as error:
        raise SourceError(f"{path}: {error}") from error
    if document is None:
        return SourcesFile(path)
    if not isinstance(document, Fields):
        raise SourceError(
            f"{path}: line 1: a sources file is a mapping with model_catalogs, but this is {kind_of(document)}"
        )
    return _FileReading(path).read(document)


class _FileReading:
    """Collects what stands in a file, and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._errors: list[str] = []
        self._unknown: str | None = None
        self._without_id: list[GivenSource] = []

    def read(self, document: Fields) -> SourcesFile:
        sections = self._sections(document)
        sources: dict[str, GivenSource] = {}
        for key, asset_type in _LISTS.items():
            older = dict(sources) if key == "catalogs" else {}
            for each in sections.get(key, []):
                self._add_source(each, asset_type, sources, document.line, older)
        labels = [found for each in sections.get("labels", []) if (found := self._label(each, document.line))]
        queries = self._queries(sections.get("namedQueries", Fields()))
        everything = [*sources.values(), *self._without_id]
        return SourcesFile(self._path, everything, labels, queries, self._errors, self._unknown)

    @cached_property
    def _key_lines(self) -> Mapping[str, int]:
        with suppress(OSError, yaml.YAMLError), open_file(self._path) as file:  # it may be another one by now
            return key_lines(file)
        return {}

    def _place(self, line: int) -> str:
        return f"{self._path}: line {line}"

    def _refuse(self, line: int, problem: str) -> None:
        self._errors.append(f"{self._place(line)}: {problem}")

    def _refuse_unknown(
        self, line: int, problem: str, asset_type: AssetType = AssetType.MODELS, name: Any = None
    ) -> None:
        """Refuses what may be a source of which no id is known, and shows it as an error under its file and line."""
        self._refuse(line, problem)
        self._unknown = self._unknown or self._errors[-1]
        same = sum(source.place == self._place(line) for source in self._without_id)
        identifier = f"{self._path.name}:{line}" + (f".{same + 1}" if same else "")
        given = {"name": name} if isinstance(name, str) else {}
        place, error = self._place(line), self._errors[-1]
        self._without_id.append(GivenSource(identifier, asset_type, given, place, error, has_id=False))

    def _sections(self, document: Fields) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in document.items():
            one = Fields({key: value})
            try:
                section = checked(one, _SECTIONS, "a sources file")
            except FieldError as error:
                self._refuse_unknown(self._key_lines.get(key, document.line), str(error))
                continue
            found = section | found
        return found

    def _add_source(
        self,
        fields: Any,
        asset_type: AssetType,
        sources: dict[str, GivenSource],
        line: int,
        older: dict[str, GivenSource],
    ) -> None:
        if not isinstance(fields, Fields):
            self._refuse_unknown(line, f"a source must be a mapping, but one is {kind_of(fields)}", asset_type)
            return
        identifier = next((value for key, value in fields.items() if key.lower() == "id"), None)
        if not isinstance(identifier, str) or not identifier:
            said = f"its id is {kind_of(identifier)}" if identifier is not None and identifier != "" else "it has none"
            problem = f"a source needs a text as its id, but {said}; write such as id: my-models"
            self._refuse_unknown(fields.line, problem, asset_type, fields.get("name"))
            return
        if identifier in older:
            return
        if identifier in sources:
            first = sources[identifier]
            self._refuse(
                fields.line, f"the id {quoted(identifier)} is used twice; the source at {first.place} keeps it"
            )
            self._unknown = self._unknown or self._errors[-1]
            sources[identifier] = replace(first, notice=first.notice or f"{self._errors[-1]}.")
            return
        sources[identifier] = self._source(identifier, fields, asset_type)

    def _source(self, identifier: str, fields: Fields, asset_type: AssetType) -> GivenSource:
        given: dict[str, Any] = {}
        error = None
        for key, value in fields.items():
            try:
                given |= checked(Fields({key: value}), _RULES[asset_type], "a source")
            except FieldError as problem:
                error = error or f"{self._place(fields.line)}: source {quoted(identifier)}: {problem}"
        return GivenSource(identifier, asset_type, given, self._place(fields.line), error)

    def _label(self, label: Any, line: int) -> tuple[str, Fields] | None:
        if not isinstance(label, Fields):
            self._refuse(line, f"a label must be a mapping, but one is {kind_of(label)}")
            return None
        name = label.get("name")
        if "name" not in label or name == "":
            self._refuse(
                label.line, "a label needs a name; write name: null for what sources without labels are called"
            )
            return None
        wrong = next(
            (key for key, value in label.items() if not isinstance(value, str) and (key, value) != ("name", None)), None
        )
        if wrong is not None:
            self._refuse(
                label.line,
                f"label {quoted(name)}: {wrong[:60]} must be a text, but is {kind_of(label[wrong])}; put it in quotes",
            )
            return None
        if label.get("assetType", AssetType.MODELS) not in _ASSET_TYPES:
            self._refuse(
                label.line,
                f"label {quoted(name)}: assetType must be models or mcp_servers, but is {quoted(label['assetType'])}",
            )
            return None
        return self._place(label.line), label

    def _queries(self, section: Fields) -> dict[str, GivenQuery]:
        found: dict[str, GivenQuery] = {}
        for name, value in section.items():
            try:
                found[name] = read_query(value)
            except FieldError as error:
                self._refuse(
                    value.line if isinstance(value, Fields) else section.line, f"named query {quoted(name)}: {error}"
                )
        return found
