"""What is told of each request: its id, in the answer and in all that is logged meanwhile, and a line in the log at its end."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.observability.logs import REQUEST
from model_registry_proxy.observability.request_ids import HEADER, request_id

_access = logging.getLogger("model_registry_proxy.access")


class RequestIds:
    """ASGI: every answer bears `X-Request-Id`, and every line of the log that is written on the way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_ = request_id(scope)
        REQUEST.set(id_)  # of this request's own task
        header = (HEADER, id_.encode())

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self._app(scope, receive, naming)


class AccessLog:
    """ASGI: one line per request with method, path, status and duration in ms, at level info."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves and logs."""
        if scope["type"] != "http" or not _access.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            duration = (time.perf_counter() - started) * 1000
            facts = {"method": scope["method"], "path": scope["path"], "status": status}
            facts |= {"duration_ms": round(duration, 3), "operation": scope["state"].get("operation", "")}
            arguments = (scope["method"], scope["path"], status, duration)
            _access.info("%s %s %d %.1f ms", *arguments, extra={"facts": facts})
