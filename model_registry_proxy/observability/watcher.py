"""What a feature of observability is made of: an observer of the MLMD wing, and middleware around the application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model_registry_proxy.http.middleware import Wrap
from model_registry_proxy.mlmd.events import Observer, all_of


@dataclass(frozen=True, slots=True)
class Watcher:
    """`observer` receives the events of the MLMD wing; `makers` makes middleware, by the names of `http/middleware.py`."""

    observer: Observer | None = None
    makers: Mapping[str, Wrap] = field(default_factory=dict)


UNWATCHED = Watcher()


def combined(watchers: Sequence[Watcher]) -> Watcher:
    """All of these as one."""
    makers = {name: make for one in watchers for name, make in one.makers.items()}
    return Watcher(all_of([one.observer for one in watchers if one.observer]), makers)
