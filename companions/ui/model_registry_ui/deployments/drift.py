"""Drift: what a service is meant to run differs from what its newest serve says. Facts go in, reasons come out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

RUNNING, FAILED = "RUNNING", "FAILED"


class Drift(Enum):
    """A reason why a service is not what it is meant to be; its value is a sentence with the names of both versions."""

    OTHER_VERSION = "{seen} was seen, {meant} is meant."
    FAILED = "Meant to run, but seen failed."
    STILL_RUNNING = "Not meant to run, but seen running."

    def words(self, *, meant: str = "", seen: str = "") -> str:
        """Returns the sentence.

        Args:
            meant: The name of the version that is meant.
            seen: The name of the version that was seen.
        """
        return self.value.format(meant=meant or "another version", seen=seen or "Another version")


@dataclass(frozen=True, slots=True)
class Meant:
    """What a service is meant to do.

    Attributes:
        is_deployed: Whether it is meant to run.
        version_id: The version that is meant: its own one, or the newest of its model. Empty if it is not known.
    """

    is_deployed: bool = True
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the newest serve of a service says: the id of its version and its last known state, such as `RUNNING`."""

    version_id: str
    state: str = "UNKNOWN"


def drifts(meant: Meant, seen: Seen | None) -> tuple[Drift, ...]:
    """Returns the reasons why a service has drift; none if it is as it is meant to be, or if it was never seen.

    A service that is not meant to run is meant to run no version, so only running is drift there.
    """
    return tuple(_reasons(meant, seen)) if seen else ()


def _reasons(meant: Meant, seen: Seen) -> Iterator[Drift]:
    if not meant.is_deployed:
        if seen.state == RUNNING:
            yield Drift.STILL_RUNNING
        return
    if meant.version_id and seen.version_id != meant.version_id:
        yield Drift.OTHER_VERSION
    if seen.state == FAILED:
        yield Drift.FAILED
