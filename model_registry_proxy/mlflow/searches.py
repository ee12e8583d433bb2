"""Verbs that search models and versions."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Entity
from converters.filters import Filter
from converters.kinds import JsonObject
from converters.mlflow_filters import model_search, version_search
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.mlflow import orders
from model_registry_proxy.mlflow.answers import shown_model, shown_version
from model_registry_proxy.mlflow.asked import Asked
from model_registry_proxy.mlflow.lookups import model_named
from model_registry_proxy.mlflow.orders import LAST_OF_MODELS, LAST_OF_VERSIONS, Key, completed
from model_registry_proxy.mlflow.paging import sorted_page
from model_registry_proxy.mlflow.properties import Fact
from model_registry_proxy.mlflow.showing import model_names, versions_of, whole_models
from model_registry_proxy.mlflow.sources import sources_of
from model_registry_proxy.mlflow.stages import is_deleted
from model_registry_proxy.mlflow.version_numbers import MODEL_ID
from model_registry_proxy.mlmd.listing import Order, Position
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.list import collect, start_of_moving_rows
from model_registry_proxy.verbs.page_tokens import digest, from_token, to_token
from model_registry_proxy.verbs.scans import Scan, scan_for

_MODELS, _VERSIONS = 100, 10_000
"""Rows of a page, where a search does not say it."""
_AT_A_TIME = 100
_ORDERS = {"creation_timestamp": Order.CREATE_TIME, "last_updated_timestamp": Order.LAST_UPDATE_TIME}
"""Orders that the store has itself, by the fields of shown rows. Rows of one time are sorted by id then."""
_TIMES = {Order.CREATE_TIME: "createTimeSinceEpoch", Order.LAST_UPDATE_TIME: "lastUpdateTimeSinceEpoch"}
_DEFAULT_OF_VERSIONS = Key("last_updated_timestamp", is_ascending=False)


class Hit(NamedTuple):
    """A row that a search has found, and as MLflow shows it, as far as that is known then."""

    row: JsonObject
    shown: JsonObject


Showing = Callable[[Sequence[JsonObject]], Awaitable[list[Hit]]]
"""Returns the hits among rows."""


async def search_models(request: Request, asked: Asked) -> JsonObject:
    """Returns a page of models. Raises `BadRequest`, `FilterError`."""
    search = model_search(asked.get("filter"), RegisteredModel)
    keys = orders.read_model_order(asked.get("order_by", ()))

    async def showing(rows: Sequence[JsonObject]) -> list[Hit]:
        return [Hit(row, shown_model(row)) for row in rows]

    scan = _scan(request, RegisteredModel, search.filter, None, keys)
    hits, token = await _page(request, scan, completed(keys, LAST_OF_MODELS), showing, asked, _MODELS, "")
    return _answer("registered_models", await whole_models(request, [hit.row for hit in hits]), token)


async def search_versions(request: Request, asked: Asked) -> JsonObject:
    """Returns a page of versions. Raises `BadRequest`, `FilterError`."""
    search = version_search(asked.get("filter"), ModelVersion, Fact.RUN)
    keys = orders.read_version_order(asked.get("order_by", ())) or [_DEFAULT_OF_VERSIONS]
    model = None
    if search.model_name is not None:
        try:
            model = await model_named(request, search.model_name)
        except NotFound:
            return _answer("model_versions", [], "")

    async def showing(rows: Sequence[JsonObject]) -> list[Hit]:
        names = {model["id"]: model["name"]} if model else await model_names(request, rows)
        seen = [row for row in rows if row[MODEL_ID] in names]
        sources = await sources_of(request, seen) if search.needs_source else {}
        hits = [Hit(row, shown_version(row, names[row[MODEL_ID]], sources)) for row in seen]
        return [hit for hit in hits if search.shown is None or search.shown(hit.shown)]

    scan = _scan(request, ModelVersion, search.filter, int(model["id"]) if model else None, keys)
    hits, token = await _page(
        request, scan, completed(keys, LAST_OF_VERSIONS), showing, asked, _VERSIONS, search.meaning
    )
    names = {hit.row[MODEL_ID]: hit.shown["name"] for hit in hits}
    versions = await versions_of(request, names, [hit.row for hit in hits])
    return _answer("model_versions", versions, token)


def _answer(field: str, rows: list[JsonObject], token: str) -> JsonObject:
    return {field: rows, **({"next_page_token": token} if token else {})}


def _scan(request: Request, entity: type[Entity], chosen: Filter, below: int | None, keys: Sequence[Key]) -> Scan:
    """Returns the scan of a search, in the order of its only key if the store has that order, else in the order of ids."""
    (key, *others) = keys or (None,)
    order = _ORDERS.get(key.field) if key and not others else None
    query = {"orderBy": order, "sortOrder": "ASC" if key and key.is_ascending else "DESC"} if order else {}
    scan = scan_for(request, (entity,), query, below, chosen)
    return replace(scan, tests=(*scan.tests, lambda row: not is_deleted(row)))


async def _page(
    request: Request, scan: Scan, keys: Sequence[Key], showing: Showing, asked: Asked, size: int, meaning: str
) -> tuple[list[Hit], str]:
    """Returns the hits of a page, and the token of the next one. `meaning`: what the tests of shown rows ask."""
    size = min(asked.get("max_results", size), request.limits.page)
    token = asked.get("page_token", "")
    question = [scan.variants[0].stored_as, scan.listing.below, scan.question, meaning]
    if scan.listing.order is not Order.ID or not asked.get("order_by"):
        return await _page_of_store(request, scan, showing, size, token, digest(*question))
    return await sorted_page(
        _hits(request, scan, showing),
        keys,
        lambda hit: orders.values_of(keys, hit.shown),
        size=size,
        token=token,
        question=question,
    )


async def _hits(request: Request, scan: Scan, showing: Showing) -> AsyncIterator[Hit]:
    """Yields all hits of a scan."""
    position: Position | None = None
    while True:
        rows, position = await collect(request, scan, position, request.limits.page)
        for hit in await showing(rows):
            yield hit
        if position is None:
            return


async def _page_of_store(
    request: Request, scan: Scan, showing: Showing, size: int, token: str, fingerprint: str
) -> tuple[list[Hit], str]:
    """Returns a page in an order of the store: rows are read only until the page is full."""
    position = _position_in(token, fingerprint) if token else None
    if position is None and scan.listing.order is Order.LAST_UPDATE_TIME and scan.listing.is_ascending:
        position = await start_of_moving_rows(request, scan)
    found: list[Hit] = []
    while True:
        rows, rest = await collect(request, scan, position, max(size - len(found), min(size, _AT_A_TIME)))
        found += await showing(rows)
        if len(found) > size or (len(found) == size and rest):
            return found[:size], to_token(_behind(scan, found[size - 1].row, position), fingerprint)
        if rest is None:
            return found, ""
        position = rest


def _behind(scan: Scan, row: JsonObject, former: Position | None) -> Position:
    """Returns the position behind a row."""
    time = _TIMES.get(scan.listing.order)
    return Position(int(row["id"]), int(row[time]) if time else 0, former.until if former else 0)


def _position_in(token: str, fingerprint: str) -> Position:
    try:
        return from_token(token, fingerprint)
    except BadRequest:
        raise BadRequest(
            "Invalid page token, could not base64-decode it, or it comes from another search; "
            "keep filter and order_by the same from page to page."
        ) from None
