"""CORS: lets pages of listed origins read answers and send requests that need permission (Fetch standard)."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.http.origins import Origins, foreign
from model_registry_proxy.http.responses import send_error

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_REQUEST_HEADERS = (
    "Accept",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-CSRF-Token",
    "X-PINGOTHER",
)
_ANSWER_HEADERS = ("Link", "ETag", "X-Request-Id", "Idempotent-Replayed")
_SECONDS = 300


class Cors:
    """ASGI: gives permission to listed origins, answers preflights of other origins with 403, and serves the rest from `app`.

    `is_private` says for which paths no origin gets a permission. With `lets_all_read`, all other origins may read, by GET.
    """

    def __init__(
        self,
        app: ASGIApp,
        origins: Origins,
        is_private: Callable[[str], bool] = lambda _: False,
        *,
        lets_all_read: bool = False,
    ) -> None:
        self._app, self._origins, self._is_private = app, origins, is_private
        self._listed = _permitting(app, _METHODS, private_network=True)
        self._others = _permitting(app, ("GET",), private_network=False) if lets_all_read else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        origin = next((value for name, value in scope.get("headers", ()) if name == b"origin"), None)
        if origin is None or self._is_private(scope["path"]):
            await self._app(scope, receive, send)
            return
        text = origin.decode("latin-1")
        if self._origins.is_listed(text):
            await self._listed(scope, receive, send)
        elif self._others and not self._origins.is_own(scope, text):
            await self._others(scope, receive, send)
        elif _is_preflight(scope) and not self._origins.is_own(scope, text):
            await send_error(scope, send, foreign(text))
        else:
            await self._app(scope, receive, send)


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


def _permitting(app: ASGIApp, methods: Sequence[str], *, private_network: bool) -> "_Permitting":
    return _Permitting(
        app,
        allow_methods=methods,
        allow_headers=_REQUEST_HEADERS,
        allow_private_network=private_network,
        expose_headers=_ANSWER_HEADERS,
        max_age=_SECONDS,
    )


class _Permitting(CORSMiddleware):
    """Starlette's middleware, for origins that are listed. The answer to an allowed preflight has no body, as in the Go servers."""

    def is_allowed_origin(self, origin: str) -> bool:  # noqa: ARG002 (Starlette's interface)
        return True

    def preflight_response(self, request_headers: Headers) -> Response:
        """Starlette's, without its text where it allows; a refusal says why."""
        response = super().preflight_response(request_headers)
        if response.status_code == HTTPStatus.OK:
            response.body = b""
            response.headers["content-length"] = "0"
            del response.headers["content-type"]
        return response

    @staticmethod
    def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
        """Answers say already that they vary with the origin."""
        headers["access-control-allow-origin"] = origin
