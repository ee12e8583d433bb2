"""Request ids, for logs, traces and the audit log: the client's own id if it sent a usable one, else a new one."""

import random
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.observability.logs import REQUEST

HEADER = b"x-request-id"
_USABLE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


def request_id(scope: Scope) -> str:
    """The id of the request of an ASGI scope. The first call stores it in `scope["state"]["request_id"]`.

    It is the first value of `X-Request-Id` if that is 1 to 128 letters, digits and `._:/+=@-`, because logs show it unchanged; else
    it is 32 random hexadecimal digits.
    """
    state: dict[str, object] = scope.setdefault("state", {})
    known = state.get("request_id")
    if isinstance(known, str):
        return known
    for name, value in scope.get("headers", ()):
        if name == HEADER:
            chosen = value.decode("ascii") if _USABLE.fullmatch(value) else _random()
            break
    else:
        chosen = _random()
    state["request_id"] = chosen
    return chosen


def _random() -> str:
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
