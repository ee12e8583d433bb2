"""How the UI is served, as the server or the command that starts it says."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import URL
from starlette.types import Scope

from model_registry_ui import __version__

MOUNT = "/ui"
"""The path of the UI below the root path."""
TOKEN_WAYS = ("tokens", "jwt")
"""The ways of authentication for which the UI asks for a token."""


def _is_of_this_address(scope: Scope, origin: str) -> bool:
    """Whether an origin is that of the address to which the request was sent."""
    url = URL(scope=scope)
    return origin == f"{url.scheme}://{url.netloc}"


def _no_gateway(_: Scope) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of the UI.

    Attributes:
        root_path: The path below which a gateway serves the UI, without a slash at its end.
        server: The address of the registry, shown to people; empty when the UI is a part of the server.
        version: The version that the footer shows.
        ways: The server's ways of authentication; empty if every client may do everything; `None` if unknown.
        origins: Public addresses of the UI, such as `https://ml.example.org`; the first is shown in code to copy.
        frame_ancestors: Which pages may show the UI in a frame, as in a Content-Security-Policy.
        is_own_origin: Whether a text is the origin of this server's own pages, as the browser addressed them.
        page_seconds: How long a page waits for the registry before it says that this takes too long.
        trusts_gateway: Whether a connection comes from a gateway, whose headers say who the user is.
    """

    root_path: str = ""
    server: str = ""
    version: str = __version__
    ways: tuple[str, ...] | None = None
    origins: tuple[str, ...] = ()
    frame_ancestors: str = "'none'"
    is_own_origin: Callable[[Scope, str], bool] = _is_of_this_address
    trusts_gateway: Callable[[Scope], bool] = _no_gateway
    page_seconds: float = 5.0

    @property
    def base(self) -> str:
        """The path of the UI, without a slash at its end."""
        return self.root_path.rstrip("/") + MOUNT

    @property
    def is_mounted(self) -> bool:
        """Whether the UI is a part of the server that it shows."""
        return not self.server

    @property
    def is_open(self) -> bool:
        """Whether it is known that every client may change everything."""
        return self.ways == ()

    @property
    def takes_tokens(self) -> bool:
        """Whether the UI has a page that asks for a token."""
        return self.ways is None or any(way in TOKEN_WAYS for way in self.ways)

    def is_secure(self, scope: Scope) -> bool:
        """Whether browsers use https, so that the cookie may be restricted to it."""
        return scope.get("scheme") == "https" or any(origin.startswith("https://") for origin in self.origins)

    def public_address(self, scope: Scope) -> str:
        """The address of the registry in code that people copy: without a slash at its end."""
        if self.origins:
            return self.origins[0] + self.root_path.rstrip("/")
        url = URL(scope=scope)
        return self.server or f"{url.scheme}://{url.netloc}{self.root_path.rstrip('/')}"
