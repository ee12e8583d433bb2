"""Requests to the extensions, whose answers are checked by their document."""

from functools import cache
from typing import Any

import httpx

from model_registry_proxy.http.referee import Referee
from tests.support.document import extensions
from tests.support.serving import EXTENSIONS

Json = dict[str, Any]


@cache
def _referee() -> Referee:
    async def nothing(*_: Any) -> None: ...

    return Referee(nothing, extensions())


async def send(client: httpx.AsyncClient, path: str, **query: Any) -> httpx.Response:
    """Sends a GET below the prefix of the extensions; the answer, also a failure, must fit the document."""
    response = await client.get(f"{EXTENSIONS}{path}", params=query)
    messages = [
        {"type": "http.response.start", "status": response.status_code, "headers": response.headers.raw},
        {"type": "http.response.body", "body": response.content},
    ]
    assert list(_referee().objections("GET", response.request.url.path, messages)) == []
    return response


async def ask(client: httpx.AsyncClient, path: str, **query: Any) -> Json:
    """The answer to a GET that must succeed."""
    response = await send(client, path, **query)
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def refusal(client: httpx.AsyncClient, path: str, **query: Any) -> tuple[int, str]:
    """The status and the message of a GET that must fail."""
    response = await send(client, path, **query)
    return response.status_code, response.json()["message"]
