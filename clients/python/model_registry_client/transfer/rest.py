"""One server, as a transfer uses it: the client's transport, which waits while the server is away, and a transfer's own errors."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx

from model_registry_client._async.transport import AsyncTransport
from model_registry_client.credentials import Token, distrust
from model_registry_client.errors import (
    ApiError,
    InvalidValue,
    NotFound,
    NotSupported,
    RegistryError,
    Unauthorized,
    Unreachable,
)
from model_registry_client.questions import PAGE_SIZE
from model_registry_client.retries import REPEATED, RetryPolicy, RetryState, Unsure

Json = dict[str, Any]
"""A JSON object."""

_API = "/api/model_registry/"
_DEFAULT_VERSION = "v1alpha3"
_PORTS = {"http": 80, "https": 443}
_BAD_REQUEST, _NOT_FOUND, _UNAUTHORIZED = 400, 404, 401
_HALF_A_PAIR = "a text must be one that UTF-8 can write; it holds half a surrogate pair"
_LONGEST_RETRY_AFTER = 30.0


class TransferError(RegistryError):
    """Ends a transfer. Its message is one line."""


class NoAnswerError(Unreachable, TransferError):
    """The server did not answer for longer than the transfer waits."""


class LoginError(Unauthorized, TransferError):
    """The server wants a token, or another one."""


class RefusedError(RegistryError):
    """The server refuses a request; `status` is its HTTP status, the message the server's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class NothingTakenError(RefusedError):
    """The server refuses each of several requests."""


@dataclass(frozen=True)
class OutageRetries(RetryPolicy):
    """Retries for `seconds` after the first failure, however many attempts that takes. Obeys Retry-After up to 30 s."""

    longest_pause: float = 5.0
    seconds: float = 120.0

    def pause(self, failures: int, elapsed: float, retry_after: float | None) -> float | None:
        """See `RetryPolicy.pause`."""
        if elapsed >= self.seconds:
            return None
        return self.growing_pause(failures) + min(retry_after or 0.0, _LONGEST_RETRY_AFTER)


