"""The history of the aliases of a model: pages of moves, and where an alias pointed at a time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from converters.entities import ModelVersion, RegisteredModel
from converters.entity import Kind
from converters.extension_entities import ALIASES, AliasMove
from converters.kinds import JsonObject
from model_registry_proxy.errors import NotFound
from model_registry_proxy.mlmd.listing import MOST_LISTED, CreatedUntil, Criterion, Listing, NameBegins
from model_registry_proxy.mlmd.port import all_nodes
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.names import folded, is_allowed, is_same
from model_registry_proxy.verbs.aliases.records import MoveRecord
from model_registry_proxy.verbs.aliases.states import alias_of
from model_registry_proxy.verbs.get import get
from model_registry_proxy.verbs.list import list_page
from model_registry_proxy.verbs.scans import RowTest, Scan


async def history(request: Request, model_id: int, query: Mapping[str, Any]) -> JsonObject:
    """Returns a page of the moves of a model's aliases, newest first, as a list answers it.

    `query` may have `alias`, `actor`, `at` (ms since the epoch; later moves are left out), `pageSize` and `nextPageToken`. Raises
    `NotFound` for an unknown model, `BadRequest` for a token that does not fit.
    """
    alias, actor, at = query.get("alias"), query.get("actor"), query.get("at")
    under = (RegisteredModel, model_id)
    if not await request.registry.finds_types(ALIASES):
        await request.context(*under)
        size = min(query.get("pageSize", request.limits.page), request.limits.page)
        return {"items": [], "nextPageToken": "", "pageSize": size, "size": 0}
    tests: list[RowTest] = []
    if alias is not None:
        tests.append(lambda row: is_same(row["alias"], alias))
    if actor is not None:
        tests.append(lambda row: bool(row["actor"] == actor))
    if at is not None:
        tests.append(lambda row: int(row["timeSinceEpoch"]) <= at)
    asked = {"alias": alias and folded(alias), "actor": actor, "at": at}
    scan = Scan(_moves(request, model_id, alias, at), (AliasMove,), tuple(tests), asked, shown_as=_shown)
    return await list_page(request, scan, query, under)


async def version_at(request: Request, model_id: int, alias: str, at: int | None = None) -> JsonObject:
    """Returns the version that an alias points to, now or as of `at` (ms since the epoch); raises `NotFound`."""
    if at is None:
        return await get(request, ModelVersion, (await alias_of(request, model_id, alias)).version)
    await request.context(RegisteredModel, model_id)
    last = await _last_move(request, model_id, alias, at)
    if last is None or not last.to:
        raise NotFound(f"The alias {alias[:120]} of {RegisteredModel.words} {model_id} pointed nowhere at {at}.")
    return await get(request, ModelVersion, last.to)


async def _last_move(request: Request, model_id: int, alias: str, at: int) -> MoveRecord | None:
    if not is_allowed(alias) or not await request.registry.finds_types(ALIASES):
        return None
    listing = _moves(request, model_id, alias, at)
    first = await request.store.list_nodes(replace(listing, limit=1))  # nearly always that of this alias
    for node in first.nodes:
        if listing.takes(node):
            return MoveRecord.of(node)
    if first.rest:
        async for node in all_nodes(request.store, replace(listing, limit=MOST_LISTED, after=first.rest)):
            if listing.takes(node):
                return MoveRecord.of(node)
    return None


def _moves(request: Request, model_id: int, alias: str | None, at: int | None) -> Listing:
    """The moves of a model, or of one alias, by id from the newest on: the order of the serials of each alias."""
    criteria: list[Criterion] = []
    if alias is not None:
        criteria.append(NameBegins(f"{model_id}:{folded(alias)}:"))
    if at is not None:
        criteria.append(CreatedUntil(at))
    types = (request.type_id(AliasMove),)
    return Listing(Kind.EXECUTION, types=types, below=model_id, criteria=tuple(criteria), is_ascending=False)


def _shown(row: JsonObject) -> JsonObject:
    return MoveRecord.of_row(row).shown()
