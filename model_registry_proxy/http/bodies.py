"""Request bodies: read whole, within a limit for each and one for all that are held at a time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.types import Message, Receive, Scope

from model_registry_proxy.deadlines.deadline import seconds_left
from model_registry_proxy.errors import BadRequest, BodyTooLarge, BodyTooSlow, StoreUnavailable

_DRAIN_SECONDS, _DRAIN_BYTES = 2.0, 128 * 2**20
_FULL = "The server holds as many bytes of request bodies as it takes; try again shortly."


class Bodies:
    """`most` bytes are the limit of one body, `most_together` that of all that are read or being worked on."""

    def __init__(self, most: int, most_together: int) -> None:
        self._most, self._free = most, max(most, most_together)

    @contextlib.asynccontextmanager
    async def read(self, scope: Scope, receive: Receive) -> AsyncIterator[bytes]:
        """The body, which counts as held within the block.

        Raises `BadRequest` for one that is encoded, `BodyTooLarge` as soon as it is known to be, `BodyTooSlow` where the
        request's deadline comes first, `StoreUnavailable` where there is no room for it.
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
                    raise BadRequest("The client went away before its body was read.")
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
    """The next part."""
    try:
        return await receive()
    except asyncio.CancelledError:
        if seconds_left() > 0:
            raise
        raise BodyTooSlow from None


async def _drain(receive: Receive) -> None:
    """Reads on for a while: a client that is still sending when the connection closes never sees the answer."""
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while size < _DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
