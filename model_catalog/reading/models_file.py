"""YAML files of models: each model becomes an Entry with its artifacts.

An unknown key or a value of a wrong kind puts the whole file in error, as in Kubeflow's catalog: otherwise it would be lost
without a word.
A model without a name, or with an artifact that cannot be used, is left out by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from model_catalog.entries import Entry, JsonObject, SourceError

from .checks import FieldError, checked, items, kind_of, one_of, plain_mapping, text, texts, without_unknown
from .custom_properties import custom_properties
from .licences import licence_name
from .patterns import ALL, Patterns
from .report import Report
from .times import time_text
from .uris import wrong_with_uri
from .wording import quoted
from .yaml_values import Fields, YamlError, YamlReader

LONGEST_NAME = 255
_TIMES = ("createTimeSinceEpoch", "lastUpdateTimeSinceEpoch")
_SHOWN: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("name", "description", "readme", "maturity", "provider", "logo", "licenseLink", "libraryName"), text
    ),
    "externalId": text,
    "license": lambda value: licence_name(text(value)),
    "language": texts,
    "tasks": texts,
    "validatedTasks": texts,
    "servingConfig": plain_mapping,
    "customProperties": custom_properties,
    **dict.fromkeys(_TIMES, text),
}
_MODEL: dict[str, Callable[[Any], Any]] = _SHOWN | {"artifacts": items, "id": text, "source_id": text}
"""Ids are given here, so those of files are not used."""
_METRICS = ("performance-metrics", "accuracy-metrics")
_ARTIFACT: dict[str, Callable[[Any], Any]] = {
    "artifactType": one_of("model-artifact", "metrics-artifact"),
    **dict.fromkeys(("name", "description", "externalId", "uri", "metricsType", *_TIMES), text),
    "customProperties": custom_properties,
}
_FILE: dict[str, Callable[[Any], Any]] = {"source": lambda value: value, "models": items}


class LeftOutError(Exception):
    """An entry that cannot be used, while the rest of its file can. The text names line and problem."""


@dataclass(frozen=True, slots=True)
class ModelsFile:
    """Where models come from, and what they get.

    Attributes:
        name: Of the file, for messages.
        source_id: Which models get.
        now: Milliseconds since 1970, as text, for times that are not given.
        patterns: Which models are taken.
    """

    name: str
    source_id: str
    now: str
    patterns: Patterns = ALL

    def entries(self, file: bytes | BinaryIO, report: Report) -> Iterator[Entry]:
        """The models of a file, one by one, in its order. If two have one name, both come, and the later one counts.

        Raises:
            SourceError: The file cannot be used. What came before is not used either.
        """
        for name, fields in self._named(file, report):
            if not self.patterns.allow(name):
                continue
            try:
                yield self._entry(name, fields)
            except LeftOutError as error:
                report.fail(f"{self.name}: {error}")

    def names(self, file: bytes | BinaryIO, report: Report) -> Iterator[str]:
        """The names of all models of a file, taken or not, in its order. Raises SourceError."""
        for name, _ in self._named(file, report):
            yield name

    def _named(self, file: bytes | BinaryIO, report: Report) -> Iterator[tuple[str, JsonObject]]:
        reader = YamlReader(file)
        try:
            for fields in reader.items("models"):
                if fields is None:
                    report.fail(f"{self.name}: line {reader.line}: an entry of models is empty; leave it out")
                    continue
                found = self._checked_model(fields, reader.line)
                problem = _wrong_with_name(found.get("name"))
                if problem:
                    report.fail(f"{self.name}: line {fields.line}: {problem}")
                else:
                    yield found["name"], found | {"line": fields.line}
        except YamlError as error:
            raise SourceError(f"{self.name}: {error}") from error
        self._check_rest(reader.rest)

    def _checked_model(self, fields: Any, line: int) -> JsonObject:
        if not isinstance(fields, Fields):
            raise SourceError(
                f"{self.name}: line {line}: an entry of models must be a mapping with a name, but is {kind_of(fields)}"
            )
        try:
            return checked(fields, _MODEL, "a model")
        except FieldError as error:
            name = next((value for key, value in fields.items() if key.lower() == "name"), None)
            raise self._refused(fields.line, name, str(error)) from None

    def _check_rest(self, rest: Any) -> None:
        if rest is None:
            return
        if not isinstance(rest, Fields):
            raise SourceError(
                f"{self.name}: line 1: a file of models is a mapping with models, but this is {kind_of(rest)}"
            )
        try:
            checked(rest, _FILE, "a file of models")
        except FieldError as error:
            raise SourceError(f"{self.name}: line {rest.line}: {error}") from None

    def _refused(self, line: int, name: Any, problem: str) -> SourceError:
        is_name = isinstance(name, str | int | float) and not isinstance(name, bool)
        of_model = f"model {quoted(name)}" if is_name else "a model"
        return SourceError(f"{self.name}: line {line}: {of_model}: {problem}")

    def _entry(self, name: str, fields: JsonObject) -> Entry:
        artifacts = [
            artifact
            for number, given in enumerate(fields.get("artifacts", ()))
            if (artifact := self._artifact(name, number, given, fields["line"])) is not None
        ]
        item = {key: value for key, value in fields.items() if key in _SHOWN}
        item |= {"source_id": self.source_id, "language": item.get("language", []), "tasks": item.get("tasks", [])}
        self._complete(item)
        return Entry(item, artifacts)

    def _complete(self, item: JsonObject) -> None:
        if not item.get("customProperties", True):
            del item["customProperties"]
        for key in _TIMES:
            item[key] = time_text(item.get(key), self.now)

    def _artifact(self, name: str, number: int, given: Any, line: int) -> JsonObject | None:
        if given is None:
            raise LeftOutError(f"line {line}: model {quoted(name)}: artifact {number} is empty; leave it out")
        if not isinstance(given, Fields):
            raise self._refused(line, name, f"artifact {number} must be a mapping, but is {kind_of(given)}")
        try:
            fields = checked(without_unknown(given, _ARTIFACT), _ARTIFACT, "an artifact")
        except FieldError as error:
            raise self._refused(given.line, name, f"artifact {number}: {error}") from None
        self._complete(fields)
        if fields.setdefault("artifactType", "model-artifact") == "metrics-artifact":
            fields.pop("uri", None)
            return fields if fields.get("metricsType") in _METRICS else None
        fields.pop("metricsType", None)
        problem = wrong_with_uri(fields.get("uri", ""))
        if problem:
            raise LeftOutError(f"line {given.line}: model {quoted(name)}: artifact {number}: its uri {problem}")
        return fields


def _wrong_with_name(name: str | None) -> str | None:
    if not name:
        return "a model has no name; give it one, such as name: acme/small-1b"
    if len(name) > LONGEST_NAME:
        return f"the name {name[:40]!r}... has {len(name)} characters; {LONGEST_NAME} are allowed"
    return None
