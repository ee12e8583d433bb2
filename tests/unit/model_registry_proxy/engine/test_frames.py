"""The short way to the engine: calls in order, each with its answer or its failure, whatever happens to the connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from model_registry_proxy.engine.frames import Answer, FrameChannel, FrameServer
from tests.support.clock import Clock
from tests.support.listening import soon

MOST = 1 << 20


def echo(name: str, message: bytes) -> tuple[int, bytes]:
    return 0, name.encode() + b":" + message


@asynccontextmanager
async def engine(path: Path, answer: Answer = echo) -> AsyncIterator[list[FrameServer]]:
    """An engine's end on a socket; what it yields are its connections."""
    connections: list[FrameServer] = []

    def connected() -> FrameServer:
        connections.append(FrameServer(answer))
        return connections[-1]

    server = await asyncio.get_running_loop().create_unix_server(connected, str(path))
    try:
        yield connections
    finally:
        server.close()
        for connection in connections:
            if connection.transport:
                connection.transport.abort()


def method(channel: FrameChannel, name: str) -> Any:
    return channel.unary_unary(f"/service/{name}", request_serializer=bytes, response_deserializer=bytes)


async def test_each_call_gets_its_own_answer_in_the_order_of_the_calls(tmp_path: Path) -> None:
    seen = []

    def answer(name: str, message: bytes) -> tuple[int, bytes]:
        seen.append(message)
        return echo(name, message)

    async with engine(tmp_path / "s", answer) as connections, FrameChannel(tmp_path / "s", MOST) as channel:
        calls = [method(channel, f"M{n}")(b"%d" % n) for n in range(50)]
        assert await asyncio.gather(*calls) == [b"M%d:%d" % (n, n) for n in range(50)]
        assert seen == [b"%d" % n for n in range(50)]
        assert len(connections) == 1


NAMED = len(b"M:")
"""What an answer has more than the question."""


@pytest.mark.parametrize("size", [0, 1, 65_536, MOST - NAMED])
async def test_messages_of_all_sizes_arrive_whole(tmp_path: Path, size: int) -> None:
    async with engine(tmp_path / "s"), FrameChannel(tmp_path / "s", MOST) as channel:
        assert await method(channel, "M")(b"x" * size) == b"M:" + b"x" * size


async def test_an_answer_above_the_limit_fails_as_in_grpc(tmp_path: Path) -> None:
    async with engine(tmp_path / "s"), FrameChannel(tmp_path / "s", MOST) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await method(channel, "M")(b"x" * (MOST - NAMED + 1))
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert f"({MOST + 1} vs. {MOST})" in (refused.value.details() or "")
        assert await method(channel, "M")(b"x") == b"M:x"


async def test_a_frame_may_arrive_byte_by_byte() -> None:
    class Transport:
        sent = b""

        def is_closing(self) -> bool:
            return False

        def write(self, data: bytes) -> None:
            self.sent += data

    server, transport = FrameServer(echo), Transport()
    server.connection_made(transport)  # type: ignore[arg-type]
    for byte in b"\x03\0\0\0\x07\0\0\0\x01Mx" * 2:
        server.data_received(bytes([byte]))
    assert transport.sent == b"\x04\0\0\0\x07\0\0\0\0M:x" * 2


async def test_a_failure_has_its_status_and_details(tmp_path: Path) -> None:
    async with (
        engine(tmp_path / "s", lambda *_: (grpc.StatusCode.ALREADY_EXISTS.value[0], "é is taken".encode())),
        FrameChannel(tmp_path / "s", MOST) as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(channel, "M")(b"")
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.ALREADY_EXISTS, "é is taken")


async def test_a_message_beyond_the_limit_is_not_sent(tmp_path: Path) -> None:
    async with engine(tmp_path / "s") as connections, FrameChannel(tmp_path / "s", MOST) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(channel, "M")(b"x" * (MOST + 1))
        assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert connections == []


async def test_a_socket_without_a_server_is_an_outage_until_a_server_listens(tmp_path: Path) -> None:
    async with FrameChannel(tmp_path / "s", MOST) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await method(channel, "M")(b"")
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        async with engine(tmp_path / "s"):
            assert await method(channel, "M")(b"") == b"M:"


async def test_a_connection_that_breaks_fails_the_calls_on_their_way_and_the_next_call_makes_a_new_one(
    tmp_path: Path,
) -> None:
    def broken(_name: str, _message: bytes) -> tuple[int, bytes]:
        connections[-1].transport.abort()  # type: ignore[union-attr]
        return 0, b""

    async with FrameChannel(tmp_path / "s", MOST) as channel:
        async with engine(tmp_path / "s", broken) as connections:
            outcomes = await asyncio.gather(*(method(channel, "M")(b"") for _ in range(3)), return_exceptions=True)
            assert {outcome.code() for outcome in outcomes} == {grpc.StatusCode.UNAVAILABLE}  # type: ignore[union-attr]
        async with engine(tmp_path / "s"):
            assert await method(channel, "M")(b"") == b"M:"


async def test_a_call_that_takes_too_long_is_given_up_and_its_late_answer_is_dropped(
    tmp_path: Path, clock: Clock
) -> None:
    async with engine(tmp_path / "s") as connections, FrameChannel(tmp_path / "s", MOST) as channel:
        await method(channel, "M")(b"")
        held = connections[0].frame_received
        kept: list[tuple[int, bytes]] = []
        connections[0].frame_received = lambda *frame: kept.append(frame)  # type: ignore[method-assign]
        late = asyncio.create_task(method(channel, "M")(b"late", timeout=1000))
        await soon(lambda: kept)
        clock.advance(1001)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await late
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        connections[0].frame_received = held  # type: ignore[method-assign]
        held(*kept[0])
        assert await method(channel, "M")(b"next") == b"M:next"


async def test_a_cancelled_call_does_not_disturb_the_others(tmp_path: Path) -> None:
    async with engine(tmp_path / "s"), FrameChannel(tmp_path / "s", MOST) as channel:
        gone = asyncio.create_task(method(channel, "M")(b"gone"))
        stays = asyncio.create_task(method(channel, "M")(b"stays"))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == b"M:stays"
        assert gone.cancelled()
