"""Performance data: directories whose `metadata.json` says by `id` to which model their measurements belong.

The measurements become artifacts of the model: `evaluations.ndjson` one with the accuracies, and each line of
`performance.ndjson` another.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

import orjson

from model_catalog.entries import MODEL_ID, Entry, JsonObject

from .custom_properties import bool_property, double_property, int_property, text_property
from .files import open_file
from .report import Report

_TEXTS = ("size", "tensor_type", "variant_group_id")
_NUMBERS = ("min_vram_gb",)
_JSON = ("cold_start_matrix",)
"""What becomes a custom property of the model: texts, numbers as doubles, and lists or mappings as the text of their JSON."""
_TIMES = {"created_at", "updated_at"}
_LARGEST = 256 << 20
"""Bytes of a file of measurements."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Where the measurements of each model lie.

    Attributes:
        directories: By the name of the model in lower case.
        warnings: A sentence for each directory that cannot be used.
    """

    directories: Mapping[str, Path] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def enriched(self, entry: Entry, now: str, report: Report) -> Entry:
        """A model with its measurements, the same entry if there are none. Files are read again each time.

        Args:
            entry: The model.
            now: Milliseconds since 1970, as text, for measurements without times.
            report: Gets a warning for each line that cannot be used.
        """
        directory = self.directories.get(entry.item["name"].lower())
        if directory is None:
            return entry
        metadata = _metadata(directory, report)
        item = entry.item
        if properties := _of_model(metadata):
            item = item | {"customProperties": item.get("customProperties", {}) | properties}
        accuracy = _accuracy(_lines(directory / "evaluations.ndjson", report), metadata.get("overall_accuracy"), now)
        measured = [_measurement(line, now) for line in _lines(directory / "performance.ndjson", report, needs="id")]
        return Entry(item, [*entry.parts, *accuracy, *measured])


def _of_model(metadata: JsonObject) -> JsonObject:
    """The custom properties that the metadata gives a model."""
    texts = {key: value for key in _TEXTS if isinstance(value := metadata.get(key), str) and value}
    numbers = {key: double_property(value) for key in _NUMBERS if _is_number(value := metadata.get(key))}
    structured = {
        key: orjson.dumps(value).decode()
        for key in _JSON
        if isinstance(value := metadata.get(key), list | dict) and value
    }
    return {key: text_property(value) for key, value in (texts | structured).items()} | numbers


def find_performance(roots: Iterable[Path]) -> Performance:
    """Looks for measurements below some directories, at any depth. Of two directories for one model the first one counts."""
    report = Report()
    found: dict[str, Path] = {}
    for root in roots:
        if not root.is_dir():
            report.warn(f"{root}: there is no such directory for performance data")
        for directory in sorted(_directories(root)):
            identifier = _metadata(directory, report).get("id")
            if isinstance(identifier, str) and identifier:
                found.setdefault(identifier.lower(), directory)
            else:
                report.warn(f"{directory / 'metadata.json'}: it has no text as id, which names the model")
    return Performance(found, tuple(report.warnings))


def _directories(root: Path) -> Iterator[Path]:
    """The directories with metadata, also behind links, but none twice. Kubernetes' own `..data` are passed over."""
    seen = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):  # a link may lead back
        real = os.path.realpath(folder)
        subfolders[:] = [] if real in seen else [name for name in subfolders if not name.startswith("..")]
        if "metadata.json" in files and real not in seen:
            yield Path(folder)
        seen.add(real)


def _metadata(directory: Path, report: Report) -> JsonObject:
    path = directory / "metadata.json"
    try:
        with open_file(path) as file:
            metadata = orjson.loads(file.read(_LARGEST))
    except (OSError, ValueError) as error:
        report.warn(f"{path}: it cannot be read: {error}")
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _lines(path: Path, report: Report, needs: str | None = None) -> Iterator[JsonObject]:
    """The objects of a file with one on each line."""
    try:
        if path.stat().st_size > _LARGEST:
            report.warn(f"{path}: it has more than {_LARGEST >> 20} MiB, so it is not used")
            return
        with open_file(path) as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                fields = _object(line)
                if fields is None or (needs is not None and fields.get(needs) in (None, "")):
                    wanted = f"a JSON object with {needs}" if needs else "a JSON object"
                    report.warn(f"{path}: line {number} is not {wanted}, so it is not used")
                else:
                    yield fields
    except FileNotFoundError:
        return
    except OSError as error:
        report.warn(f"{path}: it cannot be read: {error.strerror}")


def _object(line: bytes) -> JsonObject | None:
    try:
        fields = orjson.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _accuracy(lines: Iterator[JsonObject], overall: Any, now: str) -> Iterator[JsonObject]:
    properties = {}
    created, updated = [], []
    for line in lines:
        benchmark, score = line.get("benchmark"), line.get("score")
        if isinstance(benchmark, str) and benchmark and _is_number(score):
            properties[benchmark] = double_property(score)
        created += [line["created_at"]] if _is_number(line.get("created_at")) else []
        updated += [line["updated_at"]] if _is_number(line.get("updated_at")) else []
    if not properties:
        return
    if _is_number(overall):
        properties["overall_average"] = double_property(overall)
    name = f"accuracy-metrics-model-{MODEL_ID}"
    yield {
        "artifactType": "metrics-artifact",
        "metricsType": "accuracy-metrics",
        "name": name,
        "externalId": name,
        "createTimeSinceEpoch": str(int(min(created))) if created else now,
        "lastUpdateTimeSinceEpoch": str(int(max(updated))) if updated else now,
        "customProperties": properties,
    }


def _measurement(line: JsonObject, now: str) -> JsonObject:
    identifier = _as_text(line["id"])
    properties = {name: _property(value) for name, value in line.items() if name not in _TIMES}
    return {
        "artifactType": "metrics-artifact",
        "metricsType": "performance-metrics",
        "name": f"performance-{identifier}",
        "externalId": identifier,
        "createTimeSinceEpoch": str(int(line["created_at"])) if _is_number(line.get("created_at")) else now,
        "lastUpdateTimeSinceEpoch": str(int(line["updated_at"])) if _is_number(line.get("updated_at")) else now,
        "customProperties": {name: value for name, value in properties.items() if value is not None},
    }


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _property(value: Any) -> JsonObject | None:
    """None for whole numbers beyond 32 bits, which have no kind."""
    if isinstance(value, bool):
        return bool_property(value)
    if isinstance(value, int):
        return int_property(value)
    if isinstance(value, float):
        return double_property(value)
    return text_property(_as_text(value))


def _as_text(value: Any) -> str:
    """Other kinds as Kubeflow's catalog writes them, which is Go's way."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case list():
            return f"[{' '.join(map(_as_text, value))}]"
        case dict():
            return f"map[{' '.join(f'{key}:{_as_text(value[key])}' for key in sorted(value))}]"
    return str(value)
