"""The referee: holds every answer of the API against the document, with openapi-core. A test switch brings it in.

It judges by another library than the one that the validators are made with, so that neither covers for the other.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from werkzeug.datastructures import Headers

from model_registry_proxy.contract.document import Contract, Described
from model_registry_proxy.contract.routes import Router
from model_registry_proxy.errors import RegistryError
from model_registry_proxy.http.responses import send_error

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Question:
    """What openapi-core wants to know of a request to find its operation."""

    method: str
    path: str
    host_url: str = "http://localhost"
    content_type: str = ""
    body: bytes | None = None
    parameters: RequestParameters = field(default_factory=RequestParameters)


@dataclass(slots=True)
class _Answer:
    """A response as openapi-core reads it."""

    status_code: int
    headers: Headers
    data: bytes

    @property
    def content_type(self) -> str:
        """In lower case, as its protocol asks."""
        return (self.headers.get("content-type") or "").lower()


class Referee:
    """ASGI: serves from `app`, whose answers must be such as the document describes; any other becomes a 500."""

    def __init__(self, app: ASGIApp, contract: Contract) -> None:
        self._app = app
        self._router = Router(contract)
        self._described = list(contract.operations)
        self._document = OpenAPI.from_dict(contract.content)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        for reason in self.objections(scope["method"], scope["path"], messages):
            _log.error("%s %s: the answer does not fit the document: %s", scope["method"], scope["path"], reason)
            await send_error(send, RegistryError(f"The answer did not fit the document: {reason}"))
            return
        for message in messages:
            await send(message)

    def objections(self, method: str, path: str, messages: list[Message]) -> Iterator[str]:
        """What is wrong with the ASGI messages that answer a request; each reason names operation and status."""
        start, *rest = messages
        headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]])
        answer = _Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))
        described, refusal = self._operation(method, path)
        said = f"{'no operation' if refusal else described.operation_id} answered {answer.status_code}"
        if refusal and answer.status_code != refusal:
            yield f"{said} instead of {refusal}"
        asked = _Question(described.method.lower(), described.prefixes[0] + described.path)
        for error in self._document.iter_response_errors(asked, answer):
            yield f"{said}: {_words(error)}"
        for place in _nulls(answer.data):
            yield f"{said}: {place} is null"

    def _operation(self, method: str, path: str) -> tuple[Described, int | None]:
        """The operation that is asked; where there is none, one that documents the status which tells so."""
        try:
            return self._router.find(method, path)[0].described, None
        except RegistryError as error:
            status = int(error.status)
            return next(described for described in self._described if status in described.statuses), status


def _nulls(data: bytes) -> Iterator[str]:
    """Where a JSON body holds null: schemas allow it for the sake of requests, and answers never have it."""
    todo: list[tuple[str, Any]] = [("", orjson.loads(data) if data else {})]
    while todo:
        place, value = todo.pop()
        if value is None:
            yield place or "the body"
        elif isinstance(value, dict | list):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            todo.extend((f"{place}.{key}" if place else str(key), part) for key, part in parts)


def _words(error: BaseException) -> str:
    """The error; one of the schema without the whole body, but with the places in it."""
    details: Any = getattr(error.__cause__, "schema_errors", ())
    found = "; ".join(
        f"{'.'.join(map(str, detail.absolute_path)) or 'the body'}: {detail.message}" for detail in details
    )
    return found[:500] or str(error) or type(error).__name__
