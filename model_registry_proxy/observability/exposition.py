"""Serves /metrics on a port of its own, from the process that starts the workers: one scrape covers all workers."""

import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from model_registry_proxy.configuration.settings import Settings, SettingsError

DEFAULT_PORT = 9464
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_log = logging.getLogger(__name__)


@contextmanager
def exposing(settings: Settings) -> Iterator[Settings]:
    """Serves /metrics within the block; yields the settings with the port in use, which is 0 if metrics are off.

    If no port is set and the default 9464 is in use, metrics are off. Raises `SettingsError` if a set port is in use.
    """
    os.environ.pop(_FOLDER, None)
    if settings.metrics_port == 0:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="model-registry-metrics-") as folder:
        if settings.workers > 1:
            os.environ[_FOLDER] = folder  # read once, when prometheus_client is imported, here and in each worker
        port = _serve(settings, Path(folder))
        yield settings.model_copy(update={"metrics_port": port})


def _serve(settings: Settings, folder: Path) -> int:
    from prometheus_client import REGISTRY, CollectorRegistry, Metric, ProcessCollector, start_http_server  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead  # noqa: PLC0415

    class OfWorkers(MultiProcessCollector):
        """Adds up the workers. Gauges of the present moment leave out workers that have died."""

        def collect(self) -> Iterable[Metric]:
            for file in folder.glob("gauge_live*_*.db"):
                pid = int(file.stem.rpartition("_")[2])
                if not _is_running(pid):
                    mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
            # A worker that starts creates an empty file first, which the library cannot read.
            files = [str(file) for file in folder.glob("*.db") if file.stat().st_size]
            return self.merge(files, accumulate=True)  # type: ignore[no-any-return, no-untyped-call]

    registry = REGISTRY
    if settings.workers > 1:
        registry = CollectorRegistry()
        OfWorkers(registry, str(folder))  # type: ignore[no-untyped-call]
        ProcessCollector(registry=registry)
    port = settings.metrics_port or DEFAULT_PORT
    try:
        start_http_server(port, settings.metrics_hostname, registry)
    except OSError as error:
        reason = error.strerror or str(error)
        if settings.metrics_port is None:
            _log.warning("Metrics are not served: port %d: %s. Choose another with --metrics-port, or 0.", port, reason)
            return 0
        raise SettingsError(
            f"Cannot serve metrics on {settings.metrics_hostname}:{port}: {reason}; see --metrics-hostname "
            "(MR_METRICS_HOSTNAME) and --metrics-port (MR_METRICS_PORT), where 0 turns them off."
        ) from None
    return port


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
