"""The HTTP and contract wings serve a document that is not the registry's, with functions that it brings."""

from http import HTTPStatus

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import NotFound
from model_registry_proxy.http.api import Answer, Api
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.dispatch import Application
from model_registry_proxy.http.health import Health
from model_registry_proxy.http.pages import pages
from model_registry_proxy.http.responses import of_error_in_short, send_json

DOCUMENT = """
openapi: 3.1.0
info: {title: Sources, version: "1"}
servers: [{url: /api/sources}, {url: /api/catalog/v1/sources}]
paths:
  /shelves/{id}:
    get:
      operationId: getShelf
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: int64}}
        - {name: size, in: query, schema: {type: integer, minimum: 1}}
      responses: {"200": {description: The shelf.}, "404": {description: None.}}
"""
CONTRACT = Contract(DOCUMENT)


async def run(_: Scope, call: Call) -> Answer:
    if call.ids != (7,):
        raise NotFound(f"No shelf has id {call.ids[0]}.")
    return HTTPStatus.OK, {"id": "7", "size": call.query.get("size", 1)}


async def one() -> int:
    return 1


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A client of a server of that document."""
    api = Api([CONTRACT], run, bodies=Bodies(100, 100), timeout=5)
    app = Application(api, pages({"": CONTRACT}, {}, None), Health(lambda: True, {"shelves": one}))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.mark.parametrize("prefix", ["/api/sources", "/api/catalog/v1/sources"])
async def test_an_operation_is_served_below_each_prefix_whatever_its_length(
    client: httpx.AsyncClient, prefix: str
) -> None:
    response = await client.get(f"{prefix}/shelves/7", params={"size": 3})
    assert (response.status_code, response.json()) == (200, {"id": "7", "size": 3})
    assert (await client.get(f"{prefix}/shelves/8")).json()["message"] == "No shelf has id 8."
    assert (await client.get(f"{prefix}/shelves/7", params={"size": 0})).status_code == 400
    assert (await client.get(f"{prefix}/other")).status_code == 404


async def test_health_lists_what_it_is_given(client: httpx.AsyncClient) -> None:
    checks = (await client.get("/readyz/health", params={"format": "json"})).json()["checks"]
    assert checks["model-registry"]["Details"] == {
        "shelves_accessible": True,
        "shelves_count": 1,
        "total_resources_checked": 1,
    }


async def test_the_page_has_the_title_of_the_document(client: httpx.AsyncClient) -> None:
    assert "<title>Sources API</title>" in (await client.get("/docs")).text


async def test_json_that_is_written_already_is_sent_as_it_is_with_its_tag() -> None:
    async def written(_: Scope, __: Call) -> Answer:
        return HTTPStatus.OK, b'{"b":1,"a":2}'

    api = Api([CONTRACT], written, bodies=Bodies(100, 100), timeout=5)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://test/api/sources") as client:
        first = await client.get("/shelves/7")
        assert (first.content, first.headers["content-type"]) == (b'{"b":1,"a":2}', "application/json; charset=UTF-8")
        again = await client.get("/shelves/7", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_unknown_paths_and_methods_may_be_answered_in_short() -> None:
    api = Api([CONTRACT], run, bodies=Bodies(100, 100), timeout=5, of_error=of_error_in_short)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://test/api/sources") as client:
        unknown = await client.get("/nothing")
        assert (unknown.status_code, unknown.text) == (404, "404 page not found\n")
        refused = await client.delete("/shelves/7")
        assert (refused.status_code, refused.content, refused.headers["allow"]) == (405, b"", "GET")
        assert (await client.get("/shelves/8")).json()["message"] == "No shelf has id 8."


async def test_another_api_has_paths_of_its_own() -> None:
    async def other(scope: Scope, _: Receive, send: Send) -> None:
        await send_json(send, HTTPStatus.OK, {"path": scope["path"]})

    api = Api([CONTRACT], run, bodies=Bodies(100, 100), timeout=5)
    health = Health(lambda: True, {})
    app = Application(api, pages({"": CONTRACT}, {}, None), health, others={"/api/other/": other})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/api/other/x")).json() == {"path": "/api/other/x"}
        assert (await client.get("/api/sources/shelves/7")).status_code == 200


async def test_readiness_of_all_waits_for_the_catalog() -> None:
    missing: list[str | None] = ["Not read yet: a."]
    health = Health(lambda: True, {}, lambda: missing[0])
    app = Application(no_api, no_api, health)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        waiting = await client.get("/readyz")
        assert (waiting.status_code, waiting.text) == (503, "Not read yet: a.")
        assert (await client.get("/readyz/health")).status_code == 200
        missing[0] = None
        assert (await client.get("/readyz")).text == "OK"
        assert (await client.head("/readyz")).status_code == 200
        assert (await client.get("/readyz", params={"format": "json"})).json()["checks"]["model-catalog"][
            "Status"
        ] == "pass"


async def no_api(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError(scope, receive, send)
