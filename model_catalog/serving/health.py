"""Probes of the catalog: whether the process lives, and whether its first load has ended.

Probes address a pod by its IP and have no identity, so these paths are served whatever host or origin a request names.
"""

from collections.abc import Callable
from http import HTTPStatus

from starlette.types import Receive, Scope, Send

from model_registry_proxy.errors import MethodNotAllowed
from model_registry_proxy.http.responses import TEXT, send_bytes, send_error

LIVE, READY = "/livez", "/readyz"
_METHODS = ("GET", "HEAD")


class Probes:
    """ASGI: answers 200 `OK`, or 503 with the reason. `why_not_ready` says what is missing until the catalog is complete."""

    def __init__(self, why_not_ready: Callable[[], str | None]) -> None:
        self._why_not_ready = why_not_ready

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        if scope["method"] not in _METHODS:
            await send_error(scope, send, MethodNotAllowed(scope["method"], ", ".join(_METHODS)))
            return
        reason = self._why_not_ready() if scope["path"] == READY else None
        status = HTTPStatus.SERVICE_UNAVAILABLE if reason else HTTPStatus.OK
        await send_bytes(send, status, (reason or "OK").encode(), TEXT)
