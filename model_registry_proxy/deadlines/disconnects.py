"""A client that goes away ends its reads; a write that was begun is left to finish, since half of one helps nobody.

ASGI tells of it only to who awaits `receive`, which would cost a task for every request. So the connection itself ends what
the request has left in its scope's state.
"""

from starlette.types import Scope

from model_registry_proxy.deadlines.time_limits import TimeLimit

_KEY = "model_registry_proxy.limit"


def end_with_client(scope: Scope, limit: TimeLimit) -> None:
    """Lets the block under `limit` end by a `TimeoutError` when the client of this request goes away."""
    scope.setdefault("state", {})[_KEY] = limit


def client_has_gone(scope: Scope) -> None:
    """Ends what `end_with_client` has named, if that goes on. For the connection, which knows."""
    limit: TimeLimit | None = scope.get("state", {}).get(_KEY)
    if limit:
        limit.end()
