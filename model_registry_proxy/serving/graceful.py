"""uvicorn's server and its supervisor of workers with an end at which no request that was taken fails.

uvicorn closes its listening sockets and idle connections at once, and the kernel resets what had arrived there unseen. Here a
listening socket is emptied first, and idle connections get a moment to send their last request (see `connections`).
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess, multiprocess

from model_registry_proxy.serving.connections import LIMITS, ConnectionLimits

_SETTLING_SECONDS = 0.05
"""For what was just accepted to become a connection that can be told of the end."""


class GracefulServer(uvicorn.Server):
    """Answers everybody who had connected before the end."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, which has no setting for the time that a TLS handshake may take."""
        loop = asyncio.get_running_loop()
        create = loop.create_server

        def create_server(*arguments: Any, **options: Any) -> Any:
            return create(*arguments, ssl_handshake_timeout=self._handshake_seconds, **options)

        loop.create_server = create_server  # type: ignore[method-assign]
        await super().startup(sockets)

    @property
    def _handshake_seconds(self) -> float | None:
        """As long as the head of a request: until then a connection counts for no other limit."""
        limits: ConnectionLimits = self.lifespan.state.get(LIMITS) or ConnectionLimits()
        return limits.head_seconds if self.config.ssl else None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no more connections, answers what is under way, and ends the application."""
        listening = [one.dup() for one in sockets or ()]
        for server in self.servers:
            server.close()
        connecting = [
            asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, connection, ssl=self.config.ssl, ssl_handshake_timeout=self._handshake_seconds
            )
            for each in listening
            for connection in _emptied(each)
        ]
        await asyncio.gather(*connecting, return_exceptions=True)  # who has gone away in the meantime is no loss
        await asyncio.sleep(_SETTLING_SECONDS)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        config, state = self.config, self.lifespan.state
        return config.http_protocol_class(  # type: ignore[call-arg]
            config=config, server_state=self.server_state, app_state=state
        )


def _emptied(listening: socket.socket) -> Iterator[socket.socket]:
    """Closes a listening socket, and yields the connections that waited in it."""
    with listening, suppress(BlockingIOError):
        listening.settimeout(0)
        while True:
            connection, _ = listening.accept()
            yield connection


class GracefulWorkers(Multiprocess):
    """The parent of the workers. Its own listening sockets go first, so that each worker can empty its own."""

    def terminate_all(self) -> None:
        """Tells all workers to end."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


class _GracefulProcess(multiprocess.Process):
    """A worker, as uvicorn starts it, with our server in it."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = GracefulServer(config=self.config)
        return self._server


# uvicorn has no other way to choose what a worker runs.
multiprocess.Process = _GracefulProcess  # type: ignore[misc]
