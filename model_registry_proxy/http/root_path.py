"""Serves below a path: a gateway shows this server at `https://example.org/registry/`, say."""

from starlette.types import ASGIApp, Receive, Scope, Send


class BelowPath:
    """ASGI: serves from `app` what a gateway shows below `root`, whether the gateway removes that from the path or keeps it."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self._app, self._root = app, root.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the lifespan."""
        if scope.get("path", "").startswith(self._root + "/"):
            scope["path"] = scope["path"][len(self._root) :]
            root = self._root.encode()
            if (raw := scope.get("raw_path")) and raw.startswith(root + b"/"):
                scope["raw_path"] = raw[len(root) :]
        await self._app(scope, receive, send)
