"""The UI as a server of its own: it refuses foreign hosts, leads `/` to the pages, and closes its connections at the end."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_ui.application import create
from model_registry_ui.guards import with_headers
from model_registry_ui.options import Options
from model_registry_ui.remote import Remote

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MISDIRECTED = 421
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")


def serve_remote(remote: Remote, options: Options, hosts: Sequence[str]) -> ASGIApp:
    """Returns the ASGI application of a UI by itself.

    Args:
        remote: The server whose registry it shows.
        options: How the UI is served.
        hosts: Names of this UI, in addition to localhost and the hosts of `options.origins`.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {}
        await remote.close()

    async def to_first_page(_: Request) -> Response:
        return RedirectResponse(f"{options.base}/")

    app = Starlette(routes=[Route("/", to_first_page), Mount("/", create(remote, options))], lifespan=lifespan)
    known = {*_LOOPBACK, *hosts, *(urlsplit(origin).hostname or "" for origin in options.origins)} - {""}
    return with_headers(KnownHosts(BelowRoot(app, options.root_path), known), options)


class BelowRoot:
    """ASGI: serves from `app` what a gateway shows below `root`, whether it removes that from the path or keeps it."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app, self._root = app, root.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if self._root and scope.get("path", "").startswith(f"{self._root}/"):
            scope["path"] = scope["path"].removeprefix(self._root)
        await self._app(scope, receive, send)


class KnownHosts:
    """ASGI: serves requests for one of the names `known` from `app`, and refuses all others.

    A foreign page whose name resolves to this address could read everything otherwise (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, known: set[str]) -> None:
        self._app, self._known = app, {name.lower() for name in known}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http" or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        text = "This UI does not know itself by that host. Start it with --ui-origin if people should reach it so.\n"
        await PlainTextResponse(text, _MISDIRECTED)(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        sent = [value for name, value in scope["headers"] if name == b"host"]
        if len(sent) != 1:
            return False
        found = _HOST.fullmatch(sent[0].decode("latin-1").lower())
        return found is not None and found[1].strip("[]") in self._known


class Peers:
    """Networks of gateways, whose headers say who the user is. Raises `ValueError` for a text that is no network."""

    def __init__(self, written: str) -> None:
        self._networks = [ip_network(part.strip()) for part in written.split(",") if part.strip()]

    def trusts(self, scope: Scope) -> bool:
        """Whether the connection comes from a gateway, by the address of the socket and never by a header."""
        client = scope.get("client")
        try:
            return client is not None and any(ip_address(client[0]) in network for network in self._networks)
        except ValueError:
            return False
