"""Servers between the command and those that it asks: one that speaks TLS with a certificate of the test, and a forward proxy."""

import http.server
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from initializer_support.web import POLL


class Server(socketserver.ThreadingTCPServer):
    """A server of TCP on a free port, with a thread for each connection."""

    allow_reuse_address, daemon_threads = True, True

    def handle_error(self, *_: object) -> None:
        """Says nothing: a client may refuse the certificate."""


@contextmanager
def _serving(handler: Callable[..., socketserver.BaseRequestHandler]) -> Iterator[str]:
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def _connected(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def _exchange(one: socket.socket, other: socket.socket) -> None:
    """Sends to each what comes from the other, until one of them ends."""
    with suppress(OSError):
        while True:
            ready = [each for each in (one, other) if isinstance(each, ssl.SSLSocket) and each.pending()]
            for source in ready or select.select([one, other], [], [])[0]:
                if not (data := source.recv(2**16)):
                    return
                (other if source is one else one).sendall(data)


@contextmanager
def tls(address: str, context: ssl.SSLContext) -> Iterator[str]:
    """Serves what a server without TLS serves, with TLS; yields host and port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with context.wrap_socket(self.request, server_side=True) as client, _connected(address) as server:
                _exchange(client, server)

    with _serving(Handler) as served:
        yield served


@contextmanager
def proxy(asked: list[str]) -> Iterator[str]:
    """A forward proxy; yields its URL. `asked` gets the host and port of each request."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            """Opens a tunnel."""
            asked.append(self.path)
            with _connected(self.path) as server:
                self.send_response(200)
                self.end_headers()
                _exchange(self.connection, server)
            self.close_connection = True

        def do_GET(self) -> None:
            """Sends a request on, and ends the connection after the answer."""
            target = urlsplit(self.path)
            asked.append(target.netloc)
            path = self.path.partition(target.netloc)[2] or "/"
            headers = {**self.headers, "Connection": "close"}
            lines = [
                f"{self.command} {path} HTTP/1.1",
                *(f"{name}: {value}" for name, value in headers.items()),
                "",
                "",
            ]
            with _connected(target.netloc) as server:
                server.sendall("\r\n".join(lines).encode())
                while data := server.recv(2**16):
                    self.connection.sendall(data)
            self.close_connection = True

        def do_HEAD(self) -> None:
            """Does the same."""
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with _serving(Handler) as served:
        yield f"http://{served}"
