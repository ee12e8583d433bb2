"""A Hugging Face Hub of one model on this machine."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "a" * 40


@dataclass
class Hub:
    """A Hub.

    Attributes:
        files: The files of `owner/model`.
        token: The token that it asks for; empty for none.
        cut: Files whose next transfer ends after a third of the bytes.
        digests: SHA-256 that the Hub states, by file; files without one are no large files.
        requests: What was asked for, with the header `Range`.
    """

    files: dict[str, bytes]
    token: str = ""
    cut: set[str] = field(default_factory=set)
    digests: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def tree(self) -> list[dict[str, Any]]:
        """Returns the list of files as the Hub answers it."""
        return [self._entry(path, data) for path, data in self.files.items()]

    def _entry(self, path: str, data: bytes) -> dict[str, Any]:
        entry = {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}  # noqa: S324 (git)
        if path in self.digests:
            entry["lfs"] = {"oid": self.digests[path], "size": len(data), "pointerSize": 100}
        return entry


@contextmanager
def small_hub(files: dict[str, bytes]) -> Iterator[Hub]:
    """Serves a Hub."""
    hub = Hub(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asked = self.headers.get("Range", "")
            hub.requests.append(f"{path} {asked or '-'}")
            resolved = f"/owner/model/resolve/{COMMIT}/"
            if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                self._send(401, b"{}")
            elif path.startswith("/api/models/owner/model/tree/"):
                self._send(200, json.dumps(hub.tree()).encode())
            elif path.startswith("/api/models/owner/model"):
                self._send(200, json.dumps({"id": "owner/model", "sha": COMMIT, "siblings": []}).encode())
            elif path.startswith(resolved) and path.removeprefix(resolved) in hub.files:
                self._send_file(path.removeprefix(resolved), int(asked[6:].split("-")[0]) if asked else 0)
            else:
                self._send(404, b"{}")

        def _send_file(self, name: str, start: int) -> None:
            data = hub.files[name][start:]
            cut = name in hub.cut
            hub.cut.discard(name)
            self._send(206 if start else 200, data, data[: len(data) // 3] if cut else data)
            self.close_connection = cut

        def _send(self, status: int, data: bytes, sent: bytes | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 404:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            self.wfile.write(data if sent is None else sent)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        hub.url = f"http://127.0.0.1:{server.server_port}"
        yield hub
        server.shutdown()
