"""Namesakes of what is upserted by name. One that was made standalone and attached later bears a UUID before its name.

No exact look-up finds such a one, so the parent's artifacts are asked for it before a new one is made. That a parent has none
is believed for a second: a run of a hundred metrics asks once. An attachment by another proxy in that second is not seen.
"""

import time
from dataclasses import replace

from converters import names
from converters.entities import LISTED_ARTIFACTS
from converters.entity import Entity, Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.listings import Listing
from model_registry_proxy.registry.known_contexts import Known
from model_registry_proxy.registry.registry import Registry
from model_registry_proxy.verbs import conditions

BELIEVED_SECONDS = 1.0


async def attached_namesake(registry: Registry, entity: type[Entity], parent: Known, name: str | None) -> int | None:
    """The id of an artifact of this entity and REST name that was attached to `parent` after it had been made."""
    seen = registry.without_attached.get(parent.id)
    if seen is not None and time.monotonic() - seen < BELIEVED_SECONDS:
        return None
    found = await registry.shared(("attached", parent.id), lambda: _attached(registry, parent))
    fitting = [
        node for node in found if registry.entity_of(node) is entity and names.split(entity, node.name)[1] == name
    ]
    if registry.hides and fitting:
        fitting = list(await registry.shown(fitting))
    return min((node.id for node in fitting), default=None)


async def _attached(registry: Registry, parent: Known) -> list[Node]:
    asked = time.monotonic()
    upserted = [registry.type_id(entity) for entity in LISTED_ARTIFACTS if entity.is_upserted]
    listing = Listing(Kind.ARTIFACT, context_id=parent.id, conditions=(conditions.made_standalone(upserted),))
    found, is_more = await registry.store.list_nodes(listing)
    while is_more:
        nodes, is_more = await registry.store.list_nodes(replace(listing, after_id=found[-1].id))
        found += nodes
    if not found:
        registry.without_attached.add(parent.id, asked)
    return found


def note_new(registry: Registry, context: int) -> None:
    """Nothing can have been attached yet to a context that was just made."""
    registry.without_attached.add(context, time.monotonic())


def note_attached(registry: Registry, context: int) -> None:
    """Something was attached here."""
    registry.without_attached.drop(context)
