"""Aliases of models, and their moves, as Model Registry Proxy answers them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True)
class Alias:
    """A name of a model that points to one of its versions.

    Attributes:
        name: The name, as it was written last. Case does not count.
        model_version_id: The id of the version.
        serial: The number of moves so far.
        is_protected: Whether only admins may move it.
        moved: The time of the last move, in UTC.
    """

    name: str
    model_version_id: str
    serial: int
    is_protected: bool
    moved: datetime

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            answer["alias"],
            answer["modelVersionId"],
            answer["serial"],
            answer["protected"],
            _time(answer["lastMoveTimeSinceEpoch"]),
        )


@dataclass(frozen=True)
class AliasMove:
    """One move of an alias.

    Attributes:
        alias: The name of the alias.
        serial: The number of the move, counted for each alias from 1.
        kind: `set`, `delete`, `rollback`, `protect` or `unprotect`.
        from_version_id: The id of the version that the alias pointed to before; `None` for nowhere.
        to_version_id: The id of the version that it points to then; `None` for nowhere.
        actor: The user that moved it; `anonymous` if the server requires no authentication.
        reason: Why; empty where the user gave no reason.
        request_id: The id of the request, as in the log of the server.
        time: The time of the move, in UTC.
    """

    alias: str
    serial: int
    kind: str
    from_version_id: str | None
    to_version_id: str | None
    actor: str
    reason: str
    request_id: str
    time: datetime

    @classmethod
    def from_wire(cls, answer: Mapping[str, Any]) -> Self:
        """Reads the JSON of the server."""
        return cls(
            answer["alias"],
            answer["serial"],
            answer["kind"],
            answer["fromModelVersionId"] or None,
            answer["toModelVersionId"] or None,
            answer["actor"],
            answer["reason"],
            answer["requestId"],
            _time(answer["timeSinceEpoch"]),
        )


def _time(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
