"""Traces of a real proxy arrive at a collector, the last ones included, and the log names them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import processes
from tests.support.tiers import slow

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@contextmanager
def collector() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An OTLP collector: its address, and what it got."""
    got: list[dict[str, Any]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("workers", ["1", *slow("2")])
def test_the_collector_gets_all_spans_before_the_proxy_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    with collector() as (url, got):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        monkeypatch.setenv("OTEL_SERVICE_NAME", "registry")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "60000")  # what arrives was sent at the end
        flags = ["--workers", workers, "--log-format", "json", "--log-level", "info"]
        with processes.proxy(tmp_path, *flags) as proxy:
            headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
            assert httpx.post(f"{proxy.api}/registered_models", json={"name": "m"}, headers=headers).status_code == 201
            proxy.stop()
    resources = [entry for message in got for entry in message["resourceSpans"]]
    attributes = {fact["key"]: fact["value"] for entry in resources for fact in entry["resource"]["attributes"]}
    assert attributes["service.name"] == {"stringValue": "registry"}
    spans = [span for entry in resources for scope in entry["scopeSpans"] for span in scope["spans"]]
    names = {span["name"] for span in spans if span["traceId"] == TRACE}
    assert {"POST createRegisteredModel", "ml_metadata.MetadataStoreService/PutContexts"} <= names
    lines = [json.loads(line) for line in proxy.log.read_text().splitlines() if line.startswith("{")]
    assert TRACE in {line.get("trace_id") for line in lines}
