"""Ids of entries. They are the same on every replica and after every restart, as they are made only of names and positions."""

import hashlib
from collections.abc import Iterable, Mapping

_POSITION_BITS = 24
_SOURCE_BITS = 29  # together 53, which a double holds exactly
_SERVER_BITS = 31
_TOOL_BITS = 20

ServerKey = tuple[str, str, str]
"""Id of the source, name and version of a server."""


def first_id(source_id: str) -> int:
    """The id before the first model of a source, and before its first artifact. Ids ascend in the order of the file."""
    return _hashed(source_id, _SOURCE_BITS) << _POSITION_BITS


def server_ids(keys: Iterable[ServerKey]) -> Mapping[ServerKey, int]:
    """The ids of all servers of a catalog. Of two with one hash, the later in order takes the next free number."""
    found: dict[ServerKey, int] = {}
    taken: set[int] = set()
    for key in sorted(keys):
        number = _hashed("\0".join(key), _SERVER_BITS) or 1
        while number in taken:
            number = number % ((1 << _SERVER_BITS) - 1) + 1
        taken.add(number)
        found[key] = number
    return found


def first_tool_id(server_id: int) -> int:
    """The id before the first tool of a server."""
    return server_id << _TOOL_BITS


def _hashed(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> (64 - bits)
