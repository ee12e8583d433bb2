"""Channels to several servers that are really there: by their addresses, or by a name that stands for both."""

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator

import grpc
import grpc.aio
import pytest

from model_registry_proxy.serving.channels import channel_to
from tests.support.processes import free_port

ADDRESSES = ("127.0.0.1", "127.0.0.2")
METHOD = "/ml_metadata.MetadataStoreService/GetContexts"


async def server_at(address: str) -> grpc.aio.Server:
    """A server that answers with its address."""

    async def answer(_: bytes, __: object) -> bytes:
        return address.encode()

    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    handler = grpc.unary_unary_rpc_method_handler(answer)
    service, name = METHOD[1:].split("/")
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {name: handler}),))
    server.add_insecure_port(address)
    await server.start()
    return server


class Names(asyncio.DatagramProtocol):
    """A DNS server that knows one thing: every name stands for both servers."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        end = data.index(b"\0", 12) + 5
        kind = int.from_bytes(data[end - 4 : end - 2], "big")
        addresses = ADDRESSES if kind == 1 else ()
        head = data[:2] + b"\x81\x80\0\x01" + len(addresses).to_bytes(2, "big") + bytes(4)
        rows = b"".join(b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04" + socket.inet_aton(address) for address in addresses)
        self.transport.sendto(head + data[12:end] + rows, addr)


@pytest.fixture
async def two() -> AsyncIterator[tuple[int, list[grpc.aio.Server]]]:
    """A port, and two servers on it, each at an address of its own."""
    port = free_port()
    try:
        servers = [await server_at(f"{address}:{port}") for address in ADDRESSES]
    except RuntimeError:
        pytest.skip(f"this machine does not have the addresses {' and '.join(ADDRESSES)}")
    yield port, servers
    for server in servers:
        await server.stop(None)


@pytest.fixture
async def names() -> AsyncIterator[int]:
    """The port of a DNS server."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Names, ("127.0.0.1", 0))
    yield transport.get_extra_info("sockname")[1]
    transport.close()


async def answers(channel: grpc.aio.Channel, times: int) -> Counter[str]:
    call = channel.unary_unary(METHOD, request_serializer=bytes, response_deserializer=bytes)
    return Counter([(await call(b"", timeout=20)).decode() for _ in range(times)])


async def until_two_answer(channel: grpc.aio.Channel) -> None:
    for _ in range(1000):
        if len(await answers(channel, 2)) == 2:
            return
        await asyncio.sleep(0.02)
    raise AssertionError


@pytest.mark.parametrize("target", ["dns://127.0.0.1:{names}/mlmd.test:{port}", "127.0.0.1:{port},127.0.0.2:{port}"])
async def test_calls_go_round_and_a_lost_server_is_left_out_and_comes_back(
    two: tuple[int, list[grpc.aio.Server]], names: int, target: str
) -> None:
    port, servers = two
    async with channel_to(target.format(port=port, names=names), 2**20) as channel:
        await until_two_answer(channel)
        assert list((await answers(channel, 10)).values()) == [5, 5]
        await servers[1].stop(None)
        with contextlib.suppress(grpc.aio.AioRpcError):  # on their way when the server went
            await answers(channel, 2)
        assert await answers(channel, 10) == {f"127.0.0.1:{port}": 10}
        servers[1] = await server_at(f"127.0.0.2:{port}")
        await until_two_answer(channel)
