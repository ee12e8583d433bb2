"""Runs the catalog as a process of its own."""

import signal
import sys
from functools import partial

from model_catalog.serving.application import build
from model_catalog.serving.settings import of_catalog
from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.configuration.tls import server_context
from model_registry_proxy.observability import trace_settings
from model_registry_proxy.observability.exposition import exposing
from model_registry_proxy.security.authentication import ways
from model_registry_proxy.security.guards import guards
from model_registry_proxy.serving.graceful import GracefulServer
from model_registry_proxy.serving.listening import listen
from model_registry_proxy.serving.protocol import configuration

_FLAG = "--listen (MR_LISTEN)"


def serve(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM. Raises `SettingsError` with one line for the operator."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))  # while starting; later uvicorn's own handlers end in good order
    chosen = of_catalog(settings)
    trace_settings.check()
    server_context(chosen)
    guards(chosen).close()
    sockets = listen(chosen.hostname, chosen.port, host_flag=_FLAG, port_flag=_FLAG)
    try:
        with exposing(chosen) as exposed:
            _announce(exposed, sockets[0].getsockname()[1])
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(
                    number, lambda *_: None
                )  # uvicorn ends in good order and then raises the signal once more
            GracefulServer(configuration(exposed, partial(build, exposed))).run(sockets=sockets)
    finally:
        for listening in sockets:
            listening.close()


def _announce(settings: Settings, port: int) -> None:
    """Prints the addresses."""
    host = f"[{settings.hostname}]" if ":" in settings.hostname else settings.hostname
    url = f"{'https' if settings.tls_cert else 'http'}://{host}:{port}{settings.root_path}"
    lines = [
        f"Model catalog  {url}/api/model_catalog/v1",
        f"MCP catalog    {url}/api/mcp_catalog/v1",
        f"Documentation  {url}/docs",
        f"Authentication {', '.join(ways(settings)) or 'none: everyone who reaches this address may read everything'}",
    ]
    if settings.metrics_port:
        lines.append(f"Metrics        http://{settings.metrics_hostname}:{settings.metrics_port}/metrics")
    print("\n".join(lines), flush=True)  # noqa: T201 (what the operator asked for)
