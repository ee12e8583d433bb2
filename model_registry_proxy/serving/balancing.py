"""Several MLMD servers as one channel: calls go round between those that are connected."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

import grpc
import grpc.aio

_RANK = {grpc.ChannelConnectivity.READY: 0, grpc.ChannelConnectivity.CONNECTING: 1, grpc.ChannelConnectivity.IDLE: 1}
"""The order in which servers are chosen; all other states come last."""


class BalancedChannel:
    """Behaves like one `grpc.aio.Channel`, with several channels behind it, one for each server.

    A server that is lost is left out as soon as gRPC notices, and is used again when it answers again. A call in flight to it fails
    as any call does in an outage.
    """

    def __init__(self, channels: Sequence[grpc.aio.Channel]) -> None:
        self._channels = list(channels)
        self._next = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all."""
        await asyncio.gather(*(channel.close(None) for channel in self._channels))

    def unary_unary(self, path: str, **serializers: Any) -> Callable[..., Awaitable[Any]]:
        """Returns a call of this method that goes to the next connected server; parameters as of `grpc.aio.Channel.unary_unary`."""
        calls = [channel.unary_unary(path, **serializers) for channel in self._channels]

        def call(message: Any, **options: Any) -> Any:
            return calls[self._pick()](message, **options)

        return call

    def _pick(self) -> int:
        """The next of the best servers. Asking for the state connects one that is not."""
        states = [_RANK.get(channel.get_state(try_to_connect=True), 2) for channel in self._channels]
        best = [number for number, rank in enumerate(states) if rank == min(states)]
        chosen = next((number for number in best if number >= self._next), best[0])
        self._next = (chosen + 1) % len(self._channels)
        return chosen
