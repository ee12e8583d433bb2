"""The whole API on a store of the tests, behind an HTTP client: on `MemoryStore`, or on MLMD's C++ store where a test asks for it.

Everything above the store is real: the registry, the verbs and the API. Over a `FakeStore` MLMD's wing is real as well.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from starlette.types import ASGIApp

from model_registry_proxy.http import mlflow_errors
from model_registry_proxy.http.api import Api
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.error_shapes import ErrorShapes
from model_registry_proxy.http.middleware import AROUND_ALL, wrapped
from model_registry_proxy.mlmd.events import Observer
from model_registry_proxy.mlmd.retries import RetryPolicy
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.observability.watcher import UNWATCHED, Watcher
from model_registry_proxy.registry.registry import Limits, Registry
from model_registry_proxy.security.running import on_registry, run
from model_registry_proxy.verbs.extensions import checks_of
from tests.support.document import contract, extensions, mlflow
from tests.support.fake_store import FakeStore
from tests.support.memory_store import MemoryStore

API = "/api/model_registry/v1alpha3"
EXTENSIONS = "http://test/api/model_registry/ext/v1"
"""The address of the extensions, for a client whose requests go below `API`."""
MLFLOW = "http://test/api/2.0/mlflow"
"""The address of MLflow's registry API, likewise."""


@cache
def _compiled() -> Api:
    """Returns an API with its routes and validators; `serving` gives a registry to a copy of it."""
    return Api((contract(), extensions(), mlflow()), list, bodies=Bodies(0, 0), timeout=0)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Served:
    """The API on a store. `client` sends HTTP requests to it below the prefix v1alpha3; `store` is what `serving` was given."""

    client: httpx.AsyncClient
    store: Any
    registry: Registry
    api: Api

    async def make(self, path: str, **body: Any) -> dict[str, Any]:
        """POSTs a body that must be accepted; returns the entity."""
        response = await self.client.post(path, json=body)
        assert response.is_success, response.text
        made: dict[str, Any] = response.json()
        return made


def with_shapes(app: ASGIApp) -> ASGIApp:
    """Returns the application with failures in the shape of MLflow below its prefixes."""
    return ErrorShapes(app, dict.fromkeys(mlflow_errors.BEGINNINGS, mlflow_errors.of_error))


async def registry_on(
    store: MemoryStore | FakeStore,
    limits: Limits | None = None,
    *,
    outlasts: float = 0,
    observer: Observer | None = None,
) -> Registry:
    """Returns an open registry; the call for that is not counted. Over MLMD it retries for `outlasts` seconds of an outage."""
    port: Any = store
    if isinstance(store, FakeStore):
        port = MetadataStore(port, timeout=5000, retries=RetryPolicy(outlasts, 5000, observer), observer=observer)
    on = extensions().extensions
    registry = Registry(port, limits, observer, checks=checks_of(on), extensions=on)
    await registry.open()
    store.forget()
    return registry


@asynccontextmanager
async def serving(
    store: MemoryStore | FakeStore | None = None,
    *,
    limits: Limits | None = None,
    outlasts: float = 0,
    seconds: float = 10,
    max_body: int = 2**20,
    watcher: Watcher = UNWATCHED,
    max_bodies: int = 2**26,
    max_in_flight: int = 512,
) -> AsyncIterator[Served]:
    """Serves the whole API on a store, by default an empty one in memory; a request may take `seconds`."""
    store = store or MemoryStore()
    registry = await registry_on(store, limits, outlasts=outlasts, observer=watcher.observer)
    api = copy(_compiled())
    api._run = on_registry(lambda: registry, run)
    api._bodies, api._timeout = Bodies(max_body, max_bodies), seconds
    api._free = max_in_flight
    transport = httpx.ASGITransport(app=wrapped(with_shapes(api), AROUND_ALL, watcher.makers))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://test{API}") as client:
        yield Served(client, store, registry, api)
