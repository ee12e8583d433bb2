"""The API as ASGI: how it reads bodies, answers unexpected errors, and waits for the store to be open."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from converters._generated.metadata_store_pb2 import Context
from converters.entities import Experiment
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.port import Unavailable
from model_registry_proxy.registry.registry import Limits
from model_registry_proxy.security.bound import BOUND
from tests.support.serving import API, serving


async def pieces(*texts: bytes) -> AsyncIterator[bytes]:
    """A body in pieces, without a Content-Length."""
    for text in texts:
        yield text


async def test_a_body_may_come_in_pieces() -> None:
    async with serving() as served:
        response = await served.client.post("/registered_models", content=pieces(b'{"na', b"", b'me": "m"}'))
        assert (response.status_code, response.json()["name"]) == (201, "m")


@pytest.mark.parametrize("has_length", [True, False])
async def test_a_body_that_is_too_large_is_read_to_its_end_so_that_the_client_sees_the_answer(has_length: bool) -> None:
    sent: list[bytes] = []

    async def noting() -> AsyncIterator[bytes]:
        for _ in range(50):
            sent.append(b" " * 100)
            yield sent[-1]

    async with serving(max_body=1000) as served:
        headers = {"content-length": "5000"} if has_length else {}
        response = await served.client.post("/registered_models", content=noting(), headers=headers)
    assert response.status_code == 413
    assert response.headers["connection"] == "close"
    assert len(sent) == 50


async def test_a_body_of_exactly_the_limit_is_accepted() -> None:
    body = b'{"name": "m"}'
    async with serving(max_body=len(body)) as served:
        assert (await served.client.post("/registered_models", content=body)).status_code == 201
        assert (await served.client.post("/registered_models", content=body + b" ")).status_code == 413


async def test_any_content_type_and_accept_is_accepted() -> None:
    async with serving() as served:
        for number, kind in enumerate(["text/plain", "application/xml", ""]):
            headers = {"content-type": kind, "accept": "text/html"}
            content = f'{{"name": "m{number}"}}'.encode()
            response = await served.client.post("/registered_models", content=content, headers=headers)
            assert response.status_code == 201
            assert response.headers["content-type"] == "application/json; charset=UTF-8"


async def test_an_unexpected_error_is_answered_500_and_only_the_log_has_its_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def surprise(*_: Any) -> Any:
        raise ZeroDivisionError("a secret")

    operation = BOUND["getRegisteredModel"]
    surprising = {**BOUND, "getRegisteredModel": type(operation)(surprise, operation.entity)}
    monkeypatch.setattr("model_registry_proxy.security.running.BOUND", surprising)
    async with serving() as served:
        response = await served.client.get("/registered_models/1")
    assert response.status_code == 500
    assert response.json() == {
        "code": "Internal Server Error",
        "message": "An unexpected failure; the server's log says more.",
    }
    assert "a secret" in caplog.text


async def test_the_text_of_a_store_error_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as served:
        served.store.fail("get", StoreError("disk full"))
        with caplog.at_level(logging.ERROR):
            await served.client.get("/registered_models/1")
    assert f"MLMD failed on GET {API}/registered_models/1: disk full" in caplog.text


async def test_the_reason_of_an_outage_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as served:
        served.store.fail("get", Unavailable("mysql_real_connect failed: errno: 1040"))
        with caplog.at_level(logging.WARNING):
            answer = await served.client.get("/registered_models/1")
    assert answer.status_code == 503
    assert f"MLMD was away on GET {API}/registered_models/1: mysql_real_connect failed: errno: 1040" in caplog.text


async def test_no_call_is_made_before_the_types_are_known() -> None:
    async with serving() as served:
        served.registry._type_ids.clear()
        response = await served.client.get("/registered_models")
        assert response.status_code == 503
        assert not served.store.calls
        assert (await served.client.get("/registered_models?pageSize=x")).status_code == 400


async def test_experiments_are_served_below_one_prefix_and_the_rest_below_both() -> None:
    async with serving() as served:
        for path, status in (("registered_models", 200), ("experiments", 404)):
            url = httpx.URL(f"http://test/api/model_registry/v1/{path}")
            served.client.base_url = httpx.URL("http://test")
            assert (await served.client.get(url)).status_code == status


async def test_the_limits_of_pages_and_scans_are_settings() -> None:
    async with serving(limits=Limits(page=3, scan=100)) as served:
        for number in range(250):
            served.store.write(Context(type_id=served.registry.type_id(Experiment), name=f"e{number:03}"))
        page = (await served.client.get("/experiments", params={"pageSize": 50})).json()
        assert (page["pageSize"], page["size"]) == (3, 3)
        assert (await served.client.get("/experiments")).json() == page
        query = {"filterQuery": "name LIKE '%x' OR name = 'e249'"}
        rows, token, pages = [], "", 0
        while token or not pages:
            page = (
                await served.client.get("/experiments", params={**query, **({"nextPageToken": token} if token else {})})
            ).json()
            rows += page["items"]
            token, pages = page["nextPageToken"], pages + 1
        assert [row["name"] for row in rows] == ["e249"]
        assert pages <= 3
