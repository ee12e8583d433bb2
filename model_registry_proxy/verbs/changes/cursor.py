"""Up to where a client knows the changes of a store: the token of the change feed.

A row gets its time before its transaction ends, so rows may appear behind others that are newer. A place is therefore the last row
before which no further one may appear, and the rows behind it that the client has already.
"""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from converters.entity import Kind
from model_registry_proxy.errors import BadRequest

OVERLAP_MS = 5000
"""How long before the newest row another one may still appear, in ms."""
STABLE_MS = 10_000
"""Rows that are older than this by the clock of this server are not waited for, however few came after them."""
MOST_SEEN = 500
_MOST_BYTES = 2**16
_VERSION = 1
Version = tuple[int, int]
"""The id of a row and the time of its last change in ms since the epoch."""


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """All rows up to the time and the id are known, and those in `seen`."""

    time: int = 0
    id: int = 0
    seen: frozenset[Version] = frozenset()


Cursor = Mapping[Kind, FeedPosition]


def to_token(cursor: Cursor) -> str:
    """Returns the text of a cursor."""
    content = [[_VERSION]] + [
        [place.time, place.id, *(number for id_, time in sorted(place.seen) for number in (id_, time - place.time))]
        for place in (cursor[kind] for kind in Kind)
    ]
    return base64.urlsafe_b64encode(zlib.compress(orjson.dumps(content))).rstrip(b"=").decode()


def from_token(token: str) -> Cursor:
    """Returns the cursor of a text; raises `BadRequest` for a text that is none."""
    try:
        packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        content = orjson.loads(_unpacked(packed))
        (version,), *places = content
        return {kind: _place(numbers, version) for kind, numbers in zip(Kind, places, strict=True)}
    except (binascii.Error, ValueError, TypeError, zlib.error):
        raise BadRequest(
            "after is not a token that this server gave: send `next` of the answer before, `begin` for all that the store has, or "
            "nothing for changes from now on."
        ) from None


def _unpacked(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(packed, _MOST_BYTES)
    if not unpacking.eof:  # it is cut off, or larger than any of ours
        raise ValueError
    return text


def _place(numbers: list[Any], version: Any) -> FeedPosition:
    if version != _VERSION or not all(type(number) is int and 0 <= number < 2**62 for number in numbers):
        raise ValueError
    time, id_, *seen = numbers
    return FeedPosition(
        time, id_, frozenset((each, time + later) for each, later in zip(seen[::2], seen[1::2], strict=True))
    )
