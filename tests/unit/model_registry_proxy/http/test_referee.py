"""The referee passes answers that fit the document, and turns every other answer into a 500 with the reason."""

import logging
import sys
from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.http.referee import Referee
from model_registry_proxy.serving.app import build
from tests.support.document import content, contract

API = "/api/model_registry/v1alpha3"
EXAMPLES = content()["components"]["responses"]
JSON = {"content-type": "application/json; charset=UTF-8", "etag": '"x"'}
ERROR = {"code": "x", "message": "y"}


def example(name: str) -> dict[str, Any]:
    """The example of a response in the document."""
    content: dict[str, Any] = EXAMPLES[name]["content"]["application/json"]["example"]
    return content


MODEL, MODELS, ARTIFACT = (
    example("RegisteredModelResponse"),
    example("RegisteredModelListResponse"),
    example("ArtifactResponse"),
)


async def _nothing(_: Scope, __: Receive, ___: Send) -> None:
    """Takes the place of an application."""


@cache
def _compiled() -> Referee:
    return Referee(_nothing, contract())


def referee(app: ASGIApp) -> Referee:
    """A referee before `app`. Reading the document for it takes long, so that is done once."""
    made = copy(_compiled())
    made._app = app
    return made


async def judged(
    method: str, path: str, status: int, content: Any, headers: Mapping[str, str] = JSON
) -> httpx.Response:
    """The answer of the referee, if the application behind it gives this one."""

    async def planted(_: Scope, __: Receive, send: Send) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        body = orjson.dumps(content)
        await send({"type": "http.response.body", "body": body[:5], "more_body": True})
        await send({"type": "http.response.body", "body": body[5:]})

    transport = httpx.ASGITransport(app=referee(planted))
    async with httpx.AsyncClient(transport=transport, base_url="http://test" + API) as client:
        return await client.request(method, path)


async def test_a_304_passes_unchanged() -> None:
    async def planted(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", b'"x"')]})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(app=referee(planted))
    async with httpx.AsyncClient(transport=transport, base_url="http://test" + API) as client:
        response = await client.get("/registered_models/7")
    assert (response.status_code, response.headers["etag"]) == (304, '"x"')


RIGHT = {
    "an entity": ("GET", "/registered_models/7", 200, MODEL),
    "an entity that was made": ("POST", "/registered_models", 201, MODEL),
    "a list": ("GET", "/registered_models", 200, MODELS),
    "a kind of artifact": ("GET", "/artifacts/7", 200, ARTIFACT),
    "a failure": ("GET", "/registered_models/7", 404, ERROR),
    "no such path": ("GET", "/nothing", 404, ERROR),
    "no such id": ("GET", "/registered_models/x", 400, ERROR),
}


@pytest.mark.parametrize("case", RIGHT)
async def test_an_answer_that_fits_the_document_passes_unchanged(case: str) -> None:
    method, path, status, content = RIGHT[case]
    response = await judged(method, path, status, content)
    assert (response.status_code, response.json()) == (status, content)
    assert response.headers["content-type"] == JSON["content-type"]


WRONG: dict[str, tuple[str, str, int, Any, Mapping[str, str], str]] = {
    "a number for a text": ("GET", "/registered_models/7", 200, {**MODEL, "id": 7}, JSON, "id: 7 is not of type"),
    "an unknown state": ("GET", "/registered_models/7", 200, {**MODEL, "state": "X"}, JSON, "state: 'X' is not one of"),
    "a null": ("GET", "/registered_models/7", 200, {**MODEL, "owner": None}, JSON, "owner is null"),
    "a wrong item": ("GET", "/registered_models", 200, {**MODELS, "items": [{"name": 1}]}, JSON, "items.0.name"),
    "a list without its items": ("GET", "/registered_models", 200, {"size": 0}, JSON, "'items' is a required"),
    "an entity for a list": ("GET", "/registered_models", 200, MODEL, JSON, "required"),
    "no kind of artifact": ("GET", "/artifacts/7", 200, {"id": "7"}, JSON, "artifactType"),
    "another kind of artifact": ("GET", "/artifacts/7", 200, {"artifactType": "song"}, JSON, "song"),
    "a status that is not documented": ("GET", "/registered_models/7", 201, MODEL, JSON, "status: 201"),
    "a failure that is not documented": ("GET", "/registered_models", 409, ERROR, JSON, "status: 409"),
    "a failure without its message": (
        "GET",
        "/registered_models/7",
        404,
        {"code": "x"},
        JSON,
        "'message' is a required",
    ),
    "another type of content": (
        "GET",
        "/registered_models/7",
        200,
        MODEL,
        {"content-type": "text/plain"},
        "text/plain",
    ),
    "no type of content": ("GET", "/registered_models/7", 200, MODEL, {}, "mimetype"),
    "an outage without Retry-After": ("GET", "/registered_models/7", 503, ERROR, JSON, "Retry-After"),
    "a refused method without Allow": ("DELETE", "/registered_models/7", 405, ERROR, JSON, "Allow"),
    "an answer where nothing is": ("GET", "/nothing", 200, MODEL, JSON, "answered 200 instead of 404"),
    "a missing path that exists": ("GET", "/registered_models", 404, ERROR, JSON, "status: 404"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_any_other_answer_is_logged_and_becomes_a_500_with_the_reason(
    case: str, caplog: pytest.LogCaptureFixture
) -> None:
    method, path, status, content, headers, reason = WRONG[case]
    with caplog.at_level(logging.ERROR):
        response = await judged(method, path, status, content, headers)
    assert response.status_code == 500
    assert response.json()["code"] == "Internal Server Error"
    message = response.json()["message"]
    assert message.startswith("The answer did not fit the document: ")
    assert reason in message
    assert f"answered {status}" in message
    (logged,) = caplog.messages
    assert f"{method} {API}{path}" in logged
    assert reason in logged


@pytest.mark.parametrize("is_on", [True, False])
def test_it_is_not_imported_unless_it_is_switched_on(is_on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "model_registry_proxy.http.referee")
    build(Settings(validate_responses=is_on), "localhost:1", lambda _: None)
    assert ("model_registry_proxy.http.referee" in sys.modules) == is_on
