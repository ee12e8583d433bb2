"""A UI by itself cuts off clients that are too slow, and serves the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from model_registry_ui.application import create
from model_registry_ui.options import Options
from model_registry_ui.slow_clients import SETTINGS, LimitedProtocol, TimelyBodies
from starlette.types import ASGIApp, Receive, Scope, Send

from companions.ui.tests.fake_backend import FakeBackend

LONG = 30.0
"""Seconds for what happens at once, also on a busy machine."""
SHORT = 0.05
FORM = b"POST /ui/look HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\ncontent-length: 20\r\n\r\ntheme="


@asynccontextmanager
async def listening(
    app: ASGIApp, head: float = LONG, reading: float = LONG
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server with these limits."""
    protocol = type("Protocol", (LimitedProtocol,), {"head_seconds": head, "reading_seconds": reading})
    config = uvicorn.Config(app, **{**SETTINGS, "http": protocol}, port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (there is no event to wait for)
        await asyncio.sleep(0)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    reader, writer = await asyncio.open_connection(host, port, limit=2**10)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        server.should_exit = True
        await serving


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What the server sends until it closes the connection."""
    try:
        async with asyncio.timeout(LONG):
            return await reader.read(-1)
    except ConnectionResetError:
        return b""


def ui() -> ASGIApp:
    return create(FakeBackend(), Options(ways=()))


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /ui/look HTTP/1.1\r\nhost: localhost\r\nx: "])
async def test_a_head_that_does_not_arrive_ends_the_connection(sent: bytes) -> None:
    async with listening(ui(), head=SHORT) as (reader, writer):
        writer.write(sent)
        assert await ended(reader) == b""


async def test_a_second_head_that_does_not_arrive_ends_the_connection_too() -> None:
    async with listening(ui(), head=SHORT) as (reader, writer):
        writer.write(b"GET /ui/static/none HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        writer.write(b"GET /ui/sta")
        assert await ended(reader) == b"There is no such file."


async def test_a_request_that_takes_longer_than_a_head_may_is_answered() -> None:
    async def slow(_: Scope, __: Receive, send: Send) -> None:
        await asyncio.sleep(4 * SHORT)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": b"done"})

    async with listening(slow, head=SHORT) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert (await ended(reader)).endswith(b"done\r\n0\r\n\r\n")


async def test_a_form_that_does_not_arrive_is_refused() -> None:
    async with listening(TimelyBodies(ui(), SHORT)) as (reader, writer):
        writer.write(FORM)
        answer = await ended(reader)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The form did not arrive in time." in answer


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    over = asyncio.Event()

    async def endless(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            for _unread in range(1000):
                await send({"type": "http.response.body", "body": b"x" * 2**20, "more_body": True})
        finally:
            over.set()

    async with listening(endless, reading=SHORT) as (_, writer):
        writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        async with asyncio.timeout(LONG):
            await over.wait()


async def test_a_form_in_time_is_taken() -> None:
    async with listening(TimelyBodies(ui())) as (reader, writer):
        writer.write(FORM.replace(b"content-length: 20", b"content-length: 10\r\nconnection: close") + b"dark")
        assert (await ended(reader)).startswith(b"HTTP/1.1 303 ")
