"""Pages as JSON, put together from rows that are written already; and pages of the short lists that the sources files hold."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from model_catalog.index.queries import Page
from model_registry_proxy.errors import BadRequest

PAGE_SIZE = 10
"""The size of a page if the request does not say one."""


def page_size(query: Mapping[str, Any]) -> int:
    """The largest number of rows of the page that a request asks for."""
    size: int = query.get("pageSize", PAGE_SIZE)
    return size


def written(items: Sequence[bytes], next_token: str, size: int) -> bytes:
    """A page of written rows as JSON; `size` is the largest number of rows that was asked for."""
    return b'{"items":[%s],"nextPageToken":%s,"pageSize":%d,"size":%d}' % (
        b",".join(items),
        orjson.dumps(next_token),
        size,
        len(items),
    )


def of_index(page: Page, query: Mapping[str, Any]) -> bytes:
    """A page of the index as JSON."""
    return written(page.items, page.next_token, page_size(query))


def of_rows(rows: Sequence[tuple[str, Any]], query: Mapping[str, Any]) -> bytes:
    """A page of a short list as JSON: each row has a key that no other row has. Raises `BadRequest` for a token of another list."""
    start = 0
    if token := query.get("nextPageToken", ""):
        key = _key(token)
        start = next((number for number, row in enumerate(rows, 1) if row[0] == key), 0)
        if not start:
            raise BadRequest(
                "invalid nextPageToken: it is no token of this list, or its row is gone; begin again without it"
            )
    size = page_size(query)
    shown = rows[start : start + size]
    next_token = _token(shown[-1][0]) if start + size < len(rows) else ""
    return written([orjson.dumps(row, option=orjson.OPT_SORT_KEYS) for _, row in shown], next_token, size)


def _token(key: str) -> str:
    return urlsafe_b64encode(f"row:{key}".encode()).decode()


def _key(token: str) -> str:
    try:
        word, colon, key = urlsafe_b64decode(token.encode()).decode().partition(":")
    except (BadBase64, ValueError):
        raise BadRequest("invalid nextPageToken: it is not in base64") from None
    if not colon or word != "row":
        raise BadRequest("invalid nextPageToken: invalid token format")
    return key
