"""Page tokens: where a walk has come to, bound to the question that it walks through.

The token holds the last row shown and a digest of the question (rows, order, filters) as it is understood:
spelling out a default, or writing a filter in another way, makes no other question. A row that is created or moved
behind that point shows up, one that moves to and fro never shows up twice.
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from model_registry_proxy.errors import BadRequest

_DIGEST_SIZE = 9


@dataclass(frozen=True, slots=True)
class Place:
    """The last row shown: its id and its time in the order (ms, 0 when ordered by id); `until` bounds the times."""

    id: int
    time: int = 0
    until: int = 0


def digest(*question: Any) -> str:
    """A short fingerprint of what is asked."""
    return base64.urlsafe_b64encode(
        blake2b(orjson.dumps(question, option=orjson.OPT_SORT_KEYS), digest_size=_DIGEST_SIZE).digest()
    ).decode()


def to_token(place: Place, fingerprint: str) -> str:
    """The text for a place in the answer to one question."""
    content = orjson.dumps([fingerprint, place.id, place.time, place.until])
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_token(token: str, fingerprint: str) -> Place:
    """The place that a token names; raises `BadRequest` for one that is none, or that comes from another question."""
    try:
        found, *numbers = orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        id_, time, until = (number for number in numbers if type(number) is int and 0 <= number < 2**63)
    except (binascii.Error, ValueError, TypeError):
        raise BadRequest("nextPageToken is not one that this server gave; ask for the first page without it.") from None
    if found != fingerprint:
        raise BadRequest(
            "nextPageToken comes from another question; keep path, filters, orderBy and sortOrder the same from page to page."
        )
    return Place(id_, time, until)
