"""Watching the proxy: metrics, traces, timings in answers. Each is imported only where it is switched on."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.mlmd.instruments import PLAIN, Instruments
from model_registry_proxy.observability import trace_settings


def instruments(settings: Settings) -> Instruments:
    """The parts for a process that serves; raises `SettingsError`. Plain ones where nothing is switched on."""
    chosen: list[Instruments] = []
    if settings.server_timing:
        from model_registry_proxy.observability import server_timing  # noqa: PLC0415 (only where it is on)

        chosen.append(server_timing.INSTRUMENTS)
    if settings.metrics_port:
        from model_registry_proxy.observability import metrics  # noqa: PLC0415 (only where it is on)

        chosen.append(metrics.INSTRUMENTS)
    if trace_settings.is_on():
        from model_registry_proxy.observability import tracing  # noqa: PLC0415 (only where it is on)

        chosen.append(tracing.instruments())
    return combined(chosen)


def engine_restarts(settings: Settings) -> Callable[[], None]:
    """What the keeper of the embedded engine calls each time that it starts the engine again."""
    if not settings.metrics_port:
        return lambda: None
    from model_registry_proxy.observability import metrics  # noqa: PLC0415 (only where it is on)

    return metrics.ENGINE_RESTARTS.inc


def combined(chosen: Sequence[Instruments]) -> Instruments:
    """All of these in one: the classes inherit from each other, the wrappers wrap each other, the first outermost."""
    if len(chosen) < 2:  # noqa: PLR2004
        return chosen[0] if chosen else PLAIN
    return Instruments(
        batcher=_heir([one.batcher for one in chosen]),
        sharing=_heir([one.sharing for one in chosen]),
        patience=_heir([one.patience for one in chosen]),
        lane=_heir([one.lane for one in chosen]),
        channel=_chain([one.channel for one in chosen]),
        app=_chain([one.app for one in chosen]),
    )


def _heir(classes: Sequence[type]) -> Any:
    """A class of all of these, without those that another one inherits from."""
    distinct = list(dict.fromkeys(classes))
    bases = [one for one in distinct if not any(other is not one and issubclass(other, one) for other in distinct)]
    return bases[0] if len(bases) == 1 else type(bases[0].__name__, tuple(bases), {})


def _chain(wrappers: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    return lambda thing: reduce(lambda inner, wrap: wrap(inner), reversed(wrappers), thing)
