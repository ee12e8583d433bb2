"""The web UI in a real browser: a server with some models in memory, and contexts of Chromium that allow nothing unexpected."""

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from model_registry_ui import api
from model_registry_ui.application import create
from model_registry_ui.backend import Prefixes
from model_registry_ui.in_process import InProcess
from model_registry_ui.options import Options
from playwright.sync_api import BrowserContext, Page, Request, expect

from companions.ui.tests.browser.registry import fill, fill_aliases
from companions.ui.tests.fake_backend import CATALOG, MCP_CATALOG
from companions.ui.tests.recorded_catalog import with_catalog
from companions.ui.tests.registry import keep_records
from tests.support.browser import browsing
from tests.support.serving import API, serving

Open = Callable[..., AbstractContextManager[Page]]
_WAIT_SECONDS = 120
EXTENSIONS = "/api/model_registry/ext/v1"


@pytest.fixture(scope="module", autouse=True)
def _patient() -> Iterator[None]:
    """A busy machine is no failure: pages wait longer for the API here, and tests for pages."""
    expect.set_options(timeout=_WAIT_SECONDS * 1000)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(api, "SECONDS", str(_WAIT_SECONDS))
        yield


@contextmanager
def serving_ui(prefixes: Prefixes) -> Iterator[str]:
    """Serves the UI of a filled registry in a thread of its own; yields its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    ready, over = threading.Event(), threading.Event()
    port = listening.getsockname()[1]

    async def serve() -> None:
        try:
            await run()
        finally:
            ready.set()

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            await run_in(Path(folder))

    async def run_in(folder: Path) -> None:
        async with serving() as served:
            keep_records(served, folder / "audit.log")
            await fill(served.make)
            await fill_aliases(served.client)
            app = with_catalog(served.client._transport.app)  # type: ignore[attr-defined]
            ui = create(InProcess(app, prefixes), Options(ways=(), page_seconds=_WAIT_SECONDS))
            config = uvicorn.Config(ui, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            running = asyncio.create_task(server.serve(sockets=[listening]))
            ready.set()
            await asyncio.to_thread(over.wait)
            server.should_exit = True
            await running

    thread = threading.Thread(target=asyncio.run, args=[serve()], daemon=True)
    thread.start()
    assert ready.wait(_WAIT_SECONDS)
    assert thread.is_alive(), "the server could not start"
    yield f"http://127.0.0.1:{port}"
    over.set()
    thread.join(_WAIT_SECONDS)
    listening.close()
    assert not thread.is_alive(), "the server did not end"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a server with the UI. It ends with the module: a later test may set the clock, which its event loop reads."""
    with serving_ui(Prefixes(API, EXTENSIONS, CATALOG, MCP_CATALOG)) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[BrowserContext]:
    """A browser; its own context is not used. Skips the test where there is no Chromium.

    It ends with each module: while it runs, its event loop runs too, and tests that are coroutines cannot follow.
    """
    with browsing() as context:
        yield context


@pytest.fixture
def another(address: str) -> Iterator[httpx.Client]:
    """Another user, whose browser sends forms of its own."""
    with httpx.Client(base_url=address, headers={"sec-fetch-site": "same-origin"}) as client:
        yield client


@pytest.fixture
def opened(chromium: BrowserContext, address: str) -> Open:
    """Opens a page of the UI in a fresh context.

    In the end it fails on messages of the console (a breach of the content security policy is one), on faults of the script, and
    on requests to another host. `statuses` are answers with errors that the test expects: Chromium writes a message for each.
    """

    @contextmanager
    def open_(
        path: str, *, theme: str = "light", width: int = 1280, statuses: Sequence[int] = (), **settings: Any
    ) -> Iterator[Page]:
        assert chromium.browser
        size = {"width": width, "height": 900}
        context = chromium.browser.new_context(
            viewport=size,
            color_scheme=theme,
            reduced_motion="reduce",
            base_url=address,
            **settings,  # type: ignore[arg-type]
        )
        context.set_default_timeout(_WAIT_SECONDS * 1000)
        found: list[str] = []
        try:
            page = context.new_page()
            expected = [
                f"error: Failed to load resource: the server responded with a status of {one} " for one in statuses
            ]
            expected.append("info: Autofocus processing was blocked because a document's URL has a fragment")
            page.on("console", lambda message: found.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: found.append(str(error)))
            page.on("request", lambda request: found.extend(_foreign(request, address)))
            page.goto(path)
            yield page
            assert [one for one in found if not one.startswith(tuple(expected))] == []
        finally:
            context.close()

    return open_


def _foreign(request: Request, address: str) -> Iterator[str]:
    if not request.url.startswith((address, "data:")):
        yield f"a request to {request.url}"
