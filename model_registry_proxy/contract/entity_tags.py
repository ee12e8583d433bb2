"""Entity tags (RFC 9110, 8.8.3 and 13.1): the version of an entity that a client has seen, and what it asks of the present one.

A tag is made from the bytes of the answer, so it costs no call. Whatever changes in an entity changes its tag, also within the
millisecond that MLMD's times count.
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

import orjson

from model_registry_proxy.errors import BadRequest

_TAG = rb'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rb"[ \t,]*%s(?:[ \t]*,(?:[ \t]*,)*[ \t]*%s)*[ \t,]*" % (_TAG, _TAG))
_EACH = re.compile(_TAG)
_ANY = b"*"


def as_bytes(entity: Any) -> bytes:
    """An entity as it is answered: the same content is always the same bytes."""
    return orjson.dumps(entity, option=orjson.OPT_SORT_KEYS)


def tag_of(answer: bytes) -> bytes:
    """The strong tag of an answer, in its quotes."""
    return b'"%s"' % urlsafe_b64encode(sha256(answer).digest()[:15])


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that a request names in `If-Match` or `If-None-Match`; `is_any` stands for `*`."""

    tags: frozenset[bytes]
    is_any: bool = False

    @classmethod
    def read(cls, value: bytes, header: str) -> Self:
        """Reads a header's value; raises `BadRequest`."""
        if value.strip() == _ANY:
            return cls(frozenset(), is_any=True)
        if not _TAGS.fullmatch(value):
            raise BadRequest(
                f'{header} must be * or a list of entity tags in double quotes, as in an answer\'s ETag: "x", "y".'
            )
        return cls(frozenset(_EACH.findall(value)))

    def match(self, tag: bytes) -> bool:
        """Strong comparison: a weak tag is never one of ours."""
        return self.is_any or tag in self.tags

    def match_weakly(self, tag: bytes) -> bool:
        """Weak comparison, for reads: intermediaries that compress an answer make its tag weak."""
        return self.match(tag) or b"W/" + tag in self.tags
