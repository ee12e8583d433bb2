"""changes: what has changed since a client asked last, at once or as soon as there is something."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from converters import names
from converters.entities import ENTITIES
from converters.entity import Entity, Kind
from converters.extension_entities import ALIASES, AliasMove
from converters.kinds import JsonObject, Node, kind_of
from model_registry_proxy.deadlines.deadline import seconds_left
from model_registry_proxy.errors import BadRequest
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.aliases.records import MoveRecord
from model_registry_proxy.verbs.audit_records import kind_word
from model_registry_proxy.verbs.changes.cursor import Cursor, FeedPosition, from_token, to_token
from model_registry_proxy.verbs.changes.reading import changed, now

MOVED, CHANGED = "alias.moved", "entity.changed"
BEGIN = "begin"
_MOST = 500
"""Rows of each kind that one answer has at most."""
_PAUSE = 0.5
_MARGIN = 2.0
"""Seconds. The answer is sent so long before the request's time is over."""


async def changes(request: Request, query: Mapping[str, Any]) -> JsonObject:
    """Returns the events behind `after`, and the token to go on from. Raises `BadRequest`."""
    kinds = _kinds(query.get("kinds"))
    types = await _types(request)
    after = query.get("after")
    if after is None:
        places = await asyncio.gather(*(now(request, kind, types[kind]) for kind in Kind))
        return _answer([], dict(zip(Kind, places, strict=True)))
    cursor = dict.fromkeys(Kind, FeedPosition()) if after == BEGIN else from_token(after)
    ends_at = asyncio.get_running_loop().time() + min(query.get("wait", 0), seconds_left() - _MARGIN)
    while True:
        found, cursor, is_full = await _read(request, types, cursor)
        events = [event for event in await _events(request, found) if event["kind"] in kinds]
        if events or is_full or asyncio.get_running_loop().time() + _PAUSE > ends_at:
            return _answer(events, cursor)
        if request.registry.waiting.locked():  # enough requests wait already: this client asks again
            return _answer(events, cursor)
        async with request.registry.waiting:
            await asyncio.sleep(_PAUSE)


def _kinds(text: str | None) -> frozenset[str]:
    known = frozenset({MOVED, CHANGED})
    chosen = frozenset(part.strip() for part in (text or "").split(",")) - {""}
    if unknown := sorted(chosen - known):
        raise BadRequest(f"kinds has {unknown[0][:120]!r}, which is not one of {', '.join(sorted(known))}.")
    return chosen or known


async def _types(request: Request) -> Mapping[Kind, Sequence[int]]:
    """Returns the ids of the types of each kind whose rows are events."""
    shown = [entity for entity in ENTITIES if entity.is_listed]
    if await request.registry.finds_types(ALIASES):
        shown.append(AliasMove)
    return {kind: [request.type_id(entity) for entity in shown if entity.kind is kind] for kind in Kind}


async def _read(
    request: Request, types: Mapping[Kind, Sequence[int]], cursor: Cursor
) -> tuple[list[Node], Cursor, bool]:
    """Returns the rows behind a cursor, oldest first, the cursor behind them, and whether there are more."""
    read = await asyncio.gather(*(changed(request, kind, types[kind], cursor[kind], _MOST) for kind in Kind))
    rows = sorted((node for nodes, _ in read for node in nodes), key=lambda node: node.last_update_time_since_epoch)
    places = {kind: place for kind, (_, place) in zip(Kind, read, strict=True)}
    return rows, places, any(len(nodes) == _MOST for nodes, _ in read)


async def _events(request: Request, nodes: Sequence[Node]) -> list[JsonObject]:
    """Returns the events of those rows that the user may see."""
    by_kind = {kind: [node for node in nodes if kind_of(node) is kind] for kind in Kind}
    visible = [await request.access.visible(some) for some in by_kind.values() if some]
    seen = {(kind_of(node), node.id) for some in visible for node in some}
    return [
        _event(entity, node)
        for node in nodes
        if (kind_of(node), node.id) in seen and (entity := request.entity_of(node))
    ]


def _event(entity: type[Entity], node: Node) -> JsonObject:
    time = str(node.last_update_time_since_epoch)
    if entity is AliasMove:
        record = MoveRecord.of(node)
        about = {"kind": "registered_model", "id": str(record.model)}
        return {"id": f"mr-{node.id}", "kind": MOVED, "timeSinceEpoch": time, "entity": about, "move": record.shown()}
    about = {"kind": kind_word(entity.words), "id": str(node.id), "name": names.split(entity, node.name)[1]}
    return {"id": f"{kind_of(node)}-{node.id}-{time}", "kind": CHANGED, "timeSinceEpoch": time, "entity": about}


def _answer(events: list[JsonObject], cursor: Cursor) -> JsonObject:
    return {"items": events, "size": len(events), "next": to_token(cursor)}
