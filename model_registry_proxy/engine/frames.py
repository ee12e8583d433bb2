"""The proxy's connection to the embedded engine: MLMD's calls as plain frames over a Unix socket, both ends in this file.

gRPC costs two Python processes several times what the store's own work does. The proxy and its engine are of one version and
on one machine, so between them a call is a frame: the length of what follows and the call's number (4 bytes each), then the
method (its length in a byte, its name) and the message; in the answer a gRPC status in a byte, and the message or the details.
Calls are answered in the order in which they came. All other clients use gRPC.
"""

import asyncio
import itertools
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import grpc
import grpc.aio

from model_registry_proxy.deadlines.time_limits import TimeLimits

_HEAD = struct.Struct("<II")
_CONNECT_SECONDS = 5.0
_STATUS_OF_CODE = {status.value[0]: status for status in grpc.StatusCode}

Answer = Callable[[str, bytes], tuple[int, bytes]]
"""A method's name and a message in; a gRPC status code, and a message or the details of a failure out."""


class _Frames(asyncio.Protocol):
    """Splits the received bytes into frames."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Passes each complete frame on."""
        self._buffer += data
        start, end = 0, len(self._buffer)
        while end - start >= _HEAD.size:
            length, number = _HEAD.unpack_from(self._buffer, start)
            begin = start + _HEAD.size
            if end - begin < length:
                break
            start = begin + length
            self.frame_received(number, bytes(self._buffer[begin:start]))
        del self._buffer[:start]

    def frame_received(self, number: int, content: bytes) -> None:
        """Handles a complete frame."""
        raise NotImplementedError

    def send(self, number: int, *pieces: bytes) -> None:
        """Sends a frame."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(b"".join([_HEAD.pack(sum(map(len, pieces)), number), *pieces]))


class FrameServer(_Frames):
    """The engine's end of one connection. `answer` does the work and blocks the process, as the store does."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def frame_received(self, number: int, content: bytes) -> None:
        """Answers one call."""
        end = 1 + content[0]
        code, message = self._answer(content[1:end].decode(), content[end:])
        self.send(number, bytes([code]), message)


class _Connection(_Frames):
    """The proxy's end of the connection, with the calls that wait for an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: dict[int, asyncio.Future[bytes]] = {}

    @property
    def is_open(self) -> bool:
        """Whether a call may be sent."""
        return self.transport is not None and not self.transport.is_closing()

    def frame_received(self, number: int, content: bytes) -> None:
        """Gives an answer to the call that waits for it, unless it was cancelled."""
        future = self.waiting.pop(number, None)
        if future and not future.done():
            future.set_result(content)

    def connection_lost(self, _: Exception | None) -> None:
        """Fails all calls in flight: it is not known whether they took effect."""
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(_error(grpc.StatusCode.UNAVAILABLE, "The engine has closed the connection."))
        self.waiting.clear()


class FrameChannel:
    """Behaves like a `grpc.aio.Channel` to the engine whose socket is at `path`; raises `AioRpcError` as that does.

    It connects at the first call, and again at the first call after a loss. A message may have `most` bytes.
    """

    def __init__(self, path: str | Path, most: int) -> None:
        self._path, self._most = str(path), most
        self._numbers = itertools.count()
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._limits = TimeLimits()

    def unary_unary(
        self, path: str, request_serializer: Callable[[Any], bytes], response_deserializer: Callable[[bytes], Any]
    ) -> Callable[..., Any]:
        """Returns a call of a method, as `grpc.aio.Channel` does. Its `metadata` is dropped: the engine does not read it."""
        name = path.rpartition("/")[2].encode()
        head = bytes([len(name)]) + name

        async def call(request: Any, *, timeout: float = math.inf, metadata: object = None) -> Any:  # noqa: ASYNC109
            del metadata
            try:
                with self._limits(timeout):
                    content = await self._call(head, request_serializer(request))
            except TimeoutError:
                raise _error(grpc.StatusCode.DEADLINE_EXCEEDED, f"No answer within {timeout} s.") from None
            if code := content[0]:
                raise _error(_STATUS_OF_CODE.get(code, grpc.StatusCode.UNKNOWN), content[1:].decode("utf-8", "replace"))
            if (size := len(content) - 1) > self._most:
                details = f"Received message larger than max ({size} vs. {self._most})"
                raise _error(grpc.StatusCode.RESOURCE_EXHAUSTED, details)
            return response_deserializer(content[1:])

        return call

    async def _call(self, head: bytes, message: bytes) -> bytes:
        if len(message) > self._most:
            details = f"Sent message larger than max ({len(message)} vs. {self._most})"
            raise _error(grpc.StatusCode.RESOURCE_EXHAUSTED, details)
        connection = self._connection
        if connection is None or not connection.is_open:
            connection = await self._connected()
        number = next(self._numbers) & 0xFFFFFFFF
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        connection.waiting[number] = future
        connection.send(number, head, message)
        try:
            return await future
        finally:
            connection.waiting.pop(number, None)

    async def _connected(self) -> _Connection:
        async with self._connecting:
            if self._connection is None or not self._connection.is_open:
                try:
                    async with asyncio.timeout(_CONNECT_SECONDS):
                        loop = asyncio.get_running_loop()
                        _, self._connection = await loop.create_unix_connection(_Connection, self._path)
                except OSError as error:
                    raise _error(grpc.StatusCode.UNAVAILABLE, f"{self._path}: {error}") from None
            return self._connection

    async def close(self) -> None:
        """Closes the connection; calls on their way fail."""
        if self._connection and self._connection.transport:
            self._connection.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _error(code: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details, None)
