"""Stored names: an owned entity's name in MLMD is `<prefix>:<REST name>`, since MLMD's names are unique per type.

The prefix is the parent's id, or a random UUID for an artifact that was created standalone. It never changes. Kubeflow's Go proxy
uses the same form.
"""

import uuid
from typing import TypeGuard

from converters.entity import Entity
from converters.errors import RefusedError

MAX_BYTES = 255
"""The longest name in MySQL, in bytes of UTF-8 (MLMD's connection makes each byte a character)."""

_ID_DIGITS = 19


def made_up() -> str:
    """Returns a new name for an entity that was created without one: a UUID4 in lower case."""
    return str(uuid.uuid4())


def stored_name(entity: type[Entity], name: str | None, owner: int | str | None) -> str:
    """Returns the name in MLMD.

    Args:
        entity: The entity; it says whether the name has a prefix.
        name: The REST name; `None` or an empty text for a random one.
        owner: The parent's id, or the UUID of a standalone artifact; `None` for a random UUID.

    Raises:
        RefusedError: The stored name is longer than 255 bytes of UTF-8.
    """
    own = name or made_up()
    stored = f"{made_up() if owner is None else owner}:{own}" if entity.is_owned() else own
    check_length("name", stored, of_which=len(stored.encode()) - len(own.encode()))
    return stored


def split(entity: type[Entity], stored: str) -> tuple[str | None, str]:
    """Returns the prefix (`None` if there is none) and the REST name of a stored name."""
    if not entity.is_owned():
        return None, stored
    prefix, colon, name = stored.partition(":")
    return (prefix, name) if colon else (None, stored)


def is_id(prefix: str | None) -> TypeGuard[str]:
    """Returns whether a prefix is the id of an owner. It may also be a random UUID, or any text that a gRPC client wrote."""
    return prefix is not None and prefix.isascii() and prefix.isdecimal() and len(prefix) < _ID_DIGITS


def check_length(field: str, text: str, *, limit: int = MAX_BYTES, of_which: int = 0) -> None:
    """Raises `RefusedError` for a text of more than `limit` bytes of UTF-8.

    `field` is its name in the message; `of_which` bytes of the text are the prefix that the store adds.
    """
    if len(text) * 4 > limit and (length := len(text.encode())) > limit:
        room = f"{limit} bytes of UTF-8" + (f", {of_which} of them for its prefix in the store" if of_which else "")
        raise RefusedError(f"{field} is too long: the store keeps {room}; got {length - of_which}.")
