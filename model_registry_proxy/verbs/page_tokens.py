"""Page tokens: the position behind the last row shown, bound to the list and the query that the page belongs to.

The token holds the last row shown and a digest of the question (rows, order, filters) by its meaning: spelling out a default, or
writing a filter in another way, is the same question. A row that is created or moved behind that position shows up; a row that
moves to and fro never shows up twice.
"""

import base64
import binascii
from hashlib import blake2b
from typing import Any

import orjson

from model_registry_proxy.errors import BadRequest
from model_registry_proxy.mlmd.listing import Position

_DIGEST_SIZE = 9


def digest(*question: Any) -> str:
    """Returns a short fingerprint of a question."""
    return base64.urlsafe_b64encode(
        blake2b(orjson.dumps(question, option=orjson.OPT_SORT_KEYS), digest_size=_DIGEST_SIZE).digest()
    ).decode()


def to_token(position: Position, fingerprint: str) -> str:
    """Returns the text for a position in the answer to the question with this fingerprint."""
    content = orjson.dumps([fingerprint, *position])
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_token(token: str, fingerprint: str) -> Position:
    """Returns the position in a token; raises `BadRequest` for other texts and for a token of another question."""
    try:
        found, *numbers = orjson.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        id_, time, until = (number for number in numbers if type(number) is int and 0 <= number < 2**63)
    except (binascii.Error, ValueError, TypeError):
        raise BadRequest("nextPageToken is not one that this server gave; ask for the first page without it.") from None
    if found != fingerprint:
        raise BadRequest(
            "nextPageToken comes from another question; keep path, filters, orderBy and sortOrder the same from page to page."
        )
    return Position(id_, time, until)
