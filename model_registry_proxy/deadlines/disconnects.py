"""When a client disconnects, its reads end. A write that has begun is finished, since half of a write has no use.

ASGI reports this only to a task that awaits `receive`, which would cost a task for every request. So the connection itself ends the
time limit that the request has stored in its scope.
"""

from starlette.types import Scope

from model_registry_proxy.deadlines.time_limits import TimeLimit

_KEY = "model_registry_proxy.limit"


def end_with_client(scope: Scope, limit: TimeLimit) -> None:
    """Lets the block under `limit` end by a `TimeoutError` when the client of this request disconnects."""
    scope.setdefault("state", {})[_KEY] = limit


def client_has_gone(scope: Scope) -> None:
    """Ends the block that `end_with_client` has stored, if it still runs. The connection calls this."""
    limit: TimeLimit | None = scope.get("state", {}).get(_KEY)
    if limit:
        limit.end()
