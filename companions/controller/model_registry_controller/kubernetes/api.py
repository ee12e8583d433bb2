"""Requests to the API server: JSON in, JSON out, and one error for each way in which they fail."""

import json
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any

import httpx
from model_registry_client.errors import InvalidValue

from model_registry_controller.kubernetes.connection import Connection

Json = dict[str, Any]
PAGE = 200
"""Objects in one page of a list."""
SECONDS = 30.0
"""Seconds to wait for an answer."""
SILENCE = 75.0
"""Seconds without a line after which a watch counts as dead. The server sends a bookmark about every minute."""
_MERGE = "application/merge-patch+json"


class KubernetesError(Exception):
    """A request to the API server failed."""


class Unavailable(KubernetesError):
    """The API server cannot be reached, or did not answer in time."""


class Refused(KubernetesError):
    """The API server answered with an error.

    Attributes:
        status: The HTTP status.
        reason: The word of Kubernetes for it, such as `Conflict`.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class Missing(Refused):
    """404: there is no such object."""


class Changed(Refused):
    """409: the object has another version than the request was made for, or exists already."""


class TooOld(Refused):
    """410: the server has forgotten this version. List again."""


_BY_STATUS: Mapping[int, type[Refused]] = {404: Missing, 409: Changed, 410: TooOld}


class KubernetesApi:
    """Sends requests to one API server.

    Args:
        connection: Where it is.
        transport: An httpx transport, for tests.
    """

    def __init__(self, connection: Connection, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._token = connection.token
        self._http = httpx.AsyncClient(
            base_url=connection.server,
            verify=connection.tls,
            timeout=httpx.Timeout(SECONDS, connect=10.0),
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=20),
            headers={"Accept": "application/json", "User-Agent": "model-registry-controller"},
            transport=transport,
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def get(self, path: str, **params: str) -> Json:
        """Reads an object or one page of a list. Raises `KubernetesError`."""
        return await self._answer("GET", path, params=params)

    async def create(self, path: str, body: Json) -> Json:
        """Creates an object. Raises `Changed` if one of this name exists; `KubernetesError`."""
        return await self._answer("POST", path, body=body)

    async def replace(self, path: str, body: Json) -> Json:
        """Replaces an object. Raises `Changed` if it is not of the `resourceVersion` in the body; `KubernetesError`."""
        return await self._answer("PUT", path, body=body)

    async def merge(self, path: str, body: Json) -> Json:
        """Changes the fields in the body. Raises `Changed` if the body has another `resourceVersion`; `KubernetesError`."""
        return await self._answer("PATCH", path, body=body, kind=_MERGE)

    async def pages(self, path: str, **params: str) -> AsyncIterator[Json]:
        """Yields the pages of a list. Raises `TooOld` if the list took too long to read; `KubernetesError`."""
        after: dict[str, str] = {}
        while True:
            page = await self.get(path, **params, limit=str(PAGE), **after)
            yield page
            token = page.get("metadata", {}).get("continue")
            if not token:
                return
            after = {"continue": token}

    async def watch(self, path: str, version: str, seconds: int, **params: str) -> AsyncIterator[tuple[str, Json]]:
        """Yields changes after a version: their kind (ADDED, MODIFIED, DELETED, BOOKMARK) and the object.

        It ends when the server ends it.

        Args:
            path: The path of the list.
            version: The `resourceVersion` to begin after.
            seconds: How long the server should keep it open.
            params: More query parameters.

        Raises:
            TooOld: The version is too old.
            Unavailable: The connection broke, or was silent for 75 seconds.
            KubernetesError: The server refuses.
        """
        query = {**params, "watch": "1", "resourceVersion": version, "timeoutSeconds": str(seconds)}
        query["allowWatchBookmarks"] = "true"
        try:
            timeout = httpx.Timeout(SECONDS, connect=10.0, read=SILENCE)
            async with self._http.stream(
                "GET", path, params=query, headers=self._authorization(), timeout=timeout
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise _refusal(answer.status_code, _content(answer), f"GET {path}?watch")
                async for line in answer.aiter_lines():
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise _refusal(event["object"].get("code", 500), event["object"], f"GET {path}?watch")
                    yield event["type"], event["object"]
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
            raise Unavailable(f"The watch of {path} broke off: {str(error) or type(error).__name__}") from error

    def _authorization(self) -> dict[str, str]:
        try:
            token = self._token.current()
        except InvalidValue as error:
            raise Unavailable(str(error)) from error
        return {"Authorization": f"Bearer {token}"} if token else {}

    async def _answer(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        kind: str = "application/json",
    ) -> Json:
        answer = await self._sent(method, path, params, body, kind)
        if answer.status_code == HTTPStatus.UNAUTHORIZED and self._token.renew():
            answer = await self._sent(method, path, params, body, kind)
        content = _content(answer)
        if answer.is_error:
            raise _refusal(answer.status_code, content, f"{method} {path}")
        if not isinstance(content, dict):
            raise Unavailable(f"{method} {path}: the answer is no object of Kubernetes.")
        return content

    async def _sent(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Json | None, kind: str
    ) -> httpx.Response:
        headers = self._authorization() | ({"Content-Type": kind} if body is not None else {})
        sent = None if body is None else json.dumps(body).encode()
        try:
            return await self._http.request(method, path, params=params, content=sent, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(f"{method} {path}: {str(error) or type(error).__name__}") from error


def _content(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text


def _refusal(status: int, content: Any, request: str) -> Refused:
    found = content if isinstance(content, dict) else {"message": str(content)[:300]}
    kind = _BY_STATUS.get(status, Refused)
    return kind(status, str(found.get("reason", "")), f"{request}: {found.get('message') or status}")
