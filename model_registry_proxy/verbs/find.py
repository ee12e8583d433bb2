"""find: the one entity with this name (below this parent) or this externalId. One call."""

from collections.abc import Mapping, Sequence
from typing import Any

from converters import names
from converters.entities import Entity, Kind
from converters.nodes import JsonObject, Node
from converters.values import whole_number
from model_registry_proxy.errors import BadRequest, NotFound
from model_registry_proxy.metadata_store import Listing
from model_registry_proxy.registry import Registry
from model_registry_proxy.verbs.conditions import name_below


async def find(registry: Registry, entity: type[Entity], query: Mapping[str, Any]) -> JsonObject:
    """The entity; by name where a name is given. Raises `NotFound`, or `BadRequest` for several hits or none asked."""
    name, external_id, parent = (query.get(key) for key in ("name", "externalId", "parentResourceId"))
    if name and (parent or not entity.is_owned()):
        hits = await _by_name(registry, entity, name, whole_number(parent, "parentResourceId") if parent else None)
        asked = f"name={name}" + (f", parentResourceId={parent}" if parent else "")
    elif external_id:
        hits = await registry.store.find_by_external_id(entity.kind, external_id)
        asked = f"externalId={external_id}"
    else:
        way = "name and parentResourceId" if entity.is_owned() else "name"
        raise BadRequest(f"invalid parameters call, supply either {way}, or externalId.")
    hits = [node for node in hits if registry.entity_of(node) in entity.variants()]
    if not hits:
        raise NotFound(f"No {entity.words} found for {asked}.")
    if len(hits) > 1:
        raise BadRequest(f"Several fit {asked}: ids {', '.join(str(node.id) for node in hits)}; ask for one by its id.")
    return await registry.row(hits[0])


async def _by_name(registry: Registry, entity: type[Entity], name: str, parent: int | None) -> Sequence[Node]:
    if entity.kind is Kind.CONTEXT:
        stored = f"{parent}:{name}" if entity.is_owned() else name
        node = await registry.store.find_by_name(entity.kind, entity.stored_as, stored)
        return [node] if node else []
    # An artifact that was attached later keeps the prefix it was made with, so that its whole name is not known.
    listing = Listing(entity.kind, context_id=parent, conditions=name_below(entity, parent, name))
    nodes, _ = await registry.store.list_nodes(listing)
    return [node for node in nodes if names.split(entity, node.name)[1] == name]
