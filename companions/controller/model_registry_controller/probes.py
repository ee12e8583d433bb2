"""The HTTP servers for probes and metrics, in threads of their own, so that a busy event loop does not make a probe wait."""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client.exposition import ThreadingWSGIServer, make_wsgi_app

from model_registry_controller.kubernetes.connection import ConfigurationError
from model_registry_controller.measuring import Measures
from model_registry_controller.settings.reading import Settings

log = logging.getLogger(__name__)
_STUCK = 60.0
"""Seconds without a sign of the event loop after which the program counts as stuck."""
_SECONDS = 10
Answer = Iterable[bytes]


class Health:
    """Whether the program works.

    Attributes:
        is_ready: Whether it is set up.
    """

    def __init__(self) -> None:
        self.is_ready = False
        self._last = time.monotonic()

    def beat(self) -> None:
        """The event loop gives a sign."""
        self._last = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether the event loop gave a sign within the last minute."""
        return time.monotonic() - self._last < _STUCK

    def answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Answer:
        """Answers a probe (WSGI)."""
        checks = {"/healthz": self.is_alive, "/readyz": self.is_alive and self.is_ready}
        path = str(environ.get("PATH_INFO", "")).rstrip("/")
        is_good = checks.get(path)
        status = "404 Not Found" if is_good is None else "200 OK" if is_good else "500 Internal Server Error"
        start(status, [("Content-Type", "text/plain")])
        return [b"ok" if is_good else status.encode()]


class _Quiet(WSGIRequestHandler):
    timeout = _SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name there)
        log.debug(format, *args)


def serve(settings: Settings, health: Health, measures: Measures) -> list[WSGIServer]:
    """Starts the servers that the settings ask for. Raises `ConfigurationError` if an address cannot be used."""
    started = []
    if address := _address(settings, "health-probe-bind-address"):
        started.append(_start(*address, health.answer, None))
    if address := _address(settings, "metrics-bind-address"):
        started.append(_start(*address, make_wsgi_app(measures.registry), _certificate(settings)))
    return started


def _address(settings: Settings, name: str) -> tuple[str, int] | None:
    text = settings.text(name)
    if text == "0":
        return None
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004
        raise ConfigurationError(f"--{name} must be an address such as :8081, or 0 for none; got {text!r}.")
    return host.strip("[]"), int(port)


def _certificate(settings: Settings) -> ssl.SSLContext | None:
    if not settings.flag("metrics-secure"):
        return None
    folder = settings.text("metrics-cert-path")
    if not folder:
        raise ConfigurationError(
            "--metrics-bind-address needs --metrics-cert-path with the folder of tls.crt and tls.key, or --metrics-secure=false."
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(Path(folder, "tls.crt"), Path(folder, "tls.key"))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"--metrics-cert-path must have tls.crt and tls.key; {folder}: {error}.") from error
    return context


def _start(host: str, port: int, application: Any, tls: ssl.SSLContext | None) -> WSGIServer:
    try:
        server = make_server(host, port, application, ThreadingWSGIServer, _Quiet)
    except OSError as error:
        raise ConfigurationError(f"{host}:{port} cannot be listened on: {error}.") from error
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True, name=f"port {port}").start()
    return server
