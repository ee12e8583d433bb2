"""Sources of type `yaml`: from what the sources file says of one to its entries."""

from collections.abc import Iterator
from pathlib import Path

from model_catalog.entries import AssetType, Entry, SourceError

from .checks import FieldError, patterns
from .files import open_file
from .mcp_file import McpFile
from .models_file import ModelsFile
from .performance import Performance
from .report import Report
from .settings import SourceSettings
from .wording import quoted

TYPES = ("yaml", "hf")
_PATH = "yamlCatalogPath"


def yaml_path(source: SourceSettings) -> Path:
    """The file of a source; a relative one begins at the directory of its sources file. Raises SourceError."""
    if source.error is not None:
        raise SourceError(source.error)
    if source.type != "yaml":
        raise SourceError(wrong_type(source))
    path = source.properties.get(_PATH)
    if not isinstance(path, str) or not path:
        raise SourceError(
            f"{source.place}: source {quoted(source.id)} has no file; write properties: {{{_PATH}: models.yaml}}"
        )
    try:
        patterns(source.properties.get("excludedModels") or [])
    except FieldError as error:
        raise SourceError(f"{source.place}: source {quoted(source.id)}: properties.excludedModels {error}") from None
    return source.directory / path


def wrong_type(source: SourceSettings) -> str:
    """The sentence for a source of a type that cannot be read."""
    has = f"has the unknown type {quoted(source.type)}" if source.type else "has no type"
    return f"{source.place}: source {quoted(source.id)} {has}; write type: yaml, or type: hf for models of Hugging Face"


def read_source(source: SourceSettings, performance: Performance, now: str, report: Report) -> Iterator[Entry]:
    """The entries of a source, one by one. If two have one name (and version), both come, and the later one counts.

    Args:
        source: What the sources files say of it.
        performance: Measurements of models.
        now: Milliseconds since 1970, as text, for times that are not given.
        report: Gets what was left out.

    Raises:
        SourceError: The source cannot be used, or has entries, but none of them can be used. What came before is not used either.
    """
    path = yaml_path(source)
    name = str(source.properties[_PATH])
    entries = 0
    found: Iterator[Entry]
    try:
        with open_file(path) as file:
            if source.asset_type is AssetType.MODELS:
                models = ModelsFile(name, source.id, now, source.patterns).entries(file, report)
                found = (performance.enriched(entry, now, report) for entry in models)
            else:
                found = McpFile(name, source.id, now, source.patterns).entries(file, report)
            for entry in found:
                entries += 1
                yield entry
    except OSError as error:
        raise SourceError(
            f"{source.place}: source {quoted(source.id)}: {str(path)[-300:]} cannot be read: {error.strerror}"
        ) from error
    if report.failed and not entries:
        raise SourceError(f"none of the {report.failed} entries can be used: {report.summary()}")
