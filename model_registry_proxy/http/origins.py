"""Origins of pages (RFC 6454): a page of another origin may change nothing, unless the operator has listed its origin."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from starlette.types import Scope

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.errors import Forbidden
from model_registry_proxy.http.authorities import ANY, Authority, AuthorityPattern, read_authority, read_pattern
from model_registry_proxy.http.forwarding import Trusts, address_of

_ORIGIN = re.compile(r"(https?)://([^/?#@]+)", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_OUR_SITE = (b"same-origin", b"none")
"""Values of `Sec-Fetch-Site` for pages of this server, and for addresses that the user typed."""
_MOST_REMEMBERED = 1024


class Origin(NamedTuple):
    """Scheme, host and port of a page."""

    scheme: str
    authority: Authority


class OriginPattern(NamedTuple):
    """An origin, or all origins below a host name."""

    scheme: str
    authority: AuthorityPattern


def read_origin(text: str) -> Origin | None:
    """Parses an origin such as `https://example.org:8443`; returns `None` for `null` and every other text."""
    found = _ORIGIN.fullmatch(text)
    authority = read_authority(found[2]) if found else None
    if found is None or authority is None:
        return None
    scheme = found[1].lower()
    return Origin(scheme, Authority(authority.host, authority.port or _DEFAULT_PORTS[scheme]))


class Origins:
    """The rules for origins. `listed`: the origins that the operator allows."""

    def __init__(self, listed: Sequence[OriginPattern], trusts: Trusts) -> None:
        self._listed, self._trusts = listed, trusts
        self.is_listed = lru_cache(_MOST_REMEMBERED)(self._look_up)

    def _look_up(self, text: str) -> bool:
        """Whether the operator has listed the origin."""
        origin = read_origin(text)
        return origin is not None and any(
            scheme == origin.scheme and pattern.matches(origin.authority) for scheme, pattern in self._listed
        )

    def is_own(self, scope: Scope, text: str) -> bool:
        """Whether an origin is that of this server, as the client addressed it."""
        scheme, host = address_of(scope, self._trusts)
        return host is not None and read_origin(f"{scheme}://{host}") == (read_origin(text) or ())

    def refusal(self, scope: Scope) -> Forbidden | None:
        """Returns why a request may not change anything, or `None` if no page of another origin has sent it."""
        sent = [value for name, value in scope["headers"] if name == b"origin"]
        if not sent:
            return self._without_origin(scope)
        text = b", ".join(sent).decode("latin-1")  # several of them are no origin
        if self.is_listed(text) or self.is_own(scope, text):
            return None
        return foreign(text)

    @staticmethod
    def _without_origin(scope: Scope) -> Forbidden | None:
        sites = [value.strip().lower() for name, value in scope["headers"] if name == b"sec-fetch-site"]
        if all(site in _OUR_SITE for site in sites):
            return None
        return Forbidden(
            "A page of another site sent this without its Origin, and may not change anything here. --cors-origins "
            "(MR_CORS_ORIGINS) lists the origins that may."
        )


def foreign(origin: str) -> Forbidden:
    """The refusal of an origin that is neither this server's nor listed."""
    return Forbidden(
        f"Pages of the origin {origin[:200]} may not change anything here: it is not this server's own origin. If it should be "
        "allowed, add it to --cors-origins (MR_CORS_ORIGINS); if a gateway serves this server there, add the gateway's address to "
        "--gateway-peers (MR_GATEWAY_PEERS) and let it send X-Forwarded-Proto and X-Forwarded-Host."
    )


def listed_origins(settings: Settings) -> tuple[OriginPattern, ...]:
    """The origins that `--cors-origins` lists; raises `SettingsError`."""
    found: list[OriginPattern] = []
    for text in (part.strip() for part in settings.cors_origins.split(",")):
        if not text:
            continue
        match = _ORIGIN.fullmatch(text.removesuffix("/"))
        pattern = read_pattern(match[2]) if match else None
        if match is None or pattern is None or pattern.host == ANY:
            raise SettingsError(
                f"--cors-origins (MR_CORS_ORIGINS): {text!r} is not an origin; write https://ui.example.org, "
                "https://ui.example.org:8443 or https://*.example.org, several with commas between."
            )
        scheme = match[1].lower()
        port = pattern.port or _DEFAULT_PORTS[scheme]
        found.append(OriginPattern(scheme, AuthorityPattern(pattern.host, port)))
    return tuple(found)
