"""Public keys of an issuer of JWTs (RFC 7517), and a file of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jwt
import orjson

from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.configuration.watched_files import Watched, read_bytes

_ALGORITHMS = {
    ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
    ("OKP", "Ed448"): frozenset({"EdDSA"}),
}
"""The algorithms for a key of a type and a curve. Symmetric ones (HS256, ...) are left out: an issuer's keys are public."""
ALGORITHMS = frozenset().union(*_ALGORITHMS.values())


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, its id, and the algorithms that it may be used with."""

    id: str | None
    algorithms: frozenset[str]
    material: Any


class Keys(Protocol):
    """A source of keys."""

    async def known(self, *, lacking: bool) -> Sequence[Key]:
        """The keys. `lacking`: the key of a token was not among them a moment ago."""


class FileKeys:
    """Keys in a file, which is read again when it changes; raises `SettingsError`."""

    def __init__(self, path: Path) -> None:
        self._keys = Watched([path], lambda: keys_in(read_bytes(path, "jwt-jwks"), str(path)))

    async def known(self, *, lacking: bool) -> Sequence[Key]:
        """See `Keys`."""
        del lacking  # the file is checked for changes all the time
        return self._keys.current


def object_in(text: bytes, place: str) -> dict[str, Any]:
    """Parses a JSON object; raises `SettingsError`, which names `place`, the URL or path of the text."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise SettingsError(f"{place} holds no JSON object.")
    return content


def keys_in(text: bytes, place: str) -> Sequence[Key]:
    """The keys of a JWK set that verify signatures; others are ignored (RFC 7517, 5). Raises `SettingsError` if there is none."""
    found = object_in(text, place).get("keys")
    keys = [key for jwk in (found if isinstance(found, list) else ()) if isinstance(jwk, dict) and (key := _key(jwk))]
    if not keys:
        raise SettingsError(f"{place} holds no public key that signs; a JWK set is needed.")
    return keys


def _key(jwk: dict[str, Any]) -> Key | None:
    kind = jwk.get("kty")
    algorithms = _ALGORITHMS.get((str(kind), None if kind == "RSA" else str(jwk.get("crv"))), frozenset())
    if "alg" in jwk:
        algorithms &= {str(jwk["alg"])}
    if not algorithms or jwk.get("use", "sig") != "sig":
        return None
    try:
        material = jwt.PyJWK(jwk, algorithm=min(algorithms)).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return Key(str(jwk["kid"]) if "kid" in jwk else None, algorithms, material)
