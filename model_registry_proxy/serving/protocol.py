"""How uvicorn serves an application: the protocol with its limits, TLS, and the time for an orderly end."""

import ssl
from collections.abc import Callable
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.configuration.tls import server_context
from model_registry_proxy.serving.connections import GuardedProtocol
from model_registry_proxy.serving.listening import BACKLOG

_GRACE_SECONDS = 25


def configuration(settings: Settings, application: str | Callable[[], ASGIApp], *, workers: int = 1) -> uvicorn.Config:
    """The configuration of uvicorn for what makes the application; its name where several workers each make their own."""
    return uvicorn.Config(
        application,
        factory=True,
        workers=workers,
        loop="uvloop",
        http=GuardedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # `client` stays the socket's peer: a header must not be able to pretend to be the gateway
        ssl_context_factory=partial(_tls, settings) if settings.tls_cert else None,
        timeout_keep_alive=settings.keep_alive_timeout,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        backlog=BACKLOG,
    )


def _tls(settings: Settings, *_: object) -> ssl.SSLContext:
    """Returns the TLS context; uvicorn calls this in each process that serves."""
    context = server_context(settings)
    assert context  # noqa: S101 (asked for only where there are certificates)
    return context
