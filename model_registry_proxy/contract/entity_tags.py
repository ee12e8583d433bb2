"""Entity tags (RFC 9110, 8.8.3 and 13.1): a client names the version of an entity that it has seen.

A tag is a hash of the bytes of the answer, so it costs no call to the store. It changes with every change of the entity, also with
several in one millisecond, which is the unit of MLMD's times.
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
    """An entity as JSON with sorted keys: the same content always has the same bytes."""
    return orjson.dumps(entity, option=orjson.OPT_SORT_KEYS)


def tag_of(answer: bytes) -> bytes:
    """The strong tag of an answer in quotes, such as `"Rk9…"`."""
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
        """Whether one of the tags is this one. Strong comparison: a weak tag (`W/"x"`) never matches."""
        return self.is_any or tag in self.tags

    def match_weakly(self, tag: bytes) -> bool:
        """The same by weak comparison, for reads: a gateway that compresses an answer makes its tag weak."""
        return self.match(tag) or b"W/" + tag in self.tags
