"""The folder with metadata: one file for each field, such as `ModelVersion.name`. It is what a ConfigMap looks like as a volume."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model_registry_client import Entity, ModelArtifact, ModelVersion, RegisteredModel
from model_registry_client.custom_properties import OpaqueValue, from_wire

from model_registry_upload_job.problems import UploadError

_KINDS: Mapping[str, type[Entity]] = {
    "RegisteredModel": RegisteredModel,
    "ModelVersion": ModelVersion,
    "ModelArtifact": ModelArtifact,
}
_MOST_BYTES = 2**20


@dataclass(frozen=True)
class Metadata:
    """The fields of what is registered, by the names of the Python client; and the ids that the folder names."""

    model: Mapping[str, Any] = field(default_factory=dict)
    version: Mapping[str, Any] = field(default_factory=dict)
    artifact: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


def read(folder: str) -> Metadata:
    """Reads a folder. Field names may have the spelling of Python or of the API; an empty file counts as absent.

    Raises:
        UploadError: It does not exist, a field is unknown, or custom properties are no values that the registry can hold.
    """
    if not folder:
        return Metadata()
    if not Path(folder).is_dir():
        raise UploadError(f"The folder with metadata {folder} does not exist.", "Mount the ConfigMap there.")
    fields: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
    ids: dict[str, str] = {}
    for kind, name, text in _entries(Path(folder)):
        if name == "id":
            ids[kind] = text
            continue
        key = _field(kind, name)
        fields[kind][key] = _properties(f"{kind}.{name}", text) if key == "custom_properties" else text
    return Metadata(fields["RegisteredModel"], fields["ModelVersion"], fields["ModelArtifact"], ids)


def _entries(folder: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(folder.iterdir()):
        kind, dot, name = path.name.partition(".")
        if kind not in _KINDS or not dot or not path.is_file():
            continue
        if path.stat().st_size > _MOST_BYTES:
            raise UploadError(f"The file {path.name} of the metadata is longer than {_MOST_BYTES} bytes.")
        try:
            text = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UploadError(f"The file {path.name} of the metadata cannot be read: {error}.") from error
        if text:
            yield kind, name, text


def _field(kind: str, name: str) -> str:
    names = {spelling: key for key, alias in _KINDS[kind].creatable() for spelling in (key, alias)}
    if name in names:
        return names[name]
    raise UploadError(
        f"A {kind} has no field {name!r}, which the metadata names.",
        f"It has {', '.join(sorted(set(names.values())))}.",
    )


def _properties(where: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UploadError(f"{where} must be a JSON object: {error}.") from error
    if not isinstance(found, dict):
        raise UploadError(f"{where} must be a JSON object.")
    return {name: _property(where, name, value) for name, value in found.items()}


def _property(where: str, name: str, value: Any) -> Any:
    """A value, plain or with its type as the API has it."""
    if isinstance(value, dict) and "metadataType" in value:
        read = from_wire({name: value})[name]
        if isinstance(read, OpaqueValue):
            raise UploadError(f"{where}: the property {name!r} has no value of the type {value['metadataType']!r}.")
        return read
    if isinstance(value, str | bool | int | float | dict):
        return value
    shown = json.dumps(value)
    remedy = f'Put a list into an object: {{"{name}": {{"values": {shown}}}}}.' if isinstance(value, list) else ""
    raise UploadError(f"{where}: the property {name!r} must be a text, a number, true, false or an object.", remedy)
