"""Limits of a UI by itself for clients that are slow to send or to read: each holds a connection for a limited time only."""

import asyncio
from typing import Any

import h11
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS = 1000
HEAD_SECONDS, BODY_SECONDS, READING_SECONDS = 10.0, 60.0, 30.0
"""How long a request's head may take to arrive, then its body, and how long a client may leave an answer unread."""
_TIMEOUT = 408


class LimitedProtocol(H11Protocol):
    """One connection. It is cut off if the head of a request does not arrive, or if its answer is not read, in time."""

    head_seconds, reading_seconds = HEAD_SECONDS, READING_SECONDS
    _head: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Waits for the first request."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Waits on, unless a head is complete."""
        super().data_received(data)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._end("_head")
        self._end("_reading")
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Waits until the client reads."""
        super().pause_writing()
        self._end("_reading")
        self._reading = self.loop.call_later(self.reading_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads."""
        self._end("_reading")
        super().resume_writing()

    def _await_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._end("_head")
        elif self._head is None:
            self._head = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _end(self, timer: str) -> None:
        if handle := getattr(self, timer):
            handle.cancel()
            setattr(self, timer, None)


class TimelyBodies:
    """ASGI: serves from `app` requests whose body arrives in time. For others the reader of the body gets `HTTPException`, 408."""

    def __init__(self, app: ASGIApp, seconds: float = BODY_SECONDS) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ends_at = asyncio.get_running_loop().time() + self._seconds
        is_whole = False

        async def receive_in_time() -> Message:
            nonlocal is_whole
            if is_whole:  # what comes after the body is the end of the connection, for which one may wait
                return await receive()
            try:
                async with asyncio.timeout_at(ends_at):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(_TIMEOUT, "The form did not arrive in time.", {"connection": "close"}) from None
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, receive_in_time, send)


SETTINGS: dict[str, Any] = {
    "http": LimitedProtocol,
    "ws": "none",
    "limit_concurrency": MOST_CONNECTIONS,
    "timeout_graceful_shutdown": 10,
}
"""The settings of uvicorn."""
