"""Chooses which part of the application answers a request: the API, health or the pages."""

from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.errors import RegistryError
from model_registry_proxy.http.health import Health, is_probe
from model_registry_proxy.http.responses import send_error


class Application:
    """ASGI: dispatches to the API, to health, or to the pages, which also get the lifespan."""

    def __init__(self, api: ASGIApp, pages: ASGIApp, health: Health) -> None:
        self._api, self._pages, self._health = api, pages, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
        elif is_probe(scope["path"]):
            scope.setdefault("state", {})["operation"] = "health"
            try:
                await self._health.serve(scope, send)
            except RegistryError as error:
                await send_error(send, error)
        elif scope["path"].startswith("/api/"):
            await self._api(scope, receive, send)
        else:
            await self._pages(scope, receive, send)
