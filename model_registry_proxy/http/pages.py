"""Pages next to the API: each document as JSON and YAML, a page that explains it, what is served where, and answers 404 as JSON."""

import html
import importlib.util
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from model_registry_proxy.contract.document import Contract, JsonObject
from model_registry_proxy.errors import UnknownPath
from model_registry_proxy.http.discovery import PATH
from model_registry_proxy.http.responses import JSON, TEXT, of_error_in_short

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TITLE API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="ROOTdocs/assets/swagger-ui.css">
</head>
<body>
LINKS<div id="swagger-ui" data-document="ROOTDOCUMENT"></div>
<script src="ROOTdocs/assets/swagger-ui-bundle.js"></script>
<script src="ROOTdocs/start.js"></script>
</body>
</html>
"""
_START = """const url = document.getElementById("swagger-ui").dataset.document;
SwaggerUIBundle({url, dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});
"""
# With the classes of Swagger UI, so that it has the style of the page.
_NAVIGATION = """<nav class="swagger-ui"><div class="wrapper"><div class="markdown"><p>LINKS</p></div></div></nav>
"""
Documents = Mapping[str, Contract]
"""The documents by their names; that of the main one is empty."""


def pages(
    documents: Documents, discovery: JsonObject, lifespan: Any, *, ui: str | None = None, is_short: bool = False
) -> Starlette:
    """A small application next to the API. It also gets the lifespan of the process, which `lifespan` serves.

    The main document is at `/openapi.json`, `/openapi.yaml` and `/docs`, one named `x` at `/openapi/x.json` and so on.
    `discovery` is what `discovery.py` has made. `ui` is where `/` leads browsers, relative to it; all other clients are led to
    the documentation. `is_short`: `/` has no page, and paths that do not exist are answered in short (`of_error_in_short`).
    """

    async def root(request: Request) -> Response:
        is_browser = "text/html" in request.headers.get("accept", "")
        return RedirectResponse(ui if ui and is_browser else "docs", headers={"vary": "Accept"})

    async def start(_: Request) -> Response:
        return Response(_START, media_type="text/javascript")

    return Starlette(
        routes=[
            *([] if is_short else [Route("/", root)]),
            Route("/docs/start.js", start),
            Mount("/docs/assets", StaticFiles(directory=_swagger_ui())),
            *(route for name in documents for route in _of_document(documents, name)),
            _fixed(PATH, orjson.dumps(discovery), "application/json"),
        ],
        exception_handlers={HTTPException: _in_short if is_short else _in_json},
        lifespan=lifespan,
    )


def _of_document(documents: Documents, name: str) -> Iterator[Route]:
    """The pages of one document."""
    contract = documents[name]
    below = f"/{name}" if name else ""
    yield _fixed(f"/openapi{below}.json", orjson.dumps(contract.content), "application/json")

    def yaml(
        _: Request,
    ) -> Response:  # in a thread: the text of a large document takes a tenth of a second the first time
        return Response(contract.text, media_type="application/yaml")

    yield Route(f"/openapi{below}.yaml", yaml)
    yield _fixed(f"/docs{below}", _explained(documents, name).encode(), "text/html")


def _explained(documents: Documents, name: str) -> str:
    """The page that explains a document, with links to the pages of the others."""
    root = "../" if name else ""
    titles = {each: html.escape(contract.content["info"]["title"]) for each, contract in documents.items()}
    links = " · ".join(
        title if each == name else f'<a href="{root}docs{"/" + each if each else ""}">{title}</a>'
        for each, title in titles.items()
    )
    values = {
        "TITLE": titles[name],
        "LINKS": _NAVIGATION.replace("LINKS", links) if len(documents) > 1 else "",
        "DOCUMENT": f"openapi{'/' + name if name else ''}.json",
        "ROOT": root,
    }
    page = _PAGE
    for word, value in values.items():
        page = page.replace(word, value)
    return page


def _fixed(path: str, content: bytes, media_type: str) -> Route:
    """A page that never changes."""

    async def answer(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return Route(path, answer)


def _swagger_ui() -> Path:
    """The folder with the files of Swagger UI, found without importing the package."""
    spec = importlib.util.find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package swagger-ui-py is not installed.")
    return Path(spec.origin).parent / "static"


async def _in_short(request: Request, error: Exception) -> Response:
    if getattr(error, "status_code", None) == HTTPStatus.NOT_FOUND:
        answer = of_error_in_short(UnknownPath(""))
        return Response(answer.body, answer.status, media_type=TEXT.decode())
    return await _in_json(request, error)


async def _in_json(request: Request, error: Exception) -> Response:
    status = HTTPStatus(getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR))
    message = {
        HTTPStatus.NOT_FOUND: f"Nothing is served at {request.url.path[:200]}; /docs lists the paths.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not allowed here.",
    }.get(status, status.phrase)
    body = orjson.dumps({"code": status.phrase, "message": message})
    return Response(body, status, getattr(error, "headers", None), media_type=JSON.decode())
