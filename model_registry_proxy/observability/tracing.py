"""OpenTelemetry traces: a request, the batch that it is part of, and the call to MLMD.

The span of a batch that several requests share is below the first of these requests. It has a link to each of them, and each of
them has a link to it.
"""

import asyncio
import contextvars
import os
from collections.abc import Callable, Iterator, Sequence
from contextvars import Token
from functools import partial

from opentelemetry import propagate, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy import __version__
from model_registry_proxy.mlmd.events import (
    BatchFinished,
    BatchStarted,
    CallFinished,
    CallStarted,
    Observer,
    QuestionFinished,
    QuestionStarted,
    by_type,
)
from model_registry_proxy.observability import logs, trace_settings
from model_registry_proxy.observability.request_ids import request_id
from model_registry_proxy.observability.watcher import Watcher

Started = BatchStarted | QuestionStarted | CallStarted
_FAILED = 500
_tracer = trace.get_tracer("model_registry_proxy", __version__)


def exporting_watcher() -> Watcher:
    """The watcher that traces, with a provider for this process that exports. OTEL_ variables set sampler, limits and resource."""
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    facts = {SERVICE_VERSION: __version__} | ({} if named else {SERVICE_NAME: "model-registry-proxy"})
    provider = TracerProvider(resource=Resource.create(facts))
    for exporter in trace_settings.exporters():
        provider.add_span_processor(BatchSpanProcessor(exporter.load()()))
    trace.set_tracer_provider(provider)
    return watcher(provider.shutdown)


def watcher(shutdown: Callable[[], None]) -> Watcher:
    """The watcher that traces with the global provider. `shutdown` is called after the last request; it sends the last spans."""
    logs.FACTS.append(ids)
    return Watcher(TracedCalls().observer(), {"traces": partial(TracedRequests, shutdown=shutdown)})


def ids() -> dict[str, str]:
    """The ids of the current trace and span, for the log; empty if there is none."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(context.trace_id), "span_id": trace.format_span_id(context.span_id)}


class TracedRequests:
    """ASGI: makes a span for each request, in the trace that its headers name."""

    def __init__(self, app: ASGIApp, shutdown: Callable[[], None]) -> None:
        self._app, self._shutdown = app, shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, self._sending_the_last(send))
            return
        fields = propagate.get_global_textmap().fields
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        parent = propagate.extract({name: value for name, value in sent.items() if name in {f.lower() for f in fields}})
        attributes = {
            "http.request.method": scope["method"],
            "url.path": scope["path"],
            "url.scheme": scope["scheme"],
            "model_registry.request_id": request_id(scope),
        }
        with _tracer.start_as_current_span(
            scope["method"], parent, SpanKind.SERVER, attributes, record_exception=False
        ) as span:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= _FAILED:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            try:
                await self._app(scope, receive, noting)
            finally:
                if operation := scope.get("state", {}).get("operation"):
                    span.update_name(f"{scope['method']} {operation}")

    def _sending_the_last(self, send: Send) -> Send:
        """For the lifespan: the shutdown is complete only when all spans are sent."""

        async def sending(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                await asyncio.to_thread(self._shutdown)
            await send(message)

        return sending


class TracedCalls:
    """Makes a span of each call to MLMD, of each batch, and of each question that several requests share.

    Between the two events of a span it is the current span of the task.
    """

    def __init__(self) -> None:
        self._open: dict[int, tuple[Span, Token[Context]]] = {}

    def observer(self) -> Observer:
        """What receives the events."""
        return by_type(
            {
                BatchStarted: self._batch_started,
                BatchFinished: lambda event: self._end(event.batch),
                QuestionStarted: self._question_started,
                QuestionFinished: self._question_finished,
                CallStarted: self._call_started,
                CallFinished: self._call_finished,
            }
        )

    def _batch_started(self, event: BatchStarted) -> None:
        self._start(event, _shared(f"batch {event.queue}", event.requests))

    def _question_started(self, event: QuestionStarted) -> None:
        if len(event.requests) > 1:
            self._start(event, _shared("shared question", event.requests))

    def _question_finished(self, event: QuestionFinished) -> None:
        if id(event.question) in self._open:
            if isinstance(event.error, Exception):
                reason = f"{type(event.error).__name__}: {event.error}"
                self._span(event.question).set_status(Status(StatusCode.ERROR, reason))
            self._end(event.question)

    def _call_started(self, event: CallStarted) -> None:
        self._start(event, _call(event.service, event.method))
        event.metadata.extend(_propagated())

    def _call_finished(self, event: CallFinished) -> None:
        if event.code:
            number = event.code.value[0]
            self._span(event.call).set_attribute("rpc.grpc.status_code", number)
            if number:
                self._span(event.call).set_status(Status(StatusCode.ERROR, event.code.name))
        self._end(event.call)

    def _span(self, event: Started) -> Span:
        return self._open[id(event)][0]

    def _start(self, event: Started, span: Span) -> None:
        self._open[id(event)] = span, attach(trace.set_span_in_context(span))

    def _end(self, event: Started) -> None:
        span, token = self._open.pop(id(event))
        span.end()
        detach(token)


def _shared(name: str, requests: Sequence[contextvars.Context]) -> Span:
    """A span below the first of these requests' spans that is sampled, with a link to each of them, and from each to it."""
    origins = [request.run(trace.get_current_span) for request in requests]
    distinct = {origin.get_span_context().span_id: origin for origin in origins}
    first = next((one for one in distinct.values() if one.is_recording()), origins[0])
    links = [Link(origin.get_span_context()) for origin in distinct.values() if origin.get_span_context().is_valid]
    attributes = {"model_registry.requests": len(origins)}
    span = _tracer.start_span(name, trace.set_span_in_context(first), links=links, attributes=attributes)
    for origin in distinct.values():
        origin.add_link(span.get_span_context())
    return span


def _call(service: str, method: str) -> Span:
    attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}
    return _tracer.start_span(f"{service}/{method}", kind=SpanKind.CLIENT, attributes=attributes)


def _propagated() -> Iterator[tuple[str, str]]:
    """The current span, as the propagators of `OTEL_PROPAGATORS` write it."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    for name, value in carrier.items():
        yield name.lower(), value
