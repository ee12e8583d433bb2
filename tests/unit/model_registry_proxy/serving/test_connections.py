"""What a connection may cost, seen from a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from model_registry_proxy.serving.connections import ConnectionLimits, GuardedProtocol
from tests.support.clock import Clock, turns
from tests.support.listening import listening, soon
from tests.support.patience import PATIENCE_SECONDS

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n"


class App:
    """Answers what it was sent, once it may."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.answer: bytes | None = None
        self.has_all = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        body = b""
        while scope["method"] != "GET":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.has_all = True
        await self.may_answer.wait()
        body = self.answer or body
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(
    keep_alive: float = 5.0, **limits: Any
) -> AsyncIterator[tuple[App, Callable[[], Any], list[GuardedProtocol]]]:
    """An app behind the protocol with these limits; a way to connect; and the connections so far."""
    app, protocols = App(), list[GuardedProtocol]()

    def protocol(**options: Any) -> GuardedProtocol:
        made = GuardedProtocol(**options)
        made.limits = ConnectionLimits(**limits)
        made.timeout_keep_alive = keep_alive  # type: ignore[assignment]
        protocols.append(made)
        return made

    writers: list[asyncio.StreamWriter] = []
    async with listening(app, protocol) as port:

        async def connect() -> Connection:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            return reader, writer

        try:
            yield app, connect, protocols
        finally:
            for writer in writers:
                writer.close()


async def answered(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the next answer."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)).decode()
    first, *lines = head.strip().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    body = await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), PATIENCE_SECONDS)
    return int(first.split()[1]), headers, body


async def assert_refused(reader: asyncio.StreamReader, status: int, words: str) -> dict[str, str]:
    """The next answer is this failure in JSON, and the last."""
    found, headers, body = await answered(reader)
    assert found == status
    assert headers["connection"] == "close"
    content = json.loads(body)
    assert set(content) == {"code", "message"}
    assert words in content["message"]
    assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""
    return headers


async def test_a_head_that_comes_slowly_is_ended_though_some_of_it_comes_all_the_time(clock: Clock) -> None:
    async with served(head_seconds=1000) as (_, connect, protocols):
        reader, writer = await connect()
        for byte in GET[:-4]:
            if protocols and protocols[0]._is_refused:
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.001)
            clock.advance(100)
        await assert_refused(reader, 408, "1000 s")


async def test_a_slow_head_of_a_later_request_is_ended_too(clock: Clock) -> None:
    async with served(head_seconds=1000) as (_, connect, protocols):
        reader, writer = await connect()
        writer.write(GET)
        assert (await answered(reader))[0] == 200
        writer.write(GET[:10])
        await soon(lambda: protocols[0]._head_timer)
        clock.advance(1001)
        await assert_refused(reader, 408, "did not arrive")


async def test_a_connection_on_which_nothing_comes_is_closed(clock: Clock) -> None:
    async with served(head_seconds=1000) as (_, connect, protocols):
        reader, _ = await connect()
        await soon(lambda: protocols)
        await turns()
        clock.advance(1001)
        assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""


@pytest.mark.parametrize("junk", [b"", b"\r\n"])
async def test_a_connection_that_has_been_idle_for_long_is_closed(junk: bytes, clock: Clock) -> None:
    async with served(keep_alive=500, head_seconds=1000) as (_, connect, _protocols):
        reader, writer = await connect()
        writer.write(GET)
        assert (await answered(reader))[0] == 200
        writer.write(junk)
        await turns()
        clock.advance(501)
        assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""


async def test_the_time_for_the_head_is_not_counted_while_an_answer_is_awaited(clock: Clock) -> None:
    async with served(head_seconds=1000) as (app, connect, _protocols):
        app.may_answer.clear()
        reader, writer = await connect()
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        await soon(lambda: app.scopes)
        clock.advance(3000)
        await turns()
        writer.write(b"cd")
        await soon(lambda: app.has_all)
        clock.advance(3000)
        await turns()
        app.may_answer.set()
        assert (await answered(reader))[2] == b"abcd"
        writer.write(GET)
        assert (await answered(reader))[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 10_000_000,
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: x\r\n" % number for number in range(201)) + b"\r\n",
    ],
    ids=["a long path", "a long header", "an endless header", "many headers"],
)
async def test_a_head_that_is_too_large_is_refused(head: bytes) -> None:
    async with served() as (app, connect, protocols):
        reader, writer = await connect()
        writer.write(head)
        await assert_refused(reader, 431, "65536 bytes and 200 headers")
        assert not app.scopes
        assert protocols[0]._unread < 2**20


