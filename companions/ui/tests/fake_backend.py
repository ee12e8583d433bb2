"""A registry in memory with the interface of a backend. It keeps what it was asked, and can be made to fail."""

import re
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
import orjson
from model_registry_ui.application import create
from model_registry_ui.backend import Answer, Caller, Prefixes, Question
from model_registry_ui.options import Options

API = "/api/model_registry/v1alpha3"
EXTENSIONS = "/api/model_registry/ext/v1"
CATALOG, MCP_CATALOG = "/api/model_catalog/v1", "/api/mcp_catalog/v1"
PARENTS = {
    "artifacts": ("artifacts", "modelVersionId"),
    "experiment_runs": ("experiment_runs", "experimentId"),
    "inference_services": ("inference_services", "servingEnvironmentId"),
    "serves": ("serves", "inferenceServiceId"),
    "versions": ("model_versions", "registeredModelId"),
}
"""Lists below a parent: the collection, and the field with the id of the parent."""


class FakeBackend:
    """Serves entities by collection, such as `registered_models`, without filters but by ids: a list is all of them, newest first.

    `catalog` answers what is asked of a model catalog, by path and parameters; without it there is none.
    `answers` holds answers by path that come before everything else, `failure` is raised by each call, `questions` and
    `callers` are what was asked, in order.
    """

    def __init__(self, extensions: str = "", catalog: Callable[[str, dict[str, str]], Answer] | None = None) -> None:
        self.entities: dict[str, dict[str, dict[str, Any]]] = {}
        self.answers: dict[str, Answer] = {}
        self.failure: Exception | None = None
        self.questions: list[Question] = []
        self.callers: list[Caller] = []
        self._catalog = catalog
        self._prefixes = Prefixes(API, extensions, *((CATALOG, MCP_CATALOG) if catalog else ()))

    def add(self, collection: str, **fields: Any) -> dict[str, Any]:
        """Stores an entity; returns its JSON."""
        id_ = str(1 + sum(map(len, self.entities.values())))
        times = {"createTimeSinceEpoch": "1795000000000", "lastUpdateTimeSinceEpoch": "1795000001000"}
        entity = {"id": id_, "customProperties": {}, "state": "LIVE", **times, **fields}
        self.entities.setdefault(collection, {})[entity["id"]] = entity
        return entity

    def asked(self) -> list[str]:
        """The paths that were asked for, below the prefix."""
        return [question.path.removeprefix(API) for question in self.questions]

    async def prefixes(self) -> Prefixes:
        """Returns the prefixes."""
        return self._prefixes

    def known_prefixes(self) -> Prefixes:
        """Returns the prefixes."""
        return self._prefixes

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Answers as the server would."""
        self.questions.append(question)
        self.callers.append(caller)
        if self.failure:
            raise self.failure
        if question.path in self.answers:
            return self.answers[question.path]
        if self._catalog and question.path.startswith((CATALOG, MCP_CATALOG)):
            return self._catalog(unquote(question.path), dict(question.parameters))
        parts = question.path.removeprefix(API).strip("/").split("/")
        match question.method, parts:
            case "GET", [finder] if f"{finder}s" in self.entities:
                return self._find(f"{finder}s", dict(question.parameters))
            case "GET", [collection]:
                size = int(parse_qs(question.query).get("pageSize", ["1000"])[0])
                return self._page(self._chosen(collection, question)[::-1], size)
            case "GET", [collection, id_]:
                return self._one(self.entities.get(collection, {}).get(id_))
            case "GET", [_, id_, below] if below in PARENTS:
                collection, field = PARENTS[below]
                return self._page(
                    [one for one in self.entities.get(collection, {}).values() if one.get(field) == id_], 50
                )
            case "POST", [collection]:
                return self._one(self.add(collection, **orjson.loads(question.body)), 201)
            case "POST", [_, id_, below] if below in PARENTS:
                collection, field = PARENTS[below]
                return self._one(self.add(collection, **orjson.loads(question.body), **{field: id_}), 201)
            case "PATCH", [collection, id_]:
                return self._change(collection, id_, question)
        return Answer(404, orjson.dumps({"code": "Not Found", "message": f"There is no {question.path}."}))

    def _chosen(self, collection: str, question: Question) -> list[dict[str, Any]]:
        """The rows of a list. Of filters it knows only `id IN (...)`."""
        rows = list(self.entities.get(collection, {}).values())
        found = re.fullmatch(r"id IN \((.*)\)", dict(question.parameters).get("filterQuery", ""))
        return [row for row in rows if row["id"] in found[1].split(", ")] if found else rows

    def _find(self, collection: str, wanted: dict[str, str]) -> Answer:
        same = {"name": wanted.get("name")}
        if parent := wanted.get("parentResourceId"):
            same["registeredModelId"] = parent
        rows = self.entities[collection].values()
        return self._one(next((row for row in rows if same.items() <= row.items()), None))

    def _change(self, collection: str, id_: str, question: Question) -> Answer:
        entity = self.entities.get(collection, {}).get(id_)
        wanted = dict(question.headers).get("if-match")
        if entity and wanted and wanted != _tag(entity):
            return Answer(412, orjson.dumps({"code": "Precondition Failed", "message": "It has changed."}))
        if entity:
            entity.update(orjson.loads(question.body))
        return self._one(entity)

    @staticmethod
    def _page(items: list[dict[str, Any]], size: int) -> Answer:
        token = "more" if len(items) > size else ""
        content = {"items": items[:size], "size": min(len(items), size), "pageSize": size, "nextPageToken": token}
        return Answer(200, orjson.dumps(content))

    @staticmethod
    def _one(entity: dict[str, Any] | None, status: int = 200) -> Answer:
        if entity is None:
            return Answer(404, orjson.dumps({"code": "Not Found", "message": "There is no such entity."}))
        return Answer(status, orjson.dumps(entity), {"etag": _tag(entity)})


def _tag(entity: dict[str, Any]) -> str:
    return f'"{abs(hash(orjson.dumps(entity)))}"'


@asynccontextmanager
async def browsing(backend: Any, options: Options | None = None, **headers: str) -> Iterator[httpx.AsyncClient]:  # type: ignore[misc]
    """An HTTP client of the UI on a backend."""
    transport = httpx.ASGITransport(app=create(backend, options or Options()))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080", headers=headers) as client:
        yield client
