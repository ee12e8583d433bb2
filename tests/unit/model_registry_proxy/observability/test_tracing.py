"""Traces: from a request through the batches that it shares with others to the calls of MLMD."""

import asyncio
from collections.abc import Iterator

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.observability import logs, trace_settings, tracing
from tests.support.clock import turns
from tests.support.fake_store import FakeStore
from tests.support.serving import serving

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
FROM_CLIENT = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
_exporter = InMemorySpanExporter()
_provider = TracerProvider()
_provider.add_span_processor(SimpleSpanProcessor(_exporter))
WATCHER = tracing.watcher(lambda: None)
logs.FACTS.clear()


@pytest.fixture(autouse=True)
def spans() -> Iterator[InMemorySpanExporter]:
    """The spans of a test; a process can have only one provider."""
    if trace.get_tracer_provider() is not _provider:
        trace.set_tracer_provider(_provider)
    _exporter.clear()
    yield _exporter
    _exporter.clear()


def named(name: str) -> list[ReadableSpan]:
    return [span for span in _exporter.get_finished_spans() if span.name == name]


def parent_of(span: ReadableSpan) -> ReadableSpan:
    assert span.parent
    return next(one for one in _exporter.get_finished_spans() if one.context.span_id == span.parent.span_id)


def linked(span: ReadableSpan) -> set[int]:
    return {link.context.span_id for link in span.links}


async def test_a_request_is_followed_from_its_client_to_mlmd() -> None:
    store = FakeStore()
    async with serving(store, watcher=WATCHER) as served:
        await served.client.post("/registered_models", json={"name": "m"}, headers=FROM_CLIENT)
    (put,) = named("ml_metadata.MetadataStoreService/PutContexts")
    batch = parent_of(put)
    request = parent_of(batch)
    assert (batch.name, request.name) == ("batch put contexts", "POST createRegisteredModel")
    assert request.parent
    assert f"{request.context.trace_id:032x}" == f"{put.context.trace_id:032x}" == TRACE
    assert f"{request.parent.span_id:016x}" == PARENT
    assert (request.kind, put.kind) == (trace.SpanKind.SERVER, trace.SpanKind.CLIENT)
    assert request.attributes
    assert put.attributes
    assert request.attributes["http.response.status_code"] == 201
    assert (put.attributes["rpc.method"], put.attributes["rpc.grpc.status_code"]) == ("PutContexts", 0)
    sent = next(call.metadata for call in store.calls if call.method == "PutContexts")
    assert sent["traceparent"] == f"00-{TRACE}-{put.context.span_id:016x}-01"


async def test_a_shared_call_is_linked_to_every_request_that_it_serves_and_they_to_it() -> None:
    store = FakeStore()
    async with serving(store, watcher=WATCHER) as served:
        gate = store.hold("PutContexts")
        first = asyncio.create_task(served.make("/registered_models", name="first"))
        await gate.arrived.wait()
        others = [asyncio.create_task(served.make("/registered_models", name=f"m{n}")) for n in range(5)]
        await turns()
        gate.open()
        await asyncio.gather(first, *others)
    single, shared = named("batch put contexts")
    requests = named("POST createRegisteredModel")
    assert single.attributes
    assert shared.attributes
    assert (single.attributes["model_registry.requests"], shared.attributes["model_registry.requests"]) == (1, 5)
    served_by_shared = {span.context.span_id for span in requests if shared.context.span_id in linked(span)}
    assert len(served_by_shared) == 5
    assert linked(shared) == served_by_shared
    assert parent_of(shared).context.span_id in served_by_shared


async def test_a_shared_question_is_linked_to_all_its_requests() -> None:
    store = FakeStore()
    async with serving(store, watcher=WATCHER) as served:
        gate = store.hold("GetArtifacts")
        asks = [asyncio.create_task(served.client.get("/artifacts"))]
        await gate.arrived.wait()
        asks += [asyncio.create_task(served.client.get("/artifacts")) for _ in range(4)]
        await turns()
        gate.open()
        await asyncio.gather(*asks)
        assert served.registry.questions._waiting == {}
    (shared,) = named("shared question")
    requests = [span for span in named("GET getArtifacts") if shared.context.span_id in linked(span)]
    assert len(requests) == 4
    assert linked(shared) == {span.context.span_id for span in requests}
    assert len(named("ml_metadata.MetadataStoreService/GetArtifacts")) == 2


