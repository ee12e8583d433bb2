"""The API on real sockets in the event loop of the test, so that a test controls both ends of a connection."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from model_registry_proxy.serving.connections import GuardedProtocol
from tests.support.patience import PATIENCE_SECONDS


@asynccontextmanager
async def listening(app: ASGIApp, protocol: Any = GuardedProtocol) -> AsyncIterator[int]:
    """Serves `app` as the proxy does; yields the port."""
    config = uvicorn.Config(
        app, http=protocol, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server._serve([listener]))
        await soon(lambda: server.started)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


async def soon(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Waits until the condition holds; raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0.01)
