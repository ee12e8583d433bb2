"""What a page says about the change before it, and how to undo it: kept in a cookie until the next page is shown."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "mr_ui_notice"
LARGEST = 3500
"""Bytes of the cookie. A change with more than this to restore cannot be undone by a button."""
_SECONDS = 120
_ONE_VERSION = re.compile(r'"[!#-~]{1,200}"|time:[0-9]{1,20}')
_MOST_UNPACKED = 2**20


@dataclass(frozen=True, slots=True)
class Undo:
    """How a change is undone: `fields`, as in the body of a PATCH, on the entity with this mark.

    Attributes:
        page: The name of the page that undoes it.
        id: The id of the entity.
        fields: The former values.
        mark: The mark of the entity after the change.
    """

    page: str
    id: str
    fields: Mapping[str, Any]
    mark: str

    @property
    def is_offered(self) -> bool:
        """Whether a button may undo it: the mark is of one version, so that the button cannot overwrite other changes."""
        return is_of_one_version(self.mark)

    @property
    def packed(self) -> str:
        """The fields as JSON, for a hidden field."""
        return json.dumps(self.fields)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence about the last change. `links` are pairs of words and an address of the UI."""

    words: str
    undo: Undo | None = None
    links: tuple[tuple[str, str], ...] = field(default=())


def is_of_one_version(mark: str) -> bool:
    """Returns whether a mark is one strong ETag, or the time of a change. `*` and lists of tags, which match more, are not."""
    return _ONE_VERSION.fullmatch(mark) is not None


def remember(response: Response, notice: Notice, path: str, *, is_secure: bool) -> None:
    """Stores a notice for the next page. What is too large for a cookie is stored without the way to undo it."""
    written = _written(notice)
    if len(written) > LARGEST:
        written = _written(Notice(notice.words[: LARGEST // 20]))
    response.set_cookie(COOKIE, written, _SECONDS, path=path, secure=is_secure, httponly=True, samesite="lax")


def forget(response: Response, path: str) -> None:
    """Removes the notice."""
    response.delete_cookie(COOKIE, path=path, httponly=True, samesite="lax")


def of(request: Request) -> Notice | None:
    """Returns the notice of the page before; `None` without one, or if it cannot be read."""
    written = request.cookies.get(COOKIE)
    return _read(written) if written else None


def _written(notice: Notice) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(asdict(notice)).encode())).decode()


def _read(written: str) -> Notice | None:
    try:
        unpacked = zlib.decompressobj().decompress(base64.urlsafe_b64decode(written), _MOST_UNPACKED)
        content = json.loads(unpacked)
        undo = content.get("undo")
        links = tuple((str(words), str(url)) for words, url in content.get("links") or ())
        return Notice(str(content["words"]), _undo(undo) if undo else None, links)
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _undo(content: Mapping[str, Any]) -> Undo:
    return Undo(str(content["page"]), str(content["id"]), dict(content["fields"]), str(content["mark"]))
