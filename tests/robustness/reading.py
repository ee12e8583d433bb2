"""Reads the whole content of a store after all clients have ended: with every kind of REST request, and with gRPC from MLMD."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import grpc.aio
import httpx

from converters._generated import metadata_store_service_pb2 as service
from tests.robustness.families import ARTIFACT, CONTEXT, EXECUTION, FAMILIES, FAMILY_OF_TYPE, HISTORY_TYPE, Row
from tests.robustness.history import Node, State
from tests.robustness.recorder import EXTENSIONS
from tests.support.processes import API

PAGE = 100
AT_ONCE = 8
_PLURAL = {CONTEXT: "contexts", ARTIFACT: "artifacts", EXECUTION: "executions"}
_OWNERS = {
    CONTEXT: ("GetParentContextsByContext", "context_id"),
    ARTIFACT: ("GetContextsByArtifact", "artifact_id"),
    EXECUTION: ("GetContextsByExecution", "execution_id"),
}


async def read_state(url: str, mlmd_port: int, *, is_repaired: bool) -> State:
    """Reads everything through one proxy and through MLMD at a port. Fails if an answer is neither 200 nor 404.

    Sends the gets and finds only after the repair.
    """
    state = State(is_repaired, time.monotonic_ns())
    async with grpc.aio.insecure_channel(f"127.0.0.1:{mlmd_port}") as channel:
        mlmd = _Mlmd(channel)
        for kind in (CONTEXT, ARTIFACT, EXECUTION):
            state.nodes += await _all([mlmd.node(kind, node) async for node in mlmd.nodes(kind)])
    async with httpx.AsyncClient(base_url=url + API, timeout=60) as client:
        await _read_rest(_Rest(client), state)
    return state


async def _read_rest(rest: "_Rest", state: State) -> None:
    ids: dict[str, list[str]] = {name: [] for name in FAMILIES}
    for node in state.nodes:
        if family := FAMILY_OF_TYPE.get(node.type_name):
            ids[family.name].append(str(node.id))
            name = node.name.partition(":")[2] if family.parent else node.name
            owner = node.name.partition(":")[0] if family.parent else ""
            if family.find and state.is_repaired:
                state.found.setdefault(family.name, {}).setdefault(owner, {})[name] = None
    for family in FAMILIES.values():
        if family.collection:
            state.lists[family.name] = await rest.rows(family.collection, family.list_query)
            asked = ids[family.name] if state.is_repaired else []
            found = await _all([rest.row(f"{family.collection}/{id_}") for id_ in asked])
            state.gets[family.name] = dict(zip(asked, found, strict=True))
        if family.parent:
            parents = ids[family.parent]
            lists = await _all([rest.rows(family.below.format(parent), family.list_query) for parent in parents])
            state.below[family.name] = dict(zip(parents, lists, strict=True))
        for owner, names in state.found.get(family.name, {}).items():
            query = {"parentResourceId": owner} if owner else {}
            found = await _all([rest.row(family.find, {"name": name, **query}) for name in names])
            state.found[family.name][owner] = dict(zip(names, found, strict=True))
    runs = ids["experiment run"]
    rows = await _all([rest.rows(f"/experiment_runs/{run}/metric_history", {}) for run in runs])
    state.history = dict(zip(runs, rows, strict=True))
    models = ids["registered model"]
    moves = await _all([rest.rows(f"{rest.extensions}/registered_models/{model}/history", {}) for model in models])
    state.moves = {model: found[::-1] for model, found in zip(models, moves, strict=True)}
    paths = [f"{rest.extensions}/registered_models/{model}/aliases" for model in models]
    state.aliases = dict(zip(models, await _all([rest.whole(path) for path in paths]), strict=True))


class _Rest:
    """Sends GET requests that must succeed."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.extensions = str(client.base_url.copy_with(path=EXTENSIONS))

    async def whole(self, path: str) -> list[Row]:
        """All rows of a list without pages."""
        answer = await self._client.get(path)
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()["items"]  # type: ignore[no-any-return]

    async def row(self, path: str, query: Row | None = None) -> Row | None:
        """One row; `None` for 404."""
        answer = await self._client.get(path, params=query or {})
        assert answer.status_code in (200, 404), f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.status_code == httpx.codes.OK else None  # type: ignore[no-any-return]

    async def rows(self, path: str, query: Row) -> list[Row]:
        """All rows of all pages."""
        rows: list[Row] = []
        query = dict(query)
        while True:
            answer = await self._client.get(path, params=query)
            assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code} {answer.text}"
            page = answer.json()
            rows += page["items"]
            if not page["nextPageToken"]:
                return rows
            query["nextPageToken"] = page["nextPageToken"]


class _Mlmd:
    """Calls MLMD without code of the proxy, except the generated messages."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def ask(self, method: str, **fields: Any) -> Any:
        """Returns the answer; `None` for NOT_FOUND, which is what MLMD answers for a node without any context."""
        request = getattr(service, f"{method}Request")(**fields)
        rpc = self._channel.unary_unary(
            f"/ml_metadata.MetadataStoreService/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=getattr(service, f"{method}Response").FromString,
        )
        try:
            return await rpc(request, timeout=60)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise

    async def nodes(self, kind: str) -> AsyncIterator[Any]:
        """All nodes of a kind."""
        token = ""
        while True:
            options = {
                "max_result_size": PAGE,
                "next_page_token": token,
                "order_by_field": {"field": "ID", "is_asc": True},
            }
            answer = await self.ask(f"Get{_PLURAL[kind].title()}", options=options)
            for node in getattr(answer, _PLURAL[kind]):
                yield node
            token = answer.next_page_token
            if not token:
                return

    async def node(self, kind: str, node: Any) -> Node:
        """A node with the contexts that own it."""
        method, field = _OWNERS[kind]
        owners: list[int] = []
        if node.type in FAMILY_OF_TYPE or node.type == HISTORY_TYPE:
            answer = await self.ask(method, **{field: node.id})
            owners = [context.id for context in answer.contexts] if answer else []
        properties = {name: _plain(value) for name, value in node.properties.items()}
        if kind == ARTIFACT:
            properties["uri"] = node.uri
        custom = {name: _plain(value) for name, value in node.custom_properties.items() if not name.startswith("__")}
        return Node(node.id, kind, node.type, node.name, properties, custom, sorted(owners))


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return str(value.struct_value) if kind == "struct_value" else getattr(value, kind)


async def _all(questions: list[Awaitable[Any]]) -> list[Any]:
    """Awaits several requests at the same time; returns their answers in the order of the requests."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(question: Awaitable[Any]) -> Any:
        async with slots:
            return await question

    return list(await asyncio.gather(*(one(question) for question in questions)))
