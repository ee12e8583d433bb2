"""The parts between a request and MLMD that may be watched: plain ones, or those that `observability` puts in their place.

What is chosen at the start is all there is: what nobody watches costs nothing.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.outages import Patience
from model_registry_proxy.mlmd.sharing import Sharing


def _as_it_is(thing: Any) -> Any:
    return thing


@dataclass(frozen=True, slots=True)
class Instruments:
    """What makes the parts. `channel` gets the gRPC channel to MLMD, `app` the whole ASGI application."""

    batcher: type[Batcher[Any, Any]] = Batcher
    sharing: type[Sharing] = Sharing
    patience: type[Patience] = Patience
    lane: type[asyncio.Semaphore] = asyncio.Semaphore
    channel: Callable[[Any], Any] = _as_it_is
    app: Callable[[ASGIApp], ASGIApp] = _as_it_is


PLAIN = Instruments()
