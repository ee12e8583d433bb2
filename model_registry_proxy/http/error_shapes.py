"""Chooses the shape of failures by the path of a request: clients of another registry read failures in the shape of that one."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from model_registry_proxy.http.responses import SHAPE, ErrorShape


class ErrorShapes:
    """ASGI: serves from `app`. `shapes` are shapes of failures by the beginnings of paths; other paths have the usual shape."""

    def __init__(self, app: ASGIApp, shapes: Mapping[str, ErrorShape]) -> None:
        self._app, self._shapes = app, shapes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request."""
        for beginning, shape in self._shapes.items():
            if scope["path"].startswith(beginning):
                scope.setdefault("state", {})[SHAPE] = shape
        await self._app(scope, receive, send)
