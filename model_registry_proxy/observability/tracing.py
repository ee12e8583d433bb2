"""OpenTelemetry traces: from a request through the batches that carry it to MLMD.

A call that several requests share is a span of the first of them, linked to every request that it serves; each of these is
linked to it in turn.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import grpc.aio
from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy import __version__
from model_registry_proxy.mlmd.batching import Batcher, Item, Result, Waiting
from model_registry_proxy.mlmd.instruments import Instruments
from model_registry_proxy.mlmd.sharing import Sharing
from model_registry_proxy.observability import logs, trace_settings
from model_registry_proxy.observability.request_ids import request_id

_FAILED = 500
_tracer = trace.get_tracer("model_registry_proxy", __version__)


def instruments() -> Instruments:
    """The parts that trace, once this process has a provider that sends: sampler, limits and resource by OTEL_ variables."""
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    facts = {SERVICE_VERSION: __version__} | ({} if named else {SERVICE_NAME: "model-registry-proxy"})
    provider = TracerProvider(resource=Resource.create(facts))
    for exporter in trace_settings.exporters():
        provider.add_span_processor(BatchSpanProcessor(exporter.load()()))
    trace.set_tracer_provider(provider)
    return parts(provider.shutdown)


def parts(shutdown: Callable[[], None]) -> Instruments:
    """The parts that trace with the global provider; `shutdown` is called after the last request and sends what is left."""
    logs.FACTS.append(ids)
    return Instruments(
        batcher=TracedBatcher,
        sharing=TracedSharing,
        channel=TracedChannel,
        app=lambda app: TracedRequests(app, shutdown),
    )


def ids() -> dict[str, str]:
    """The ids of the trace and the span that is open, for the log."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(context.trace_id), "span_id": trace.format_span_id(context.span_id)}


class TracedRequests:
    """ASGI: a span for each request, in the trace that its headers tell of."""

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
        """For the lifespan: the process is told to end only when all spans are sent."""

        async def sending(message: Message) -> None:
            if message["type"] == "lifespan.shutdown.complete":
                await asyncio.to_thread(self._shutdown)
            await send(message)

        return sending


class TracedBatcher(Batcher[Item, Result]):
    """A span for what is sent together."""

    def _waiting(self, item: Item) -> Waiting[Item, Result]:
        return super()._waiting(item)._replace(origin=trace.get_current_span())

    async def _settle(self, batch: list[Waiting[Item, Result]]) -> None:
        with _shared(f"batch {self._name}", [waiting.origin for waiting in batch]):
            await super()._settle(batch)


class TracedSharing(Sharing):
    """A span for a question that several requests have asked."""

    def __init__(self) -> None:
        super().__init__()
        self._origins: dict[Hashable, list[Span]] = {}

    async def __call__(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """As `Sharing.__call__`."""
        mine = trace.get_current_span()
        origins = self._origins.setdefault(key, [])
        origins.append(mine)

        async def traced() -> Any:
            asking = self._origins.pop(key, [])
            if len(asking) < 2:  # noqa: PLR2004 (nobody shares it)
                return await ask()
            with _shared("shared question", asking):
                return await ask()

        try:
            return await super().__call__(key, traced)
        finally:
            if self._origins.get(key) is origins:  # it was never asked
                origins.remove(mine)
                if not origins:
                    del self._origins[key]


@contextmanager
def _shared(name: str, origins: Sequence[Span]) -> Iterator[None]:
    """A span below the first of `origins` that is sampled, with a link to each of them, and from each to it."""
    distinct = {origin.get_span_context().span_id: origin for origin in origins}
    first = next((one for one in distinct.values() if one.is_recording()), origins[0])
    links = [Link(origin.get_span_context()) for origin in distinct.values() if origin.get_span_context().is_valid]
    attributes = {"model_registry.requests": len(origins)}
    above = trace.set_span_in_context(first)
    with _tracer.start_as_current_span(name, above, links=links, attributes=attributes, record_exception=False) as span:
        for origin in distinct.values():
            origin.add_link(span.get_span_context())
        yield


class TracedChannel:
    """A gRPC channel with a span for each call, of which MLMD is told in the call's metadata."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    def unary_unary(self, path: str, **serializers: Any) -> Callable[..., Awaitable[Any]]:
        """As `grpc.aio.Channel.unary_unary`."""
        call = self._channel.unary_unary(path, **serializers)
        service, _, method = path.removeprefix("/").rpartition("/")
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}

        async def traced(message: bytes, **options: Any) -> Any:
            with _tracer.start_as_current_span(
                f"{service}/{method}",
                kind=SpanKind.CLIENT,
                attributes=attributes,
                record_exception=False,
                set_status_on_exception=False,
            ) as span:
                carrier: dict[str, str] = {}
                propagate.inject(carrier)
                metadata = tuple((name.lower(), value) for name, value in carrier.items())
                try:
                    answer = await call(message, metadata=metadata, **options)
                except grpc.aio.AioRpcError as error:
                    span.set_attribute("rpc.grpc.status_code", error.code().value[0])
                    span.set_status(Status(StatusCode.ERROR, error.code().name))
                    raise
                span.set_attribute("rpc.grpc.status_code", 0)
                return answer

        return traced
