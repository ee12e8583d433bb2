"""Stored names: an owned entity's name in MLMD is `<prefix>:<REST name>`, since MLMD's names are unique per type.

The prefix is the parent's id, or a made-up UUID for an artifact that was created standalone. It never changes.
"""

import uuid
from typing import TypeGuard

from converters.entity import Entity
from converters.errors import RefusedError

MAX_BYTES = 255
"""What MySQL keeps of a name, in bytes of UTF-8 (MLMD's connection makes each byte a character)."""

_ID_DIGITS = 19


def made_up() -> str:
    """A fresh name for something created without one: a UUID4 in lower case."""
    return str(uuid.uuid4())


def stored_name(entity: type[Entity], name: str | None, owner: int | None) -> str:
    """The MLMD name for a REST name (`None`: make one up) below `owner`, the parent's id (`None`: standalone).

    Raises `RefusedError` where the store could not keep it.
    """
    own = name or made_up()
    stored = f"{made_up() if owner is None else owner}:{own}" if entity.is_owned() else own
    check_length("name", stored, of_which=len(stored.encode()) - len(own.encode()))
    return stored


def split(entity: type[Entity], stored: str) -> tuple[str | None, str]:
    """The prefix (`None` where there is none) and the REST name of a stored name."""
    if not entity.is_owned():
        return None, stored
    prefix, colon, name = stored.partition(":")
    return (prefix, name) if colon else (None, stored)


def is_id(prefix: str | None) -> TypeGuard[str]:
    """Whether a prefix is the id of an owner. It may be a made-up UUID, or what somebody wrote over gRPC."""
    return prefix is not None and prefix.isascii() and prefix.isdecimal() and len(prefix) < _ID_DIGITS


def check_length(field: str, text: str, *, limit: int = MAX_BYTES, of_which: int = 0) -> None:
    """Refuses a text of more than `limit` bytes of UTF-8; `of_which` of them are the prefix that the store adds."""
    if len(text) * 4 > limit and (length := len(text.encode())) > limit:
        room = f"{limit} bytes of UTF-8" + (f", {of_which} of them for its prefix in the store" if of_which else "")
        raise RefusedError(f"{field} is too long: the store keeps {room}; got {length - of_which}.")
