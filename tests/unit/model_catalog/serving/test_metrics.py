"""The metrics of a catalog."""

from prometheus_client import CollectorRegistry, generate_latest

from model_catalog.entries import AssetType, Entry, Status
from model_catalog.index.catalog import Catalog
from model_catalog.reading.settings import Settings, SourceSettings
from model_catalog.serving.metrics import measured


def test_each_source_has_a_number_of_entries_and_a_status() -> None:
    sources = {each: SourceSettings(each, AssetType.MODELS) for each in ("read", "unread")}
    catalog = Catalog.empty().with_settings(Settings(sources, errors=["a label is wrong"]))
    registry = CollectorRegistry()
    with measured(lambda: catalog, registry):
        catalog = catalog.with_source(
            "read", [Entry({"name": "a", "source_id": "read"})], Status.PARTIALLY_AVAILABLE, "one is missing"
        )
        lines = set(generate_latest(registry).decode().splitlines())
    assert {
        'model_catalog_entries{kind="models",source="read"} 1.0',
        'model_catalog_source_status{source="read",status="partially-available"} 1.0',
        'model_catalog_source_status{source="read",status="error"} 0.0',
        'model_catalog_source_status{source="unread",status="not-read"} 1.0',
        "model_catalog_sources_file_errors 1.0",
    } <= lines
    assert generate_latest(registry) == b""
