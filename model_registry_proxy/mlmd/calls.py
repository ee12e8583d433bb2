"""One gRPC call to MLMD: its message, its limit in time, and what to do when it fails for a passing reason."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import grpc
import grpc.aio

from converters._generated import metadata_store_service_pb2 as service
from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.deadlines.deadline import seconds_left
from model_registry_proxy.errors import Aborted, StoreError
from model_registry_proxy.mlmd.events import CallFinished, CallStarted, Observer
from model_registry_proxy.mlmd.failures import from_grpc, is_clash_of_properties
from model_registry_proxy.mlmd.outages import Patience, repeated

PLURAL = {Kind.CONTEXT: "Contexts", Kind.ARTIFACT: "Artifacts", Kind.EXECUTION: "Executions"}
"""As MLMD's methods spell the kinds."""
SERVICE = "ml_metadata.MetadataStoreService"
_FIRST_WAIT = 0.005
"""Seconds, doubled for the first repetition of a call that was rolled back: the other transaction is over by then."""
_MOST_RACES = 3
"""Times that one call meets others who put the same properties, before it is believed to clash with itself."""


class Channel(Protocol):
    """What carries calls to an MLMD server: a `grpc.aio.Channel`, or something that behaves like one."""

    def unary_unary(
        self, method: str, /, request_serializer: Callable[[Any], bytes], response_deserializer: Callable[[bytes], Any]
    ) -> Callable[..., Any]:
        """Returns a coroutine function: takes the request, `timeout` in seconds and `metadata`, returns the response."""


class MlmdCalls:
    """MLMD's methods by name over a channel. Raises only `RegistryError`s.

    A call may take `timeout` seconds, or what is left until the deadline of its request. `observer` receives `CallStarted` and
    `CallFinished`.
    """

    def __init__(self, channel: Channel, timeout: float, patience: Patience, observer: Observer | None = None) -> None:
        self._observer = observer
        self._channel, self._timeout, self._patience = channel, timeout, patience
        self._rpcs: dict[str, Any] = {}

    async def read(self, method: str, message: bytes) -> Any:
        """The answer to a question, which is given as bytes; an outage is outlasted within reason."""
        return await repeated(lambda: self._call(method, message), self._patience)

    async def write(self, method: str, request: Any) -> Any:
        """The answer to a write. After an outage nobody knows whether it took effect: that is the caller's concern."""
        return await self._call(method, request.SerializeToString())

    async def _call(self, method: str, message: bytes) -> Any:
        """One call; one that MLMD rolled back in favour of another is tried again, with back-off and jitter."""
        until, attempt = time.monotonic() + self._timeout, 0
        while True:
            try:
                answer = await self._call_once(method, message)
            except StoreError as error:
                attempt += 1
                is_race = attempt <= _MOST_RACES and is_clash_of_properties(error.details)
                if not is_race and not isinstance(error, Aborted):
                    raise
                await self._patience.wait(error, attempt, until, _FIRST_WAIT)
            else:
                self._patience.earn()
                return answer

    async def _call_once(self, method: str, message: bytes) -> Any:
        rpc = self._rpcs.get(method) or self._rpcs.setdefault(method, _rpc(self._channel, method))
        timeout = max(0.0, min(self._timeout, seconds_left()))
        try:
            if self._observer:
                return await _observed(self._observer, rpc, method, message, timeout)
            return await rpc(message, timeout=timeout)
        except grpc.aio.AioRpcError as error:
            raise from_grpc(error.code(), error.details() or "") from None


async def _observed(observer: Observer, rpc: Any, method: str, message: bytes, timeout: float) -> Any:  # noqa: ASYNC109
    """Makes the call, and reports its start and its end. `timeout` is in seconds."""
    call = CallStarted(SERVICE, method)
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
    """The request message of a method."""
    return getattr(service, f"{method}Request")(**fields)


def nodes_in(kind: Kind, answer: Any) -> Sequence[Node]:
    """The nodes of a kind in an answer."""
    return getattr(answer, f"{kind}s")  # type: ignore[no-any-return]
