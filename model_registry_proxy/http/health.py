"""Health: whether the process lives, and whether it can serve. The JSON form is that of the Go server.

Probes address a pod by its IP and have no identity, so these paths are served whatever host or origin a request names.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.types import Scope, Send

from model_registry_proxy.errors import MethodNotAllowed, RegistryError
from model_registry_proxy.http.responses import send_bytes, send_json

_LIVE = "/livez"
_ALL_READY = "/readyz"
_READY = ("/readyz/isDirty", "/readyz/health")
_TEXT = b"text/plain; charset=utf-8"
Check = dict[str, Any]
ListOne = Callable[[], Awaitable[int]]
"""Lists one row of a kind and returns the number of rows on that page; raises `RegistryError`."""
_SECONDS = 0.8
"""The limit of each list: a probe needs an answer now, while a request had better wait for a store that is coming back."""


def is_probe(path: str) -> bool:
    """Whether a path asks for health. Readiness is served below every path, as the Go server does it."""
    return path in (_LIVE, _ALL_READY) or path.endswith(_READY)


class Health:
    """Answers probes.

    `is_open` says whether the store has answered, `lists` has for each kind of row what lists one. `catalog` says what is missing
    until the catalog is complete, if there is one.
    """

    def __init__(
        self,
        is_open: Callable[[], bool],
        lists: Mapping[str, ListOne],
        catalog: Callable[[], str | None] | None = None,
    ) -> None:
        self._is_open, self._lists, self._catalog = is_open, lists, catalog

    async def serve(self, scope: Scope, send: Send) -> None:
        """Answers a probe; raises `MethodNotAllowed`."""
        is_live = scope["path"] == _LIVE
        allowed = ("GET", "HEAD") if scope["path"] in (_LIVE, _ALL_READY) else ("GET",)
        if scope["method"] not in allowed:
            raise MethodNotAllowed(scope["method"], ", ".join(allowed))
        if is_live:
            await send_bytes(send, HTTPStatus.OK, b"OK", _TEXT)
        else:
            await self._send_readiness(scope, send)

    async def _send_readiness(self, scope: Scope, send: Send) -> None:
        """Answers 200 `OK`, or 503 with the message of the first failing check; `?format=json` shows all checks."""
        started = time.monotonic()
        checks = {"database": self._database()}
        if not scope["path"].endswith("/isDirty"):
            checks["model-registry"] = await self._service()
        if scope["path"] == _ALL_READY and self._catalog:
            missing = self._catalog()
            checks["model-catalog"] = _check(
                "model-catalog", "fail" if missing else "pass", missing or "All sources were read.", {}
            )
        failing = next((check for check in checks.values() if check["Status"] == "fail"), None)
        status = HTTPStatus.SERVICE_UNAVAILABLE if failing else HTTPStatus.OK
        if b"format=json" not in scope["query_string"].split(b"&"):
            await send_bytes(send, status, (failing["Message"] if failing else "OK").encode(), _TEXT)
            return
        details = {
            "check_duration_ms": round((time.monotonic() - started) * 1000),
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        checks["meta"] = _check("meta", "pass", "", details)
        await send_json(send, status, {"status": "fail" if failing else "pass", "checks": checks})

    def _database(self) -> Check:
        details = {"datastore_type": "mlmd"}
        if self._is_open():
            return _check("database", "pass", "The metadata store has answered and holds our types.", details)
        return _check("database", "fail", "The metadata store cannot be reached yet.", details)

    async def _service(self) -> Check:
        name = "model-registry"
        if not self._is_open():
            return _check(name, "fail", "model registry service not yet initialized", {"service_ready": False})
        details: Check = {}
        for label, list_one in self._lists.items():
            try:
                async with asyncio.timeout(_SECONDS):
                    count = await list_one()
            except (RegistryError, TimeoutError) as error:
                reason = getattr(error, "message", f"no answer within {_SECONDS:g} s.")
                return _check(name, "fail", f"{label} cannot be listed: {reason}", details)
            details |= {f"{label}_accessible": True, f"{label}_count": count}
        return _check(
            name, "pass", "All resources can be listed.", {**details, "total_resources_checked": len(self._lists)}
        )


def _check(name: str, status: str, message: str, details: Check) -> Check:
    return {"Name": name, "Status": status, "Message": message, "Details": details}
