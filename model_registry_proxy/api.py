"""The REST API as an ASGI application: finds the operation, checks the request, runs it, answers."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from math import inf

from starlette.types import Receive, Scope, Send

from converters.errors import RefusedError
from model_registry_proxy.contract import Contract
from model_registry_proxy.deadlines import HEADERS, deadline
from model_registry_proxy.disconnects import end_with_client
from model_registry_proxy.errors import (
    BadRequest,
    BodyTooLarge,
    RegistryError,
    StoreError,
    StoreUnavailable,
)
from model_registry_proxy.operations import OPERATIONS, Answer, Operation
from model_registry_proxy.registry import Registry
from model_registry_proxy.responses import send_error, send_json
from model_registry_proxy.validation import Call, Router

_log = logging.getLogger(__name__)
_DRAIN_SECONDS, _DRAIN_BYTES = 2.0, 128 * 2**20
_BUSY = "Too many requests at a time; try again shortly."


Run = Callable[[Scope, Registry, Operation, Call], Awaitable[Answer]]


def run(_: Scope, registry: Registry, operation: Operation, call: Call) -> Awaitable[Answer]:
    """Does what a request asks, whoever asks."""
    return operation.verb(registry, operation, call)


class Api:
    """Serves every operation of the document below its prefixes.

    `max_body` is the limit of a request body in bytes, `timeout` that of a request in seconds, `max_in_flight` that of
    requests at a time, which also bounds every queue before the store. `run` does what a checked request asks.
    """

    def __init__(
        self,
        contract: Contract,
        registry: Callable[[], Registry],
        *,
        max_body: int,
        timeout: float,
        max_in_flight: int = 512,
        run: Run = run,
    ) -> None:
        self.router = Router(contract)
        self._run = run
        self._registry, self._max_body, self._timeout = registry, max_body, timeout
        self._free = max_in_flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: answers one HTTP request; every failure is an answer in JSON."""
        if not self._free:
            await send_error(send, StoreUnavailable(_BUSY))
            return
        self._free -= 1
        former = deadline.set(inf)
        seconds = self._timeout
        try:
            seconds = self._seconds(scope)
            deadline.set(time.monotonic() + seconds)
            async with asyncio.timeout(seconds) as limit:
                if scope["method"] == "GET":
                    end_with_client(scope, limit)
                status, content = await self._answer(scope, receive)
        except RegistryError as error:
            if isinstance(error, StoreError):
                _log.error("MLMD failed on %s %s: %s", scope["method"], scope["path"], error.details)
            await send_error(send, error)
        except RefusedError as error:
            await send_error(send, BadRequest(str(error)))
        except TimeoutError:
            await send_error(send, StoreUnavailable(f"No answer from the metadata store within {seconds:g} s."))
        except Exception:  # noqa: BLE001 (the last line of defence: a traceback is for the log)
            _log.exception("Failed on %s %s", scope["method"], scope["path"])
            await send_error(send, RegistryError("An unexpected failure; the server's log says more."))
        else:
            await send_json(send, status, content)
        finally:
            deadline.reset(former)
            self._free += 1

    def _seconds(self, scope: Scope) -> float:
        """How long the request may take: as long as its client says it will wait, but no longer than the setting."""
        said = [HEADERS[name](value) for name, value in scope["headers"] if name in HEADERS]
        return min(self._timeout, *said) if said else self._timeout

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, object]:
        route, ids = self.router.find(scope["method"], scope["path"])
        scope.setdefault("state", {})["operation"] = route.described.operation_id
        body = await self._read_body(scope, receive) if route.body else b""
        call = route.call(ids, scope["query_string"], body)
        operation = OPERATIONS[call.operation_id]
        registry = self._registry()
        if not registry.is_open:
            raise StoreUnavailable
        return await self._run(scope, registry, operation, call)

    async def _read_body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body; raises `BodyTooLarge` as soon as it is known to be."""
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self._max_body:
                await _drain(receive)
                raise BodyTooLarge(self._max_body)
        chunks, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("The client went away before its body was read.")
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body:
                await _drain(receive)
                raise BodyTooLarge(self._max_body)
            chunks.append(chunk)
            if not message.get("more_body"):
                return b"".join(chunks)


async def _drain(receive: Receive) -> None:
    """Reads on for a while: a client that is still sending when the connection closes never sees the answer."""
    size = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while size < _DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return
