"""The keys of an issuer of JWTs: from a file, or fetched and kept, without a request of ours being a way to flood the issuer."""

import asyncio
import logging
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import jwt
import orjson

from model_registry_proxy.errors import StoreUnavailable
from model_registry_proxy.security.watched_files import Watched, read_bytes
from model_registry_proxy.settings import SettingsError

_log = logging.getLogger(__name__)
FRESH_SECONDS = 300.0
"""After that the keys are fetched anew, while the known ones still serve."""
PAUSE_SECONDS = 10.0
"""Between two attempts to fetch, whatever the tokens say that come in: a made-up key id costs the issuer nothing."""
USABLE_SECONDS = 24 * 3600.0
"""So long known keys serve where the issuer cannot be reached."""
_TIMEOUT_SECONDS = 5.0
_MOST_BYTES = 2**20

_ALGORITHMS = {
    ("RSA", None): frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
    ("OKP", "Ed448"): frozenset({"EdDSA"}),
}
"""What may be verified with a key of a type and curve. There are no secrets among them: an issuer's keys are public."""
ALGORITHMS = frozenset().union(*_ALGORITHMS.values())


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, its id, and the algorithms that it may be used with."""

    id: str | None
    algorithms: frozenset[str]
    material: Any


class Keys(Protocol):
    """Where keys come from."""

    async def known(self, *, lacking: bool) -> Sequence[Key]:
        """The keys; `lacking` says that the one wanted was not among them a moment ago."""


class FileKeys:
    """Keys in a file, which is read again when it changes; raises `SettingsError`."""

    def __init__(self, path: Path) -> None:
        self._keys = Watched([path], lambda: _parse(read_bytes(path, "jwt-jwks"), str(path)))

    async def known(self, *, lacking: bool) -> Sequence[Key]:
        """See `Keys`."""
        del lacking  # the file is looked at all the time
        return self._keys.current


class FetchedKeys:
    """Keys at a URL, or where the issuer's discovery document says. One fetch at a time, in the background where it can be."""

    def __init__(self, issuer: str, url: str | None, authorities: str = "") -> None:
        self._issuer, self._url = issuer, url
        try:
            self._trusted = ssl.create_default_context(cafile=authorities or None)
        except (OSError, ssl.SSLError):
            raise SettingsError(f"--jwt-ca {authorities} cannot be read as certificates in PEM form.") from None
        self._keys: Sequence[Key] = ()
        self._fetched = self._tried = -USABLE_SECONDS
        self._fetching: asyncio.Task[None] | None = None

    async def known(self, *, lacking: bool) -> Sequence[Key]:
        """See `Keys`. Raises `StoreUnavailable` where there never were any, or only old ones."""
        now = time.monotonic()
        is_usable = bool(self._keys) and now - self._fetched < USABLE_SECONDS
        if not is_usable or lacking:
            if task := self._fetch(now):
                await asyncio.shield(task)
        elif now - self._fetched > FRESH_SECONDS:
            self._fetch(now)
        if not self._keys or time.monotonic() - self._fetched >= USABLE_SECONDS:
            raise StoreUnavailable("The keys of the issuer of tokens cannot be fetched; try again shortly.")
        return self._keys

    def _fetch(self, now: float) -> "asyncio.Task[None] | None":
        """The fetch that is under way, or a new one where the last one is long enough ago."""
        if self._fetching and not self._fetching.done():
            return self._fetching
        if now - self._tried < PAUSE_SECONDS:
            return None
        self._tried = now
        self._fetching = asyncio.get_running_loop().create_task(self._refresh())
        return self._fetching

    async def _refresh(self) -> None:
        try:
            async with httpx.AsyncClient(verify=self._trusted, timeout=_TIMEOUT_SECONDS) as client:
                url = self._url or await self._discover(client)
                keys = _parse(await _get(client, url), url)
        except (httpx.HTTPError, httpx.InvalidURL, SettingsError) as error:
            _log.error("The keys of %s cannot be fetched: %s", self._issuer, error or type(error).__name__)
            return
        self._keys, self._fetched = keys, time.monotonic()

    async def _discover(self, client: httpx.AsyncClient) -> str:
        """The URL of the keys, by OpenID Connect Discovery 1.0."""
        place = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        document = _object(await _get(client, place), place)
        if document.get("issuer") != self._issuer:
            raise SettingsError(f"{place} is about the issuer {document.get('issuer')!r}.")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or not is_acceptable(url, beside=self._issuer):
            raise SettingsError(f"{place} names no jwks_uri that can be trusted; got {url!r}.")
        return url


def is_acceptable(url: str, beside: str = "") -> bool:
    """Whether keys may come from there: by HTTPS, or in the clear where the issuer itself is named so, as in tests."""
    return url.startswith("https://") or (url.startswith("http://") and beside.startswith("http://"))


async def _get(client: httpx.AsyncClient, url: str) -> bytes:
    content = b""
    async with client.stream("GET", url) as response:
        if response.status_code != httpx.codes.OK:
            raise SettingsError(f"{url} answers {response.status_code}.")
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > _MOST_BYTES:
                raise SettingsError(f"{url} answers more than {_MOST_BYTES} bytes.")
    return content


def _object(text: bytes, place: str) -> dict[str, Any]:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        content = None
    if not isinstance(content, dict):
        raise SettingsError(f"{place} holds no JSON object.")
    return content


def _parse(text: bytes, place: str) -> Sequence[Key]:
    """The keys of a JWK set that can verify signatures; others are passed over, as RFC 7517 asks."""
    found = _object(text, place).get("keys")
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
