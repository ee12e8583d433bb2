"""How a checked request runs on the registry: what the HTTP wing is handed to run its calls."""

from collections.abc import Awaitable, Callable

from starlette.types import Scope

from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import StoreUnavailable
from model_registry_proxy.http.api import Run
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.registry.request import Request
from model_registry_proxy.security.bound import BOUND
from model_registry_proxy.verbs.operations import Answer, Operation

RunOperation = Callable[[Scope, Registry, Operation, Call], Awaitable[Answer]]
"""Runs one operation; `authorization` and `audit` have others than `run`."""


def run(_: Scope, registry: Registry, operation: Operation, call: Call) -> Awaitable[Answer]:
    """Runs an operation for any client."""
    return operation.verb(Request(registry), operation, call)


def on_registry(registry: Callable[[], Registry], run: RunOperation) -> Run:
    """Runs calls on the registry, by `run`. Raises `StoreUnavailable` until the registry is open."""

    def run_call(scope: Scope, call: Call) -> Awaitable[Answer]:
        opened = registry()
        if not opened.is_open:
            raise StoreUnavailable
        return run(scope, opened, BOUND[call.operation_id], call)

    return run_call
