"""`Server-Timing` in answers: the time that a request has spent in each stage before its answer is sent (`http/stages.py`).

The events of the MLMD wing say when a request waits and when a call works for it.
"""

from collections.abc import Callable, Sequence
from contextvars import Context

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.http.stages import CLOCKS, Stage, StageClock
from model_registry_proxy.mlmd.events import (
    BatchStarted,
    CallFinished,
    CallStarted,
    Event,
    QuestionStarted,
    WaitFinished,
    WaitStarted,
    by_type,
)
from model_registry_proxy.observability.watcher import Watcher

_SHOWN = tuple(stage for stage in Stage if stage is not Stage.SEND)
"""The stages that are over when the header is written."""


class TimedRequests:
    """ASGI: gives each request a clock, and adds the header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        clock = StageClock()
        CLOCKS.set((clock,))

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"server-timing", shown(clock).encode())]
            await send(message)

        await self._app(scope, receive, send_timed)


def shown(clock: StageClock) -> str:
    """The header's value: each stage and the total, in ms."""
    clock.enter(Stage.SEND)
    parts = {stage.value: clock.seconds[stage] for stage in _SHOWN}
    parts["total"] = sum(parts.values())
    return ", ".join(f"{name};dur={seconds * 1000:.2f}" for name, seconds in parts.items())


def _wait(by: int) -> Callable[[Event], None]:
    return lambda _: _count(CLOCKS.get(), waits=by)


def _call(by: int) -> Callable[[Event], None]:
    return lambda _: _count(CLOCKS.get(), calls=by)


def _batch_started(event: BatchStarted) -> None:
    CLOCKS.set(_clocks(event.requests))


def _question_started(event: QuestionStarted) -> None:
    clocks = _clocks(event.requests)
    _count(clocks, waits=-1)  # each waited for this start
    CLOCKS.set(clocks)


def _clocks(requests: Sequence[Context]) -> list[StageClock]:
    return [clock for request in requests for clock in request.get(CLOCKS, ())]


def _count(clocks: Sequence[StageClock], *, waits: int = 0, calls: int = 0) -> None:
    for clock in clocks:
        clock.count(waits=waits, calls=calls)


observe = by_type(
    {
        WaitStarted: _wait(1),
        WaitFinished: _wait(-1),
        CallStarted: _call(1),
        CallFinished: _call(-1),
        BatchStarted: _batch_started,
        QuestionStarted: _question_started,
    }
)
"""Passes an event on to the clocks of the requests that it is about."""


def watcher() -> Watcher:
    """The watcher that times requests."""
    return Watcher(observe, {"server_timing": TimedRequests})
