"""Refuses requests for host names that are not this server's: protection against DNS rebinding.

In that attack the name of a foreign page resolves to the address of this server. The browser then treats the page as one of this
server's own, so it could read and change everything that needs no token.
"""

from collections.abc import Sequence
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.errors import MisdirectedRequest
from model_registry_proxy.http.authorities import AuthorityPattern, is_loopback, read_authority, read_pattern
from model_registry_proxy.http.forwarding import Trusts, address_of
from model_registry_proxy.http.responses import send_error

_MOST_REMEMBERED = 1024


class KnownHosts:
    """ASGI: serves requests for one of this server's names from `app`, and refuses all others with 421.

    Its names are localhost, the loopback addresses, the address at which the connection arrived, and the names that match `names`.
    A request without `Host` cannot come from a browser and is served.
    """

    def __init__(self, app: ASGIApp, names: Sequence[AuthorityPattern], trusts: Trusts) -> None:
        self._app, self._names, self._trusts = app, names, trusts
        self._is_known = lru_cache(_MOST_REMEMBERED)(self._look_up)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = address_of(scope, self._trusts).host
        if host is None or self._is_known(host, (scope.get("server") or ("",))[0]):
            await self._app(scope, receive, send)
        else:
            await send_error(scope, send, MisdirectedRequest(host))

    def _look_up(self, host: str, arrived_at: str) -> bool:
        authority = read_authority(host)
        if authority is None:
            return False
        arrived = read_authority(f"[{arrived_at}]" if ":" in arrived_at else arrived_at)
        return (
            is_loopback(authority.host)
            or (arrived is not None and arrived.host == authority.host)
            or any(name.matches(authority) for name in self._names)
        )


def known_names(settings: Settings) -> tuple[AuthorityPattern, ...]:
    """The names of this server by `--hostname` and `--allowed-hosts`; raises `SettingsError`."""
    own = read_pattern(f"[{settings.hostname}]" if ":" in settings.hostname else settings.hostname)
    names = [AuthorityPattern(own.host, None)] if own else []
    for text in (part.strip() for part in settings.allowed_hosts.split(",")):
        if not text:
            continue
        name = read_pattern(text)
        if name is None:
            raise SettingsError(
                f"--allowed-hosts (MR_ALLOWED_HOSTS): {text!r} is not a host; write registry.example.org, *.example.org, "
                "10.1.2.3 or [fd00::1], each with a port behind it or without, or * for every host."
            )
        names.append(name)
    return tuple(names)
