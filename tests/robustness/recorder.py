"""Sends calls to proxies and records each with its answer."""

import time
from collections.abc import Mapping
from itertools import count
from typing import Any

import httpx

from tests.robustness.families import FAMILIES, Family, Row
from tests.robustness.history import CREATE, FIND, GET, HISTORY, LIST, MOVE, PATCH, UPSERT, Call
from tests.support.processes import API

CLIENT_SECONDS = 15.0
EXTENSIONS = "/api/model_registry/ext/v1"


class Recorder:
    """Sends calls to proxies and adds each to `calls`, with its answer or with the reason why there was none."""

    def __init__(self, urls: list[str], calls: list[Call]) -> None:
        self.calls = calls
        self._numbers = count(1)
        self._urls = urls
        self._proxies = [httpx.AsyncClient(base_url=url + API, timeout=CLIENT_SECONDS) for url in urls]

    async def close(self) -> None:
        """Closes the connections."""
        for proxy in self._proxies:
            await proxy.aclose()

    def call(self, client: int, proxy: int, verb: str, family: str, **facts: Any) -> Call:
        """The record of a call before it is sent."""
        call = Call(next(self._numbers), client, proxy, verb, family, time.monotonic_ns(), **facts)
        self.calls.append(call)
        return call

    async def create(self, call: Call, body: Row, *, flat: bool) -> Call:
        """POSTs a new entity, to its collection or to the list of its parent."""
        family = FAMILIES[call.family]
        path = family.collection if flat or not call.parent else family.below.format(call.parent)
        return await self._one(call, "POST", path, json=body)

    async def patch(self, call: Call, body: Row) -> Call:
        """PATCHes an entity."""
        return await self._one(call, "PATCH", f"{FAMILIES[call.family].collection}/{call.id}", json=body)

    async def get(self, call: Call) -> Call:
        """GETs an entity by id."""
        return await self._one(call, "GET", f"{FAMILIES[call.family].collection}/{call.id}")

    async def find(self, call: Call) -> Call:
        """Finds an entity by name."""
        query = {"name": call.name, **({"parentResourceId": call.parent} if call.parent else {})}
        return await self._one(call, "GET", FAMILIES[call.family].find, params=query)

    async def list(self, call: Call, page_size: int | None = None) -> Call:
        """Reads all pages of a list."""
        family = FAMILIES[call.family]
        return await self._read_pages(call, family.list_path(call.parent), family.list_query, page_size)

    async def history(self, call: Call, page_size: int | None = None) -> Call:
        """Reads all pages of the metric history of a run, of one metric or of all."""
        query = {"name": call.name} if call.name else {}
        return await self._read_pages(call, f"/experiment_runs/{call.parent}/metric_history", query, page_size)

    async def move(self, call: Call, alias: str, body: Row) -> Call:
        """Moves an alias of a model."""
        return await self._one(call, "PUT", f"{EXTENSIONS}/registered_models/{call.parent}/aliases/{alias}", json=body)

    async def _one(self, call: Call, method: str, path: str, **request: Any) -> Call:
        answer = await self._send(call, method, path, **request)
        if answer is not None:
            call.rows = [answer] if call.is_acknowledged else []
        return call

    async def _read_pages(self, call: Call, path: str, query: Mapping[str, Any], page_size: int | None) -> Call:
        rows: list[Row] = []
        query = {**query, **({"pageSize": page_size} if page_size else {})}
        while True:
            answer = await self._send(call, "GET", path, params=query)
            if answer is None or not call.is_acknowledged:
                return call
            rows += answer["items"]
            if not answer["nextPageToken"]:
                call.rows = rows
                return call
            query["nextPageToken"] = answer["nextPageToken"]

    async def _send(self, call: Call, method: str, path: str, **request: Any) -> Any:
        call.status, call.was_sent = None, True
        headers = {"X-Request-Timeout": str(call.patience)} if call.patience else {}
        try:
            address = self._urls[call.proxy] + path if path.startswith(EXTENSIONS) else path
            response = await self._proxies[call.proxy].request(method, address, headers=headers, **request)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            call.error = f"{type(error).__name__}: {error}"
            call.was_sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            return None
        finally:
            call.end = time.monotonic_ns()
        call.status = response.status_code
        if not response.is_success:
            call.error = answer.get("message", "")
        return answer


VERBS = (CREATE, UPSERT, PATCH, GET, FIND, LIST, HISTORY, MOVE)


def creating_verb(family: Family) -> str:
    """The verb in the history for a POST of this family."""
    return UPSERT if family.is_upserted else CREATE
