"""`Server-Timing` in answers: how long a request took, until it first asked MLMD, and while it waited for MLMD.

`validation` lasts until the first question to MLMD: reading the body, checking it, converting it. `mlmd` is the time in
which the request had a question open, the wait for its turn included. What is left of `total` is work on the answer.
"""

import time
from collections.abc import Sequence
from contextvars import Context, ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.mlmd.events import (
    BatchStarted,
    CallFinished,
    CallStarted,
    Event,
    QuestionStarted,
    WaitFinished,
    WaitStarted,
)
from model_registry_proxy.observability.watcher import Watcher


class Stopwatch:
    """Seconds in which the request waits for MLMD: for at least one turn, call or shared question."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.first: float | None = None
        self.total = 0.0
        self._open, self._since = 0, 0.0

    def open(self) -> None:
        """A wait begins; several may overlap."""
        now = time.perf_counter()
        self.first = self.first or now
        if not self._open:
            self._since = now
        self._open += 1

    def close(self) -> None:
        """A wait ends."""
        self._open -= 1
        if not self._open:
            self.total += time.perf_counter() - self._since

    def told(self) -> str:
        """The header's value, in ms."""
        now = time.perf_counter()
        parts = {"validation": (self.first or now) - self.started, "mlmd": self.total, "total": now - self.started}
        return ", ".join(f"{name};dur={seconds * 1000:.2f}" for name, seconds in parts.items())


_served: ContextVar[Sequence[Stopwatch]] = ContextVar("served", default=())
"""Those of the requests that this task works for: its own, or all that share a batch or a question."""


class TimedRequests:
    """ASGI: adds the header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        watch = Stopwatch()
        _served.set((watch,))

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"server-timing", watch.told().encode())]
            await send(message)

        await self._app(scope, receive, telling)


def observe(event: Event) -> None:
    """Starts and stops the stopwatches of the requests that an event is about."""
    match event:
        case WaitStarted() | CallStarted():
            for watch in _served.get():
                watch.open()
        case WaitFinished() | CallFinished():
            for watch in _served.get():
                watch.close()
        case BatchStarted(requests=requests):
            _served.set(_watches(requests))
        case QuestionStarted(requests):
            watches = _watches(requests)
            for watch in watches:
                watch.close()  # each waited for this start
            _served.set(watches)


def _watches(requests: Sequence[Context]) -> list[Stopwatch]:
    return [watch for request in requests for watch in request.get(_served, ())]


def watcher() -> Watcher:
    """What times requests."""
    return Watcher(observe, TimedRequests)
