"""The REST API as an ASGI application: finds the operation, checks the request, runs it, answers.

It serves any documents (`Contract`). The function that runs a checked request is handed in.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from http import HTTPStatus
from math import inf
from typing import Any

from starlette.types import Receive, Scope, Send

from converters.errors import RefusedError
from model_registry_proxy.contract import safe_integers
from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.entity_tags import Tags, as_bytes, tag_of
from model_registry_proxy.contract.idempotency_keys import IdempotencyKey
from model_registry_proxy.contract.routes import Call, Route, Router
from model_registry_proxy.deadlines.deadline import HEADERS, deadline
from model_registry_proxy.deadlines.disconnects import end_with_client
from model_registry_proxy.deadlines.time_limits import TimeLimits
from model_registry_proxy.errors import BadRequest, RegistryError, StoreError, StoreUnavailable
from model_registry_proxy.http import responses
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.responses import Response
from model_registry_proxy.http.stages import CLOCKS, Stage

_log = logging.getLogger(__name__)
_BUSY = "Too many requests at a time; try again shortly."

Answer = tuple[int, Any]
"""A status and a JSON value: an entity, or a page of them under `items`. Bytes are JSON that is written already."""
Run = Callable[[Scope, Call], Awaitable[Answer]]
"""Runs a checked request; raises `RegistryError` or `RefusedError`."""
_NO_BODY = nullcontext(b"")
_REPLAYED = (b"idempotent-replayed", b"true")


class Api:
    """Serves every operation of the documents below their prefixes.

    `timeout` is the limit of a request in seconds. `max_in_flight` is the limit of requests that run at a time, which also
    bounds every queue before the store. `safe_integers`: large whole numbers are answered as text (see `safe_integers.py`).
    `of_error` makes the answer to a failure, unless the layer `error_shapes` has chosen another shape.
    """

    def __init__(
        self,
        contracts: Sequence[Contract],
        run: Run,
        *,
        bodies: Bodies,
        timeout: float,
        max_in_flight: int = 512,
        safe_integers: bool = False,
        of_error: Callable[[RegistryError], Response] = responses.of_error,
    ) -> None:
        self.router = Router(*contracts)
        self._run, self._bodies, self._timeout = run, bodies, timeout
        self._free = max_in_flight
        self._safe_integers, self._of_error = safe_integers, of_error
        self._limits = TimeLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: takes one HTTP request through its stages. Every failure is an answer in JSON."""
        (clock,) = CLOCKS.get()
        former, seconds = deadline.set(inf), self._timeout
        clock.enter(Stage.RECEIVE)
        try:
            seconds = self._seconds(scope)
            deadline.set(time.monotonic() + seconds)
            with self._limits(seconds) as limit:
                if scope["method"] == "GET":
                    end_with_client(scope, limit)
                route, in_path = self._find(scope)
                condition = _condition(scope, route)
                key = IdempotencyKey.read(scope["headers"]) if scope["method"] == "POST" else None
                media_type = (_header(scope, b"content-type") or b"") if route.form else b""
                async with self._body(route, scope, receive) as body:
                    clock.enter(Stage.CHECK)
                    call = route.call(in_path, scope["query_string"], body, condition, media_type)
                    call = call._replace(key=key) if key else call
                    # Stage.WAIT and Stage.STORE: the store reports them to the clock.
                    status, content = await self._run_in_turn(scope, call)
            clock.enter(Stage.RENDER)
            response = self._rendered(scope, status, content)
            if key and key.is_replayed:
                response.headers.append(_REPLAYED)
        except Exception as error:  # noqa: BLE001 (the last line of defence: every failure has an answer)
            clock.enter(Stage.RENDER)
            response = responses.shape_of(scope, self._of_error)(_failure(scope, error, seconds))
        finally:
            deadline.reset(former)
        clock.enter(Stage.SEND)
        await response.send(send)
        clock.enter(None)

    def _seconds(self, scope: Scope) -> float:
        """The time that the request may take: what its client asks for in a header, at most the setting."""
        asked = [HEADERS[name](value) for name, value in scope["headers"] if name in HEADERS]
        return min(self._timeout, *asked) if asked else self._timeout

    def _find(self, scope: Scope) -> tuple[Route, list[str]]:
        """The route and the texts in the path. A request that cannot run is refused here, before its body is read."""
        route, in_path = self.router.find(scope["method"], scope["path"], scope.get("raw_path"))
        scope.setdefault("state", {})["operation"] = route.described.operation_id
        if not self._free:
            raise StoreUnavailable(_BUSY)
        return route, in_path

    def _body(self, route: Route, scope: Scope, receive: Receive) -> AbstractAsyncContextManager[bytes]:
        return self._bodies.read(scope, receive) if route.takes_body else _NO_BODY

    async def _run_in_turn(self, scope: Scope, call: Call) -> Answer:
        """Runs the call; it counts as in flight only from here on, so a body that arrives slowly does not count."""
        if not self._free:
            raise StoreUnavailable(_BUSY)
        self._free -= 1
        try:
            return await self._run(scope, call)
        finally:
            self._free += 1

    def _rendered(self, scope: Scope, status: int, content: Any) -> Response:
        """A page as it is; an entity, or written JSON, with its entity tag, or 304 if the client has this version already."""
        if status == HTTPStatus.NO_CONTENT:
            return responses.no_content()
        if isinstance(content, bytes):
            body = content
        else:
            if self._safe_integers and not safe_integers.wants_numbers(scope["headers"]):
                content = safe_integers.shown(content)
            if "items" in content:
                return responses.in_json(status, content)
            body = as_bytes(content)
        tag = tag_of(body)
        if scope["method"] == "GET" and (value := _header(scope, b"if-none-match")):
            with suppress(BadRequest):  # a text that is no entity tag matches nothing
                if Tags.read(value, "If-None-Match").match_weakly(tag):
                    return responses.not_modified(tag)
        return responses.in_bytes(status, body, responses.JSON, [(b"etag", tag)])


def _failure(scope: Scope, error: Exception, seconds: float) -> RegistryError:
    """The failure to answer, after the log has what a client must not see. `seconds`: the time that the request had."""
    match error:
        case RegistryError():
            if isinstance(error, StoreError):
                _log.error("MLMD failed on %s %s: %s", scope["method"], scope["path"], error.details or error.message)
            elif isinstance(error, StoreUnavailable) and error.details:
                _log.warning("MLMD was away on %s %s: %s", scope["method"], scope["path"], error.details)
            return error
        case RefusedError():
            return BadRequest(str(error))
        case TimeoutError():
            return StoreUnavailable(f"No answer from the metadata store within {seconds:g} s.")
    _log.exception("Failed on %s %s", scope["method"], scope["path"])
    return RegistryError("An unexpected failure; the server's log says more.")


def _condition(scope: Scope, route: Route) -> Tags | None:
    """The tags in `If-Match`; raises `BadRequest` if they cannot be read, and for changes that would ignore them."""
    if not (route.takes_condition or route.takes_body):
        return None
    value = _header(scope, b"if-match")
    if value is None:
        return None
    if not route.takes_condition:
        raise BadRequest("If-Match is taken by some operations only, such as PATCH; send this without it.")
    return Tags.read(value, "If-Match")


def _header(scope: Scope, name: bytes) -> bytes | None:
    """The value of a header; several lines of it count as one list."""
    values = [value for key, value in scope["headers"] if key == name]
    return b", ".join(values) if values else None
