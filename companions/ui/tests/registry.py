"""The UI on the whole server with its store in memory: filters, orders and extensions are real there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from model_registry_ui.application import create
from model_registry_ui.backend import Answer, Caller, Prefixes, Question
from model_registry_ui.in_process import InProcess
from model_registry_ui.options import Options

from model_registry_proxy.security.audit import Audited, noting
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.audit_trail import AuditTrail
from model_registry_proxy.security.running import on_registry, run
from tests.support.serving import API, Served, serving

EXTENSIONS = "/api/model_registry/ext/v1"


class Counting(InProcess):
    """A backend that notes what it is asked.

    It refuses queries that hold the text `refused`, as simpler servers do, and has no paths that end with `switched_off`.
    """

    def __init__(self, app: Any, prefixes: Prefixes) -> None:
        super().__init__(app, prefixes)
        self.questions: list[Question] = []
        self.refused = self.switched_off = ""

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Notes the question and passes it on."""
        self.questions.append(question)
        if self.refused and self.refused in dict(question.parameters).get("filterQuery", ""):
            return Answer(400, b'{"code": "Bad Request", "message": "This query is not known here."}')
        if self.switched_off and question.path.endswith(self.switched_off):
            return Answer(404, b'{"code": "Not Found", "message": "Nothing is served there."}')
        return await super().send(question, caller)


@dataclass(frozen=True)
class Registry:
    """A server with the UI. `client` opens pages, `make` posts an entity, `backend` counts what pages ask."""

    client: httpx.AsyncClient
    served: Served
    backend: Counting

    async def make(self, path: str, **fields: Any) -> dict[str, Any]:
        """Creates an entity."""
        return await self.served.make(path, **fields)

    async def page(self, path: str) -> str:
        """Returns the HTML of a page that must be there, and forgets what was asked before."""
        self.backend.questions.clear()
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    @property
    def calls(self) -> int:
        """How many calls of the API the last page took."""
        return len(self.backend.questions)


def keep_records(served: Served, log: Path) -> None:
    """Lets a server keep an audit log in a file, of all that its client sends and that pages ask from now on."""
    served.api._run = on_registry(lambda: served.registry, noting(run))
    app = Audited(served.client._transport.app, served.api.router, AuditFile(str(log)))  # type: ignore[attr-defined]
    served.client._transport = httpx.ASGITransport(app=app)
    served.registry.trail = AuditTrail(log)


@asynccontextmanager
async def registry(*, extensions: bool = True, api: str = API, log: Path | None = None) -> AsyncIterator[Registry]:
    """A new registry, with or without the extensions of the API and an audit log. `api` is the prefix that pages use."""
    async with serving() as served:
        if log:
            keep_records(served, log)
        app = served.client._transport.app  # type: ignore[attr-defined]
        backend = Counting(app, Prefixes(api, EXTENSIONS if extensions else ""))
        transport = httpx.ASGITransport(app=create(backend, Options(ways=())))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
            yield Registry(client, served, backend)
