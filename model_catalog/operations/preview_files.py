"""The files of a preview: the entry of the source, and the names that its file holds. All of it is checked as a load checks it."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from model_catalog.entries import AssetType, SourceError
from model_catalog.reading.checks import FieldError, checked, mapping, one_of, text, texts, without_unknown
from model_catalog.reading.mcp_file import McpFile
from model_catalog.reading.models_file import ModelsFile
from model_catalog.reading.report import Report
from model_catalog.reading.settings import SourceSettings
from model_catalog.reading.yaml_values import Fields, YamlError, read_value
from model_registry_proxy.errors import Unprocessable

_SOURCE = "preview"
_PATTERNS = ("includedModels", "excludedModels", "includedServers", "excludedServers")
_RULES: dict[str, Any] = {
    "type": text,
    "properties": mapping,
    "assetType": one_of(*AssetType),
    **dict.fromkeys(_PATTERNS, texts),
}
_LARGEST_CONFIG = 64 << 10
_ENDINGS = (".yaml", ".yml", ".json")
_NOW = "0"  # no time is shown


def read_config(content: bytes) -> SourceSettings:
    """The entry of a source, as `config` has it. Keys that a preview does not need are ignored; raises `Unprocessable`."""
    if len(content) > _LARGEST_CONFIG:
        raise Unprocessable(f"invalid config: it has more than {_LARGEST_CONFIG >> 10} KiB")
    try:
        found = read_value(content)
        given = checked(without_unknown(_as_mapping(found), _RULES), _RULES, "a source")
    except (FieldError, YamlError) as error:
        raise Unprocessable(f"invalid config: failed to parse config: {error}") from None
    for name in _PATTERNS:
        for number, pattern in enumerate(given.get(name, ())):
            if not pattern.strip():
                raise Unprocessable(f"invalid config: {name}[{number}]: pattern cannot be empty")
    if not given.get("type"):
        raise Unprocessable("invalid config: missing required field: type")
    has_servers = (
        given.get("assetType") == AssetType.MCP_SERVERS or {"includedServers", "excludedServers"} & given.keys()
    )
    return SourceSettings(
        _SOURCE,
        AssetType.MCP_SERVERS if has_servers else AssetType.MODELS,
        type=given["type"],
        properties=given.get("properties", {}),
        included=given.get("includedServers", given.get("includedModels")),
        excluded=given.get("excludedServers", given.get("excludedModels")),
        place="config",
    )


def _as_mapping(found: Any) -> Fields:
    return Fields() if found is None else mapping(found)


def names_of(source: SourceSettings, data: bytes, folders: Sequence[Path], report: Report) -> list[str]:
    """The names in `data`, or in the file that the source names, if it is in one of the folders or below.

    They come in the order of the file, also those that the patterns leave out. `report` gets what a load would leave out; raises
    `Unprocessable`.
    """
    try:
        if data:
            return _names("catalogData", source, BytesIO(data), report)
        path = _allowed(source.properties.get("yamlCatalogPath"), folders)
        with path.open("rb") as file:
            return _names(path.name, source, file, report)
    except SourceError as error:
        raise Unprocessable(f"failed to load models: failed to parse catalog file: {error}") from None
    except OSError as error:
        raise Unprocessable(f"failed to load models: the file cannot be read: {error.strerror}.") from None


def _names(name: str, source: SourceSettings, file: BinaryIO, report: Report) -> list[str]:
    kind = ModelsFile if source.asset_type is AssetType.MODELS else McpFile
    for _ in kind(name, source.id, _NOW, source.patterns).entries(file, report):
        pass
    file.seek(0)
    return list(kind(name, source.id, _NOW).names(file, Report()))


def _allowed(path: Any, folders: Sequence[Path]) -> Path:
    """The file that a source names, without links in its path; raises `Unprocessable` if it must not, or cannot, be read."""
    if not isinstance(path, str) or not path:
        raise Unprocessable(
            "failed to load models: missing required property: yamlCatalogPath (provide catalogData file or set "
            "yamlCatalogPath in config)"
        )
    for folder in folders:
        if found := _below(folder, path):
            return found
    raise Unprocessable(
        "failed to load models: yamlCatalogPath: no such file: a preview reads files of the type YAML in the directories of the "
        "sources files, and below them."
    )


def _below(folder: Path, path: str) -> Path | None:
    """The file of a path that begins at a folder, if it is a YAML file there or below."""
    try:
        root = folder.resolve()
        found = (root / path).resolve()
        is_allowed = found.is_relative_to(root) and found.suffix in _ENDINGS and found.is_file()
    except (OSError, RuntimeError, ValueError):  # a name that is too long, links in a circle, a NUL
        return None
    return found if is_allowed else None
