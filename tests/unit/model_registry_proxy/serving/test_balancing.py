"""Several servers as one: they take turns, and lost ones are left out."""

import asyncio
from typing import Any

import grpc
import pytest

from model_registry_proxy.serving.balancing import BalancedChannel

READY, FAILING = grpc.ChannelConnectivity.READY, grpc.ChannelConnectivity.TRANSIENT_FAILURE
CONNECTING, IDLE = grpc.ChannelConnectivity.CONNECTING, grpc.ChannelConnectivity.IDLE


class Server:
    """Looks like a channel, in a state that tests choose."""

    def __init__(self, name: str, state: grpc.ChannelConnectivity = READY) -> None:
        self.name, self.state = name, state
        self.is_asked_to_connect = self.is_closed = False

    def get_state(self, *, try_to_connect: bool) -> grpc.ChannelConnectivity:
        self.is_asked_to_connect = try_to_connect
        return self.state

    def unary_unary(self, path: str, **_: Any) -> Any:
        async def call(message: bytes, *, timeout: float) -> str:  # noqa: ASYNC109 (gRPC's signature)
            return f"{self.name} {path} {message!r} {timeout:g}"

        return call

    async def close(self, _: float | None) -> None:
        self.is_closed = True


async def asked(channel: BalancedChannel, times: int) -> str:
    """The names of the servers that calls go to."""
    call = channel.unary_unary("/a/b", request_serializer=bytes, response_deserializer=bytes)
    return "".join([(await call(b"m", timeout=1))[0] for _ in range(times)])


def balanced(*servers: Server) -> BalancedChannel:
    return BalancedChannel(servers)  # type: ignore[arg-type]


async def test_calls_go_round() -> None:
    assert await asked(balanced(Server("a"), Server("b"), Server("c")), 7) == "abcabca"


async def test_a_call_arrives_as_it_was_made() -> None:
    call = balanced(Server("a")).unary_unary("/a/b")
    assert await call(b"m", timeout=2) == "a /a/b b'm' 2"


@pytest.mark.parametrize("state", [FAILING, CONNECTING, IDLE])
async def test_a_server_that_is_not_connected_is_left_out_and_comes_back(state: grpc.ChannelConnectivity) -> None:
    servers = [Server("a"), Server("b", state), Server("c")]
    channel = balanced(*servers)
    assert sorted(await asked(channel, 4)) == ["a", "a", "c", "c"]
    assert all(server.is_asked_to_connect for server in servers)
    servers[1].state = READY
    assert sorted(await asked(channel, 3)) == ["a", "b", "c"]


async def test_without_a_connected_server_those_that_may_be_soon_are_asked() -> None:
    assert await asked(balanced(Server("a", FAILING), Server("b", CONNECTING), Server("c", FAILING)), 3) == "bbb"
    assert await asked(balanced(Server("a", FAILING), Server("b", FAILING)), 4) == "abab"


async def test_all_are_closed_in_the_end() -> None:
    servers = [Server("a"), Server("b")]
    async with balanced(*servers):
        await asyncio.sleep(0)
    assert all(server.is_closed for server in servers)
