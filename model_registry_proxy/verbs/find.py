"""find: the one entity with this name (below this parent) or this externalId. One call."""

from collections.abc import Mapping
from typing import Any

from converters.entity import Entity, Kind
from converters.kinds import JsonObject
from converters.whole_numbers import whole_number
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.registry.request import Request
from model_registry_proxy.registry.rows import rows
from model_registry_proxy.verbs.list import collect
from model_registry_proxy.verbs.scans import scan_for

_MOST_HITS = 10


async def find(request: Request, entity: type[Entity], query: Mapping[str, Any]) -> JsonObject:
    """Returns the entity; by name where a name is given. Raises `NotFound`, or `BadRequest` for several hits or no criterion."""
    name, external_id, parent = (query.get(key) for key in ("name", "externalId", "parentResourceId"))
    if name and (parent or not entity.is_owned()):
        hits = await _by_name(request, entity, name, whole_number(parent, "parentResourceId") if parent else None)
        asked = f"name={name}" + (f", parentResourceId={parent}" if parent else "")
    elif external_id:
        nodes = await request.store.find_by_external_id(entity.kind, external_id)
        hits = await rows(request, [node for node in nodes if request.entity_of(node) in entity.variants()])
        asked = f"externalId={external_id}"
    else:
        way = "name and parentResourceId, or" if entity.is_owned() else "name or"
        raise BadRequest(f"invalid parameters call, supply either {way} externalId.")
    if not hits:
        raise NotFound(f"No {entity.words} found for {asked}.")
    if len(hits) > 1:
        raise BadRequest(f"Several fit {asked}: ids {', '.join(hit['id'] for hit in hits)}; ask for one by its id.")
    return hits[0]


async def _by_name(request: Request, entity: type[Entity], name: str, parent: int | None) -> list[JsonObject]:
    if entity.kind is Kind.CONTEXT:
        stored = f"{parent}:{name}" if entity.is_owned() else name
        node = await request.store.find_by_name(entity.kind, entity.stored_as, stored)
        return await rows(request, [node] if node else [])
    scan = scan_for(request, entity.variants(), {"name": name}, parent)
    hits, rest = await collect(request, scan, None, _MOST_HITS)
    while rest and not hits:  # the scan limit ended the page
        hits, rest = await collect(request, scan, rest, _MOST_HITS)
    return hits
