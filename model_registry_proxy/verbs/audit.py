"""audit: users and their changes, from the records of the audit log, newest first."""

from collections.abc import Callable, Mapping
from typing import Any

from converters.entity import Entity
from converters.kinds import JsonObject
from model_registry_proxy.errors import BadRequest, Forbidden
from model_registry_proxy.mlmd.listing import Position
from model_registry_proxy.registry.access import Anonymous
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.trail import LinePosition, Record, Trail, UnknownPlaceError, Wanted
from model_registry_proxy.verbs.audit_records import Viewer, outcome_of, user_of
from model_registry_proxy.verbs.page_tokens import digest, from_token, to_token

_QUESTION = ("kind", "id", "user", "changed", "outcome", "since", "until")
_MOST_CHARACTERS = 256
"""A record has so many of a longer name."""
_CLOCKS_DIFFER = 60_000
"""In ms. Older records are about an entity of a former database with the same id."""
_PROPERTIES = "customProperties"
_NOT_KEPT = "This server keeps no audit records that it can read. To keep them, start it with --audit-log FILE (MR_AUDIT_LOG=FILE)."
_NOT_ALL = (
    "Only an admin may read the audit records of other users and of all entities. Name one entity by kind and id, or yourself "
    "by user."
)
_GONE = (
    "nextPageToken leads to a place that the audit log no longer has, for example because a file was removed; ask for the first "
    "page without it."
)


async def audit(request: Request, kinds: Mapping[str, type[Entity]], query: Mapping[str, Any]) -> JsonObject:
    """Returns a page of audit records of an entity, of a user, or of both. Raises `BadRequest`, `NotFound`, `Forbidden`."""
    viewer = Viewer.of(request.access)
    entity, id_ = _entity(kinds, query)
    since = query.get("since", 0)
    if entity:
        node = await request.node(entity, id_)
        since = max(since, node.create_time_since_epoch - _CLOCKS_DIFFER)
    elif not viewer.is_admin and query.get("user") != viewer.user:
        raise Forbidden(_NOT_ALL)
    size = min(query.get("pageSize", request.limits.page), request.limits.page)
    fingerprint = digest("audit", *(query.get(name) for name in _QUESTION))
    token = query.get("nextPageToken")
    behind = _place(from_token(token, fingerprint)) if token else None
    trail: Trail | None = request.registry.trail
    if trail is None:
        return {**_page([], "", size), "isKept": False, "reason": _NOT_KEPT}
    tests = [lambda record: viewer.sees(record.content), *_tests(entity, id_, query)]
    wanted = Wanted(lambda record: all(test(record) for test in tests), _facts(entity, id_, query), since)
    try:
        found = await trail.read(wanted, size, behind)
    except UnknownPlaceError:
        raise BadRequest(_GONE) from None
    following = to_token(Position(found.last.offset, found.last.digest), fingerprint) if found.last else ""
    return {**_page([viewer.shown(record) for record in found.records], following, size), "isKept": True}


def _page(items: list[JsonObject], following: str, size: int) -> JsonObject:
    return {"items": items, "nextPageToken": following, "pageSize": size, "size": len(items)}


def _place(position: Position) -> LinePosition:
    return LinePosition(position.id, position.time)


def _entity(kinds: Mapping[str, type[Entity]], query: Mapping[str, Any]) -> tuple[type[Entity] | None, int]:
    """The entity that is asked about, and its id."""
    kind, id_ = query.get("kind"), query.get("id")
    if (kind is None) != (id_ is None):
        given, missing = ("kind", "id") if id_ is None else ("id", "kind")
        raise BadRequest(f"{missing} is missing: {given} counts only together with it.")
    return (kinds[kind], id_) if kind is not None and id_ is not None else (None, 0)


def _facts(entity: type[Entity] | None, id_: int, query: Mapping[str, Any]) -> dict[str, str]:
    """A text that each record has and few others, so that most lines need not be decoded."""
    if entity:
        return {"id": str(id_)}
    user = query.get("user")
    return {"user": user[:_MOST_CHARACTERS]} if user and user != Anonymous().user else {}


def _tests(entity: type[Entity] | None, id_: int, query: Mapping[str, Any]) -> list[Callable[[Record], bool]]:
    """What records must fulfil, by the parameters that were sent."""
    found: list[Callable[[Record], bool]] = []
    if entity:
        words = {entity.words, *(each.words for each in entity.variants())}
        found.append(lambda record: record.content.get("entity") in words and record.content.get("id") == str(id_))
    if user := query.get("user"):
        found.append(lambda record: user_of(record.content) == user[:_MOST_CHARACTERS])
    if field := query.get("changed"):
        found.append(lambda record: _has_changed(record.content["changed"], field[:_MOST_CHARACTERS]))
    if outcome := query.get("outcome"):
        found.append(lambda record: outcome_of(record.content) == outcome)
    if (until := query.get("until")) is not None:
        found.append(lambda record: record.time <= until)
    return found


def _has_changed(changed: list[str], field: str) -> bool:
    """Whether a field is among them; `customProperties` stands for each of its properties too."""
    return field in changed or (field == _PROPERTIES and any(name.startswith(f"{_PROPERTIES}.") for name in changed))
