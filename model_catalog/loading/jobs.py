"""What the server asks of a reading process, and what that answers."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from model_catalog.entries import AssetType
from model_catalog.reading.settings import SourceSettings

HUB = "hf"


class Outcome(StrEnum):
    """How the reading of a source ended."""

    COMPILED = "compiled"  # a new compiled file is there
    UNCHANGED = "unchanged"  # the compiled file is what would be written
    FAILED = "failed"  # the source cannot be read; a former compiled file stays
    BUSY = "busy"  # another process reads the source now


@dataclass(frozen=True, slots=True)
class Task:
    """A source to read.

    Attributes:
        settings: What the sources files say of it.
        target: The compiled file to write.
        known: When the compiled file was read that the server has opened, in ms since the epoch. If there is a newer one by now,
            another server has read the source of a hub, which is enough.
    """

    settings: SourceSettings
    target: Path
    known: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """Sources that one process reads, one after the other.

    Attributes:
        tasks: The sources.
        performance: The directories with performance data.
        hub_urls: Addresses of Hugging Face servers that sources may name in addition to https ones.
        key_variables: Names of variables with keys that sources may name in addition to HF_API_KEY and HF_API_KEY_*.
    """

    tasks: tuple[Task, ...]
    performance: tuple[Path, ...] = ()
    hub_urls: tuple[str, ...] = ()
    key_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How the reading of one source ended.

    Attributes:
        source: The id of the source; empty for what is said of the performance data.
        outcome: How it ended.
        message: A sentence for people where it failed.
        warnings: What was not used of what was read, for the log.
    """

    source: str
    outcome: Outcome
    message: str = ""
    warnings: tuple[str, ...] = ()


def is_hub(settings: SourceSettings) -> bool:
    """Whether a source is read from a hub at intervals, and not from a file when that changes."""
    return settings.type == HUB and settings.asset_type is AssetType.MODELS


def read_part(settings: SourceSettings) -> SourceSettings:
    """The settings that decide what is read from a source: the rest may change without a new reading."""
    return replace(settings, name="", labels=(), enabled=True, declared_asset_type=None, place="", notice=None)
