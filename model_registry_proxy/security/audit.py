"""The audit log: all changes, and all requests that were refused. A record is written before the answer is sent.

If the record of a change cannot be written, the answer is 500. From then on changes are refused with 503 before anything is done,
until the log can be written again. So the only changes without a record are those in flight when the log failed; their records
are written as soon as possible.
"""

import logging
from collections.abc import Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from converters.errors import RefusedError
from converters.nodes import from_node
from converters.whole_numbers import whole_number
from model_registry_proxy.contract.routes import Call, Router
from model_registry_proxy.errors import RegistryError, StoreUnavailable
from model_registry_proxy.http.responses import send_error
from model_registry_proxy.registry.changed import noted_changes
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request, variant
from model_registry_proxy.security.audit_file import AuditFile
from model_registry_proxy.security.audit_records import denial, id_in, note_change, note_reading, record, was_reading
from model_registry_proxy.security.running import RunOperation
from model_registry_proxy.verbs.operations import Answer, Operation

_log = logging.getLogger(__name__)
_READING = ("GET", "HEAD", "OPTIONS")
_REFUSED = "The audit log cannot be written: changes are refused until it can be; the server's log says more."
_UNRECORDED = "This cannot be recorded in the audit log. If it was a change, it may have been made."


def noting(run: RunOperation) -> RunOperation:
    """Runs operations by `run`, and keeps for the record what they change."""

    async def run_and_note(scope: Scope, registry: Registry, operation: Operation, call: Call) -> Answer:
        if scope["method"] in _READING or operation.only_reads:
            note_reading(scope)
            return await run(scope, registry, operation, call)
        change = note_change(scope, call, await _stored_properties(registry, operation, call))
        with noted_changes() as noted:
            try:
                answer = await run(scope, registry, operation, call)
            except BaseException:
                change.take(noted)
                raise
        change.complete(answer, noted)
        return answer

    return run_and_note


async def _stored_properties(registry: Registry, operation: Operation, call: Call) -> Mapping[str, Any]:
    """The custom properties of the entity that a call gives others to: the record then names those that differ.

    They are empty for a create, and where they cannot be read: then all that the call gives are named.
    """
    id_ = id_in(call)
    if id_ is None or "customProperties" not in call.body:
        return {}
    try:
        entity = variant(operation.entity, call.body)
        node = await Request(registry).node(entity, whole_number(id_, "id"))
    except (RegistryError, RefusedError):
        return {}
    found: Mapping[str, Any] = from_node(entity, node)["customProperties"]
    return found


class Audited:
    """ASGI: serves from `app`, and records changes, made or attempted, and denied requests."""

    def __init__(self, app: ASGIApp, router: Router, file: AuditFile) -> None:
        self._app, self._router, self._file = app, router, file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        is_change = scope["method"] not in _READING
        if is_change and not self._can_write():
            await send_error(scope, send, StoreUnavailable(_REFUSED))
            return
        is_recorded = is_replaced = False

        async def send_recorded(message: Message) -> None:
            nonlocal is_recorded, is_replaced
            if message["type"] == "http.response.start":
                is_recorded = True
                if not self._record(scope, message["status"], is_change=is_change and not was_reading(scope)):
                    is_replaced = True
                    await send_error(scope, send, RegistryError(_UNRECORDED))
            if not is_replaced:
                await send(message)

        try:
            await self._app(scope, receive, send_recorded)
        finally:
            if is_change and not is_recorded:  # for example, because the process ends
                self._record(scope, None, is_change=True)

    def _can_write(self) -> bool:
        """Whether all records so far are written."""
        try:
            self._file.write_pending()
        except OSError as error:
            _log.error("The audit log cannot be written: %s", error.strerror)
            return False
        return True

    def _record(self, scope: Scope, status: int | None, *, is_change: bool) -> bool:
        """Writes a record of a change or of a denied request; returns `False` if that failed."""
        if not is_change and denial(scope, status) is None:
            return True
        try:
            self._file.write(record(self._router, scope, status), keep=is_change)
        except OSError as error:
            _log.error("The audit log cannot be written: %s", error.strerror)
            return False
        return True
