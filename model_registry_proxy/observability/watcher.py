"""The two places where a feature watches: the events of the MLMD wing, and the ASGI application as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp

from model_registry_proxy.mlmd.events import Observer, all_of


def _unchanged(app: ASGIApp) -> ASGIApp:
    return app


@dataclass(frozen=True, slots=True)
class Watcher:
    """`observer` receives the events of the MLMD wing, `app` wraps the whole ASGI application."""

    observer: Observer | None = None
    app: Callable[[ASGIApp], ASGIApp] = _unchanged


UNWATCHED = Watcher()


def combined(watchers: Sequence[Watcher]) -> Watcher:
    """All of these as one. Their wrappers wrap each other; the first is the outermost."""

    def wrap(app: ASGIApp) -> ASGIApp:
        for watcher in reversed(watchers):
            app = watcher.app(app)
        return app

    return Watcher(all_of([one.observer for one in watchers if one.observer]), wrap)
