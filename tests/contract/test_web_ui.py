"""The web UI shows the same pages in the server's process and before any other server of the API."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from model_registry_client.entities import RegisteredModel
from model_registry_ui.api import Api, ApiError
from model_registry_ui.application import create
from model_registry_ui.backend import Backend, Caller, Prefixes
from model_registry_ui.in_process import InProcess
from model_registry_ui.options import Options
from model_registry_ui.remote import Remote
from starlette.types import Receive, Scope, Send

from companions.ui.tests.browser.registry import IDS, PAGES, fill, fill_aliases
from companions.ui.tests.fake_backend import CATALOG, EXTENSIONS, MCP_CATALOG
from companions.ui.tests.recorded_catalog import with_catalog
from model_registry_proxy.http.responses import send_json
from tests.support.serving import API, Served, serving

BASE = "http://localhost:8080"
NEWER = "/api/model_registry/v1"


@pytest.fixture
async def registry() -> AsyncIterator[Served]:
    """The API on a store in memory that is filled."""
    async with serving() as served:
        await fill(served.make)
        await fill_aliases(served.client)
        yield served


def application(served: Served) -> Any:
    """The API as an ASGI application."""
    return served.client._transport.app  # type: ignore[attr-defined]


@asynccontextmanager
async def showing(backend: Backend, **options: Any) -> AsyncIterator[Callable[[str], Any]]:
    """Gets pages of a UI on a backend, without what differs with each request."""
    transport = httpx.ASGITransport(app=create(backend, Options(**options)))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:

        async def get(path: str) -> tuple[int, str]:
            answer = await client.get(path)
            return answer.status_code, re.sub(r"<code>[0-9a-f]{32}</code>", "", answer.text)

        yield get


def before(app: Any) -> Remote:
    """The backend of a UI that runs elsewhere."""
    return Remote("http://registry", transport=httpx.ASGITransport(app=app))


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_the_same_in_process_and_standalone(registry: Served, name: str) -> None:
    app = with_catalog(application(registry), extensions=EXTENSIONS)
    path = PAGES[name].format(**IDS)
    async with (
        showing(InProcess(app, Prefixes(API, EXTENSIONS, CATALOG, MCP_CATALOG))) as within,
        showing(before(app)) as elsewhere,
    ):
        mounted, standalone = await within(path), await elsewhere(path)
    assert mounted == standalone
    assert mounted[0] == 200


def only_newer(app: Any) -> Any:
    """A server that has only the newer prefix, which lacks experiments."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(API):
            await send_json(send, 404, {"code": "Not Found", "message": "page not found"})
        else:
            await app(scope, receive, send)

    return serve


@pytest.mark.parametrize("name", ["overview", "models", "model", "version", "use", "search", "about"])
async def test_a_page_needs_nothing_but_the_newer_prefix(registry: Served, name: str) -> None:
    asked: list[str] = []
    app = application(registry)

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await app(scope, receive, send)

    async with showing(before(only_newer(noting)), server="http://registry") as get:
        status, text = await get(PAGES[name].format(**IDS))
    assert status == 200
    assert "http://registry" in text
    assert [path for path in asked if "experiment" in path] == []
    assert any(path.startswith(f"{NEWER}/") for path in asked)


def without_filters(app: Any) -> Any:
    """A server that refuses every filter."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if b"filterQuery" in scope["query_string"]:
            await send_json(send, 400, {"code": "Bad Request", "message": "filterQuery is not known here"})
        else:
            await app(scope, receive, send)

    return serve


@pytest.mark.parametrize("name", ["overview", "models", "model", "versions", "version", "artifacts", "search"])
async def test_a_page_needs_no_filters(registry: Served, name: str) -> None:
    async with showing(before(without_filters(application(registry)))) as get:
        status, text = await get(PAGES[name].format(**IDS))
    assert status == 200
    assert name != "models" or "filterQuery is not known here" in text


async def test_a_server_that_is_none_is_said_to_be_none() -> None:
    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        await send_json(send, 404, {})

    async with showing(before(other)) as get:
        status, text = await get("/ui/models")
    assert status == 503
    assert "has no model registry API" in text


async def test_a_change_goes_with_the_mark_of_what_was_read(registry: Served) -> None:

    for backend in (InProcess(application(registry), Prefixes(API)), before(application(registry))):
        api = Api(backend, Caller())
        read = await api.get(RegisteredModel, IDS["model"])
        changed = await api.change(RegisteredModel, read.entity.id, {"description": f"by {backend}"}, read.mark)
        assert changed.mark != read.mark
        with pytest.raises(ApiError) as refused:
            await api.change(RegisteredModel, read.entity.id, {"description": "late"}, read.mark)
        assert refused.value.has_changed


async def test_without_etags_a_change_reads_again_and_compares_the_time(registry: Served) -> None:

    app = application(registry)

    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        async def strip(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != b"etag"]
            await send(message)

        await app(scope, receive, strip)

    api = Api(before(bare), Caller())
    read = await api.get(RegisteredModel, IDS["model"])
    assert read.is_weak
    await registry.client.patch(f"/registered_models/{read.entity.id}", json={"owner": "eve"})
    with pytest.raises(ApiError) as refused:
        await api.change(RegisteredModel, read.entity.id, {"description": "late"}, read.mark)
    assert refused.value.has_changed
    again = await api.get(RegisteredModel, IDS["model"])
    await api.change(RegisteredModel, read.entity.id, {"description": "now"}, again.mark)
    assert (await api.get(RegisteredModel, IDS["model"])).entity.owner == "eve"
