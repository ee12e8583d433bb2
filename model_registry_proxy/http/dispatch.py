"""Which part of the application answers a request: the API, health or the pages."""

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.errors import RegistryError
from model_registry_proxy.http import health
from model_registry_proxy.http.responses import send_error
from model_registry_proxy.registry.registry import Registry


class Application:
    """ASGI: dispatches to the API, to health, or to the pages."""

    def __init__(self, api: ASGIApp, pages: ASGIApp, registry: Callable[[], Registry]) -> None:
        self._api, self._pages, self._registry = api, pages, registry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
        elif health.is_probe(scope["path"]):
            scope.setdefault("state", {})["operation"] = "health"
            try:
                await health.serve(scope, send, self._registry)
            except RegistryError as error:
                await send_error(send, error)
        elif scope["path"].startswith("/api/"):
            await self._api(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


class BelowPath:
    """ASGI: serves from `app` what a gateway shows below `root`, whether it takes that off the path or leaves it there."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app, self._root = app, root.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope.get("path", "").startswith(self._root + "/"):
            scope["path"] = scope["path"][len(self._root) :]
        await self._app(scope, receive, send)
