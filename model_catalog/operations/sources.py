"""The operations on sources and labels: short lists, as the sources files have them."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from model_catalog.entries import AssetType, JsonObject
from model_catalog.index.catalog import Catalog, SourceState
from model_catalog.operations import pages
from model_catalog.operations.keys import key_shown
from model_catalog.reading.settings import SourceSettings
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.http.api import Answer

_ORDERS: Mapping[str, Callable[[SourceSettings], tuple[str, ...]]] = {
    "ID": lambda settings: (settings.id,),
    "NAME": lambda settings: (settings.name, settings.id),
}
_NO_ORDERS = ("CREATE_TIME", "LAST_UPDATE_TIME")
"""Orders of other lists. Sources have no times."""


def find_sources(catalog: Catalog, call: Call) -> Answer:
    """GET /sources."""
    return sources_page(catalog, call, lambda state: state.shown() | key_shown(state.settings))


def sources_page(catalog: Catalog, call: Call, shown: Callable[[SourceState], JsonObject]) -> Answer:
    """The sources that a call asks for, each as `shown` shows it. Raises `BadRequest`."""
    query = call.query
    name, asset_type = query.get("name", "").lower(), query.get("assetType", AssetType.MODELS)
    order = query.get("orderBy", "ID")
    if order not in _ORDERS:
        raise BadRequest("unsupported order by field" + ("" if order in _NO_ORDERS else f": {order}"))
    found = [
        state
        for state in catalog.sources
        if state.settings.asset_type == asset_type and name in state.settings.name.lower()
    ]
    found.sort(key=lambda state: _ORDERS[order](state.settings), reverse=_is_descending(query))
    return HTTPStatus.OK, pages.of_rows([(state.settings.id, shown(state)) for state in found], query)


def get_source_status(catalog: Catalog, call: Call) -> Answer:
    """GET /sources/{source_id}/status."""
    (source_id,) = call.texts
    state = catalog.source(source_id)
    if state is None:
        raise NotFound(f"No source has the id '{source_id}'")
    table = catalog.table(state.settings.asset_type)
    size = sum(len(segment.items) for segment in table.segments if segment.source_id == source_id)
    status: JsonObject = {"status": state.status.value} if state.status else {}
    shown = status | {
        "assetType": state.settings.asset_type.value,
        "enabled": state.settings.enabled,
        "error": state.problem,
        "id": source_id,
        "name": state.settings.name,
        "size": size,
    }
    return HTTPStatus.OK, orjson.dumps(shown | key_shown(state.settings), option=orjson.OPT_SORT_KEYS)


def find_labels(catalog: Catalog, call: Call) -> Answer:
    """GET /labels."""
    query = call.query
    asset_type = query.get("assetType", AssetType.MODELS)
    labels = [
        (str(number), label)
        for number, label in enumerate(catalog.labels)
        if label.get("assetType", AssetType.MODELS) == asset_type
    ]
    if key := query.get("orderBy"):
        present = [row for row in labels if row[1].get(key) is not None]
        present.sort(key=lambda row: row[1][key].encode(), reverse=_is_descending(query))
        labels = present + [row for row in labels if row[1].get(key) is None]
    elif _is_descending(query):
        labels.reverse()
    return HTTPStatus.OK, pages.of_rows(labels, query)


def _is_descending(query: Mapping[str, Any]) -> bool:
    return bool(query.get("sortOrder") == "DESC")
