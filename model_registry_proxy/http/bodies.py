"""Reads request bodies, within a limit for each body and a limit for all bodies that are held at the same time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.types import Message, Receive, Scope

from model_registry_proxy.deadlines.deadline import seconds_left
from model_registry_proxy.errors import BadRequest, BodyTooLarge, BodyTooSlow, StoreUnavailable

_DRAIN_SECONDS, _DRAIN_BYTES = 2.0, 128 * 2**20
_FULL = "The server holds as many bytes of request bodies as it takes; try again shortly."


class Bodies:
    """`most`: the limit of one body in bytes. `most_together`: the limit of all bodies that are read or worked on, in bytes."""

    def __init__(self, most: int, most_together: int) -> None:
        self._most, self._free = most, max(most, most_together)

    @contextlib.asynccontextmanager
    async def read(self, scope: Scope, receive: Receive) -> AsyncIterator[bytes]:
        """Yields the body; it counts as held until the end of the block.

        Raises `BadRequest` for a body with a Content-Encoding, `BodyTooLarge` as soon as the size is known, `BodyTooSlow` if the
        deadline of the request comes first, and `StoreUnavailable` if too many bytes are held already.
        """
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self._most:
                await _drain(receive)
                raise BodyTooLarge(self._most)
            if name == b"content-encoding" and value.lower() != b"identity":
                await _drain(receive)
                raise BadRequest("Bodies with a Content-Encoding are not taken; send the JSON as it is.")
        held = 0
        try:
            chunks: list[bytes] = []
            is_more = True
            while is_more:
                message = await _next(receive)
                if message["type"] == "http.disconnect":
                    raise BadRequest("The client disconnected before its body was read.")
                chunk = message.get("body", b"")
                is_more = message.get("more_body", False)
                held += len(chunk)
                self._free -= len(chunk)
                if held > self._most:
                    await _drain(receive)
                    raise BodyTooLarge(self._most)
                if self._free < 0:
                    raise StoreUnavailable(_FULL)
                chunks.append(chunk)
            yield b"".join(chunks)
        finally:
            self._free += held


async def _next(receive: Receive) -> Message:
    """The next part of the body; raises `BodyTooSlow` after the deadline of the request."""
    try:
        return await receive()
    except asyncio.CancelledError:
        if seconds_left() > 0:
            raise
        raise BodyTooSlow from None


async def _drain(receive: Receive) -> None:
    """Reads the rest for a while: a client that still sends when the connection closes never sees the answer."""
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while size < _DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
