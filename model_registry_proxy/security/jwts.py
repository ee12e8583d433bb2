"""JSON Web Tokens of an OpenID Connect issuer, or of any other issuer that publishes its keys."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from model_registry_proxy.configuration.settings import Settings, SettingsError
from model_registry_proxy.errors import Unauthorized
from model_registry_proxy.security.json_web_keys import ALGORITHMS, FileKeys, Key, Keys
from model_registry_proxy.security.principals import Principal

_MOST_CHARACTERS = 16_384
_MOST_VERIFIED = 4096
_REASONS: Mapping[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "The token has expired.",
    jwt.ImmatureSignatureError: "The token is not valid yet.",
    jwt.InvalidAudienceError: "The token is meant for another audience.",
    jwt.InvalidIssuerError: "The token comes from another issuer.",
    jwt.InvalidSignatureError: "The token's signature does not hold.",
    jwt.MissingRequiredClaimError: "The token lacks one of the claims exp, iss and aud.",
}
_UNREADABLE = "The token is not a JWT that can be read."


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must have, and the claims with its user and groups. `leeway`: tolerance for expiry times, in seconds."""

    issuer: str
    audience: str
    algorithms: frozenset[str]
    leeway: float
    user_claim: str
    groups_claim: str


class Jwts:
    """Verifies tokens: signed with one of `keys`, and with the expected claims."""

    def __init__(self, expected: Expected, keys: Keys) -> None:
        self._expected, self._keys = expected, keys
        self._verified: dict[bytes, tuple[Principal, int]] = {}
        self._verified_by: Sequence[Key] = ()

    async def principal(self, token: str) -> Principal:
        """The principal that a token identifies; raises `Unauthorized`, or `StoreUnavailable` if the keys cannot be fetched.

        A valid token is remembered by its hash, until it expires or the keys change.
        """
        if len(token) > _MOST_CHARACTERS:
            raise Unauthorized(f"The token is longer than {_MOST_CHARACTERS} characters.", is_bad=True)
        keys = await self._keys.known(lacking=False)
        if keys is not self._verified_by or len(self._verified) > _MOST_VERIFIED:
            self._verified.clear()
            self._verified_by = keys
        digest = hashlib.sha256(token.encode()).digest()
        principal, expires = self._verified.get(digest, (None, 0))
        if principal is None or expires <= time.time() - self._expected.leeway:
            claims = await self._claims(token)
            principal = self._principal(claims)
            if keys is self._verified_by:
                self._verified[digest] = principal, int(claims["exp"])  # it may be larger than any date
        return principal

    async def _claims(self, token: str) -> dict[str, Any]:
        """The claims of a valid token; raises `Unauthorized`."""
        try:
            header = jwt.get_unverified_header(token)
            algorithm = str(header.get("alg"))
            if algorithm not in self._expected.algorithms:
                raise Unauthorized("The token is signed in a way that is not taken here.", is_bad=True)
            key = await self._key(header.get("kid"), algorithm)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.material,
                algorithms=[algorithm],
                audience=self._expected.audience,
                issuer=self._expected.issuer,
                leeway=self._expected.leeway,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            reason = next((words for kind, words in _REASONS.items() if isinstance(error, kind)), _UNREADABLE)
            raise Unauthorized(reason, is_bad=True) from None
        return claims

    async def _key(self, kid: object, algorithm: str) -> Key:
        """The one key for a token. If the key id is not known, the keys are fetched again, but not too often."""
        for lacking in (False, True):
            fitting = [key for key in await self._keys.known(lacking=lacking) if _fits(key, kid, algorithm)]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                raise Unauthorized("The token does not say which of the issuer's keys has signed it.", is_bad=True)
        raise Unauthorized("The token is signed with a key that the issuer does not publish.", is_bad=True)

    def _principal(self, claims: dict[str, Any]) -> Principal:
        user = claim(claims, self._expected.user_claim)
        if not isinstance(user, str) or not user.strip():
            raise Unauthorized(
                f"The token lacks the claim {self._expected.user_claim}, which names the user.", is_bad=True
            )
        groups = claim(claims, self._expected.groups_claim)
        listed: Sequence[object] = groups if isinstance(groups, list) else [groups]
        return Principal(user, frozenset(group for group in listed if isinstance(group, str) and group), "jwt")


def _fits(key: Key, kid: object, algorithm: str) -> bool:
    return algorithm in key.algorithms and (kid is None or key.id == kid)


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path with dots for a claim inside another, such as `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def jwts(settings: Settings) -> Jwts:
    """Verifies tokens by the settings; raises `SettingsError`."""
    for name in ("jwt_issuer", "jwt_audience"):
        if not getattr(settings, name):
            raise SettingsError(
                f"--auth jwt needs --{name.replace('_', '-')} (MR_{name.upper()}): without it tokens that were made for "
                "others would be taken."
            )
    algorithms = frozenset(part.strip() for part in settings.jwt_algorithms.split(",") if part.strip())
    if not algorithms or algorithms - ALGORITHMS:
        raise SettingsError(
            f"--jwt-algorithms (MR_JWT_ALGORITHMS) may name {', '.join(sorted(ALGORITHMS))}; got {settings.jwt_algorithms!r}."
        )
    expected = Expected(
        settings.jwt_issuer,
        settings.jwt_audience,
        algorithms,
        settings.jwt_leeway,
        settings.jwt_user_claim,
        settings.jwt_groups_claim,
    )
    return Jwts(expected, _keys(settings))


def _keys(settings: Settings) -> Keys:
    place = settings.jwt_jwks
    if place and "://" not in place:
        return FileKeys(Path(place))
    from model_registry_proxy.security.fetched_keys import FetchedKeys, is_acceptable  # noqa: PLC0415 (httpx is large)

    url = place or settings.jwt_issuer
    if not is_acceptable(url, issuer=settings.jwt_issuer):
        raise SettingsError(
            f"--jwt-jwks (MR_JWT_JWKS) and --jwt-issuer must be https:// URLs, or --jwt-jwks a file; got {url!r}."
        )
    return FetchedKeys(settings.jwt_issuer, place or None, settings.jwt_ca)
