"""An OCI registry in memory that keeps the bytes of a cut request, as most registries do, and Docker's does not."""

import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_BLOCK = 1000


@dataclass
class SmallImageRegistry:
    """An OCI registry.

    Attributes:
        address: `host:port`.
        refusals: Statuses and headers of the next responses, by the method and the first letters of the path below the repository,
            such as `PUT manifests`.
        cut_after: After how many bytes of an upload the next request is cut; `None` for never.
        hold_after: How many requests are served before further ones wait until `released`; `None` for all.
        is_held: Set once a request waits.
        requests: The requests, with the header that names their bytes.
        blobs: Blobs by digest.
        manifests: Manifests by tag or digest.
    """

    address: str = ""
    refusals: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    cut_after: int | None = None
    hold_after: int | None = None
    is_held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    requests: list[str] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)
    sessions: dict[str, bytearray] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def refusal(self, asked: str) -> tuple[int, dict[str, str]] | None:
        """Returns what a request is refused with."""
        for start, left in self.refusals.items():
            if asked.startswith(start) and left:
                return left.pop(0)
        return None


@contextmanager
def small_image_registry() -> Iterator[SmallImageRegistry]:
    """Serves a registry."""
    registry = SmallImageRegistry()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            split = urlsplit(self.path)
            below = re.sub(r"^/v2/(?:.*?/(?=blobs|manifests))?", "", split.path)
            registry.requests.append(f"{self.command} {below} {self.headers.get('Content-Range', '-')}")
            if registry.hold_after is not None and len(registry.requests) > registry.hold_after:
                registry.is_held.set()
                registry.released.wait()
                self.close_connection = True
                return None
            refusal = registry.refusal(f"{self.command} {below}")
            session = (
                registry.sessions.setdefault(below.rpartition("/")[2], bytearray()) if "uploads/" in below else None
            )
            if refusal:
                self.close_connection = True
                return self.answer(refusal[0], headers=refusal[1])
            if session is not None and self.command in ("PATCH", "PUT") and not self.receive(session):
                self.close_connection = True
                return None
            digest = parse_qs(split.query).get("digest", [""])[0]
            return self.route(below, session, digest, split.path)

        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = handle_one  # noqa: N815 (names of http.server)

        def route(self, below: str, session: bytearray | None, digest: str, path: str) -> None:
            name = below.partition("/")[2]
            match self.command, below.partition("/")[0], session:
                case "POST", _, _:
                    self.answer(202, headers={"Location": f"{path}{next(registry.numbers)}"})
                case "GET" | "PATCH", _, bytearray() as data:
                    self.answer(
                        204 if self.command == "GET" else 202, headers={"Location": path, "Range": f"0-{len(data) - 1}"}
                    )
                case "PUT", _, bytearray() as data:
                    is_right = digest == f"sha256:{sha256(data).hexdigest()}"
                    registry.blobs |= {digest: bytes(data)} if is_right else {}
                    self.answer(201 if is_right else 400)
                case "PUT", "manifests", _:
                    registry.manifests[name] = self.rfile.read(int(self.headers["Content-Length"]))
                    self.answer(201)
                case "GET" | "HEAD", "blobs" | "manifests" as kind, None:
                    found = (registry.blobs if kind == "blobs" else registry.manifests).get(name)
                    self.answer(404 if found is None else 200, found or b"")
                case _:
                    self.answer(200 if not below else 202)

        def receive(self, session: bytearray) -> bool:
            """Takes the body. Returns whether it was taken as a whole."""
            left = int(self.headers["Content-Length"])
            while left:
                data = self.rfile.read(min(left, _BLOCK))
                left -= len(data)
                session += data
                if registry.cut_after is not None and len(session) >= registry.cut_after:
                    registry.cut_after = None
                    return False
            return True

        def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        registry.address = f"127.0.0.1:{server.server_port}"
        yield registry
        server.shutdown()
