"""Authentication: finds the identity of a client before anything else is done with a request of the API."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.errors import RegistryError, Unauthorized
from model_registry_proxy.http.mlflow_errors import BEGINNINGS
from model_registry_proxy.http.responses import send_error
from model_registry_proxy.security.gateway import Gateway, networks
from model_registry_proxy.security.principals import Principal, note_principal
from model_registry_proxy.security.tokens import PREFIX, Tokens

WAYS = ("tokens", "jwt", "gateway")
_BEARER = re.compile(rb"bearer +([A-Za-z0-9._~+/=-]+)", re.IGNORECASE)
_BASIC = re.compile(rb"basic +([A-Za-z0-9+/=]+)", re.IGNORECASE)
_PRIVATE = (b"cache-control", b"private, no-cache")


class TokenVerifier(Protocol):
    """Verifies bearer tokens of one kind."""

    async def principal(self, token: str) -> Principal:
        """The principal that a token identifies; raises `Unauthorized`."""


@dataclass(frozen=True, slots=True)
class Identification:
    """The ways of authentication; each is `None` if it is off."""

    tokens: TokenVerifier | None = None
    jwts: TokenVerifier | None = None
    gateway: Gateway | None = None

    async def principal(self, scope: Scope) -> Principal:
        """The principal of a request; raises `Unauthorized`.

        If tokens are accepted, a token in `Authorization` decides, whether it is valid or not. Without one the gateway decides.
        """
        headers = scope["headers"]
        sent = [value for name, value in headers if name == b"authorization"]
        if sent and (self.tokens or self.jwts):
            return await self._by_token(sent, takes_basic=scope.get("path", "").startswith(BEGINNINGS))
        if self.gateway and self.gateway.trusts(scope) and (found := self.gateway.principal(headers)):
            return found
        raise Unauthorized(self._wanted())

    async def _by_token(self, sent: Sequence[bytes], *, takes_basic: bool) -> Principal:
        if len(sent) > 1:
            raise Unauthorized("Several Authorization headers: it is not clear which one counts.", is_bad=True)
        value = sent[0].strip(b" \t")
        sent_token = _with_token_first(value) if takes_basic else value
        found = _BEARER.fullmatch(sent_token)
        if not found:
            other = ", or the word Basic and any user name with a token as the password" if takes_basic else ""
            raise Unauthorized(f"Authorization must be the word Bearer and a token{other}.", is_bad=True)
        token = found[1].decode("ascii")
        is_ours = self.jwts is None or (self.tokens is not None and token.startswith(PREFIX))
        verifier = self.tokens if is_ours else self.jwts
        assert verifier  # noqa: S101 (one of them is there)
        return await verifier.principal(token)

    def _wanted(self) -> str:
        if not self.gateway:
            return "A bearer token is needed in the header Authorization."
        token = " or a bearer token in the header Authorization" if self.tokens or self.jwts else ""
        return f"An identity that the gateway in front of this server has checked{token} is needed."


def _with_token_first(value: bytes) -> bytes:
    """A value of `Authorization` with Basic credentials (RFC 7617) as the one with their password as the token; any other as it is.

    MLflow's clients send a user name and a password so.
    """
    found = _BASIC.fullmatch(value)
    if not found:
        return value
    try:
        _, colon, password = base64.b64decode(found[1], validate=True).partition(b":")
    except binascii.Error:
        return value
    return b"Bearer " + password if colon else value


class Authenticated:
    """ASGI: serves clients with a valid identity from `app`; answers 401 to all others before a body is read."""

    def __init__(self, app: ASGIApp, identification: Identification) -> None:
        self._app, self._identification = app, identification

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        try:
            note_principal(scope, await self._identification.principal(scope))
        except RegistryError as error:
            await send_error(scope, send, error)
            return

        async def send_privately(message: Message) -> None:
            """Forbids shared caches to keep the answer: another user may not see the same."""
            if message["type"] == "http.response.start":
                message["headers"].append(_PRIVATE)
            await send(message)

        await self._app(scope, receive, send_privately)


def ways(settings: Settings) -> tuple[str, ...]:
    """The ways of authentication in `--auth`; empty for `none` and if it is not set. Raises `SettingsError`."""
    named = tuple(dict.fromkeys(part.strip() for part in settings.auth.split(",") if part.strip()))
    unknown = [way for way in named if way not in (*WAYS, "none")]
    if unknown or ("none" in named and len(named) > 1):
        raise SettingsError(
            f"--auth (MR_AUTH) must be none, or one or several of {', '.join(WAYS)} with commas; got {settings.auth!r}."
        )
    return () if named == ("none",) else named


def check_exposure(settings: Settings, addresses: Sequence[str]) -> None:
    """Raises `SettingsError` if other machines can reach one of the addresses, and `--auth` is not set."""
    if settings.auth.strip() or all(_is_loopback(address) for address in addresses):
        return
    raise SettingsError(
        f"--hostname {settings.hostname} can be reached from other machines: choose the clients that may use it by --auth "
        f"(MR_AUTH), which is {', '.join(WAYS)}, or none if every client may read and change everything."
    )


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def identification(settings: Settings) -> Identification | None:
    """The authentication that `--auth` sets; `None` if every client is accepted. Raises `SettingsError`."""
    chosen = ways(settings)
    if not chosen:
        return None
    tokens = jwts = gateway = None
    if "tokens" in chosen:
        if not settings.auth_tokens:
            raise SettingsError(
                "--auth tokens needs --auth-tokens (MR_AUTH_TOKENS), a file of the lines that `model-registry token` makes."
            )
        tokens = Tokens(Path(settings.auth_tokens))
    if "jwt" in chosen:
        from model_registry_proxy.security import jwts as json_web_tokens  # noqa: PLC0415 (cryptography and httpx are large)

        jwts = json_web_tokens.jwts(settings)
    if "gateway" in chosen:
        if not (peers := networks(settings.gateway_peers)):
            raise SettingsError(
                "--auth gateway needs --gateway-peers (MR_GATEWAY_PEERS), the addresses of the gateway: any other client could "
                "send any kubeflow-userid."
            )
        gateway = Gateway(peers)
    return Identification(tokens, jwts, gateway)
