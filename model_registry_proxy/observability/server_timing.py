"""`Server-Timing` in answers: how long a request took, until it first asked MLMD, and while it waited for MLMD.

`validation` lasts until the first question to MLMD: reading the body, checking it, converting it. `mlmd` is the time in
which the request had a question open, the wait for its turn included. What is left of `total` is work on the answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from contextvars import ContextVar
from typing import Any, Literal

import grpc.aio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.mlmd.batching import Batcher, Item, Result
from model_registry_proxy.mlmd.instruments import Instruments
from model_registry_proxy.mlmd.sharing import Sharing


class Stopwatch:
    """Seconds in which at least one question is open. As a context it is one question."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self.first: float | None = None
        self.total = 0.0
        self._open, self._since = 0, 0.0

    def __enter__(self) -> None:
        now = time.perf_counter()
        self.first = self.first or now
        if not self._open:
            self._since = now
        self._open += 1

    def __exit__(self, *_: object) -> None:
        self._open -= 1
        if not self._open:
            self.total += time.perf_counter() - self._since

    def told(self) -> str:
        """The header's value, in ms."""
        now = time.perf_counter()
        parts = {"validation": (self.first or now) - self.started, "mlmd": self.total, "total": now - self.started}
        return ", ".join(f"{name};dur={seconds * 1000:.2f}" for name, seconds in parts.items())


_none = Stopwatch()
_running: ContextVar[Stopwatch] = ContextVar("running", default=_none)
"""That of the request that is served; one that nobody reads outside of requests."""


class TimedRequests:
    """ASGI: adds the header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        watch = Stopwatch()
        _running.set(watch)

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"server-timing", watch.told().encode())]
            await send(message)

        await self._app(scope, receive, telling)


class TimedBatcher(Batcher[Item, Result]):
    """The wait of a request for its turn and for its call counts; the call itself is nobody's."""

    async def __call__(self, item: Item) -> Result:
        """As `Batcher.__call__`."""
        with _running.get():
            return await super().__call__(item)

    async def _run(self) -> None:
        _running.set(_none)
        await super()._run()


class TimedLane(asyncio.Semaphore):
    """The wait for a free place counts."""

    async def acquire(self) -> Literal[True]:
        """As `asyncio.Semaphore.acquire`."""
        with _running.get():
            return await super().acquire()


class TimedSharing(Sharing):
    """Who shares a question waited for MLMD as long as the question did, while it was there."""

    async def __call__(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """As `Sharing.__call__`."""
        mine, joined = _running.get(), time.perf_counter()
        mine.first = mine.first or joined

        async def timed() -> tuple[Any, Exception | None, float]:
            own = Stopwatch()
            _running.set(own)
            try:
                return await ask(), None, own.total
            except Exception as error:  # noqa: BLE001 (raised below, for each who asked)
                return None, error, own.total

        answer, error, waited = await super().__call__(key, timed)
        mine.total += min(waited, time.perf_counter() - joined)
        if error:
            raise error
        return answer


class TimedChannel:
    """A gRPC channel on which a call counts for the request that makes it."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    def unary_unary(self, path: str, **serializers: Any) -> Callable[..., Awaitable[Any]]:
        """As `grpc.aio.Channel.unary_unary`."""
        call = self._channel.unary_unary(path, **serializers)

        async def timed(message: bytes, **options: Any) -> Any:
            with _running.get():
                return await call(message, **options)

        return timed


INSTRUMENTS = Instruments(
    batcher=TimedBatcher, sharing=TimedSharing, lane=TimedLane, channel=TimedChannel, app=TimedRequests
)
