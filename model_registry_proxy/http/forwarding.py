"""The scheme and the host by which the client addressed this server; a trusted gateway sends them in `X-Forwarded-*`."""

from collections.abc import Callable
from typing import NamedTuple

from starlette.types import Scope

Trusts = Callable[[Scope], bool]
"""Whether a connection comes from a gateway whose `X-Forwarded-Proto` and `X-Forwarded-Host` are trusted."""
_HOST, _PROTO = b"x-forwarded-host", b"x-forwarded-proto"


class Address(NamedTuple):
    """The scheme, and the host with its port as text; `None` if the request has no `Host` (HTTP/1.0)."""

    scheme: str
    host: str | None


def address_of(scope: Scope, trusts: Trusts) -> Address:
    """The scheme and the host by which the client addressed this server."""
    headers = dict(scope["headers"])
    scheme, host = scope["scheme"], headers.get(b"host")
    if (_HOST in headers or _PROTO in headers) and trusts(scope):
        scheme = _last(headers[_PROTO]).lower().decode("latin-1") if _PROTO in headers else scheme
        host = _last(headers[_HOST]) if _HOST in headers else host
    return Address(scheme, None if host is None else host.decode("latin-1"))


def _last(value: bytes) -> bytes:
    """The value that the nearest gateway added: each gateway adds its own after a comma."""
    return value.rpartition(b",")[2].strip()
