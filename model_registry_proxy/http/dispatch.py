"""Chooses which part of the application answers a request: the API, health, the web UI or the pages."""

from collections.abc import Mapping
from types import MappingProxyType

from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.errors import RegistryError
from model_registry_proxy.http.health import Health, is_probe
from model_registry_proxy.http.responses import send_error

UI = "/ui"
"""The path of the web UI."""
APIS = ("/api/", "/ajax-api/")
"""How the paths of all APIs begin. Pages of MLflow's web UI use the second one."""


def is_of_ui(path: str) -> bool:
    """Whether a path is that of a page of the web UI."""
    return path == UI or path.startswith(f"{UI}/")


class Application:
    """ASGI: dispatches to an API, to health, to the web UI if there is one, or to the pages, which also get the lifespan.

    `others` are further APIs, by the beginnings of their paths, such as `/api/other/`.
    """

    def __init__(
        self,
        api: ASGIApp,
        pages: ASGIApp,
        health: Health,
        ui: ASGIApp | None = None,
        others: Mapping[str, ASGIApp] = MappingProxyType({}),
    ) -> None:
        self._api, self._pages, self._health, self._ui = api, pages, health, ui
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
        elif is_probe(scope["path"]):
            scope.setdefault("state", {})["operation"] = "health"
            try:
                await self._health.serve(scope, send)
            except RegistryError as error:
                await send_error(scope, send, error)
        elif scope["path"].startswith(APIS):
            await self._api_of(scope["path"])(scope, receive, send)
        elif self._ui and is_of_ui(scope["path"]):
            await self._ui(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def _api_of(self, path: str) -> ASGIApp:
        return next((app for beginning, app in self._others.items() if path.startswith(beginning)), self._api)
