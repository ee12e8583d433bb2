"""One gRPC call to MLMD: its message, its time limit, and the error that its failure becomes."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import grpc
import grpc.aio

from converters._generated import metadata_store_service_pb2 as service
from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.deadlines.deadline import seconds_left
from model_registry_proxy.mlmd.events import CallFinished, CallStarted, Observer
from model_registry_proxy.mlmd.failures import from_grpc

PLURAL = {Kind.CONTEXT: "Contexts", Kind.ARTIFACT: "Artifacts", Kind.EXECUTION: "Executions"}
"""The kinds in the names of MLMD's methods."""
SERVICE = "ml_metadata.MetadataStoreService"


class Channel(Protocol):
    """What carries calls to an MLMD server: a `grpc.aio.Channel`, or something that behaves like one."""

    def unary_unary(
        self, method: str, /, request_serializer: Callable[[Any], bytes], response_deserializer: Callable[[bytes], Any]
    ) -> Callable[..., Any]:
        """Returns a coroutine function: takes the request, `timeout` in seconds and `metadata`, returns the response."""


class MlmdCalls:
    """MLMD's methods by name over a channel. Each call is made once; it raises only `RegistryError`s.

    A call may take `timeout` seconds, or what is left until the deadline of its request. `on_success` is called after each call
    that succeeds. `observer` receives `CallStarted` and `CallFinished`.
    """

    def __init__(
        self, channel: Channel, timeout: float, on_success: Callable[[], None], observer: Observer | None = None
    ) -> None:
        self._observer = observer
        self._channel, self._timeout, self._on_success = channel, timeout, on_success
        self._rpcs: dict[str, Any] = {}

    async def read(self, method: str, message: bytes) -> Any:
        """Returns the answer to a request, which is given as bytes; raises `Unavailable` in an outage."""
        return await self._call(method, message, is_write=False)

    async def write(self, method: str, request: Any) -> Any:
        """Returns the answer to a write; raises `Interrupted` in an outage."""
        return await self._call(method, request.SerializeToString(), is_write=True)

    async def _call(self, method: str, message: bytes, *, is_write: bool) -> Any:
        rpc = self._rpcs.get(method) or self._rpcs.setdefault(method, _rpc(self._channel, method))
        timeout = max(0.0, min(self._timeout, seconds_left()))
        try:
            if self._observer:
                answer = await _observed(self._observer, rpc, method, message, timeout)
            else:
                answer = await rpc(message, timeout=timeout)
        except grpc.aio.AioRpcError as error:
            raise from_grpc(error.code(), error.details() or "", is_write=is_write) from None
        self._on_success()
        return answer


async def _observed(observer: Observer, rpc: Any, method: str, message: bytes, timeout: float) -> Any:  # noqa: ASYNC109
    """Makes the call, and reports its start and its end. `timeout` is in seconds."""
    call = CallStarted(SERVICE, method, [])
    observer(call)
    started = time.perf_counter()
    code: grpc.StatusCode | None = grpc.StatusCode.UNKNOWN
    try:
        answer = await rpc(message, timeout=timeout, metadata=tuple(call.metadata))
        code = grpc.StatusCode.OK
    except grpc.aio.AioRpcError as error:
        code = error.code()
        raise
    except asyncio.CancelledError:
        code = None
        raise
    else:
        return answer
    finally:
        observer(CallFinished(call, code, time.perf_counter() - started))


def _rpc(channel: Channel, method: str) -> Any:
    answer = getattr(service, f"{method}Response")
    return channel.unary_unary(
        f"/{SERVICE}/{method}",
        request_serializer=bytes,
        response_deserializer=answer.FromString,
    )


def request_of(method: str, fields: dict[str, Any]) -> Any:
    """Returns the request message of a method with these fields."""
    return getattr(service, f"{method}Request")(**fields)


def nodes_in(kind: Kind, answer: Any) -> Sequence[Node]:
    """Returns the nodes of a kind in an answer."""
    return getattr(answer, f"{kind}s")  # type: ignore[no-any-return]


def getter(calls: MlmdCalls, kind: Kind) -> Callable[[Sequence[int]], Awaitable[Sequence[Node | None]]]:
    """Returns a function that takes ids and returns the node of each, or `None`, in one call."""

    async def send(ids: Sequence[int]) -> Sequence[Node | None]:
        method = f"Get{PLURAL[kind]}ByID"
        request = request_of(method, {f"{kind}_ids": sorted(set(ids))})
        answer = await calls.read(method, request.SerializeToString())
        found = {node.id: node for node in nodes_in(kind, answer)}
        return [found.get(id_) for id_ in ids]

    return send
