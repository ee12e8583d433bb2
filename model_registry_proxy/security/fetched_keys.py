"""Keys of an issuer that are fetched and kept, without a request of ours being a way to flood the issuer."""

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
"""After that the keys are fetched anew, while the known ones still serve."""
PAUSE_SECONDS = 10.0
"""Between two attempts to fetch, whatever the tokens say that come in: a made-up key id costs the issuer nothing."""
USABLE_SECONDS = 24 * 3600.0
"""So long known keys serve where the issuer cannot be reached."""
_TIMEOUT_SECONDS = 5.0
_MOST_BYTES = 2**20


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
                keys = keys_in(await _get(client, url), url)
        except (httpx.HTTPError, httpx.InvalidURL, SettingsError) as error:
            _log.error("The keys of %s cannot be fetched: %s", self._issuer, error or type(error).__name__)
            return
        self._keys, self._fetched = keys, time.monotonic()

    async def _discover(self, client: httpx.AsyncClient) -> str:
        """The URL of the keys, by OpenID Connect Discovery 1.0."""
        place = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        document = object_in(await _get(client, place), place)
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
