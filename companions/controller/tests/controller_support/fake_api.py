"""A small API server in memory: lists in pages, watches, merge patches, versions, and failures on demand."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
from model_registry_client.credentials import Token
from model_registry_controller.kubernetes.api import KubernetesApi
from model_registry_controller.kubernetes.connection import Connection

Json = dict[str, Any]
LISTS = ("services", "inferenceservices", "leases", "events")


class FakeApi(httpx.AsyncBaseTransport):
    """Holds objects by path. `calls` has the method and the path of each request.

    Attributes:
        refuse: Statuses that the next requests get, by the beginning of "METHOD path".
        page: The most objects of a page.
        before_answer: Is awaited after each write, before its answer is sent.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.calls: list[str] = []
        self.authorizations: list[str] = []
        self.refuse: dict[str, list[int]] = {}
        self.page = 2
        self.before_answer: Callable[[str], Awaitable[None]] | None = None
        self.version = 100
        self.watches: list[tuple[str, asyncio.Queue[Json | None]]] = []
        self.watch_queries: list[httpx.QueryParams] = []
        self.began = asyncio.Event()

    def api(self) -> KubernetesApi:
        """A client of this server."""
        return KubernetesApi(self.api_connection(), transport=self)

    @staticmethod
    def api_connection() -> Connection:
        """Where this server seems to be."""
        return Connection("http://api", tls=False, token=Token("secret"))

    def put(self, path: str, item: Json, kind: str = "") -> Json:
        """Creates or replaces an object, and shows it to the watches."""
        self.version += 1
        made = copy.deepcopy(item)
        made.setdefault("metadata", {})["resourceVersion"] = str(self.version)
        kind = kind or ("MODIFIED" if path in self.objects else "ADDED")
        self.objects[path] = made
        self.show(path, {"type": kind, "object": made})
        return made

    def remove(self, path: str) -> None:
        """Deletes an object, and shows it to the watches."""
        item = self.objects.pop(path)
        self.show(path, {"type": "DELETED", "object": item})

    def show(self, path: str, event: Json) -> None:
        """Sends an event to the watches of this kind."""
        kind = path.rsplit("/", 2)[1]
        for watched, queue in self.watches:
            if watched.endswith(kind):
                queue.put_nowait(event)

    def end_watches(self, event: Json | None = None) -> None:
        """Ends all watches, after one more event."""
        for _, queue in self.watches:
            if event:
                queue.put_nowait(event)
            queue.put_nowait(None)
        self.watches.clear()
        self.began.clear()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, request.url.params
        self.calls.append(f"{request.method} {path}")
        self.authorizations.append(request.headers.get("authorization", ""))
        for beginning, statuses in self.refuse.items():
            if statuses and f"{request.method} {path}".startswith(beginning):
                status = statuses.pop(0)
                if status == 0:
                    raise httpx.ConnectError("refused")
                return httpx.Response(status, json={"kind": "Status", "message": "refused by the test", "code": status})
        if "watch" in query:
            return self._watch(path, query)
        if request.method == "GET":
            return self._get(path, query)
        answer = self._write(request.method, path, json.loads(request.content))
        if self.before_answer:
            await self.before_answer(f"{request.method} {path}")
        return answer

    def _get(self, path: str, query: httpx.QueryParams) -> httpx.Response:
        if path in self.objects:
            return httpx.Response(200, json=self.objects[path])
        kind = path.rsplit("/", 1)[1]
        if kind not in LISTS:
            return httpx.Response(404, json={"message": f"{path} not found", "reason": "NotFound"})
        found = [item for at, item in sorted(self.objects.items()) if at.rsplit("/", 2)[1] == kind]
        start = int(query.get("continue", "0"))
        meta: Json = {"resourceVersion": str(self.version)}
        if start + self.page < len(found):
            meta["continue"] = str(start + self.page)
        return httpx.Response(200, json={"metadata": meta, "items": found[start : start + self.page]})

    def _watch(self, path: str, query: httpx.QueryParams) -> httpx.Response:
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self.watches.append((path, queue))
        self.watch_queries.append(query)
        self.began.set()
        return httpx.Response(200, stream=_Lines(queue))

    def _write(self, method: str, path: str, body: Json) -> httpx.Response:
        if method == "POST":
            path = f"{path}/{body['metadata']['name']}"
            if path in self.objects:
                return httpx.Response(409, json={"message": "exists", "reason": "AlreadyExists"})
            return httpx.Response(201, json=self.put(path, body))
        if path not in self.objects:
            return httpx.Response(404, json={"message": "not found", "reason": "NotFound"})
        known = self.objects[path]
        wanted = body.get("metadata", {}).get("resourceVersion", known["metadata"]["resourceVersion"])
        if wanted != known["metadata"]["resourceVersion"]:
            return httpx.Response(409, json={"message": "changed", "reason": "Conflict"})
        made = self.put(path, body if method == "PUT" else merged(known, body))
        meta = made["metadata"]
        if meta.get("deletionTimestamp") and not meta.get("finalizers"):
            self.remove(path)
        return httpx.Response(200, json=made)


def merged(old: Json, change: Json) -> Json:
    """A merge patch (RFC 7386) applied to an object."""
    made = dict(old)
    for key, value in change.items():
        if value is None:
            made.pop(key, None)
        elif isinstance(value, dict):
            made[key] = merged(made.get(key) or {}, value)
        else:
            made[key] = value
    return made


class _Lines(httpx.AsyncByteStream):
    def __init__(self, queue: asyncio.Queue[Json | None]) -> None:
        self._queue = queue

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (event := await self._queue.get()) is not None:
            yield json.dumps(event).encode() + b"\n"
