"""The operations on what lists can be filtered by."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from weakref import WeakKeyDictionary

from model_catalog.entries import AssetType, JsonObject
from model_catalog.index.catalog import Catalog
from model_catalog.index.options import filter_options, options_of
from model_catalog.index.table import Table
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.http.api import Answer

_KNOWN: WeakKeyDictionary[Table, Mapping[str, JsonObject]] = WeakKeyDictionary()
"""The options of the tables in use. Each table is worked through once."""


def options_for(asset_type: AssetType) -> Callable[[Catalog, Call], Answer]:
    """The operation for a kind of entries: GET /models/filter_options or GET /mcp_servers/filter_options."""

    def answer(catalog: Catalog, _: Call) -> Answer:
        table = catalog.table(asset_type)
        options = _KNOWN.get(table)
        if options is None:
            options = _KNOWN[table] = options_of(table)
        queries = [query for query in catalog.named_queries.values() if query.asset_type is asset_type]
        return HTTPStatus.OK, filter_options(options, queries)

    return answer
