"""What stands between the controller and registries on the wire: it notes each call, and fails on demand.

It is also the HTTP proxy of the controller, so that names of Services need no DNS.
"""

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.processes import API


@dataclass(frozen=True)
class Call:
    """One call: method and path below the base path, body, token, and the host of a Service."""

    line: str
    body: Any
    token: str
    host: str

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.line.split()[0]


@dataclass
class Recorder:
    """The calls so far, and what happens to the next ones.

    Attributes:
        registry: The address of the real registry.
        url: Where this recorder listens.
        mode: `up`, `drop` (the connection is closed), or a status.
        delay: Seconds before each answer.
        calls: The calls.
    """

    registry: str
    url: str = ""
    mode: str = "up"
    delay: float = 0.0
    calls: list[Call] = field(default_factory=list)

    def about(self, text: str) -> list[Call]:
        """The calls whose line or body has a text."""
        return [call for call in list(self.calls) if text in call.line or text in json.dumps(call.body)]


@contextmanager
def recording(registry: str) -> Iterator[Recorder]:
    """Starts a recorder in front of a registry."""
    recorder = Recorder(registry)
    with httpx.Client(base_url=registry, trust_env=False, timeout=30) as client:

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                line = f"{self.command} {target.removeprefix(API)}"
                token = self.headers.get("Authorization") or ""
                recorder.calls.append(Call(line, json.loads(body or b"null"), token, parts.netloc))
                if recorder.delay:
                    time.sleep(recorder.delay)
                if self.command == "CONNECT" or recorder.mode == "drop":
                    self.close_connection = True
                    return
                if recorder.mode == "up":
                    answer = client.request(
                        self.command, target, content=body, headers={"Content-Type": "application/json"}
                    )
                    self._answer(answer.status_code, answer.content)
                else:
                    self._answer(int(recorder.mode), b'{"code": "", "message": "the recorder"}')

            do_GET = do_POST = do_PATCH = do_CONNECT = _any  # noqa: N815

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                with suppress(OSError):  # the controller waits no longer
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        recorder.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
