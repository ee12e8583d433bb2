"""A TCP proxy between a proxy and MLMD. It can cut, delay, block and refuse connections, and lose answers."""

import asyncio
import contextlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_CHUNK = 65_536
_LINGER_NEVER = struct.pack("ii", 1, 0)
_LET_FINISH_SECONDS = 0.05
_FRAME_HEAD_BYTES = 9
_ANSWERING_FRAMES = (0, 1)
"""The frame types DATA and HEADERS of HTTP/2. Frames of other types keep a connection alive, so they always pass."""


@dataclass
class Wire:
    """Forwards a port of localhost to another one. A fault lasts until `heal`."""

    target: int
    port: int = 0
    delay: float = 0.0
    is_refusing: bool = False
    is_robbing: bool = False
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _robbed: asyncio.Event = field(default_factory=asyncio.Event)
    _pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = field(default_factory=set)
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)
    _server: asyncio.Server | None = None
    _trigger: re.Pattern[bytes] | None = None

    async def start(self) -> None:
        """Starts to listen on a free port."""
        self._open.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Resets all connections and stops listening."""
        if self._server:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def heal(self) -> None:
        """Ends all faults."""
        self.delay, self.is_refusing, self.is_robbing, self._trigger = 0.0, False, False, None
        self._open.set()

    def cut(self) -> None:
        """Resets all connections at both ends; data in transit is lost."""
        for pair in list(self._pairs):
            for writer in pair:
                _reset(writer)

    def block(self) -> None:
        """Holds back all data in both directions; the connections stay open."""
        self._open.clear()

    async def rob(self, seconds: float, after: re.Pattern[bytes] | None = None) -> bool:
        """Forwards requests and drops answers until one answer is lost or `seconds` are over; returns whether one was lost.

        With `after`, it starts at the first request that contains a match. Afterwards the connections stay open and still lose
        answers: the caller must cut them and heal the wire.
        """
        self._robbed.clear()
        self._trigger, self.is_robbing = after, after is None
        try:
            async with asyncio.timeout(seconds):
                await self._robbed.wait()
        except TimeoutError:
            return False
        await asyncio.sleep(_LET_FINISH_SECONDS)
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_refusing:
            _reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        pair = (writer, far_writer)
        self._pairs.add(pair)
        pumps = [
            asyncio.ensure_future(self._pump(reader, far_writer, is_answer=False)),
            asyncio.ensure_future(self._pump(far_reader, writer, is_answer=True)),
        ]
        self._tasks.update(pumps)
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._pairs.discard(pair)
            for pump in pumps:
                pump.cancel()
                self._tasks.discard(pump)
            for end in pair:
                _reset(end)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._open.wait()
                if is_answer and self.is_robbing:
                    self._lose(data)
                    continue
                if not is_answer and self._trigger and self._trigger.search(data):
                    self.is_robbing = True
                writer.write(data)
                await writer.drain()

    def _lose(self, data: bytes) -> None:
        if any(kind in _ANSWERING_FRAMES for kind in frames(data)):
            self._robbed.set()


def frames(data: bytes) -> Iterator[int]:
    """The types of the HTTP/2 frames in `data`, which must begin with a frame."""
    place = 0
    while place + _FRAME_HEAD_BYTES <= len(data):
        yield data[place + 3]
        place += _FRAME_HEAD_BYTES + int.from_bytes(data[place : place + 3])


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closes a connection with a TCP reset, as after a network failure."""
    if writer.is_closing():
        return
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(1, 13, _LINGER_NEVER)  # SOL_SOCKET, SO_LINGER
    transport: asyncio.WriteTransport = writer.transport
    transport.abort()
