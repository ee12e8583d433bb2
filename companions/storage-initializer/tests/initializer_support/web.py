"""A web server whose files a test sets, and which can break off, refuse, or lack ranges."""

import http.server
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

POLL = 0.01
"""How often a server looks whether it is to stop, in seconds. The default would cost each test half a second."""


@dataclass
class Served:
    """How a path is answered.

    Attributes:
        data: The content.
        content_type: Its type.
        headers: More headers.
        has_ranges: Whether ranges are answered, with an ETag.
        has_length: Whether the length is sent.
        cuts: After how many bytes each of the next answers breaks off.
        statuses: The statuses of the next answers, instead of the content.
        needs: Headers without which the answer is 404, or 401 if there is a challenge.
        challenge: What a 401 asks for.
        location: Where requests are redirected.
    """

    data: bytes = b""
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)
    has_ranges: bool = False
    has_length: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    needs: dict[str, str] = field(default_factory=dict)
    challenge: str = ""
    location: str = ""
    etag: str = '"first"'


class Web:
    """A running server: `files` maps paths to answers, `seen` has each request as path and headers."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(POLL,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def serve(self, path: str, data: bytes = b"", **options: Any) -> str:
        """Sets the content of a path; returns its URL."""
        self.files[path] = Served(data, **options)
        return self.url + path

    def stop(self) -> None:
        """Ends the server."""
        self.server.shutdown()
        self.server.server_close()


def _handler(web: Web) -> Callable[..., http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            web.seen.append((self.path, dict(self.headers)))
            file = web.files.get(self.path.partition("?")[0])
            if file and any(self.headers.get(name) != value for name, value in file.needs.items()):
                self._empty(401 if file.challenge else 404, **{"WWW-Authenticate": file.challenge})
            elif file is None:
                self._empty(404)
            elif file.location:
                self._empty(302, Location=file.location)
            elif file.statuses:
                self._empty(file.statuses.pop(0), **{"Retry-After": "0"})
            else:
                self._send(file)

        def _send(self, file: Served) -> None:
            asked = self.headers.get("Range", "")
            is_same = self.headers.get("If-Range", file.etag) == file.etag
            first, last = 0, len(file.data) - 1
            if asked and file.has_ranges and is_same:
                begin, _, end = asked.removeprefix("bytes=").partition("-")
                first, last = int(begin), int(end or last)
            body = whole = file.data[first : last + 1]
            if file.cuts and len(body) > 1:  # before the headers go: after them the next request may come at once
                body = body[: file.cuts.pop(0)]
            self.send_response(206 if asked and file.has_ranges and is_same else 200)
            self.send_header("Content-Type", file.content_type)
            if file.has_ranges:
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("ETag", file.etag)
            for name, value in file.headers.items():
                self.send_header(name, value)
            self.close_connection = not file.has_length or body is not whole
            self.send_header(*(("Content-Length", str(len(whole))) if file.has_length else ("Connection", "close")))
            self.end_headers()
            self.wfile.write(body)

        def _empty(self, status: int, **headers: str) -> None:
            body = json.dumps({"code": str(status), "message": "refused"}).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True

    return Handler
