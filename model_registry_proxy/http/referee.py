"""The referee: checks every answer of the API by the document, with openapi-core. Only tests switch it on.

It uses another library than the validators of requests, so that one library finds the faults of the other.
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
    """A request as openapi-core needs it to find the operation."""

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
        """The content type in lower case, as openapi-core expects it."""
        return (self.headers.get("content-type") or "").lower()


class Referee:
    """ASGI: serves from `app`. An answer that does not fit its document becomes a 500."""

    def __init__(self, app: ASGIApp, *contracts: Contract) -> None:
        self._app = app
        self._router = Router(*contracts)
        self._may_have_nulls = any(contract.content.get("x-answers-have-nulls") for contract in contracts)
        self._described: list[Described] = []
        self._document_of: dict[str, OpenAPI] = {}
        for contract in contracts:
            document = OpenAPI.from_dict(contract.content)
            for described in contract.operations:
                self._described.append(described)
                self._document_of[described.operation_id] = document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        for reason in self.objections(scope["method"], scope["path"], messages, scope.get("raw_path")):
            _log.error("%s %s: the answer does not fit the document: %s", scope["method"], scope["path"], reason)
            await send_error(scope, send, RegistryError(f"The answer did not fit the document: {reason}"))
            return
        for message in messages:
            await send(message)

    def objections(
        self, method: str, path: str, messages: list[Message], raw_path: bytes | None = None
    ) -> Iterator[str]:
        """Yields what is wrong with the ASGI messages of an answer; each text names the operation and the status."""
        start, *rest = messages
        headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]])
        answer = _Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))
        described, refusal = self._operation(method, path, raw_path)
        said = f"{'no operation' if refusal else described.operation_id} answered {answer.status_code}"
        if refusal and answer.status_code != refusal:
            yield f"{said} instead of {refusal}"
        asked = _Question(described.method.lower(), described.prefixes[0] + described.path)
        for error in self._document_of[described.operation_id].iter_response_errors(asked, answer):
            yield f"{said}: {_words(error)}"
        for place in () if self._may_have_nulls else _nulls(answer.data):
            yield f"{said}: {place} is null"

    def _operation(self, method: str, path: str, raw_path: bytes | None) -> tuple[Described, int | None]:
        """The operation of a request, and `None`.

        If there is none: an operation that documents the status of the refusal, and that status.
        """
        try:
            return self._router.find(method, path, raw_path)[0].described, None
        except RegistryError as error:
            status = int(error.status)
            return next(described for described in self._described if status in described.statuses), status


def _nulls(data: bytes) -> Iterator[str]:
    """The paths of nulls in a JSON body. Schemas allow null because requests may have it, but no answer may."""
    todo: list[tuple[str, Any]] = [("", orjson.loads(data) if data else {})]
    while todo:
        place, value = todo.pop()
        if value is None:
            yield place or "the body"
        elif isinstance(value, dict | list):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            todo.extend((f"{place}.{key}" if place else str(key), part) for key, part in parts)


def _words(error: BaseException) -> str:
    """The text of an error; for an error of the schema the path and the reason of each, without the whole body."""
    details: Any = getattr(error.__cause__, "schema_errors", ())
    found = "; ".join(
        f"{'.'.join(map(str, detail.absolute_path)) or 'the body'}: {detail.message}" for detail in details
    )
    return found[:500] or str(error) or type(error).__name__
