"""Prometheus metrics, and the middleware and the observer that count. `exposition` serves them."""

import asyncio
import platform
import time
from functools import cache

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy import __version__
from model_registry_proxy.mlmd.events import (
    BatchTaken,
    CallFinished,
    CallStarted,
    Observer,
    QueueChanged,
    Retried,
    by_type,
)
from model_registry_proxy.mlmd.port import NotUnique, RolledBack
from model_registry_proxy.observability.watcher import Watcher

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 5, 10, 20, 50, 100)
_OTHER = "other"
"""The label `operation` of requests that are none: health, pages, and paths that are not served."""
_CANCELLED = "CANCELLED"

disable_created_metrics()  # type: ignore[no-untyped-call]
REQUESTS = Counter("model_registry_requests", "Requests answered.", ["operation", "status"])
REQUEST_SECONDS = Histogram(
    "model_registry_request_duration_seconds",
    "Duration of a request, from its arrival to its answer.",
    ["operation"],
    buckets=_SECONDS,
)
REQUESTS_IN_FLIGHT = Gauge(
    "model_registry_requests_in_flight", "Requests that have no answer yet.", multiprocess_mode="livesum"
)
CALLS = Counter("model_registry_mlmd_calls", "Calls to MLMD that have ended.", ["method", "code"])
CALL_SECONDS = Histogram(
    "model_registry_mlmd_call_duration_seconds", "Duration of a call to MLMD.", ["method"], buckets=_SECONDS
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
    "Retries of calls to MLMD after an outage or a roll-back, made or given up.",
    ["reason", "outcome"],
)
BUILD = Gauge(
    "model_registry_build_info",
    "Always 1; the labels show which version runs.",
    ["version", "python"],
    multiprocess_mode="livemax",
)
STARTS = Counter(
    "model_registry_worker_starts", "Processes that began to serve; if more than --workers, some have died."
)
ENGINE_RESTARTS = Counter("model_registry_engine_restarts", "Starts of the embedded engine after it had ended.")


class Level:
    """A number that changes often. Its gauge is written with a short delay, once for many changes."""

    SECONDS = 0.25

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._value, self._is_due = 0, False

    def change(self, by: int) -> None:
        """Adds to the number."""
        self.put(self._value + by)

    def put(self, value: int) -> None:
        """Replaces the number."""
        if value == self._value:
            return
        self._value = value
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


class MeasuredCalls:
    """Counts and times calls to MLMD, their retries, and the queues before them."""

    def __init__(self) -> None:
        self._in_flight = Level(CALLS_IN_FLIGHT)
        self._depths: dict[str, Level] = {}

    def observer(self) -> Observer:
        """What receives the events."""
        return by_type(
            {
                QueueChanged: self._queue_changed,
                BatchTaken: self._batch_taken,
                CallStarted: self._call_started,
                CallFinished: self._call_finished,
                Retried: self._retried,
            }
        )

    def _queue_changed(self, event: QueueChanged) -> None:
        level = self._depths.get(event.queue)
        if level is None:
            level = self._depths[event.queue] = Level(QUEUE_DEPTH.labels(event.queue))
            _batch_size(event.queue)  # both series of a queue are there, with 0, from its first event on
        level.put(event.depth)

    def _batch_taken(self, event: BatchTaken) -> None:
        _batch_size(event.queue).observe(event.size)

    def _call_started(self, event: CallStarted) -> None:
        _call_seconds(event.method)  # its series is there, with 0, from the first call on
        self._in_flight.change(1)

    def _call_finished(self, event: CallFinished) -> None:
        self._in_flight.change(-1)
        _calls(event.call.method, event.code.name if event.code else _CANCELLED).inc()
        _call_seconds(event.call.method).observe(event.seconds)

    def _retried(self, event: Retried) -> None:
        reason = "rolled back" if isinstance(event.error, RolledBack | NotUnique) else "outage"
        _retries(reason, "made" if event.is_made else "given up").inc()


# To look up the labels of a metric costs more than to count, so the few that there are stay in memory.
_requests = cache(REQUESTS.labels)
_request_seconds = cache(REQUEST_SECONDS.labels)
_calls = cache(CALLS.labels)
_call_seconds = cache(CALL_SECONDS.labels)
_batch_size = cache(BATCH_SIZE.labels)
_retries = cache(RETRIES.labels)


def watcher() -> Watcher:
    """The watcher that counts."""
    return Watcher(MeasuredCalls().observer(), {"metrics": MeasuredRequests})
