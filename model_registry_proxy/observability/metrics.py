"""Prometheus metrics: what is counted, and the parts that count it. `exposition` serves them."""

import asyncio
import platform
import time
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import grpc
import grpc.aio
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy import __version__
from model_registry_proxy.errors import Aborted, RegistryError
from model_registry_proxy.mlmd.batching import Batcher, Item, Result, Waiting
from model_registry_proxy.mlmd.instruments import Instruments
from model_registry_proxy.mlmd.outages import Patience

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 5, 10, 20, 50, 100)
_OTHER = "other"
"""The operation of what is none: health, pages, and paths that are not served."""

disable_created_metrics()  # type: ignore[no-untyped-call]
REQUESTS = Counter("model_registry_requests", "Requests answered.", ["operation", "status"])
REQUEST_SECONDS = Histogram(
    "model_registry_request_duration_seconds",
    "From the arrival of a request to its answer.",
    ["operation"],
    buckets=_SECONDS,
)
REQUESTS_IN_FLIGHT = Gauge(
    "model_registry_requests_in_flight", "Requests that have no answer yet.", multiprocess_mode="livesum"
)
CALLS = Counter("model_registry_mlmd_calls", "Calls to MLMD that have ended.", ["method", "code"])
CALL_SECONDS = Histogram(
    "model_registry_mlmd_call_duration_seconds", "Of a call to MLMD.", ["method"], buckets=_SECONDS
)
CALLS_IN_FLIGHT = Gauge(
    "model_registry_mlmd_calls_in_flight", "Calls to MLMD that have no answer yet.", multiprocess_mode="livesum"
)
BATCH_SIZE = Histogram("model_registry_batch_size", "Requests that share a call to MLMD.", ["queue"], buckets=_SIZES)
QUEUE_DEPTH = Gauge(
    "model_registry_queue_depth", "Requests that wait for a call to MLMD.", ["queue"], multiprocess_mode="livesum"
)
RETRIES = Counter(
    "model_registry_retries",
    "Calls to MLMD made again after an outage or a roll-back, or given up.",
    ["reason", "outcome"],
)
BUILD = Gauge(
    "model_registry_build_info", "1, with what is running.", ["version", "python"], multiprocess_mode="livemax"
)
STARTS = Counter("model_registry_worker_starts", "Processes that began to serve; more than --workers: some have died.")
ENGINE_RESTARTS = Counter("model_registry_engine_restarts", "Starts of the embedded engine after it had ended.")


class Level:
    """A number that changes often: its gauge is written a little later, and once for many changes."""

    SECONDS = 0.25

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._value, self._is_due = 0, False

    def change(self, by: int) -> None:
        """Adds to it."""
        self._value += by
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(self.SECONDS, self._write)

    def _write(self) -> None:
        self._is_due = False
        self._gauge.set(self._value)


class MeasuredRequests:
    """ASGI: counts and times requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._in_flight = app, Level(REQUESTS_IN_FLIGHT)
        BUILD.labels(__version__, platform.python_version()).set(1)
        STARTS.inc()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._in_flight.change(1)
        try:
            await self._app(scope, receive, noting)
        finally:
            self._in_flight.change(-1)
            operation = scope.get("state", {}).get("operation", _OTHER)
            _requests(operation, status).inc()
            _request_seconds(operation).observe(time.perf_counter() - started)


class MeasuredBatcher(Batcher[Item, Result]):
    """Tells how many wait, and how many share a call."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._depth = Level(QUEUE_DEPTH.labels(self._name))
        self._sizes = BATCH_SIZE.labels(self._name)

    def _waiting(self, item: Item) -> Waiting[Item, Result]:
        self._depth.change(1)
        return super()._waiting(item)

    def _next_batch(self) -> list[Waiting[Item, Result]]:
        before = sum(map(len, self._groups.values()))
        batch = super()._next_batch()
        self._depth.change(sum(map(len, self._groups.values())) - before)
        if batch:
            self._sizes.observe(len(batch))
        return batch


class MeasuredPatience(Patience):
    """Counts retries, and those that there were not."""

    async def wait(self, error: RegistryError, attempt: int, until: float, first: float | None = None) -> None:
        """As `Patience.wait`."""
        reason = "rolled back" if isinstance(error, Aborted) else "outage"
        try:
            await super().wait(error, attempt, until, first)
        except RegistryError:
            _retries(reason, "given up").inc()
            raise
        _retries(reason, "made").inc()


class MeasuredChannel:
    """A gRPC channel that counts and times its calls."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel, self._in_flight = channel, Level(CALLS_IN_FLIGHT)

    def unary_unary(self, path: str, **serializers: Any) -> Callable[..., Awaitable[Any]]:
        """As `grpc.aio.Channel.unary_unary`."""
        call = self._channel.unary_unary(path, **serializers)
        method = path.rpartition("/")[2]
        seconds = CALL_SECONDS.labels(method)

        async def measured(message: bytes, **options: Any) -> Any:
            started = time.perf_counter()
            code = "OK"
            self._in_flight.change(1)
            try:
                return await call(message, **options)
            except grpc.aio.AioRpcError as error:
                code = error.code().name
                raise
            except asyncio.CancelledError:
                code = grpc.StatusCode.CANCELLED.name
                raise
            finally:
                self._in_flight.change(-1)
                _calls(method, code).inc()
                seconds.observe(time.perf_counter() - started)

        return measured


# Looking a metric's labels up costs more than counting; there are few of each.
_requests = cache(REQUESTS.labels)
_request_seconds = cache(REQUEST_SECONDS.labels)
_calls = cache(CALLS.labels)
_retries = cache(RETRIES.labels)

INSTRUMENTS = Instruments(
    batcher=MeasuredBatcher, patience=MeasuredPatience, channel=MeasuredChannel, app=MeasuredRequests
)
