"""The REST API as an ASGI application: finds the operation, checks the request, runs it, answers."""

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import inf
from typing import Any

from starlette.types import Receive, Scope, Send

from converters.errors import RefusedError
from model_registry_proxy.contract import safe_integers
from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.entity_tags import Tags, as_bytes, tag_of
from model_registry_proxy.contract.routes import Call, Router
from model_registry_proxy.deadlines.deadline import HEADERS, deadline
from model_registry_proxy.deadlines.disconnects import end_with_client
from model_registry_proxy.deadlines.time_limits import TimeLimits
from model_registry_proxy.errors import (
    BadRequest,
    RegistryError,
    StoreError,
    StoreUnavailable,
)
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.responses import JSON, send_bytes, send_error, send_json, send_not_modified
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.operations import OPERATIONS, Answer, Operation

_log = logging.getLogger(__name__)
_BUSY = "Too many requests at a time; try again shortly."


Run = Callable[[Scope, Registry, Operation, Call], Awaitable[Answer]]


def run(_: Scope, registry: Registry, operation: Operation, call: Call) -> Awaitable[Answer]:
    """Does what a request asks, whoever asks."""
    return operation.verb(Request(registry), operation, call)


class Api:
    """Serves every operation of the document below its prefixes.

    `timeout` is the limit of a request in seconds, `max_in_flight` that of requests at a time, which also bounds every queue
    before the store. `run` does what a checked request asks.
    """

    def __init__(
        self,
        contract: Contract,
        registry: Callable[[], Registry],
        *,
        bodies: Bodies,
        timeout: float,
        max_in_flight: int = 512,
        run: Run = run,
    ) -> None:
        self.router = Router(contract)
        self._run = run
        self._registry, self._bodies, self._timeout = registry, bodies, timeout
        self._free = max_in_flight
        self._limits = TimeLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: answers one HTTP request; every failure is an answer in JSON."""
        former = deadline.set(inf)
        seconds = self._timeout
        try:
            seconds = self._seconds(scope)
            deadline.set(time.monotonic() + seconds)
            with self._limits(seconds) as limit:
                if scope["method"] == "GET":
                    end_with_client(scope, limit)
                status, content = await self._answer(scope, receive)
        except RegistryError as error:
            if isinstance(error, StoreError):
                _log.error("MLMD failed on %s %s: %s", scope["method"], scope["path"], error.details)
            elif isinstance(error, StoreUnavailable) and error.details:
                _log.warning("MLMD was away on %s %s: %s", scope["method"], scope["path"], error.details)
            await send_error(send, error)
        except RefusedError as error:
            await send_error(send, BadRequest(str(error)))
        except TimeoutError:
            await send_error(send, StoreUnavailable(f"No answer from the metadata store within {seconds:g} s."))
        except Exception:  # noqa: BLE001 (the last line of defence: a traceback is for the log)
            _log.exception("Failed on %s %s", scope["method"], scope["path"])
            await send_error(send, RegistryError("An unexpected failure; the server's log says more."))
        else:
            await _send_answer(scope, send, status, content)
        finally:
            deadline.reset(former)

    def _seconds(self, scope: Scope) -> float:
        """How long the request may take: as long as its client says it will wait, but no longer than the setting."""
        said = [HEADERS[name](value) for name, value in scope["headers"] if name in HEADERS]
        return min(self._timeout, *said) if said else self._timeout

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, object]:
        route, ids = self.router.find(scope["method"], scope["path"])
        scope.setdefault("state", {})["operation"] = route.described.operation_id
        if not self._free:  # before its body is read, which is for nothing then
            raise StoreUnavailable(_BUSY)
        if route.body is None:
            return await self._work(scope, route.call(ids, scope["query_string"], b""))
        condition = _condition(scope)
        async with self._bodies.read(scope, receive) as body:
            return await self._work(scope, route.call(ids, scope["query_string"], body, condition))

    async def _work(self, scope: Scope, call: Call) -> tuple[int, object]:
        """Does what was asked, in one of the places before the store. A body that comes slowly takes none."""
        operation = OPERATIONS[call.operation_id]
        registry = self._registry()
        if not registry.is_open:
            raise StoreUnavailable
        if not self._free:
            raise StoreUnavailable(_BUSY)
        self._free -= 1
        try:
            status, content = await self._run(scope, registry, operation, call)
            shows_text = registry.safe_integers and not safe_integers.wants_numbers(scope["headers"])
            return status, safe_integers.shown(content) if shows_text else content
        finally:
            self._free += 1


def _condition(scope: Scope) -> Tags | None:
    """What `If-Match` asks; raises `BadRequest` for what is no list of tags, and where it would be passed over."""
    value = _header(scope, b"if-match")
    if value is None:
        return None
    if scope["method"] != "PATCH":
        raise BadRequest("If-Match is taken with PATCH only; send this without it.")
    return Tags.read(value, "If-Match")


def _header(scope: Scope, name: bytes) -> bytes | None:
    """The value of a header that may come in several lines."""
    values = [value for key, value in scope["headers"] if key == name]
    return b", ".join(values) if values else None


async def _send_answer(scope: Scope, send: Send, status: int, content: Any) -> None:
    """A page as it is; a single entity with its tag, or 304 where the client has this version already."""
    if "items" in content:
        await send_json(send, status, content)
        return
    body = as_bytes(content)
    tag = tag_of(body)
    if scope["method"] == "GET" and (value := _header(scope, b"if-none-match")):
        with suppress(BadRequest):  # what is no tag matches nothing
            if Tags.read(value, "If-None-Match").match_weakly(tag):
                await send_not_modified(send, tag)
                return
    await send_bytes(send, status, body, JSON, [(b"etag", tag)])
