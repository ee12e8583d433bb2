"""What a request asks of a list, for the index; and the refusals of lists in the words that clients know."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from converters.errors import FilterError
from model_catalog.entries import AssetType
from model_catalog.index.catalog import Catalog
from model_catalog.index.language import parsed
from model_catalog.index.queries import Query
from model_catalog.operations.pages import page_size
from model_registry_proxy.errors import BadRequest

_MISMATCH = "invalid filter query, type mismatch or invalid value in comparison: bad request"
_LONGEST_TOKEN = 1024
RELEVANCE, RECOMMENDED = "RELEVANCE", "RECOMMENDED"


def list_query(query: Mapping[str, Any], **more: Any) -> Query:
    """The `Query` of the parameters that all lists have. `more` has the other attributes, or other values of these.

    Raises `BadRequest`.
    """
    if len(query.get("nextPageToken", "")) > _LONGEST_TOKEN:
        raise BadRequest("invalid nextPageToken: invalid cursor format")
    values = {
        "filter": query.get("filterQuery", ""),
        "order_by": query.get("orderBy", ""),
        "descending": query.get("sortOrder") == "DESC",
        "page_size": page_size(query),
        "token": query.get("nextPageToken", ""),
    }
    return Query(**{**values, **more})


def entry_query(catalog: Catalog, asset_type: AssetType, query: Mapping[str, Any], **more: Any) -> Query:
    """The `Query` of a list of models or servers. Raises `BadRequest`."""
    sources, labels = query.get("source"), query.get("sourceLabel")
    if sources and labels:
        raise BadRequest("source and sourceLabel cannot be used together")
    chosen = catalog.sources_with(labels, asset_type) if labels else frozenset(sources) if sources else None
    return list_query(query, q=query.get("q", ""), sources=chosen, **more)


def order_of(query: Mapping[str, Any]) -> str:
    """The order of a list of models: what a search finds has the best first, if the request asks for no order."""
    asked: str = query.get("orderBy", "")
    return asked or (RELEVANCE if query.get("q", "").strip() and not query.get("sortOrder") else "")


def in_any_case(query: Mapping[str, Any]) -> dict[str, Any]:
    """The order of a list whose parameters may be in lower case."""
    return {
        "order_by": query.get("orderBy", "").upper(),
        "descending": query.get("sortOrder", "").upper() == "DESC",
    }


@contextmanager
def refusals(query: Query, doing: str) -> Iterator[None]:
    """Within the block the filter of `query` is evaluated. Raises `FilterError` if it is malformed.

    If it compares values of different kinds, it raises `BadRequest`; `doing` is what failed, such as `listing models`.
    """
    parsed(query.filter)
    try:
        yield
    except FilterError:
        raise BadRequest(f"{doing}: {_MISMATCH}") from None
