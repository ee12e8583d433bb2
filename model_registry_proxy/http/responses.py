"""Responses: a value becomes bytes, and these go to the client in one message."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from starlette.types import Scope, Send

from model_registry_proxy.errors import MethodNotAllowed, RegistryError, UnknownPath

Header = tuple[bytes, bytes]
NO_SNIFFING = (b"x-content-type-options", b"nosniff")
"""A browser treats the answer as its content type says, and never as a page or a script."""
_ALWAYS = ((b"vary", b"Origin"), NO_SNIFFING)
JSON = b"application/json; charset=UTF-8"
TEXT = b"text/plain; charset=utf-8"


class Response(NamedTuple):
    """A whole answer."""

    status: int
    headers: list[Header]
    body: bytes

    async def send(self, send: Send) -> None:
        """Sends it by ASGI."""
        await send({"type": "http.response.start", "status": int(self.status), "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def in_bytes(status: int, body: bytes, media_type: bytes, headers: Iterable[Header] = ()) -> Response:
    """An answer of bytes of a media type."""
    length = b"%d" % len(body)
    return Response(status, [(b"content-type", media_type), (b"content-length", length), *_ALWAYS, *headers], body)


def in_json(status: int, content: Any, headers: Iterable[Header] = ()) -> Response:
    """An answer of a JSON value."""
    return in_bytes(status, orjson.dumps(content), JSON, headers)


ErrorShape = Callable[[RegistryError], Response]
"""Makes the answer to a failure."""
SHAPE = "error_shape"
"""The key of the shape of failures in the state of a request; without it, failures have the shape of `of_error`."""


def of_error(error: RegistryError) -> Response:
    """The answer to a failure, in the one shape that all failures have below the prefixes of this server's own documents."""
    headers = [(name.encode(), value.encode()) for name, value in error.headers.items()]
    return in_json(error.status, {"code": error.code, "message": error.message}, headers)


def of_error_in_short(error: RegistryError) -> Response:
    """The same, but a path that does not exist gets a line of text, and a method that it does not have gets no body.

    Clients of Go's standard router expect that.
    """
    match error:
        case UnknownPath():
            return in_bytes(error.status, b"404 page not found\n", TEXT)
        case MethodNotAllowed():
            headers = [(name.encode(), value.encode()) for name, value in error.headers.items()]
            return Response(error.status, [(b"content-length", b"0"), *_ALWAYS, *headers], b"")
    return of_error(error)


def not_modified(tag: bytes) -> Response:
    """The answer 304: the client has the present version, whose entity tag is `tag`."""
    return Response(HTTPStatus.NOT_MODIFIED, [(b"etag", tag), *_ALWAYS], b"")


def no_content() -> Response:
    """The answer 204: it was done, and there is nothing to say."""
    return Response(HTTPStatus.NO_CONTENT, [*_ALWAYS], b"")


async def send_json(send: Send, status: int, content: Any, headers: Iterable[Header] = ()) -> None:
    """Sends a JSON value."""
    await in_json(status, content, headers).send(send)


def shape_of(scope: Scope, usual: ErrorShape = of_error) -> ErrorShape:
    """What makes the answers to failures of a request: what the layer `error_shapes` has chosen, or else `usual`."""
    shape: ErrorShape = scope.get("state", {}).get(SHAPE, usual)
    return shape


async def send_error(scope: Scope, send: Send, error: RegistryError) -> None:
    """Sends the answer to a failure of a request."""
    await shape_of(scope)(error).send(send)


async def send_bytes(send: Send, status: int, body: bytes, media_type: bytes, headers: Iterable[Header] = ()) -> None:
    """Sends bytes of a media type."""
    await in_bytes(status, body, media_type, headers).send(send)
