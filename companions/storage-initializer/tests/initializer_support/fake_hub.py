"""A Hugging Face Hub of one repository on the loopback interface, enough for snapshot_download."""

import hashlib
import http.server
import json
import threading

from initializer_support.web import POLL

SHA = "a" * 40
REPO = "owner/model"
FILES = {"config.json": b'{"a": 1}\n', "weights/model.safetensors": b"\x00" * 300_000}


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers what snapshot_download asks. Files in `cut_once` break off once after a third."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        """Answers without a body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answers the model, its list of files, and a file."""
        path = self.path.partition("?")[0]
        self.server.seen.append((self.command, path, self.headers.get("Authorization"), self.headers.get("Range")))
        if path.startswith(f"/api/models/{REPO}/tree/"):
            self.answer(json.dumps([entry(name, data) for name, data in FILES.items()]).encode(), "application/json")
        elif path.startswith(f"/api/models/{REPO}"):
            siblings = [{"rfilename": name} for name in FILES]
            about = {"id": REPO, "modelId": REPO, "sha": SHA, "siblings": siblings, "private": False, "tags": []}
            self.answer(json.dumps({**about, "downloads": 0, "likes": 0}).encode(), "application/json")
        elif path.startswith(f"/{REPO}/resolve/"):
            name = path.removeprefix(f"/{REPO}/resolve/").split("/", 1)[1]
            if name in FILES:
                self.answer(FILES[name], "application/octet-stream", name)
            else:
                self.fail("EntryNotFound")
        else:
            self.fail("RepoNotFound")

    def fail(self, code: str) -> None:
        """Answers 404 with an error code of the hub."""
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, data: bytes, kind: str, name: str | None = None) -> None:
        """Answers a body, or the asked range of it."""
        asked = self.headers.get("Range", "")
        start = int(asked[6:].split("-")[0]) if asked.startswith("bytes=") else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if name:
            self.send_header("ETag", f'"{hashlib.sha1(data, usedforsecurity=False).hexdigest()}"')
            self.send_header("X-Repo-Commit", SHA)
            self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        if self.command == "GET" and name in self.server.cut_once and not start:
            self.server.cut_once.discard(name)
            self.wfile.write(data[: len(data) // 3])
            self.close_connection = True
        elif self.command == "GET":
            self.wfile.write(data[start:])

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def entry(name: str, data: bytes) -> dict[str, object]:
    """A file in the list of a repository."""
    oid = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return {"type": "file", "path": name, "size": len(data), "oid": oid}


def serve() -> http.server.ThreadingHTTPServer:
    """Starts a hub on a free port. `seen` has its requests."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.seen, server.cut_once = [], set()
    threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()
    return server
