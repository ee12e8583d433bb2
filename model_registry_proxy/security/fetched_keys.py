"""Fetches the keys of an issuer and keeps them. However many requests come, the issuer gets few."""

import asyncio
import logging
import ssl
import time
from collections.abc import Sequence

import httpx

from model_registry_proxy.configuration.settings import SettingsError
from model_registry_proxy.errors import StoreUnavailable
from model_registry_proxy.security.json_web_keys import Key, keys_in, object_in

_log = logging.getLogger(__name__)
FRESH_SECONDS = 300.0
"""After so long the keys are fetched again; the known keys still count in the meantime."""
PAUSE_SECONDS = 10.0
"""The pause between two attempts to fetch, also if a token names an unknown key id."""
USABLE_SECONDS = 24 * 3600.0
"""So long known keys count if the issuer cannot be reached."""
_TIMEOUT_SECONDS = 5.0
_MOST_BYTES = 2**20


class FetchedKeys:
    """Keys at `url`, or at the URL in the issuer's discovery document. One fetch at a time, in the background if possible.

    `authorities`: a PEM file of the certificate authorities that are trusted. Raises `SettingsError` if it cannot be read.
    """

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
        """See `Keys`. Raises `StoreUnavailable` if there are no keys, or only keys that are too old."""
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
        """The fetch in flight, or a new one if the last attempt is long enough ago; else `None`."""
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
                keys = keys_in(await _get(client, url), url)
        except (httpx.HTTPError, httpx.InvalidURL, SettingsError) as error:
            _log.error("The keys of %s cannot be fetched: %s", self._issuer, error or type(error).__name__)
            return
        self._keys, self._fetched = keys, time.monotonic()

    async def _discover(self, client: httpx.AsyncClient) -> str:
        """The URL of the keys, by OpenID Connect Discovery 1.0."""
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        document = object_in(await _get(client, address), address)
        if document.get("issuer") != self._issuer:
            raise SettingsError(f"{address} is about the issuer {document.get('issuer')!r}.")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or not is_acceptable(url, issuer=self._issuer):
            raise SettingsError(f"{address} names no jwks_uri that can be trusted; got {url!r}.")
        return url


def is_acceptable(url: str, issuer: str = "") -> bool:
    """Whether keys may come from a URL: by HTTPS, or by HTTP if the issuer itself has an HTTP URL, as in tests."""
    return url.startswith("https://") or (url.startswith("http://") and issuer.startswith("http://"))


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
