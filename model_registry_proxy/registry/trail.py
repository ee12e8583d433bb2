"""The port to the records of the audit log: what a verb asks for, and what it gets. A server that keeps no file has no trail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from converters.kinds import JsonObject


class LinePosition(NamedTuple):
    """The line of a record: its offset in bytes in its file, and a digest of the line, by which the file is found again."""

    offset: int
    digest: int


class Record(NamedTuple):
    """A record. `time`: ms since the epoch. `content`: the JSON of its line."""

    time: int
    content: JsonObject


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are wanted.

    `facts`: keys and texts that each of them has; only a help to skip others quickly. `matches` decides. `since`: ms since the
    epoch; older records are not wanted.
    """

    matches: Callable[[Record], bool]
    facts: Mapping[str, str] = field(default_factory=dict)
    since: int = 0


class TrailPage(NamedTuple):
    """Records, newest first. `last` is the place to go on behind, or `None` where no further record matches."""

    records: Sequence[Record]
    last: LinePosition | None


class UnknownPlaceError(Exception):
    """No file has such a line at that place."""


class Trail(Protocol):
    """The records that are kept."""

    async def read(self, wanted: Wanted, size: int, behind: LinePosition | None) -> TrailPage:
        """Returns at most `size` records that are older than the place; raises `UnknownPlaceError`.

        It reads a bounded part of the log. So a page may have fewer records, or none, and still a place to go on behind.
        """
