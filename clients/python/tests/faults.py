"""A transport that loses requests and responses on purpose."""

from collections.abc import Callable, Iterable

import httpx
from model_registry_client import Registry, RetryPolicy

QUICK = RetryPolicy(attempts=4, first_pause=0.001, longest_pause=0.002)


class Faults(httpx.BaseTransport):
    """Sends requests to the server, except that the first ones of a method, or of any, get these faults.

    `answer lost`: the server does the request, and the response is lost. `request lost`: the server does not get the request, and
    the client cannot know. `refused`: no connection. A number: a response with this status, without the server. `passed`: no fault.
    """

    def __init__(
        self, faults: Iterable[str | int] = (), method: str = "POST", headers: dict[str, str] | None = None
    ) -> None:
        self._faults, self._method, self._headers = list(faults), method, headers or {}
        self._through = httpx.HTTPTransport()
        self.sent: list[str] = []
        self.before: Callable[[], None] = lambda: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request, or does the next fault."""
        self.sent.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        fault = self._faults.pop(0) if self._faults and self._method in ("any", request.method) else "passed"
        match fault:
            case "answer lost":
                self._through.handle_request(request).read()
                self.before()
                raise httpx.ReadError("the connection was cut")
            case "request lost":
                self.before()
                raise httpx.ReadTimeout("timed out")
            case "refused":
                raise httpx.ConnectError("refused")
            case int(status):
                return httpx.Response(status, json={"code": "Any", "message": "later"}, headers=self._headers)
        return self._through.handle_request(request)

    def close(self) -> None:
        """Closes the connections."""
        self._through.close()


def through(faults: Faults, url: str, **options: object) -> Registry:
    """Returns a client whose requests go through these faults, with short pauses between attempts."""
    return Registry(url, transport=faults, retries=QUICK, **options)  # type: ignore[arg-type]
