"""Refuses changes that pages of other origins send."""

from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.http.origins import Origins
from model_registry_proxy.http.responses import send_error

_READING = ("GET", "HEAD", "OPTIONS")


class SameOrigin:
    """ASGI: serves from `app`, and refuses with 403 the changes that pages of other origins send, before a body is read."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope.get("method", "GET") not in _READING and (refusal := self._origins.refusal(scope)):
            await send_error(scope, send, refusal)
        else:
            await self._app(scope, receive, send)
