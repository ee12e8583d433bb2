"""The catalog as a part of an application: its API, its document, and the loader that keeps it up to date."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import ASGIApp, Scope

from model_catalog.loading.loader import Loader
from model_catalog.operations.document import catalog_contract
from model_catalog.operations.previewing import Previews
from model_catalog.operations.slow_lists import Answers
from model_catalog.serving.settings import listed, paths
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import RegistryError, StoreUnavailable
from model_registry_proxy.http.api import Answer, Api
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.middleware import AROUND_API, wrapped
from model_registry_proxy.http.responses import Response, of_error
from model_registry_proxy.security.guards import Guards

_log = logging.getLogger(__name__)
BEGINNINGS = ("/api/model_catalog", "/api/mcp_catalog")
"""All paths of the catalog begin with one of these."""


class CatalogService:
    """Answers the operations of the catalog, below the middleware of an API.

    `settings` need `--catalogs-path`. `of_error` makes the answer to a failure.
    """

    beginnings = BEGINNINGS

    def __init__(
        self, settings: Settings, security: Guards, of_error: Callable[[RegistryError], Response] = of_error
    ) -> None:
        self.contract = catalog_contract()
        self._settings = settings
        self._loader: Loader | None = None
        folders = [path.parent for path in paths(settings.catalogs_path)]
        self._previews = Previews(folders, listed(settings.allow_hf_url))
        self._answers = Answers()
        bare = Api(
            [self.contract],
            security.for_readers(self._run),
            bodies=Bodies(settings.max_body_bytes, settings.max_bodies_bytes),
            timeout=settings.request_timeout,
            max_in_flight=settings.max_in_flight,
            of_error=of_error,
        )
        around = security.around_api(bare.router)
        if settings.validate_responses:
            from model_registry_proxy.http.referee import Referee  # noqa: PLC0415 (openapi-core is large, and for tests)

            around["referee"] = lambda app: Referee(app, self.contract)
        self.api: ASGIApp = wrapped(bare, AROUND_API, around)

    @property
    def why_not_ready(self) -> str | None:
        """What is missing until the first load has ended; `None` if nothing is."""
        return self._loader.why_not_ready if self._loader else "The catalog is not open yet."

    @property
    def prefixes(self) -> list[str]:
        """The base paths of the newest version: that of models, then that of MCP servers."""
        served = [prefix for each in self.contract.operations for prefix in each.prefixes]
        return [next(prefix for prefix in served if prefix.startswith(f"{each}/")) for each in BEGINNINGS]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Loads the catalog and keeps it up to date within the block."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            cache = _usable(settings.cache_dir) or stack.enter_context(TemporaryDirectory(prefix="model-catalog-"))
            self._loader = Loader(
                paths(settings.catalogs_path),
                cache=Path(cache),
                performance=paths(settings.performance_metrics),
                hub_urls=listed(settings.allow_hf_url),
                key_variables=listed(settings.allow_hf_key_variable),
            )
            await self._loader.open()
            if settings.metrics_port:
                from model_catalog.serving.metrics import measured  # noqa: PLC0415 (only if it is on)

                loader = self._loader
                stack.enter_context(measured(lambda: loader.current))
            watching = asyncio.create_task(self._loader.watch())
            try:
                yield
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching

    async def _run(self, scope: Scope, call: Call) -> Answer:
        if call.operation_id == "previewCatalogSource":
            return await self._previews.answer(call)
        if self._loader is None:
            raise StoreUnavailable(self.why_not_ready or "")
        version = scope["path"].split("/", 4)[3]  # behind /api/ and the name of the catalog
        return await self._answers.answer(self._loader.current, call, version)


def _usable(cache: str) -> str:
    """Returns the folder of compiled files; an empty text for one that has none and can take none. The log says so then."""
    if not cache:
        return ""
    folder = Path(cache)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if os.access(folder, os.W_OK | os.X_OK):
        return cache
    with suppress(OSError):
        if any(folder.iterdir()):
            return cache
    _log.warning(
        "The cache folder %s cannot be written: sources are kept until the process ends, and read again then.", folder
    )
    return ""
