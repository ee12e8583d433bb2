"""A gateway in front of a registry: it ends TLS, needs a bearer token, and passes requests on."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import httpx

TOKEN = "let-me-in"
_OWN_HEADERS = {"connection", "content-length", "date", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Gateway:
    """A running gateway; `requests` holds the headers of each request, with small letters."""

    port: int
    certificate: Path
    requests: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def gateway(upstream: str, key: Path, certificate: Path) -> Iterator[Gateway]:
    """Starts one before `upstream`, on a free port of localhost."""
    requests: list[dict[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            requests.append(headers)
            body = self.rfile.read(int(headers.get("content-length", "0")))
            if headers.get("authorization") != f"Bearer {TOKEN}":
                self.send_error(HTTPStatus.UNAUTHORIZED)
                return
            passed = {name: value for name, value in headers.items() if name not in {"host", "connection"}}
            answer = httpx.request(self.command, upstream + self.path, headers=passed, content=body, timeout=60)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in _OWN_HEADERS:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_PATCH = do_GET  # noqa: N815 (the names that http.server calls)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield Gateway(server.server_address[1], certificate, requests)
        server.shutdown()
        thread.join()
