"""The application of a process that serves only the catalog: the API, probes, pages, and the middleware around them."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from model_catalog.serving.health import LIVE, READY, Probes
from model_catalog.serving.service import BEGINNINGS, CatalogService
from model_registry_proxy import __version__
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.http.cors import Cors
from model_registry_proxy.http.discovery import discovery
from model_registry_proxy.http.middleware import AROUND_ALL, AROUND_PAGES, Wrap, wrapped
from model_registry_proxy.http.page_headers import PageHeaders
from model_registry_proxy.http.pages import pages
from model_registry_proxy.http.responses import of_error_in_short
from model_registry_proxy.http.root_path import BelowPath
from model_registry_proxy.observability import watcher
from model_registry_proxy.observability.access_log import AccessLog
from model_registry_proxy.observability.request_ids import RequestIds
from model_registry_proxy.security.guards import guards
from model_registry_proxy.serving.connections import LIMITS, ConnectionLimits


def build(settings: Settings) -> ASGIApp:
    """Returns the application; `settings` are those of `of_catalog`."""
    security, watched = guards(settings), watcher(settings)
    service = CatalogService(settings, security, of_error_in_short)
    limits = ConnectionLimits(
        connections=settings.max_connections,
        head_seconds=settings.header_timeout,
        write_seconds=settings.write_timeout,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with service.open():
            gc.collect()
            gc.freeze()  # objects of the start-up stay; each garbage collection would visit them
            yield {LIMITS: limits}

    document = service.contract.below(settings.root_path)
    found = discovery(__version__, {"catalog": document}, root=settings.root_path)
    around_pages: dict[str, Wrap] = {**security.browsers.makers(), "page_headers": PageHeaders}
    shown = wrapped(pages({"": document}, found, lifespan, is_short=True), AROUND_PAGES, around_pages)
    around_all: dict[str, Wrap] = {
        **watched.makers,
        "request_ids": RequestIds,
        "access_log": AccessLog,
        "cors": partial(Cors, origins=security.browsers.origins, lets_all_read=True),
    }
    if settings.root_path:
        around_all["root_path"] = partial(BelowPath, root=settings.root_path)
    inner = _Parts(service.api, shown, Probes(lambda: service.why_not_ready))
    return wrapped(inner, AROUND_ALL, around_all)


class _Parts:
    """ASGI: dispatches to the API, to the probes, or to the pages, which also get the lifespan."""

    def __init__(self, api: ASGIApp, pages: ASGIApp, probes: ASGIApp) -> None:
        self._api, self._pages, self._probes = api, pages, probes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        await self._part(scope)(scope, receive, send)

    def _part(self, scope: Scope) -> ASGIApp:
        if scope["type"] != "http":
            return self._pages
        if scope["path"] in (LIVE, READY):
            scope.setdefault("state", {})["operation"] = "health"
            return self._probes
        return self._api if scope["path"].startswith(BEGINNINGS) else self._pages
