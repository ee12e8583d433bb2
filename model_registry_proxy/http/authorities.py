"""Hosts with ports, as in the headers `Host` and `Origin` (RFC 3986, 3.2), and the patterns for them in settings."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.*-]+)(?::([0-9]{0,5}))?")
_PATTERN = re.compile(r"\*(:[0-9]+)?|(\*\.)?[^*]+")
ANY = "*"


@dataclass(frozen=True, slots=True)
class Authority:
    """A host in lower case without a dot at its end, or an address in its shortest form; and a port, `None` if there is none."""

    host: str
    port: int | None


def read_authority(text: str) -> Authority | None:
    """Parses a text such as `Example.org:8080` or `[::1]`; returns `None` if it is no authority."""
    found = _AUTHORITY.fullmatch(text)
    if not found:
        return None
    return Authority(_host(found[1]), int(found[2]) if found[2] else None)


def _host(text: str) -> str:
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        return text.lower().removesuffix(".")
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return str(address)


def is_loopback(host: str) -> bool:
    """Whether a host is `localhost` or a loopback address, which only this machine can reach."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class AuthorityPattern:
    """`registry.example.org`, `*.example.org` (all names below it) or `*` (all names), with a port or for all ports."""

    host: str
    port: int | None

    def matches(self, authority: Authority) -> bool:
        """Whether the pattern names this host and port."""
        if self.port not in (None, authority.port):
            return False
        if self.host.startswith("*."):
            return authority.host.endswith(self.host[1:]) and len(authority.host) >= len(self.host)
        return self.host in (ANY, authority.host)


def read_pattern(text: str) -> AuthorityPattern | None:
    """Parses a pattern; returns `None` if it is none, for example if it has a star anywhere but at its start."""
    authority = read_authority(text) if _PATTERN.fullmatch(text) else None
    return AuthorityPattern(authority.host, authority.port) if authority else None
