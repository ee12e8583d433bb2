"""Prometheus metrics of the catalog: what each source holds, and how its last load ended. They are worked out at each scrape."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from model_catalog.entries import AssetType, Status
from model_catalog.index.catalog import Catalog

_NOT_READ = "not-read"
_STATES = (*(status.value for status in Status), _NOT_READ)


class _Sources(Collector):
    """Collects from the newest state of a catalog."""

    def __init__(self, current: Callable[[], Catalog]) -> None:
        self._current = current

    def collect(self) -> Iterator[GaugeMetricFamily]:
        catalog = self._current()
        entries = GaugeMetricFamily(
            "model_catalog_entries", "Models or MCP servers of a source.", labels=["source", "kind"]
        )
        for asset_type in AssetType:
            for segment in catalog.table(asset_type).segments:
                entries.add_metric([segment.source_id, asset_type.value], len(segment.items))
        yield entries
        status = GaugeMetricFamily(
            "model_catalog_source_status",
            "1 for the status of a source, 0 for all others.",
            labels=["source", "status"],
        )
        for state in catalog.sources:
            own = state.status.value if state.status else _NOT_READ
            for each in _STATES:
                status.add_metric([state.settings.id, each], each == own)
        yield status
        yield GaugeMetricFamily(
            "model_catalog_sources_file_errors",
            "Sources files that cannot be read, and entries of them that are not used. The log names each.",
            value=len(catalog.settings.errors),
        )


@contextmanager
def measured(current: Callable[[], Catalog], registry: CollectorRegistry = REGISTRY) -> Iterator[None]:
    """Adds the metrics of a catalog to those of the process within the block."""
    sources = _Sources(current)
    registry.register(sources)
    try:
        yield
    finally:
        registry.unregister(sources)
