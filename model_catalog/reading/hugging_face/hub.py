"""Requests to Hugging Face: bounded in size and time, and repeated when the server is busy."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import orjson
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from model_catalog.entries import SourceError

from .properties import HubSource

_AGENT = "model-registry-catalog"
_SECONDS = 30.0
_LEAST_RATE = 64 << 10
"""Bytes in a second: each such part of an answer gives it one second more."""
_SYNC_SECONDS = 4 * 3600.0
_PAGE = 100
_LARGEST_ANSWER = 32 << 20
_LARGEST_TEXT = 4 << 20
_MOST_PAGES = 1000
_MOST_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_BUSY = {429, 500, 502, 503, 504}
_NOT_THERE = {401, 403, 404}
_ENOUGH_FAILURES = 10
"""Otherwise a sync of many models would wait for each of them."""
_KEY_PREFIX = "hf_"
_KEY_VARIABLE = re.compile(r"HF_API_KEY(?:_\w+)?")
NAME = re.compile(r"[A-Za-z0-9_][\w.-]*(?:/[A-Za-z0-9_][\w.-]*)?", re.ASCII)
"""A name that can stand in a path: nothing that leads elsewhere."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is repeated when the server is busy or cannot be reached.

    Attributes:
        attempts: At most, with the first one.
        first_wait: Seconds before the second attempt; later ones wait longer.
        longest_wait: Seconds, also if the server asks for more by `Retry-After`.
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 60.0


@dataclass(frozen=True, slots=True)
class Access:
    """What the operator of this server allows sources to use.

    Attributes:
        environment: Where keys stand.
        urls: Servers that need no https, or all that a source may name in addition to those with https.
        key_variables: Names of variables in addition to HF_API_KEY and HF_API_KEY_*.
        parallel: Requests at a time for one source.
        retries: For busy servers.
        answer_seconds: For one whole answer, with all that leads to it. A long answer gets more, by its size.
        sync_seconds: After them a sync begins no other request.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    urls: Collection[str] = ()
    key_variables: Collection[str] = ()
    parallel: int = 8
    retries: Retries = Retries()
    answer_seconds: float = _SECONDS
    sync_seconds: float = _SYNC_SECONDS

    def key(self, source: HubSource) -> str | None:
        """The key of a source, None for one that does not begin with `hf_`. SourceError for a variable that is not allowed."""
        name = source.key_variable
        if not _KEY_VARIABLE.fullmatch(name) and name not in self.key_variables:
            raise SourceError(
                f"properties.apiKeyEnvVar {name!r} is not allowed; keys stand in HF_API_KEY or in HF_API_KEY_..."
            )
        key = self.environment.get(name, "").strip()
        return key if key.startswith(_KEY_PREFIX) else None

    def check_url(self, url: str) -> None:
        """Raises SourceError for a server that is not allowed."""
        if urlsplit(url).scheme != "https" and url not in {allowed.rstrip("/") for allowed in self.urls}:
            raise SourceError(
                f"properties.url {url!r} is not allowed; it must begin with https://, or the server must allow it"
            )


class HubError(Exception):
    """A request that failed. `exists` is False if what was asked for is not there, or is closed to us."""

    def __init__(self, problem: str, *, exists: bool = True) -> None:
        super().__init__(problem)
        self.exists = exists


class _BusyError(HubError):
    """It may work a little later; `wait` is how many seconds the server asks for."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


