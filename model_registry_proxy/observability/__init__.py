"""Metrics, traces, `Server-Timing`, and the log. Each feature is imported only if it is switched on."""

from collections.abc import Callable

from model_registry_proxy.configuration.settings import Settings
from model_registry_proxy.observability import trace_settings
from model_registry_proxy.observability.watcher import UNWATCHED, Watcher, combined


def watcher(settings: Settings) -> Watcher:
    """What watches a process that serves, by the settings; `UNWATCHED` if all is off. Raises `SettingsError`."""
    chosen: list[Watcher] = []
    if settings.server_timing:
        from model_registry_proxy.observability import server_timing  # noqa: PLC0415 (only if it is on)

        chosen.append(server_timing.watcher())
    if settings.metrics_port:
        from model_registry_proxy.observability import metrics  # noqa: PLC0415 (only if it is on)

        chosen.append(metrics.watcher())
    if trace_settings.is_on():
        from model_registry_proxy.observability import tracing  # noqa: PLC0415 (only if it is on)

        chosen.append(tracing.exporting_watcher())
    return combined(chosen) if chosen else UNWATCHED


def engine_restarts(settings: Settings) -> Callable[[], None]:
    """The function to call each time that the embedded engine is started again."""
    if not settings.metrics_port:
        return lambda: None
    from model_registry_proxy.observability import metrics  # noqa: PLC0415 (only if it is on)

    return metrics.ENGINE_RESTARTS.inc
