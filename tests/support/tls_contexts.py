"""One TLS context for all HTTP clients of a test process, instead of one for each client.

httpx reads the system's certificates for every client, which takes 20 ms of processor time, also where it then speaks plain HTTP.
"""

import functools
import os
import ssl
from collections.abc import Callable
from typing import Any

from httpx._transports import default

_FROM_ENVIRONMENT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


def share_tls_contexts() -> None:
    """Makes httpx keep the contexts that it creates, for as long as the settings in the environment are the same."""
    create: Callable[..., ssl.SSLContext] = default.create_ssl_context

    @functools.cache
    def _kept(settings: tuple[str | None, ...], arguments: tuple[Any, ...]) -> ssl.SSLContext:
        verify, cert, trust_env = arguments
        return create(verify=verify, cert=cert, trust_env=trust_env)

    def _shared(verify: Any, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        return _kept(tuple(os.environ.get(name) for name in _FROM_ENVIRONMENT), (verify, cert, trust_env))

    default.create_ssl_context = _shared