class Hub:
    """A connection to one server. Use as an asynchronous context."""

    def __init__(self, source: HubSource, access: Access, transport: httpx.AsyncBaseTransport | None = None) -> None:
        access.check_url(source.url)
        self._url = source.url
        self._retries = access.retries
        self._answer_seconds, self._sync_seconds = access.answer_seconds, access.sync_seconds
        self._end = time.monotonic() + access.sync_seconds
        self._failed_in_a_row = 0
        self.key = access.key(source)
        headers = {"User-Agent": _AGENT} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        self._client = httpx.AsyncClient(headers=headers, timeout=_SECONDS, transport=transport)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()

    async def check_key(self) -> None:
        """Asks whether the key is known, if there is one. Raises SourceError."""
        if self.key is None:
            return
        try:
            await self._get("/api/whoami-v2")
        except HubError as error:
            problem = "the API key cannot be checked" if error.exists else "Hugging Face does not accept the API key"
            raise SourceError(f"{problem}: {error}") from error

    async def names(self, organisation: str, prefix: str) -> AsyncIterator[str]:
        """The models of an organisation whose names begin so, in any case, page by page. Raises HubError."""
        cursor = ""
        begin = f"{organisation}/{prefix}".lower()
        for _ in range(_MOST_PAGES):
            search = f"&search={quote(prefix, safe='')}" if prefix else ""
            at = f"&cursor={quote(cursor, safe='')}" if cursor else ""
            body, headers = await self._get(
                f"/api/models?author={quote(organisation, safe='')}&limit={_PAGE}{search}{at}"
            )
            rows = _json(body)
            if not isinstance(rows, list):
                raise HubError("the list of models is no list")
            for row in rows:
                name = (row.get("id") or row.get("modelId")) if isinstance(row, dict) else None
                if isinstance(name, str) and NAME.fullmatch(name) and name.lower().startswith(begin):
                    yield name
            following = _next_cursor(headers.get("link", ""))
            if not following or following == cursor or not rows:
                return
            cursor = following

    async def record(self, name: str) -> dict[str, Any]:
        """What the server knows of a model. Raises HubError."""
        body, _ = await self._get(f"/api/models/{quote(name)}")
        record = _json(body)
        if not isinstance(record, dict):
            raise HubError("the answer is no JSON object")
        return record

    async def text(self, name: str, file: str) -> str:
        """A file of a model. Raises HubError."""
        body, _ = await self._get(f"/{quote(name)}/raw/main/{quote(file)}", _LARGEST_TEXT)
        return body.decode("utf-8", "replace")

    async def _get(self, path: str, largest: int = _LARGEST_ANSWER) -> tuple[bytes, httpx.Headers]:
        if self._failed_in_a_row >= _ENOUGH_FAILURES:
            raise HubError(
                f"the server failed {_ENOUGH_FAILURES} times in a row, so it is asked again at the next sync only"
            )
        if time.monotonic() >= self._end:
            raise HubError(
                f"the sync takes longer than {self._sync_seconds:.0f} s, so the server is asked again at the next sync only"
            )
        try:
            answer = await self._get_patiently(path, largest)
        except _BusyError:
            self._failed_in_a_row += 1
            raise
        self._failed_in_a_row = 0
        return answer

    async def _get_patiently(self, path: str, largest: int) -> tuple[bytes, httpx.Headers]:
        retries = self._retries
        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(retries.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(_BusyError),
            reraise=True,
        ):
            with attempt:
                return await self._attempt_in_time(path, largest)
        raise AssertionError  # the loop returns or raises

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        retries = self._retries
        usual = wait_exponential(retries.first_wait, retries.longest_wait) + wait_random(0, retries.first_wait)
        asked = error.wait if isinstance(error, _BusyError) and error.wait is not None else usual(state)
        return min(max(asked, 0.0), retries.longest_wait)

    async def _attempt_in_time(self, path: str, largest: int) -> tuple[bytes, httpx.Headers]:
        """The timeouts of the client are for each read, so a server that sends a byte now and then would hold a sync for ever."""
        try:
            async with asyncio.timeout(self._answer_seconds) as limit:
                return await self._attempt(path, largest, limit)
        except TimeoutError:
            raise _BusyError(f"the server is too slow: its answer takes more than {self._answer_seconds:g} s") from None

    async def _attempt(self, path: str, largest: int, limit: asyncio.Timeout) -> tuple[bytes, httpx.Headers]:
        url = httpx.URL(f"{self._url}{path}")
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                async with self._client.stream("GET", url) as response:
                    if response.status_code in _REDIRECTS:
                        url = self._redirected(url, response)
                        continue
                    _check_status(response)
                    return await _body(response, largest, limit), response.headers
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise _BusyError(f"the server cannot be reached: {type(error).__name__} {error}".rstrip()) from error
        raise HubError("the server sends us from one address to another")

    def _redirected(self, url: httpx.URL, response: httpx.Response) -> httpx.URL:
        """Models that were renamed are at another path of the same server."""
        target = url.join(response.headers.get("location", ""))
        if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
            raise HubError("the server sends us to another server, to which we do not go")
        return target


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    problem = f"the server answered {status} {response.reason_phrase}".rstrip()
    if status in _BUSY:
        raise _BusyError(problem, _retry_after(response.headers.get("retry-after")))
    raise HubError(problem, exists=status not in _NOT_THERE)


def _retry_after(value: str | None) -> float | None:
    """Seconds by the header, which is a number or a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None


async def _body(response: httpx.Response, largest: int, limit: asyncio.Timeout) -> bytes:
    """The body. Each part of it moves the limit."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        limit.reschedule((limit.when() or 0.0) + len(part) / _LEAST_RATE)
        if len(body) > largest:
            raise HubError(f"the answer has more than {largest >> 20} MiB")
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise HubError("the answer is no JSON") from error


def _next_cursor(link: str) -> str:
    """The cursor of the next page by a Link header."""
    for url, parameters in re.findall(r"<([^>]*)>([^<]*)", link):
        if re.search(r'rel="?next"?', parameters):
            cursor: list[str] = parse_qs(urlsplit(url).query).get("cursor", [""])
            return cursor[0]
    return ""
