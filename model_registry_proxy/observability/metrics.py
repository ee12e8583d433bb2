"""Prometheus metrics, and the middleware and the observer that count. `exposition` serves them."""

import asyncio
import platform
import time
from functools import cache

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy import __version__
from model_registry_proxy.mlmd.events import BatchTaken, CallFinished, CallStarted, Event, QueueChanged, Retried
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
    """An observer that counts and times calls to MLMD, their retries, and the queues before them."""

    def __init__(self) -> None:
        self._in_flight = Level(CALLS_IN_FLIGHT)
        self._depths: dict[str, Level] = {}

    def __call__(self, event: Event) -> None:
        """Counts an event."""
        match event:
            case QueueChanged(queue, depth):
                self._depth(queue).put(depth)
            case BatchTaken(queue, size):
                _batch_size(queue).observe(size)
            case CallStarted(method=method):
                _call_seconds(method)  # so that the series is there, with 0, from the first call on
                self._in_flight.change(1)
            case CallFinished(call, code, seconds):
                self._in_flight.change(-1)
                _calls(call.method, code.name if code else _CANCELLED).inc()
                _call_seconds(call.method).observe(seconds)
            case Retried(error, is_made):
                reason = "rolled back" if isinstance(error, RolledBack | NotUnique) else "outage"
                _retries(reason, "made" if is_made else "given up").inc()

    def _depth(self, queue: str) -> Level:
        """The depth of a queue; both its series are there, with 0, from its first event on."""
        if queue not in self._depths:
            self._depths[queue] = Level(QUEUE_DEPTH.labels(queue))
            _batch_size(queue)
        return self._depths[queue]


# To look up the labels of a metric costs more than to count, so the few that there are stay in memory.
_requests = cache(REQUESTS.labels)
_request_seconds = cache(REQUEST_SECONDS.labels)
_calls = cache(CALLS.labels)
_call_seconds = cache(CALL_SECONDS.labels)
_batch_size = cache(BATCH_SIZE.labels)
_retries = cache(RETRIES.labels)


def watcher() -> Watcher:
    """The watcher that counts."""
    return Watcher(MeasuredCalls(), {"metrics": MeasuredRequests})
