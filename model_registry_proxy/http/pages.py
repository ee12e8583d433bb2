"""Pages for browsers: the document as JSON and YAML, a page that explains it, and answers 404 as JSON."""

import html
import importlib.util
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from model_registry_proxy.contract.document import Contract
from model_registry_proxy.http.responses import JSON

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TITLE API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});
"""


def pages(contract: Contract, lifespan: Any) -> Starlette:
    """A small application next to the API. It also gets the lifespan of the process, which `lifespan` serves."""
    as_json = orjson.dumps(contract.content)
    page = _PAGE.replace("TITLE", html.escape(contract.content["info"]["title"]))

    async def document_as_json(_: Request) -> Response:
        return Response(as_json, media_type="application/json")

    async def document_as_yaml(_: Request) -> Response:
        return Response(contract.text, media_type="application/yaml")

    async def docs(_: Request) -> Response:
        return HTMLResponse(page)

    async def root(_: Request) -> Response:
        return RedirectResponse("docs")

    async def start(_: Request) -> Response:
        return Response(_START, media_type="text/javascript")

    return Starlette(
        routes=[
            Route("/", root),
            Route("/docs", docs),
            Route("/docs/start.js", start),
            Mount("/docs/assets", StaticFiles(directory=_swagger_ui())),
            Route("/openapi.json", document_as_json),
            Route("/openapi.yaml", document_as_yaml),
        ],
        exception_handlers={HTTPException: _in_json},
        lifespan=lifespan,
    )


def _swagger_ui() -> Path:
    """The folder with the files of Swagger UI, found without importing the package."""
    spec = importlib.util.find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise RuntimeError("The package swagger-ui-py is not installed.")
    return Path(spec.origin).parent / "static"


async def _in_json(request: Request, error: Exception) -> Response:
    status = HTTPStatus(getattr(error, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR))
    message = {
        HTTPStatus.NOT_FOUND: f"Nothing is served at {request.url.path[:200]}; /docs lists the paths.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not allowed here.",
    }.get(status, status.phrase)
    body = orjson.dumps({"code": status.phrase, "message": message})
    return Response(body, status, getattr(error, "headers", None), media_type=JSON.decode())
