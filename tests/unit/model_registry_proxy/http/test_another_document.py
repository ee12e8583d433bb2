"""The HTTP and contract wings serve a document that is not the registry's, with functions that it brings."""

from http import HTTPStatus

import httpx
import pytest
from starlette.types import Scope

from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import NotFound
from model_registry_proxy.http.api import Answer, Api
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.dispatch import Application
from model_registry_proxy.http.health import Health
from model_registry_proxy.http.pages import pages

DOCUMENT = """
openapi: 3.1.0
info: {title: Sources, version: "1"}
servers: [{url: /api/sources}, {url: /api/catalog/v1/sources}]
paths:
  /shelves/{id}:
    get:
      operationId: getShelf
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
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
