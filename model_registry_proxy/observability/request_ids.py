"""Request ids: one for each request, the client's own where it sent a usable one, for logs, traces and the audit log."""

import random
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.observability.logs import REQUEST

HEADER = b"x-request-id"
_USABLE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


def request_id(scope: Scope) -> str:
    """The id of the request of an ASGI scope, kept in `scope["state"]["request_id"]`, where the first caller puts it.

    It is the value of `X-Request-Id` (of several, the first), or 32 random hexadecimal digits where there is none or
    where it is not 1 to 128 letters, digits and `._:/+=@-`: it goes into logs as it is.
    """
    state: dict[str, object] = scope.setdefault("state", {})
    known = state.get("request_id")
    if isinstance(known, str):
        return known
    for name, value in scope.get("headers", ()):
        if name == HEADER:
            chosen = value.decode("ascii") if _USABLE.fullmatch(value) else _made_up()
            break
    else:
        chosen = _made_up()
    state["request_id"] = chosen
    return chosen


def _made_up() -> str:
    return f"{random.getrandbits(128):032x}"


class RequestIds:
    """ASGI: every answer has `X-Request-Id`, and every line of the log that is written for the request has the id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id_ = request_id(scope)
        REQUEST.set(id_)  # of this request's own task
        header = (HEADER, id_.encode())

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        await self._app(scope, receive, naming)
