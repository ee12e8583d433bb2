# Generated from _async/transport.py by `make client`.
"""Sends requests: connection pool, token, base path and retries."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from model_registry_client._sync.waiting import sleep
from model_registry_client.addresses import candidates, catalogs, extensions, is_offered, root_url
from model_registry_client.credentials import Token, distrust, find_token, verification
from model_registry_client.errors import ApiError, InvalidValue, NotSupported, Unreachable, error_for
from model_registry_client.retries import REPEATED, RetryPolicy, RetryState, Unsure, retry_after, surely_unsent

logger = logging.getLogger("model_registry_client")
_NOT_FOUND, _UNAUTHORIZED = 404, 401


class Transport:
    """Sends requests to one server. Threads or tasks may share it. It connects with the first request.

    The arguments are those of the registry. `token` may also be a `Token` that was found before.
    """

    def __init__(
        self,
        base_url: str,
        port: int | None = None,
        *,
        is_secure: bool | None = None,
        token: str | Token | None = None,
        token_file: str | Path | None = None,
        custom_ca: str | Path | None = None,
        timeout: float = 30.0,
        connections: int = 10,
        retries: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        root = root_url(base_url, port)
        self.root, self._bases, self._is_base_known = root, candidates(root), False
        self._token = token if isinstance(token, Token) else find_token(token, token_file)
        self._retries = retries or RetryPolicy()
        self._http = httpx.Client(
            verify=verification(root, custom_ca, is_secure),
            timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers={
                "Accept": "application/json",
                "User-Agent": "model-registry-client",
                "X-Exact-Integers": "true",  # the server returns whole numbers as numbers, also with --client-safe-integers
                **(headers or {}),
            },
            transport=transport,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def has_token(self) -> bool:
        """Whether requests have a token."""
        return bool(self._token.current())

    def retry_state(self) -> RetryState:
        """Returns the retry state for a new operation."""
        return RetryState(self._retries)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Sends a GET. Returns the JSON of the response.

        Args:
            path: The path after the base path.
            params: The query parameters. `None` values are left out.

        Raises:
            ApiError: The server returned an error, also after all attempts.
            Unreachable: The server did not respond to any attempt.
        """
        return self._repeat("GET", path, params=params)

    def get_extension(self, path: str, params: Mapping[str, Any]) -> Any:
        """Sends a GET below the base path of the extensions. Returns the JSON of the response.

        Raises:
            NotSupported: The server has no extensions.
            ApiError: The server returned an error, also after all attempts.
            Unreachable: The server did not respond to any attempt.
        """
        return self._repeat("GET", path, params=params, bases=extensions(self.root))

    def post_extension(self, path: str, body: Mapping[str, Any], key: str) -> Any:
        """Sends a POST that creates, below the base path of the extensions. Returns the JSON. Raises the errors of `get_extension`.

        `key` is the `Idempotency-Key`. With it the server creates once, so that the request may be retried.
        """
        headers = {"Idempotency-Key": key}
        return self._repeat("POST", path, body=body, bases=extensions(self.root), headers=headers)

    def change_extension(
        self,
        method: str,
        path: str,
        *,
        is_repeatable: bool,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Sends a change below the base path of the extensions. Returns the JSON of the response, or an empty text.

        It is retried if it certainly did not take effect. With `is_repeatable` it is retried anyway.

        Raises:
            NotSupported: The server has no extensions.
            ApiError: The server returned an error.
            Unreachable: The server did not respond. If it may have been reached, the change may have been made.
        """
        state, bases = self.retry_state(), extensions(self.root)
        while True:
            try:
                return self._answer(method, path, params, body, bases)
            except _Interrupted as interruption:
                pause = state.pause(interruption.retry_after)
                if pause is None or not (is_repeatable or interruption.is_unsent):
                    raise interruption.error from interruption.error.__cause__
                self._wait(pause, method, path, interruption)

    def get_catalog(self, path: str, params: Mapping[str, Any]) -> Any:
        """Sends a GET below the base path of the model catalog. Returns the JSON of the response.

        Raises:
            NotSupported: There is no catalog at this address.
            ApiError: The server returned an error, also after all attempts.
            Unreachable: The server did not respond to any attempt.
        """
        return self._repeat("GET", path, params=params, bases=catalogs(self.root))

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Sends a PATCH with a JSON body. Returns the JSON of the response. Raises the errors of `get`."""
        return self._repeat("PATCH", path, body=body)

    def post(self, path: str, body: Mapping[str, Any], state: RetryState) -> Any:
        """Sends a POST with a JSON body. Returns the JSON of the response. It is retried only if it certainly did not take effect.

        Raises:
            ApiError: The server returned an error.
            Unreachable: The server could not be reached, in any attempt.
            Unsure: It may have taken effect. The caller must look it up before another attempt.
        """
        while True:
            try:
                return self._answer("POST", path, None, body)
            except _Interrupted as interruption:
                pause = state.pause(interruption.retry_after)
                if not interruption.is_unsent:
                    raise Unsure(pause, interruption.error) from interruption.error
                if pause is None:
                    raise interruption.error from interruption.error.__cause__
                self._wait(pause, "POST", path, interruption)

    def post_again(self, path: str, body: Mapping[str, Any]) -> Any:
        """Sends a POST that updates an entity by id, so that it may be retried. Returns the JSON. Raises the errors of `get`."""
        return self._repeat("POST", path, body=body)

    def _repeat(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        bases: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        state = self.retry_state()
        while True:
            try:
                return self._answer(method, path, params, body, bases, headers)
            except _Interrupted as interruption:
                pause = state.pause(interruption.retry_after)
                if pause is None:
                    raise interruption.error from interruption.error.__cause__
                self._wait(pause, method, path, interruption)

    def _wait(self, pause: float, method: str, path: str, interruption: "_Interrupted") -> None:
        logger.info("%s %s: %s; retry in %.1f s", method, path, interruption.error, pause)
        sleep(pause)

    def _answer(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        bases: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Sends a request below the base path of the API, or below the first of `bases` that has it."""
        tried = bases or self._bases
        for number, base in enumerate(tried):
            response = self._send(method, base + path, params, body, headers)
            if response.status_code == _UNAUTHORIZED and self._token.renew():
                response = self._send(method, base + path, params, body, headers)
            answer = _content(response)
            if response.status_code == _NOT_FOUND and not (_is_error(answer) and is_offered(base, path)):
                continue  # not a response of the API: this server has another base path
            if bases is None and not self._is_base_known:
                self._bases, self._is_base_known = self._bases[number:], True
            return _checked(response, answer, f"{method} {path}")
        paths = " or ".join(base.removeprefix(self.root) for base in tried)
        raise NotSupported(
            f"{method} {path}: {self.root} has no such operation below {paths}. Either the address is not that of a model registry,"
            " or the server does not offer this (v1 has no experiments, and only Model Registry Proxy has extensions)."
        )

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        more: Mapping[str, str] | None,
    ) -> httpx.Response:
        token = self._token.current()
        headers = {**(more or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        try:
            return self._http.request(method, url, params=params, json=body, headers=headers)
        except httpx.RequestError as error:
            if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
                raise InvalidValue(f"{method} {url} cannot be sent: {error}.") from error
            reason = str(error) or type(error).__name__
            unreachable = Unreachable(f"The registry at {self.root} cannot be reached: {reason}")
            unreachable.__cause__ = error
            if distrust(error):
                raise unreachable from error
            raise _Interrupted(unreachable, surely_unsent(error), None) from error
        except (ValueError, TypeError) as error:
            raise InvalidValue(f"{method} {url}: the body cannot be sent as JSON: {error}.") from error


class _Interrupted(Exception):
    """An attempt failed for a reason that does not depend on the request, so that it may be retried."""

    def __init__(self, error: ApiError | Unreachable, is_unsent: bool, after: float | None) -> None:  # noqa: FBT001
        super().__init__(str(error))
        self.error, self.is_unsent, self.retry_after = error, is_unsent, after


def _content(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text


def _is_error(answer: Any) -> bool:
    return isinstance(answer, dict) and "message" in answer


def _checked(response: httpx.Response, answer: Any, request: str) -> Any:
    if response.is_success:
        return answer
    request_id = response.headers.get("x-request-id")
    error = error_for(response.status_code, answer, response.reason_phrase, request_id, request)
    if response.status_code in REPEATED:
        raise _Interrupted(error, surely_unsent(response.status_code), retry_after(response.headers))
    raise error
