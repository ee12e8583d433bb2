"""JSON out: a value becomes bytes and goes to the client in one message."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import orjson
from starlette.types import Send

from model_registry_proxy.errors import RegistryError

NO_SNIFFING = (b"x-content-type-options", b"nosniff")
"""A browser takes the answer for what its type says, and never for a page or a script."""
_ALWAYS = ((b"vary", b"Origin"), NO_SNIFFING)
JSON = b"application/json; charset=UTF-8"


async def send_json(send: Send, status: int, content: Any, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Answers a JSON value."""
    await send_bytes(send, status, orjson.dumps(content), JSON, headers)


async def send_error(send: Send, error: RegistryError) -> None:
    """Answers a failure in the one shape that all failures have."""
    headers = [(name.encode(), value.encode()) for name, value in error.headers.items()]
    await send_json(send, error.status, {"code": error.code, "message": error.message}, headers)


async def send_bytes(
    send: Send, status: int, body: bytes, media_type: bytes, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Answers bytes of a media type."""
    raw = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *_ALWAYS, *headers]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": body})


async def send_not_modified(send: Send, tag: bytes) -> None:
    """Answers that the client has the present version, which bears `tag`."""
    headers = [(b"etag", tag), *_ALWAYS]
    await send({"type": "http.response.start", "status": int(HTTPStatus.NOT_MODIFIED), "headers": headers})
    await send({"type": "http.response.body", "body": b""})
