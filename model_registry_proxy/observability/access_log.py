"""The access log: one line for each request, at its end."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.http.stages import CLOCKS, NO_CLOCK

_access = logging.getLogger("model_registry_proxy.access")


class AccessLog:
    """ASGI: one line per request with method, path, status and duration in ms, at level info."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request and logs it."""
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
            clock = CLOCKS.get()[0]
            if clock is not NO_CLOCK:
                facts["stages_ms"] = {stage.value: round(seconds * 1000, 3) for stage, seconds in clock.seconds.items()}
            _access.info("%s %s %d %.1f ms", *arguments, extra={"facts": facts})
