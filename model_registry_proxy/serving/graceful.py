"""uvicorn's server and its supervisor of workers, with a graceful stop: every request that was sent before the stop is answered.

uvicorn closes its listening sockets and idle connections at once, and the kernel resets requests that had arrived there. Here the
connections in a listening socket are accepted first, and idle connections get a moment for a last request (see `connections`).
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess, multiprocess

from model_registry_proxy.serving.connections import LIMITS, ConnectionLimits

_ACCEPT_SECONDS = 0.05
"""For an accepted socket to become a connection that takes part in the end."""


class GracefulServer(uvicorn.Server):
    """Answers every client that had connected before the end."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts as uvicorn does, with a limit for the TLS handshake, for which uvicorn has no setting."""
        loop = asyncio.get_running_loop()
        create = loop.create_server

        def create_server(*arguments: Any, **options: Any) -> Any:
            return create(*arguments, ssl_handshake_timeout=self._handshake_seconds, **options)

        loop.create_server = create_server  # type: ignore[method-assign]
        await super().startup(sockets)

    @property
    def _handshake_seconds(self) -> float | None:
        """As long as for the head of a request: no other limit applies before the handshake is complete."""
        limits: ConnectionLimits = self.lifespan.state.get(LIMITS) or ConnectionLimits()
        return limits.head_seconds if self.config.ssl else None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accepts no more connections, answers all requests, and ends the application."""
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
        await asyncio.gather(*connecting, return_exceptions=True)  # a client that has disconnected needs no answer
        await asyncio.sleep(_ACCEPT_SECONDS)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        config, state = self.config, self.lifespan.state
        return config.http_protocol_class(  # type: ignore[call-arg]
            config=config, server_state=self.server_state, app_state=state
        )


def _emptied(listening: socket.socket) -> Iterator[socket.socket]:
    """Closes a listening socket, and yields the connections that wait in it."""
    with listening, suppress(BlockingIOError):
        listening.settimeout(0)
        while True:
            connection, _ = listening.accept()
            yield connection


class GracefulWorkers(Multiprocess):
    """The parent of the workers. It closes its listening sockets first, so that each worker can accept what waits in its own."""

    def terminate_all(self) -> None:
        """Ends all workers."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


class _GracefulProcess(multiprocess.Process):
    """A worker that runs our server."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = GracefulServer(config=self.config)
        return self._server


# uvicorn has no other way to choose what a worker runs.
multiprocess.Process = _GracefulProcess  # type: ignore[misc]
