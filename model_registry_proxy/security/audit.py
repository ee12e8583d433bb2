"""The audit log: who changed or was refused what. A record is written before the answer is sent.

A change whose record cannot be written is answered 500, and until the log can be written again changes are refused with 503
before anything is done: nothing happens unrecorded but what was under way in the moment when the log failed, and its records
are written as soon as that is possible.
"""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_registry_proxy.contract.routes import Call, Router
from model_registry_proxy.errors import RegistryError, StoreUnavailable
from model_registry_proxy.http.responses import send_error
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.audit_records import denial, note_change, record
from model_registry_proxy.security.running import RunOperation
from model_registry_proxy.verbs.operations import Answer, Operation

_log = logging.getLogger(__name__)
_READING = ("GET", "HEAD", "OPTIONS")
_REFUSED = "The audit log cannot be written: changes are refused until it can be; the server's log says more."
_UNRECORDED = "This cannot be recorded in the audit log. If it was a change, it may have been made."


def noting(run: RunOperation) -> RunOperation:
    """Runs operations, and keeps what they change for the record."""

    async def run_and_note(scope: Scope, registry: Registry, operation: Operation, call: Call) -> Answer:
        if scope["method"] in _READING:
            return await run(scope, registry, operation, call)
        change = note_change(scope, call)
        answer = await run(scope, registry, operation, call)
        change.settle(answer)
        return answer

    return run_and_note


class Audited:
    """ASGI: serves from `app` and records changes, tried or made, and whatever was denied."""

    def __init__(self, app: ASGIApp, router: Router, file: AuditFile) -> None:
        self._app, self._router, self._file = app, router, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        is_change = scope["method"] not in _READING
        if is_change and not self._is_well():
            await send_error(send, StoreUnavailable(_REFUSED))
            return
        is_recorded = is_replaced = False

        async def send_recorded(message: Message) -> None:
            nonlocal is_recorded, is_replaced
            if message["type"] == "http.response.start":
                is_recorded = True
                if not self._record(scope, message["status"], is_change=is_change):
                    is_replaced = True
                    await send_error(send, RegistryError(_UNRECORDED))
            if not is_replaced:
                await send(message)

        try:
            await self._app(scope, receive, send_recorded)
        finally:
            if is_change and not is_recorded:  # the process is ending, say
                self._record(scope, None, is_change=True)

    def _is_well(self) -> bool:
        """Whether nothing is owed to the log."""
        try:
            self._file.settle()
        except OSError as error:
            _log.error("The audit log cannot be written: %s", error.strerror)
            return False
        return True

    def _record(self, scope: Scope, status: int | None, *, is_change: bool) -> bool:
        """Writes a record where there is something to record; answers whether that is done."""
        if not is_change and denial(scope, status) is None:
            return True
        try:
            self._file.write(record(self._router, scope, status), is_owed=is_change)
        except OSError as error:
            _log.error("The audit log cannot be written: %s", error.strerror)
            return False
        return True
