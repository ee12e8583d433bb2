"""find: the one entity with this name (below this parent) or this externalId. One call."""

from collections.abc import Mapping
from typing import Any

from converters.entity import Entity, Kind
from converters.kinds import JsonObject
from converters.values import whole_number
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.verbs.list import collect
from model_registry_proxy.verbs.walks import walk_for

_MOST_HITS = 10


async def find(registry: Registry, entity: type[Entity], query: Mapping[str, Any]) -> JsonObject:
    """The entity; by name where a name is given. Raises `NotFound`, or `BadRequest` for several hits or none asked."""
    name, external_id, parent = (query.get(key) for key in ("name", "externalId", "parentResourceId"))
    if name and (parent or not entity.is_owned()):
        hits = await _by_name(registry, entity, name, whole_number(parent, "parentResourceId") if parent else None)
        asked = f"name={name}" + (f", parentResourceId={parent}" if parent else "")
    elif external_id:
        nodes = await registry.store.find_by_external_id(entity.kind, external_id)
        hits = await registry.rows([node for node in nodes if registry.entity_of(node) in entity.variants()])
        asked = f"externalId={external_id}"
    else:
        way = "name and parentResourceId, or" if entity.is_owned() else "name or"
        raise BadRequest(f"invalid parameters call, supply either {way} externalId.")
    if not hits:
        raise NotFound(f"No {entity.words} found for {asked}.")
    if len(hits) > 1:
        raise BadRequest(f"Several fit {asked}: ids {', '.join(hit['id'] for hit in hits)}; ask for one by its id.")
    return hits[0]


async def _by_name(registry: Registry, entity: type[Entity], name: str, parent: int | None) -> list[JsonObject]:
    if entity.kind is Kind.CONTEXT:
        stored = f"{parent}:{name}" if entity.is_owned() else name
        node = await registry.store.find_by_name(entity.kind, entity.stored_as, stored)
        return await registry.rows([node] if node else [])
    walk = walk_for(registry, entity.variants(), {"name": name}, parent)
    hits, rest = await collect(registry, walk, None, _MOST_HITS)
    while rest and not hits:  # the scan limit paused it
        hits, rest = await collect(registry, walk, rest, _MOST_HITS)
    return hits