async def test_a_request_that_leaves_before_its_question_starts_is_forgotten() -> None:
    store = FakeStore()
    async with serving(store, watcher=WATCHER) as served:
        gate = store.hold("GetArtifacts")
        first = asyncio.create_task(served.client.get("/artifacts"))
        await gate.arrived.wait()
        other = asyncio.create_task(served.client.get("/artifacts"))
        await turns()
        other.cancel()
        gate.open()
        await first
        await asyncio.gather(other, return_exceptions=True)
        assert served.registry.questions._waiting == {}


async def test_failures_are_marked_without_the_text_of_mlmd() -> None:
    store = FakeStore()
    async with serving(store, watcher=WATCHER) as served:
        store.fail("PutContexts", grpc.StatusCode.DATA_LOSS, "a password")
        assert (await served.client.post("/registered_models", json={"name": "m"})).status_code == 500
    (put,) = named("ml_metadata.MetadataStoreService/PutContexts")
    (request,) = named("POST createRegisteredModel")
    assert put.status.status_code is request.status.status_code is trace.StatusCode.ERROR
    assert put.attributes
    assert put.attributes["rpc.grpc.status_code"] == grpc.StatusCode.DATA_LOSS.value[0]
    assert not any("password" in span.to_json() for span in _exporter.get_finished_spans())


AT_START = {f"ml_metadata.MetadataStoreService/{call}" for call in ("PutTypes", "GetContexts")}


async def test_a_request_that_is_not_sampled_leaves_no_span_but_its_ids_reach_mlmd() -> None:
    store = FakeStore()
    async with serving(store, watcher=WATCHER) as served:
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
        await served.client.post("/registered_models", json={"name": "m"}, headers=headers)
    assert {span.name for span in _exporter.get_finished_spans()} <= AT_START
    assert store.calls[0].metadata["traceparent"].split("-")[1::2] == [TRACE, "00"]


@pytest.mark.parametrize("sent", ["", "00-0-0-01", "x" * 5000, "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
async def test_a_header_that_is_no_traceparent_begins_a_trace(sent: str) -> None:
    async with serving(watcher=WATCHER) as served:
        await served.client.get("/registered_models/1", headers={"traceparent": sent})
    (request,) = named("GET getRegisteredModel")
    assert request.parent is None


async def test_the_log_can_show_the_trace() -> None:
    assert tracing.ids() == {}
    with trace.get_tracer("test").start_as_current_span("span") as span:
        context = span.get_span_context()
        assert tracing.ids() == {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


# The variables


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, False),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, True),
    ],
)
def test_traces_are_on_if_they_have_a_destination(
    variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_variables(monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert trace_settings.is_on() is expected


def forget_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("TRACES_EXPORTER", "SDK_DISABLED", "EXPORTER_OTLP_ENDPOINT", "EXPORTER_OTLP_TRACES_ENDPOINT")
    for name in (*names, "EXPORTER_OTLP_PROTOCOL", "EXPORTER_OTLP_TRACES_PROTOCOL", "SERVICE_NAME"):
        monkeypatch.delenv(f"OTEL_{name}", raising=False)


def test_exporters_are_found_by_name_and_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_variables(monkeypatch)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console, otlp")
    assert [point.name for point in trace_settings.exporters()] == ["console", "otlp_json_http"]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(
        SettingsError, match="No exporter for traces is installed for otlp over grpc; installed: console"
    ):
        trace_settings.check()
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    with pytest.raises(SettingsError, match="installed for zipkin; installed: console, otlp_json_http"):
        trace_settings.check()


def test_without_the_extra_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_variables(monkeypatch)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x")
    monkeypatch.setattr(trace_settings, "find_spec", lambda _: None)
    with pytest.raises(
        SettingsError, match=r"OTEL_EXPORTER_OTLP_ENDPOINT asks for traces.*pip install '\.\[otel\]' in"
    ):
        trace_settings.check()
