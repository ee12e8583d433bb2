"""The limits of a connection: uvicorn's protocol with limits on time, bytes and number, and an orderly end.

Every refusal is JSON and leaves the client time to read it. Slow clients hold a connection, for a limited time, and nothing else.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from model_registry_proxy.deadlines.disconnects import client_has_gone
from model_registry_proxy.serving.one_write import OneWriteProtocol

_log = logging.getLogger(__name__)
_BETWEEN, _HEAD, _BODY = range(3)
"""The part of a message that is being read."""
LIMITS = "connection_limits"
"""The key of the lifespan's state under which connections find their `ConnectionLimits`."""
_LINGER_SECONDS = 1.0
"""So long a client may read a refusal while it still sends, and an idle client may send once more before the server ends."""
_PADDING_BYTES = 2**16
_NO_HTTP = "This is no HTTP/1.1 request, or one that could be read in two ways."
_HEAD_TOO_LARGE = "The request line and headers are too large: at most {head} bytes and {headers} headers are taken."
_HEAD_TOO_SLOW = "The request line and headers did not arrive within {head_seconds:g} s."
_TOO_MANY = "The server has as many connections as it takes ({connections}); try again shortly."
_JSON = ("content-type: application/json; charset=UTF-8", "x-content-type-options: nosniff")
_CLOSE = "connection: close"
_FRAMING = "The body's chunks hold far more framing than content."


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The largest number of `connections`. A head has at most `head` bytes and `headers`, and must arrive within `head_seconds`.

    A client that does not read its answer for `write_seconds` is cut off.
    """

    connections: int = 1000
    head: int = 2**16
    headers: int = 200
    head_seconds: float = 10.0
    write_seconds: float = 30.0

    def filled(self, message: str) -> str:
        """Returns a message with these figures."""
        return message.format(
            connections=self.connections, head=self.head, headers=self.headers, head_seconds=self.head_seconds
        )


class GuardedProtocol(OneWriteProtocol):
    """One connection."""

    cycle: RequestResponseCycle | None  # type: ignore[assignment]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.limits: ConnectionLimits = self.app_state.get(LIMITS) or ConnectionLimits()
        self._place = _BETWEEN
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._unread = 0
        self._is_refused = self._is_retired = False
        self.idle_since = 0.0
        self._refusal = (HTTPStatus.BAD_REQUEST, _NO_HTTP)

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    # What asyncio calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accepts the connection; where there are too many, the one that has been idle for longest is closed."""
        super().connection_made(transport)
        self.idle_since = self.loop.time()
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self._end_slow_head)
        if len(self.connections) > self.limits.connections and not self._make_room():
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, _TOO_MANY, ["retry-after: 1"])

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the reads of the client."""
        super().connection_lost(exc)
        self._unset_head_timer()
        self.resume_writing()
        if self.cycle and not self.cycle.response_complete:
            client_has_gone(self.cycle.scope)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        """Parses the data, within the limits."""
        if self._is_refused:
            return
        if self.timeout_keep_alive_task:
            self._unset_keepalive_if_required()
        self._unread += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self.cycle:  # is answered as HTTP/1.1, but another protocol may follow
                self.cycle.keep_alive = False
        except httptools.HttpParserError:
            self._refuse(*self._refusal)
            return
        if self.cycle is None or self.cycle.response_complete:
            self._watch()
        elif self._unread > _PADDING_BYTES + self.limits.head:
            self._refuse(HTTPStatus.BAD_REQUEST, _FRAMING)

    def _watch(self) -> None:
        """Limits the time and the bytes of an incomplete head."""
        if self._place is _BETWEEN:
            self._arm_keepalive()
        else:
            self._head_timer = self._head_timer or self.loop.call_later(self.limits.head_seconds, self._end_slow_head)
            if self._unread > self.limits.head:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _HEAD_TOO_LARGE)

    def pause_writing(self) -> None:
        """The client reads slower than we write: its time begins."""
        super().pause_writing()
        self._write_timer = self._write_timer or self.loop.call_later(self.limits.write_seconds, self._abort)

    def resume_writing(self) -> None:
        """The client reads again: its time ends."""
        super().resume_writing()
        if self._write_timer:
            self._write_timer.cancel()
            self._write_timer = None

    # What the parser calls.

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._place = _HEAD
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        self._place = _BETWEEN
        if self._head_timer:
            self._unset_head_timer()
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """The head is there: the request begins."""
        if self._head_timer:
            self._unset_head_timer()
        is_large = self._unread > self.limits.head and _size(self.url, self.headers) > self.limits.head
        if is_large or len(self.headers) > self.limits.headers:
            self._refusal = (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _HEAD_TOO_LARGE)
            raise ValueError
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) > 1 or (not hosts and self.parser.get_http_version() == "1.1"):  # RFC 9112, 3.2
            raise ValueError
        super().on_headers_complete()
        self._place, self._unread = _BODY, 0
        self.headers = []  # for trailers, which are not used: the headers of the request stay in its scope
        if self._is_retired and self.cycle:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Reads a part of the body. Its framing may take some space, but not without limit."""
        self._unread = max(0, self._unread - 8 * len(body))
        super().on_body(body)

    # What uvicorn calls.

    def on_response_complete(self) -> None:
        """An answer is complete."""
        self.idle_since = self.loop.time()
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Ends a connection that was idle for too long, at once: a client that has not read its answer by now never will."""
        self._abort()

    def shutdown(self) -> None:
        """Ends the connection after the request that is being answered, or that arrives within a moment."""
        self._is_retired = True
        if self.is_idle:
            self.loop.call_later(_LINGER_SECONDS, self._close_if_idle)
        elif self.cycle:
            self.cycle.keep_alive = False

    # The limits.

    def _make_room(self) -> bool:
        """Closes the connection that has been idle for longest; returns whether there is room now."""
        others = [other for other in self.connections if isinstance(other, GuardedProtocol) and other is not self]
        idle = [other for other in others if other.is_idle and not other.transport.is_closing()]
        if len(others) - len(idle) >= self.limits.connections:
            return False
        if idle:
            min(idle, key=lambda other: other.idle_since).transport.close()
        return True

    def _refuse(self, status: HTTPStatus, message: str, headers: Sequence[str] = ()) -> None:
        """Answers with an error and closes the connection; requests before that are answered first."""
        text = self.limits.filled(message)
        _log.info("Refused %s with %d: %s", _address(self.client), status, text)
        self._is_refused = True
        self._unset_head_timer()
        if self.cycle and not self.is_idle:
            self.cycle.keep_alive = False
            if self._place is not _BODY:
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.pipeline or self.cycle.response_started:
                self._abort()
                return
        body = orjson.dumps({"code": status.phrase, "message": text})
        lines = (f"HTTP/1.1 {status} {status.phrase}", *_JSON, f"content-length: {len(body)}", *headers, _CLOSE)
        self.transport.write("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n" + body)
        self._hang_up()

    def _hang_up(self) -> None:
        """Ends our side, and closes a little later: closed at once, data that the client still sends would destroy the answer."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(_LINGER_SECONDS, self._abort)
        else:
            self.transport.close()

    def _end_slow_head(self) -> None:
        self._head_timer = None
        if self._place is _HEAD:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, _HEAD_TOO_SLOW)
        else:
            self.transport.close()

    def _close_if_idle(self) -> None:
        if self.is_idle and self._place is not _HEAD:
            self.transport.close()

    def _arm_keepalive(self) -> None:
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _abort(self) -> None:
        self.transport.abort()

    def _unset_head_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


def _size(url: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    return len(url) + sum(len(name) + len(value) + len(": \r\n") for name, value in headers)


def _address(client: tuple[str, int] | None) -> str:
    return f"{client[0]}:{client[1]}" if client else "a client"
