"""The UI as an ASGI application: routes, guards, errors and static files. It gets the backend from the one that starts it."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from model_registry_ui import errors, guards, static_files
from model_registry_ui.addresses import Addresses
from model_registry_ui.api import TOO_SLOW, Api
from model_registry_ui.backend import Backend, Unreachable
from model_registry_ui.documents import Documents
from model_registry_ui.forms import permission
from model_registry_ui.identity import Identities
from model_registry_ui.options import MOUNT, Options
from model_registry_ui.page_request import PageRequest
from model_registry_ui.routes import ROUTES
from model_registry_ui.routing import PageRoute, paths

BELOW_MODEL = "/models/{id}"
"""Pages below it belong to a model, for which the user may have another role than elsewhere."""
LONGEST_QUERY, MOST_PARAMETERS = 8192, 400
"""Bytes and parameters of an address. A list has a link to itself without each of its filters, so its page grows with both."""
_TOO_MANY_PARAMETERS = (
    f"The address has more than {MOST_PARAMETERS} parameters or {LONGEST_QUERY} bytes of them. Leave some filters out."
)
_SMALLEST_COMPRESSED = 1000
_NOT_FOUND, _TOO_LONG = 404, 414
_GOOD_ID = 128
_ID = re.compile("[0-9]{1,19}")
Endpoint = Callable[[Request], Awaitable[Response]]


def create(backend: Backend, options: Options, routes: Sequence[PageRoute] = ROUTES) -> ASGIApp:
    """Returns the UI.

    Args:
        backend: The way to the registry.
        options: How the UI is served.
        routes: The pages.
    """
    addresses = Addresses(options.base, paths(routes))
    identities = Identities(options.trusts_gateway, options.base)
    documents = Documents()

    def visit(request: Request) -> PageRequest:
        """The page of a request, which its errors share."""
        state = request.scope.setdefault("state", {})
        if isinstance(page := state.get("page"), PageRequest):
            return page
        known = state.get("request_id") or request.headers.get("x-request-id", "")
        request_id = known if _is_usable(known) else secrets.token_hex(16)
        api = Api(backend, identities.caller(request, request_id))
        state["page"] = PageRequest(request, options, addresses, api, documents, request_id)
        return state["page"]  # type: ignore[no-any-return]

    pages = Starlette(
        routes=[
            Route(MOUNT, _to_first_page(options)),
            Route(f"{MOUNT}/static/{{name}}", _static),
            *(Route(MOUNT + route.path, _endpoint(route, visit), methods=_methods(route)) for route in routes),
            Route(f"{MOUNT}/{{path:path}}/", _without_slash(options)),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=_SMALLEST_COMPRESSED)],
        exception_handlers=errors.handlers(visit),
    )
    pages.router.redirect_slashes = False  # Starlette would lead to the host and the path that it sees behind a gateway
    return guards.with_headers(pages, options)


def _methods(route: PageRoute) -> list[str]:
    return ["GET", "POST"] if route.change else ["GET"]


def _endpoint(route: PageRoute, visit: Callable[[Request], PageRequest]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        page = visit(request)
        request.scope["state"]["operation"] = f"ui.{route.name}"
        if not _ID.fullmatch(str(request.path_params.get("id", "0"))):  # it becomes part of paths and filters
            raise HTTPException(_NOT_FOUND)
        query = request.scope["query_string"]
        if len(query) > LONGEST_QUERY or query.count(b"&") >= MOST_PARAMETERS:
            raise HTTPException(_TOO_LONG, _TOO_MANY_PARAMETERS)
        model_id = request.path_params.get("id", "") if route.path.startswith(BELOW_MODEL) else ""
        if not route.is_public:
            page.begin(model_id)
        if request.method != "POST" or route.change is None:
            return await _shown_in_time(route, page)
        if reason := guards.refusal(request.scope, page.options):
            return await errors.forged(page, reason)
        page.keeps_form = not route.is_public
        page.api.ends_in(page.options.page_seconds)
        if not (route.is_public or route.is_for_readers):
            await permission.require_writer(page, model_id)
        return await route.change(page)

    return endpoint


async def _shown_in_time(route: PageRoute, page: PageRequest) -> Response:
    """What a page answers. A registry that hangs holds it for a limited time; the rows of a CSV file come after that."""
    try:
        async with asyncio.timeout(page.options.page_seconds):
            return await route.show(page)
    except TimeoutError:
        page.stop_waiting()
        raise Unreachable(TOO_SLOW) from None


def _to_first_page(options: Options) -> Endpoint:
    async def redirect(_: Request) -> Response:
        return RedirectResponse(options.base + "/")

    return redirect


def _without_slash(options: Options) -> Endpoint:
    """Leads from an address with a slash at its end to the page, by an address without a host."""

    async def redirect(request: Request) -> Response:
        path = quote(request.path_params["path"].rstrip("/"))
        query = request.url.query
        return RedirectResponse(f"{options.base}/{path}{f'?{query}' if query else ''}")

    return redirect


async def _static(request: Request) -> Response:
    request.scope.setdefault("state", {})["operation"] = "ui.static"
    file = static_files.served().get(request.path_params["name"])
    return file.response() if file else PlainTextResponse("There is no such file.", _NOT_FOUND)


def _is_usable(request_id: str) -> bool:
    return 0 < len(request_id) <= _GOOD_ID and request_id.isascii() and request_id.isprintable()
