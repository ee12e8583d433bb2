"""Small catalogs for tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from model_catalog.entries import AssetType, Entry, Status
from model_catalog.index.catalog import Catalog
from model_catalog.index.queries import Page, Query
from model_catalog.index.table import Table
from model_catalog.reading.settings import NamedQuery, Settings, SourceSettings

KINDS = {str: "String", int: "Int", float: "Double", bool: "Bool"}


def customs(**values: Any) -> dict[str, Any]:
    """Custom properties of plain values."""
    found = {}
    for name, value in values.items():
        kind = KINDS[type(value)]
        shown = str(value) if type(value) is int else value
        found[name] = {"metadataType": f"Metadata{kind}Value", f"{kind.lower()}_value": shown}
    return found


def artifact(**values: Any) -> dict[str, Any]:
    """An artifact with custom properties, and `uri`, `name` or `metricsType` where given."""
    fields: dict[str, Any] = {
        key: values.pop(key) for key in ("uri", "name", "metricsType", "externalId") if key in values
    }
    kind = "metrics-artifact" if "metricsType" in fields else "model-artifact"
    return {"artifactType": kind, **fields, "customProperties": customs(**values)}


def model(name: str, *parts: dict[str, Any], custom: dict[str, Any] | None = None, **fields: Any) -> Entry:
    """A model with its artifacts."""
    item = {"name": name, "language": [], "tasks": [], **fields, "customProperties": customs(**(custom or {}))}
    return Entry(item, parts)


def server(name: str, *tools: str, **fields: Any) -> Entry:
    """An MCP server with tools."""
    item = {"version": "", "customProperties": {}, **fields, "name": name, "toolCount": len(tools)}
    return Entry(item, [{"name": tool, "accessType": "read_only"} for tool in tools])


def catalog_of(
    sources: Mapping[str, Sequence[Entry]],
    asset_type: AssetType = AssetType.MODELS,
    queries: Sequence[NamedQuery] = (),
) -> Catalog:
    """A catalog of sources, each with its entries."""
    settings = Settings(
        {name: SourceSettings(name, asset_type) for name in sources},
        named_queries={query.name: query for query in queries},
    )
    catalog = Catalog.empty().with_settings(settings)
    for name, entries in sources.items():
        catalog = catalog.with_source(name, entries_of(name, entries), Status.AVAILABLE)
    return catalog


def entries_of(source: str, entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries as those of a source."""
    return [Entry({**entry.item, "source_id": source}, entry.parts, entry.filtered) for entry in entries]


def models_of(*entries: Entry) -> Table:
    """The models of one source."""
    return catalog_of({"a": entries}).models


def names(page: Page) -> list[str]:
    """The names of the items of a page."""
    return [json.loads(item)["name"] for item in page.items]


def found(table: Table, text: str, **query: Any) -> list[str]:
    """The names of the entries that a filter finds, in the order by name."""
    return names(table.page(Query(filter=text, page_size=100, order_by="NAME", **query)))
