"""A transport between client and server that loses requests and answers on purpose."""

from collections.abc import Callable, Iterable

import httpx
from model_registry_client import Registry, RetryPolicy

QUICK = RetryPolicy(attempts=4, first_pause=0.001, longest_pause=0.002)


class Faults(httpx.BaseTransport):
    """Passes requests on, but the first ones of a method, or of any, meet these faults.

    `answer lost`: the server does it, and the answer is lost. `request lost`: the server never hears of it, and the client cannot
    tell. `refused`: no connection. A number: an answer of that status, without the server hearing of it. `passed`: none.
    """

    def __init__(
        self, faults: Iterable[str | int] = (), method: str = "POST", headers: dict[str, str] | None = None
    ) -> None:
        self._faults, self._method, self._headers = list(faults), method, headers or {}
        self._through = httpx.HTTPTransport()
        self.sent: list[str] = []
        self.before: Callable[[], None] = lambda: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See the class."""
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
    """A registry behind faults, with short pauses."""
    return Registry(url, transport=faults, retries=QUICK, **options)  # type: ignore[arg-type]
