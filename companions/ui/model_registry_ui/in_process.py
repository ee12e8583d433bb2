"""The backend of a UI that is part of a server: each call is a request to the server's own ASGI application.

It passes through authentication, policy and audit like a request from outside, but needs no socket.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from model_registry_ui.backend import Answer, Caller, Prefixes, Question

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Application = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


class InProcess:
    """Calls an ASGI application that serves the API below `prefixes`."""

    def __init__(self, application: Application, prefixes: Prefixes) -> None:
        self._application, self._prefixes = application, prefixes

    async def prefixes(self) -> Prefixes:
        """Returns the prefixes that the server has named."""
        return self._prefixes

    def known_prefixes(self) -> Prefixes:
        """Returns the same."""
        return self._prefixes

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Returns the application's answer."""
        exchange = _Exchange(question.body)
        await self._application(_scope(question, caller), exchange.receive, exchange.send)
        return Answer(exchange.status, b"".join(exchange.parts), exchange.headers)


def _scope(question: Question, caller: Caller) -> Scope:
    """The ASGI scope of a call. `client` is that of the browser: trust in gateways and the audit log depend on it."""
    headers = [*caller.headers, *question.headers, ("content-length", str(len(question.body)))]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": question.method,
        "scheme": "http",
        "path": unquote(question.path),
        "raw_path": question.path.encode(),
        "query_string": question.query.encode(),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers],
        "client": caller.client,
        "server": None,
        "state": {"request_id": caller.request_id} if caller.request_id else {},
    }


class _Exchange:
    """Both directions of one call."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.status = 0
        self.headers: dict[str, str] = {}
        self.parts: list[bytes] = []

    async def receive(self) -> Message:
        """Yields the whole body; a further message never comes, because nothing disconnects."""
        if self._body is None:
            await asyncio.get_running_loop().create_future()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Keeps a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        else:
            self.parts.append(message.get("body", b""))