async def test_a_large_body_right_behind_its_head_is_no_large_head() -> None:
    async with served() as (_, connect, _protocols):
        reader, writer = await connect()
        body = b"x" * 1_000_000
        for _ in range(2):
            writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            assert (await answered(reader))[2] == body
        chunks = b"".join(b"2\r\nab\r\n" for _ in range(50_000)) + b"0\r\n\r\n"
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        assert (await answered(reader))[2] == b"ab" * 50_000


@pytest.mark.parametrize(
    "padding", [b"1;" + b"x" * 10_000_000, b"0\r\nX-Trailer: " + b"x" * 10_000_000], ids=["an extension", "a trailer"]
)
async def test_endless_framing_is_refused(padding: bytes) -> None:
    async with served() as (_, connect, _protocols):
        reader, writer = await connect()
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + padding)
        await assert_refused(reader, 400, "framing")


async def test_trailers_are_no_headers() -> None:
    async with served() as (app, connect, _protocols):
        reader, writer = await connect()
        head = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n"
        writer.write(head + b"1\r\nx\r\n0\r\nAuthorization: Bearer stolen\r\n\r\n")
        assert (await answered(reader))[2] == b"x"
        assert b"authorization" not in dict(app.scopes[0]["headers"])


async def test_above_the_most_connections_the_longest_idle_one_makes_room() -> None:
    async with served(connections=2) as (_, connect, _protocols):
        first, second, third = [await connect() for _ in range(2)] + [None]  # type: ignore[list-item]
        for reader, writer in (first, second):
            writer.write(GET)
            await answered(reader)
        third = await connect()
        for reader, writer in (second, third):
            writer.write(GET)
            assert (await answered(reader))[0] == 200
        assert await asyncio.wait_for(first[0].read(), PATIENCE_SECONDS) == b""


async def test_above_the_most_connections_new_ones_are_refused_when_none_is_idle() -> None:
    async with served(connections=2) as (app, connect, _protocols):
        app.may_answer.clear()
        busy = [await connect() for _ in range(2)]
        for _, writer in busy:
            writer.write(GET)
        await soon(lambda: len(app.scopes) == 2)
        reader, _ = await connect()
        headers = await assert_refused(reader, 503, "as many connections")
        assert int(headers["retry-after"]) > 0
        app.may_answer.set()
        for reader, _ in busy:
            assert (await answered(reader))[0] == 200


async def test_a_client_that_does_not_read_its_answer_is_cut_off() -> None:
    async with served(write_seconds=0.3) as (app, connect, protocols):
        app.answer = b"x" * 50_000_000
        _, writer = await connect()
        writer.transport.pause_reading()
        writer.write(GET)
        await soon(lambda: protocols and not protocols[0].connections)


@pytest.mark.parametrize("garbage", [b"\0\0\0\r\n\r\n", b"GET /y HTTP/1.1\r\nContent-Length: x\r\n\r\n"])
async def test_garbage_behind_a_request_does_not_undo_its_answer(garbage: bytes) -> None:
    async with served() as (app, connect, _protocols):
        app.may_answer.clear()
        reader, writer = await connect()
        writer.write(GET + garbage)
        await soon(lambda: app.scopes)
        app.may_answer.set()
        status, headers, _ = await answered(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""


async def test_an_upgrade_is_answered_as_plain_http_and_ends_the_connection() -> None:
    async with served() as (app, connect, _protocols):
        reader, writer = await connect()
        writer.write(b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + GET)
        status, headers, _ = await answered(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert len(app.scopes) == 1


async def test_a_refusal_logs_the_address_and_repeats_no_text_of_the_client(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "model_registry_proxy.serving.connections"):
        async with served() as (_, connect, _protocols):
            reader, writer = await connect()
            writer.write(b"GET /?token=secret\nX HTTP/1.1\r\nAuthorization: secret\r\n\r\n")
            await assert_refused(reader, 400, "HTTP/1.1")
    (line,) = [record.getMessage() for record in caplog.records if "Refused" in record.getMessage()]
    assert "127.0.0.1" in line
    assert "secret" not in caplog.text
