"""The recorded catalog as an index, and its recorded questions as queries."""

from collections.abc import Mapping
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from model_catalog.entries import AssetType, SourceError, Status
from model_catalog.index.catalog import Catalog
from model_catalog.index.queries import Query
from model_catalog.index.recommendations import Parameters, parameters_from
from model_catalog.reading.merging import merge
from model_catalog.reading.performance import find_performance
from model_catalog.reading.sources_file import read_sources_file
from tests.support.catalog_sources import content_of
from tests.support.recorded_catalog import FOLDER

NOW = "4102444800000"
"""In the year 2100, so that the checker takes it for the time of the load."""


@cache
def recorded_catalog() -> Catalog:
    """The catalog that gave the recorded answers."""
    settings = merge(
        read_sources_file(FOLDER / "fixtures" / name) for name in ("sources.yaml", "sources-override.yaml")
    )
    performance = find_performance([FOLDER / "fixtures" / "perf"])
    catalog = Catalog.empty().with_settings(settings)
    for source in settings.sources.values():
        if not source.enabled:
            continue
        try:
            entries = content_of(source, performance, NOW).entries
        except SourceError as error:
            catalog = catalog.with_source(source.id, None, Status.ERROR, str(error))
        else:
            catalog = catalog.with_source(source.id, entries, Status.AVAILABLE)
    return catalog


def path_of(url: str) -> str:
    """The decoded path of a recorded url."""
    return unquote(urlsplit(url).path)


def parameters_of(url: str) -> dict[str, list[str]]:
    """The parameters of a recorded url."""
    return parse_qs(urlsplit(url).query, keep_blank_values=True)


def query_of(url: str, asset_type: AssetType = AssetType.MODELS) -> Query:
    """The query of a recorded url."""
    given = parameters_of(url)
    first = {name: values[0] for name, values in given.items()}
    labels, sources = _listed(given, "sourceLabel"), _listed(given, "source")
    chosen = frozenset(sources) if sources else None
    if labels:
        chosen = recorded_catalog().sources_with(labels, asset_type)
    types = _listed(given, "artifactType") + _listed(given, "artifact_type")
    is_server = asset_type is AssetType.MCP_SERVERS
    return Query(
        filter=first.get("filterQuery", ""),
        named_query=first.get("namedQuery"),
        q=first.get("q", ""),
        sources=chosen,
        name=first.get("name") if is_server else None,
        part_types=frozenset(types) or None,
        order_by=first.get("orderBy", "").upper() if is_server else first.get("orderBy", ""),
        descending=(first.get("sortOrder", "").upper() if is_server else first.get("sortOrder")) == "DESC",
        page_size=int(first.get("pageSize") or 10),
        token=first.get("nextPageToken", ""),
    )


def _listed(given: Mapping[str, list[str]], name: str) -> list[str]:
    return [part for value in given.get(name, ()) for part in value.split(",") if part]


def wanted_of(url: str) -> Parameters:
    """What a recorded url asks of recommendations."""
    first = {name: values[0] for name, values in parameters_of(url).items()}
    return parameters_from(first, int(first.get("targetRPS", 0)))
