"""Artifacts that are upserted by name: one that was created standalone and attached later has a UUID before its name.

No exact lookup finds such an artifact, so the parent's artifacts are searched for it before a new one is created. The answer that
a parent has none counts for a second: a run of a hundred metrics asks once. An attachment by another proxy in that second is not
seen.
"""

import time

from converters import names
from converters.entities import LISTED_ARTIFACTS
from converters.entity import Entity, Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.listing import Listing, MadeStandalone
from model_registry_proxy.mlmd.port import KnownContext, all_nodes
from model_registry_proxy.registry.request import Request

TRUSTED_SECONDS = 1.0


async def attached_namesake(
    request: Request, entity: type[Entity], parent: KnownContext, name: str | None
) -> int | None:
    """Returns the id of an artifact of this entity and REST name that was attached to `parent` after its creation."""
    seen = request.memories.without_attached.get(parent.id)
    if seen is not None and time.monotonic() - seen < TRUSTED_SECONDS:
        return None
    found = await request.shared(("attached", parent.id), lambda: _attached(request, parent))
    fitting = [
        node for node in found if request.entity_of(node) is entity and names.split(entity, node.name)[1] == name
    ]
    visible = await request.access.visible(fitting) if fitting else ()
    return min((node.id for node in visible), default=None)


async def _attached(request: Request, parent: KnownContext) -> list[Node]:
    asked = time.monotonic()
    upserted = tuple(request.type_id(entity) for entity in LISTED_ARTIFACTS if entity.is_upserted)
    listing = Listing(Kind.ARTIFACT, types=upserted, below=parent.id, criteria=(MadeStandalone(),))
    found = [node async for node in all_nodes(request.store, listing)]
    if not found:
        request.memories.without_attached[parent.id] = asked
    return found


def note_new(request: Request, context: int) -> None:
    """Notes that a context was just created, so that no artifact can be attached to it yet."""
    request.memories.without_attached[context] = time.monotonic()


def note_attached(request: Request, context: int) -> None:
    """Notes that an artifact was attached to a context."""
    request.memories.without_attached.pop(context, None)
