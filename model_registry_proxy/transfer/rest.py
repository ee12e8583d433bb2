"""The API of a server, spoken to patiently: what may be repeated is repeated, and what may have happened is said to be so."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

_log = logging.getLogger(__name__)
Json = dict[str, Any]

_API = "/api/model_registry/"
_DEFAULT_VERSION = "v1alpha3"
_PAGE = 100
"""The Go proxy shows no more than that on a page, and gives no token above it."""

_PASSING = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class TransferError(Exception):
    """What ends a transfer, in one line."""


class RefusedError(Exception):
    """The server refuses a request; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class NothingTakenError(RefusedError):
    """The server refuses each of several requests."""


class UnsettledError(Exception):
    """Nobody knows whether a write took effect."""


class Rest:
    """One server. `patience` is how many seconds it may be away."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        verify: ssl.SSLContext | bool = True,
        patience: float = 120,
        connections: int = 8,
    ) -> None:
        self.url = _base(url)
        self._patience = patience
        self._client = httpx.AsyncClient(
            base_url=self.url,
            headers={"x-exact-integers": "true", **({"authorization": f"Bearer {token}"} if token else {})},
            verify=verify,
            timeout=60,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    async def __aenter__(self) -> Self:
        """Opens the connections."""
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes them."""
        await self._client.__aexit__(kind, error, trace)

    async def get(self, path: str, **params: str) -> Json | None:
        """An answer; `None` for 404. Raises `RefusedError`, or `TransferError` where the server stays away."""
        try:
            return await self.patiently(lambda: self._send("GET", path, params=params))
        except RefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    async def write(self, method: str, path: str, body: Json) -> Json:
        """A write that is sent once. Raises `RefusedError`, and `UnsettledError` where it may have happened or not."""
        return await self._send(method, path, json=body)

    async def patiently(self, call: Callable[[], Awaitable[Json]]) -> Json:
        """Repeats `call` while its outcome is unsettled, as long as patience lasts; raises `TransferError` then."""
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(UnsettledError),
                wait=wait_exponential_jitter(multiplier=0.2, max=5),
                stop=stop_after_delay(self._patience),
                reraise=True,
            ):
                with attempt:
                    return await call()
        except UnsettledError as error:
            raise TransferError(f"{self.url} does not answer: {error}. Run the same command again to go on.") from None
        raise AssertionError  # the loop ends by an answer or an error

    async def pages(self, path: str, token: str = "", **params: str) -> AsyncIterator[tuple[list[Json], str]]:
        """The pages of a list from `token` on, each with the token of the next one, which is empty on the last.

        There are none where the server does not know the path, as one without experiments.
        """
        while True:
            asked = {**params, "pageSize": str(_PAGE), **({"nextPageToken": token} if token else {})}
            page = await self.get(path, **asked)
            if page is None:
                return
            token = str(page.get("nextPageToken") or "")
            yield page.get("items") or [], token
            if not token:
                return

    async def rows(self, path: str, **params: str) -> list[Json]:
        """All rows of a list."""
        return [row async for page, _ in self.pages(path, **params) for row in page]

    async def _send(self, method: str, path: str, **more: Any) -> Json:
        try:
            response = await self._client.request(method, path, **more)
        except UnicodeEncodeError:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, "a text must be one that UTF-8 can write; it holds half a surrogate pair"
            ) from None
        except httpx.TransportError as error:
            if reason := _distrust(error):
                raise TransferError(
                    f"{self.url} shows a certificate that is not trusted: {reason}. See --ca."
                ) from None
            raise UnsettledError(f"{type(error).__name__} {error}".strip()) from None
        if response.status_code in _PASSING:
            await asyncio.sleep(_pause(response))
            raise UnsettledError(f"{response.status_code} {_message(response)}")
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            raise TransferError(f"{self.url} asks who you are: {_message(response)} See --token-file.")
        if not response.is_success:
            raise RefusedError(response.status_code, _message(response))
        try:
            answer = response.json()
        except ValueError:
            raise TransferError(f"{response.url} answers something that is not JSON; is it a model registry?") from None
        if not isinstance(answer, dict):
            raise TransferError(f"{response.url} answers something that is no entity and no list.")
        return answer


def _base(url: str) -> str:
    address = url if "://" in url else f"http://{url}"
    if _API not in address:
        address = f"{address.rstrip('/')}{_API}{_DEFAULT_VERSION}"
    return address.rstrip("/") + "/"


def _distrust(error: BaseException | None) -> str:
    """Why the server's certificate was refused, which no patience mends; empty where that was not the reason."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return ""


def _pause(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(float(text), 30.0) if text.isdigit() else 0.0


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:200].strip() or response.reason_phrase
