"""The identity of a user: a token in the cookie, or headers of a gateway. Nothing else of a browser's request reaches the API."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from model_registry_ui.backend import Caller

COOKIE = "mr_ui"
LONGEST_TOKEN = 3800
"""Bytes of a token. A browser keeps about 4,096 for a cookie with all its attributes."""
GATEWAY_HEADERS = ("kubeflow-userid", "kubeflow-groups")
_ALWAYS = ("sec-fetch-site", "x-forwarded-for")


@dataclass(frozen=True, slots=True)
class Identities:
    """Which identities of a browser's request count.

    Attributes:
        trusts_gateway: Whether the connection of an ASGI scope comes from a gateway, whose headers say who the user is.
        cookie_path: The path that the cookie is for.
    """

    trusts_gateway: Callable[[Scope], bool]
    cookie_path: str

    def caller(self, request: Request, request_id: str) -> Caller:
        """Returns the caller of a page's request."""
        names = (*_ALWAYS, *GATEWAY_HEADERS) if self.trusts_gateway(request.scope) else ()
        headers = [(name, value) for name in names for value in request.headers.getlist(name) if value.isprintable()]
        token = request.cookies.get(COOKIE, "")
        if fits(token):
            headers.append(("authorization", f"Bearer {token}"))
        client = request.client
        return Caller(tuple(headers), (client.host, client.port) if client else None, request_id)

    def remember(self, response: Response, token: str, *, is_secure: bool) -> None:
        """Stores a token in the cookie until the browser is closed. Links from other sites still carry it, forms do not."""
        response.set_cookie(COOKIE, token, path=self.cookie_path, secure=is_secure, httponly=True, samesite="lax")

    def forget(self, response: Response) -> None:
        """Removes the token."""
        response.delete_cookie(COOKIE, path=self.cookie_path, httponly=True, samesite="lax")


def fits(token: str) -> bool:
    """Whether a text can be a bearer token that the cookie holds: RFC 6750's characters, and not too long."""
    return 0 < len(token) <= LONGEST_TOKEN and all(
        sign.isascii() and (sign.isalnum() or sign in "-._~+/=") for sign in token
    )