class Rest:
    """One server. Use it as a context manager.

    Args:
        url: Its address. Without a scheme it is http; without a path `/api/model_registry/v1alpha3` is added.
        token: The Bearer token; by default none is sent.
        ca: A file with certificates in PEM form to trust instead of the system's.
        insecure: Do not check the server's certificate.
        patience: Seconds that the server may be away before a request fails.
        timeout: Seconds to wait for an answer, and for a part of it.
        connections: How many connections are open at once.
        transport: An httpx transport to go through, for tests.

    Raises:
        InvalidValue: The address or the certificates cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token | None = None,
        ca: Path | str | None = None,
        insecure: bool = False,
        patience: float = 120,
        timeout: float = 60,
        connections: int = 8,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = _with_api(url)
        parts = urlsplit(self.url)
        self._transport = AsyncTransport(
            self.url,
            _PORTS.get(parts.scheme),
            is_secure=False if insecure else None,
            token=token or Token(None),
            custom_ca=ca,
            timeout=timeout,
            connections=connections,
            retries=OutageRetries(seconds=patience),
            headers=_basic(parts.username, parts.password),
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        """Opens nothing yet: connections open with the first request."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def get(self, path: str, **params: str) -> Json | None:
        """The answer to a GET; `None` for 404. Raises `RefusedError`, and `TransferError` where the transfer must end."""
        try:
            with self._translated():
                return self._object(path, await self._transport.get(f"/{path.lstrip('/')}", params))
        except RefusedError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    async def change(self, path: str, body: Json) -> Json:
        """The answer to a PATCH, which is repeated while the server is away. Raises as `get`, also for 404."""
        with self._translated():
            return self._object(path, await self._transport.patch(path, body))

    async def attach(self, path: str, body: Json) -> Json:
        """The answer to a POST that names an artifact by its id, which may be repeated like a PATCH. Raises as `change`."""
        with self._translated():
            return self._object(path, await self._transport.post_again(path, body))

    async def create(self, path: str, body: Json, state: RetryState) -> Json:
        """The answer to a POST that creates something.

        Raises as `change`, and `Unsure` where it may have taken effect: call this within `once_known`, which then starts again.
        """
        with self._translated():
            return self._object(path, await self._transport.post(path, body, state))

    async def once_known(self, attempt: Callable[[RetryState], Awaitable[str]]) -> str:
        """Runs `attempt` until each of its creates has a known outcome; returns what it returns.

        `attempt` gets the allowance of retries for `create`. On its second call it must look whether the create of the first has
        taken effect. Raises `TransferError` when the server has been away for too long.
        """
        state = self._transport.retry_state()
        while True:
            try:
                return await attempt(state)
            except Unsure as unsure:
                if unsure.pause is None:
                    raise self._no_answer(unsure.cause) from None
                await asyncio.sleep(unsure.pause)

    async def pages(self, path: str, token: str = "") -> AsyncIterator[tuple[list[Json], str]]:
        """The pages of a list from `token` on, each with the token of the next one, which is empty on the last.

        There are none where the server does not know the path: some servers have no experiments.
        """
        async for page in self._pages(path, token, {}):
            yield page

    async def rows(self, path: str, **params: str) -> list[Json]:
        """All rows of a list."""
        return [row async for page, _ in self._pages(path, "", params) for row in page]

    async def _pages(self, path: str, token: str, params: Mapping[str, str]) -> AsyncIterator[tuple[list[Json], str]]:
        while True:
            # The Go proxy shows at most 100 rows on a page, and gives no token when more are wanted.
            question = {**params, "pageSize": str(PAGE_SIZE), **({"nextPageToken": token} if token else {})}
            page = await self.get(path, **question)
            if page is None:
                return
            token = str(page.get("nextPageToken") or "")
            yield page.get("items") or [], token
            if not token:
                return

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turns the client's errors into those of a transfer: `TransferError` ends it, `RefusedError` is about one request."""
        try:
            yield
        except Unauthorized as error:
            message = f"{self.url} asks who you are: {error.message} See --token-file."
            raise LoginError(error.status, error.code, message) from None
        except NotSupported as error:
            raise RefusedError(_NOT_FOUND, str(error)) from None
        except NotFound as error:
            raise RefusedError(_NOT_FOUND, error.message) from None
        except InvalidValue as error:
            is_half_a_pair = isinstance(error.__cause__, UnicodeEncodeError)
            raise RefusedError(_BAD_REQUEST, _HALF_A_PAIR if is_half_a_pair else str(error)) from None
        except (ApiError, Unreachable) as error:
            if isinstance(error, ApiError) and error.status not in REPEATED:
                raise RefusedError(error.status, error.message) from None
            if reason := distrust(error):
                untrusted = f"{self.url} shows a certificate that is not trusted: {reason}. See --ca."
                raise TransferError(untrusted) from None
            raise self._no_answer(error) from None

    def _no_answer(self, error: Exception) -> NoAnswerError:
        if isinstance(error, ApiError):
            reason = f"{error.status} {error.message}"
        else:
            cause = error.__cause__ or error
            reason = f"{type(cause).__name__} {cause}".strip()
        return NoAnswerError(f"{self.url} does not answer: {reason}. Run the same command again to go on.")

    def _object(self, path: str, answer: Any) -> Json:
        if isinstance(answer, dict):
            return answer
        where = f"{self.url.rstrip('/')}/{path.lstrip('/')}"
        if isinstance(answer, str):
            raise TransferError(f"{where} answers something that is not JSON; is it a model registry?")
        raise TransferError(f"{where} answers something that is no entity and no list.")


def _with_api(url: str) -> str:
    """The address with scheme and path. It is noted in files: the form must stay, or these are not recognized."""
    address = url if "://" in url else f"http://{url}"
    if _API not in address:
        address = f"{address.rstrip('/')}{_API}{_DEFAULT_VERSION}"
    return address.rstrip("/") + "/"


def _basic(username: str | None, password: str | None) -> Mapping[str, str]:
    """The header for a name and a password in the address (RFC 7617)."""
    if not username:
        return {}
    pair = f"{unquote(username)}:{unquote(password or '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
