"""What a source holds, after it was read and checked: the values that the index takes in and that answers show.

All values are JSON as the answers have it, but without `id`: the index gives ids. Nothing here is changed after it was made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]

MODEL_ID = "{model_id}"
"""In `name` and `externalId` of an artifact: the index puts the id of the model here."""


class AssetType(StrEnum):
    """What a source lists."""

    MODELS = "models"
    MCP_SERVERS = "mcp_servers"


class Status(StrEnum):
    """How the last load of a source ended. A source that was never loaded has none."""

    AVAILABLE = "available"
    PARTIALLY_AVAILABLE = "partially-available"
    ERROR = "error"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model with its artifacts, or an MCP server with its tools.

    Attributes:
        item: The model or server, with `source_id`, in the shape of the answers, without `id`.
        parts: Its artifacts or tools in the order of the file, each in the shape of the answers, without `id`. In `name` and
            `externalId` of an artifact `MODEL_ID` stands for the id of the model.
        filtered: Fields that filters see instead of those of `item`: what a file gives, but answers have no place for.
    """

    item: JsonObject
    parts: Sequence[JsonObject] = ()
    filtered: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What was read from a source.

    Attributes:
        entries: What it holds, in the order of the file.
        failures: A sentence for each entry that was left out, with its file, line and name.
        warnings: What was not used of an entry that is there, for the log; the source is available all the same.
        unreachable: Names of failed entries that exist, but could not be read this time: what is known of them may be kept.
    """

    entries: Sequence[Entry]
    failures: Sequence[str] = ()
    warnings: Sequence[str] = ()
    unreachable: Sequence[str] = ()


class SourceError(Exception):
    """A source that cannot be read at all. The text is for people: it names the file, the line and what would work."""
