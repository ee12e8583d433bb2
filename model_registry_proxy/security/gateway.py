"""Identities in headers of a gateway that has checked them, such as Kubeflow's. They count from its addresses only."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.errors import Unauthorized
from model_registry_proxy.security.principals import Principal

USER, GROUPS = b"kubeflow-userid", b"kubeflow-groups"
_MOST_REMEMBERED = 1024
Headers = Iterable[tuple[bytes, bytes]]
Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Parses addresses and networks with commas between them; raises `SettingsError`."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(
            f"--gateway-peers (MR_GATEWAY_PEERS): {error}; write networks such as 10.1.0.0/16 or addresses, with commas."
        ) from None


class Gateway:
    """Accepts identities from connections of these networks."""

    def __init__(self, peers: tuple[Network, ...]) -> None:
        self._peers = peers
        self._is_peer = lru_cache(_MOST_REMEMBERED)(self._look_up)

    def _look_up(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:  # for example, of a Unix socket
            return False
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        return any(address in network for network in self._peers)

    def trusts(self, scope: Scope) -> bool:
        """Whether the connection comes from the gateway, by the address of the socket and never by a header."""
        client = scope.get("client")
        return client is not None and self._is_peer(client[0])

    def principal(self, headers: Headers) -> Principal | None:
        """The principal in the headers, `None` if they have none; raises `Unauthorized` for headers that cannot be used."""
        users = [value for name, value in headers if name == USER]
        groups = [value for name, value in headers if name == GROUPS]
        if not users:
            return None
        if len(users) > 1 or len(groups) > 1:
            raise Unauthorized(
                f"Several {USER.decode()} or {GROUPS.decode()} headers: it is not clear which one counts."
            )
        try:
            user, listed = users[0].decode().strip(), (groups or [b""])[0].decode()
        except UnicodeDecodeError:
            raise Unauthorized(f"{USER.decode()} and {GROUPS.decode()} must be UTF-8.") from None
        if not user:
            raise Unauthorized(f"{USER.decode()} is empty.")
        return Principal(user, frozenset(part.strip() for part in listed.split(",") if part.strip()), "gateway")
