"""Health: whether the process lives, and whether it can serve. The JSON form is that of the Go server.

Probes address a pod by its IP and have no identity, so these paths are served whatever host or origin a request names.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.types import Scope, Send

from converters.entities import (
    Artifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServingEnvironment,
)
from converters.entity import Entity
from model_registry_proxy.errors import MethodNotAllowed, RegistryError
from model_registry_proxy.http.responses import send_bytes, send_json
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.list import list_

_LIVE = "/livez"
_READY = ("/readyz/isDirty", "/readyz/health")
_LISTED: dict[str, type[Entity]] = {
    "registered_models": RegisteredModel,
    "artifacts": Artifact,
    "model_versions": ModelVersion,
    "serving_environments": ServingEnvironment,
    "inference_services": InferenceService,
    "experiments": Experiment,
    "experiment_runs": ExperimentRun,
}
_TEXT = b"text/plain; charset=utf-8"
Check = dict[str, Any]
_SECONDS = 0.8
"""For each question: a probe wants to know now, where a request had better wait for a store that is coming back."""


def is_probe(path: str) -> bool:
    """Whether a path asks for health. Readiness is served below every path, as the Go server does it."""
    return path == _LIVE or path.endswith(_READY)


async def serve(scope: Scope, send: Send, registry: Callable[[], Registry]) -> None:
    """Answers a probe; raises `MethodNotAllowed`."""
    is_live = scope["path"] == _LIVE
    allowed = ("GET", "HEAD") if is_live else ("GET",)
    if scope["method"] not in allowed:
        raise MethodNotAllowed(scope["method"], ", ".join(allowed))
    if is_live:
        await send_bytes(send, HTTPStatus.OK, b"OK", _TEXT)
    else:
        await _readiness(scope, send, registry())


async def _readiness(scope: Scope, send: Send, registry: Registry) -> None:
    """Answers 200 `OK`, or 503 with the message of the first failing check; `?format=json` shows all checks."""
    started = time.monotonic()
    checks = {"database": _database(registry)}
    if scope["path"].endswith("/health"):
        checks["model-registry"] = await _service(registry)
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


def _check(name: str, status: str, message: str, details: Check) -> Check:
    return {"Name": name, "Status": status, "Message": message, "Details": details}


def _database(registry: Registry) -> Check:
    details = {"datastore_type": "mlmd"}
    if registry.is_open:
        return _check("database", "pass", "The metadata store has answered and holds our types.", details)
    return _check("database", "fail", "The metadata store cannot be reached yet.", details)


async def _service(registry: Registry) -> Check:
    name = "model-registry"
    if not registry.is_open:
        return _check(name, "fail", "model registry service not yet initialized", {"service_ready": False})
    details: Check = {}
    for label, entity in _LISTED.items():
        try:
            async with asyncio.timeout(_SECONDS):
                page = await list_(Request(registry), entity, {"pageSize": 1})
        except (RegistryError, TimeoutError) as error:
            reason = getattr(error, "message", f"no answer within {_SECONDS:g} s.")
            return _check(name, "fail", f"{label} cannot be listed: {reason}", details)
        details |= {f"{label}_accessible": True, f"{label}_count": page["size"]}
    return _check(name, "pass", "All resources can be listed.", {**details, "total_resources_checked": len(_LISTED)})
