"""The id of each request in its answer and in the log, and a line in the log at its end."""

import asyncio
import logging
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from model_registry_proxy.observability.access_log import AccessLog
from model_registry_proxy.observability.logs import REQUEST
from model_registry_proxy.observability.request_ids import RequestIds
from tests.support.serving import API, EXTENSIONS, serving

_log = logging.getLogger("some")


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers the id of its request."""
    scope["state"]["operation"] = "getSomething"
    await asyncio.sleep(0)
    await send({"type": "http.response.start", "status": 418, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": REQUEST.get().encode()})


def client() -> httpx.AsyncClient:
    app = RequestIds(AccessLog(answering))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def test_every_answer_has_the_id_that_the_log_has() -> None:
    async with client() as http:
        sent = await http.get("/", headers={"X-Request-Id": "mine"})
        made = [await http.get("/") for _ in range(2)]
    assert sent.headers["x-request-id"] == sent.text == "mine"
    assert sent.headers["x-own"] == "1"
    assert made[0].headers["x-request-id"] == made[0].text != made[1].text


async def test_requests_at_the_same_time_keep_their_own_ids() -> None:
    async with client() as http:
        answers = await asyncio.gather(*(http.get("/", headers={"X-Request-Id": f"r{n}"}) for n in range(20)))
    assert [answer.text for answer in answers] == [f"r{n}" for n in range(20)]


async def test_a_line_names_the_operation_of_each_document(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with serving() as served:
            transport = httpx.ASGITransport(app=RequestIds(AccessLog(served.api)))
            async with httpx.AsyncClient(transport=transport) as http:
                for url in (f"http://test{API}/registered_models", f"{EXTENSIONS}/whoami"):
                    await http.get(url)
    lines: list[Any] = [entry for entry in caplog.records if entry.name == "model_registry_proxy.access"]
    assert [line.facts["operation"] for line in lines] == ["getRegisteredModels", "getIdentity"]


async def test_a_line_has_the_request_its_status_and_its_duration(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with client() as http:
            await http.get("/a/b?c=d")
    (line,) = [entry for entry in caplog.records if entry.name == "model_registry_proxy.access"]
    assert line.getMessage().startswith("GET /a/b 418 ")
    facts: dict[str, Any] = line.facts  # type: ignore[attr-defined]
    assert facts.pop("duration_ms") >= 0
    assert facts == {"method": "GET", "path": "/a/b", "status": 418, "operation": "getSomething"}
