"""Puts the application together: the API, health, the pages, the rules for browsers, request ids and the access log."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.types import ASGIApp
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from model_registry_proxy import __version__
from model_registry_proxy.configuration.extensions import chosen_extensions
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.configuration.tls import mlmd_tls
from model_registry_proxy.errors import RegistryError
from model_registry_proxy.http import mlflow_errors
from model_registry_proxy.http.api import Api
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.cors import Cors
from model_registry_proxy.http.discovery import discovery
from model_registry_proxy.http.dispatch import UI, Application, is_of_ui
from model_registry_proxy.http.error_shapes import ErrorShapes
from model_registry_proxy.http.middleware import AROUND_ALL, AROUND_API, AROUND_PAGES, Wrap, wrapped
from model_registry_proxy.http.page_headers import PageHeaders
from model_registry_proxy.http.pages import pages
from model_registry_proxy.http.root_path import BelowPath
from model_registry_proxy.mlmd.in_flight import InFlight
from model_registry_proxy.mlmd.port import AlreadyExists
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.observability import watcher
from model_registry_proxy.observability.access_log import AccessLog
from model_registry_proxy.observability.request_ids import RequestIds
from model_registry_proxy.registry.registry import Limits, Registry
from model_registry_proxy.security.running import on_registry
from model_registry_proxy.security.stack import Stack, stack
from model_registry_proxy.serving.channels import channel_to, is_embedded
from model_registry_proxy.serving.connections import LIMITS, ConnectionLimits
from model_registry_proxy.serving.readiness import health
from model_registry_proxy.serving.web_ui import is_shown, web_ui
from model_registry_proxy.verbs.document import contracts
from model_registry_proxy.verbs.extensions import checks_of

if TYPE_CHECKING:
    from model_catalog.serving.service import CatalogService
    from model_registry_proxy.contract.document import Contract

_log = logging.getLogger(__name__)

GETS_OF_EMBEDDED, GETS_OF_SERVER = 2, 1
"""Calls in flight that fetch by id. With two, the embedded engine has its next call when it has answered one; for a server
each call is a connection to its database."""
_HEAD_START_SECONDS = 1.0
"""The first request waits so long for the store, so that a store that is ready is never reported as unavailable."""
_MOST_REFUSALS = 5
_LOGGED_ATTEMPTS = {5, 20, 100}
_FOREIGN_TYPES = (
    "The store's kf.* types differ from ours, as those of the Go server's embedded store do: it cannot be served through "
    "MLMD as it is. Start on an empty database and bring the data over by `model-registry export` and `model-registry import`."
)


def in_flight(settings: Settings, target: str) -> InFlight:
    """How many calls to the store at `target` may be in flight, by the settings or by what suits that store."""
    gets = settings.gets_in_flight or (GETS_OF_EMBEDDED if is_embedded(target) else GETS_OF_SERVER)
    return InFlight(gets, settings.questions_in_flight, settings.writes_in_flight)


def build(settings: Settings, target: str, give_up: Callable[[str], None]) -> ASGIApp:
    """Returns the application that serves from the MLMD server at the gRPC `target`.

    `give_up` gets one line that says why that store can never be served; the process should end then.
    """
    documents = contracts()
    extensions = chosen_extensions(settings, documents.switches)
    served = documents.served(extensions)
    watched = watcher(settings)
    tls = mlmd_tls(settings)
    holder: list[Registry] = []

    def registry() -> Registry:
        return holder[0]

    connection_limits = ConnectionLimits(
        connections=settings.max_connections,
        head_seconds=settings.header_timeout,
        write_seconds=settings.write_timeout,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with channel_to(target, settings.max_message_bytes, tls) as channel:
            most = in_flight(settings, target)
            store = MetadataStore(channel, timeout=settings.request_timeout, in_flight=most, observer=watched.observer)
            limits = Limits(settings.max_page_size, settings.scan_limit, settings.max_message_bytes)
            holder.append(
                Registry(
                    store,
                    limits,
                    watched.observer,
                    safe_integers=settings.client_safe_integers,
                    trail=security.trail,
                    checks=checks_of(extensions),
                    extensions=extensions,
                )
            )
            opening = asyncio.create_task(_open(holder[0], give_up))
            await asyncio.wait([opening], timeout=_HEAD_START_SECONDS)
            async with catalog.open() if catalog else nullcontext():
                gc.collect()
                gc.freeze()  # objects of the start-up stay; each garbage collection would visit them
                yield {LIMITS: connection_limits}
            opening.cancel()

    security = stack(settings)
    catalog = mounted_catalog(settings, security)
    bare = Api(
        list(served.values()),
        on_registry(registry, security.run),
        bodies=Bodies(settings.max_body_bytes, settings.max_bodies_bytes),
        timeout=settings.request_timeout,
        max_in_flight=settings.max_in_flight,
        safe_integers=settings.client_safe_integers,
    )
    around_api = security.around_api(bare.router)
    around_api["error_shapes"] = partial(
        ErrorShapes, shapes=dict.fromkeys(mlflow_errors.BEGINNINGS, mlflow_errors.of_error)
    )
    if settings.validate_responses:
        from model_registry_proxy.http.referee import Referee  # noqa: PLC0415 (openapi-core is large, and for tests)

        around_api["referee"] = lambda app: Referee(app, *served.values())
    around_pages: dict[str, Wrap] = {**security.browsers.makers(), "page_headers": PageHeaders}
    around_all: dict[str, Wrap] = {
        **watched.makers,
        "request_ids": RequestIds,
        "access_log": AccessLog,
        "cors": partial(Cors, origins=security.browsers.origins, is_private=partial(_is_private, settings.root_path)),
    }
    if settings.root_path:
        around_all["root_path"] = partial(BelowPath, root=settings.root_path)
    api = wrapped(bare, AROUND_API, around_api)
    ui_path = f"{UI}/" if is_shown(settings) else None
    others: dict[str, ASGIApp] = {}
    if catalog:
        served["catalog"] = catalog.contract
        others = dict.fromkeys(catalog.beginnings, catalog.api)
    shown = wrapped(_pages(served, settings.root_path, lifespan, ui_path), AROUND_PAGES, around_pages)
    probes = health(registry, (lambda: catalog.why_not_ready) if catalog else None)
    prefixes = [document.content["servers"][0]["url"] for document in (documents.registry, documents.extensions)]
    of_catalog = catalog.prefixes if catalog else ()
    ui = web_ui(settings, security.browsers, Application(api, shown, probes, others=others), *prefixes, *of_catalog)
    return wrapped(Application(api, shown, probes, ui, others), AROUND_ALL, around_all)


def _is_private(root: str, path: str) -> bool:
    """Whether a path is that of the web UI, whose pages no other origin may read."""
    return is_of_ui(path.removeprefix(root.rstrip("/")))


def mounted_catalog(settings: Settings, security: Stack) -> CatalogService | None:
    """The catalog as a part of this server, if there are sources files; its package is not imported otherwise."""
    if not settings.catalogs_path.strip(", "):
        return None
    from model_catalog.serving.service import CatalogService  # noqa: PLC0415 (only if it is on)

    return CatalogService(settings, security)


def _pages(documents: Mapping[str, Contract], root: str, lifespan: Any, ui: str | None) -> ASGIApp:
    """The pages next to the API, for clients that reach this server below the path `root`.

    `documents` are by their names on the page that says what is served where, the main one first. `ui` is the path of the web UI.
    """
    shown = {name: document.below(root) for name, document in documents.items()}
    found = discovery(__version__, shown, root=root, ui=ui)
    main, *_ = shown
    return pages(
        {"" if name == main else name: each for name, each in shown.items()}, found, lifespan, ui=ui and ui[1:]
    )


async def _open(registry: Registry, give_up: Callable[[str], None]) -> None:
    """Opens the registry as soon as the store answers; gives up where the store can never serve.

    Types that exist with other properties never change. But proxies that start at the same time on an empty store may collide, so
    only several refusals in a row count.
    """
    refusals = 0
    waits = wait_exponential_jitter(initial=0.05, max=2, jitter=0.1)
    async for attempt in AsyncRetrying(retry=retry_if_exception_type(RegistryError), wait=waits):
        with attempt:
            try:
                await registry.open()
            except AlreadyExists as error:
                refusals += 1
                if refusals == _MOST_REFUSALS:
                    _log.debug("MLMD: %s", error.details)
                    give_up(_FOREIGN_TYPES)
                    return
                raise
            except RegistryError as error:
                if attempt.retry_state.attempt_number in _LOGGED_ATTEMPTS:
                    _log.warning("The store cannot be opened yet: %s", getattr(error, "details", "") or error.message)
                raise
    _log.info("The store is open.")
