"""CORS where pages of all origins may read: they may send GET, and nothing else."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from model_registry_proxy.http.cors import Cors
from model_registry_proxy.http.origins import Origins
from model_registry_proxy.http.responses import send_json


async def app(_: Scope, __: Receive, send: Send) -> None:
    await send_json(send, 200, {})


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A client of an application that all origins may read."""
    served = Cors(app, Origins((), lambda _: False), lets_all_read=True)
    return httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://test")


async def test_a_page_of_any_origin_may_read(client: httpx.AsyncClient) -> None:
    asked = {"Origin": "http://other.test", "Access-Control-Request-Method": "GET"}
    allowed = await client.options("/", headers=asked)
    assert (allowed.status_code, allowed.content) == (200, b"")
    assert allowed.headers["access-control-allow-origin"] == "http://other.test"
    assert allowed.headers["access-control-allow-methods"] == "GET"
    read = await client.get("/", headers={"Origin": "http://other.test"})
    assert read.headers["access-control-allow-origin"] == "http://other.test"
    assert "access-control-allow-credentials" not in read.headers


async def test_no_page_of_another_origin_may_ask_for_other_methods(client: httpx.AsyncClient) -> None:
    asked = {"Origin": "http://other.test", "Access-Control-Request-Method": "POST"}
    assert (await client.options("/", headers=asked)).status_code == 400
