"""What lives as long as a request: the store as its user may use it, and the user's access. The deadline is a context variable.

Verbs get a `Request`; what lives longer is in its `registry`.
"""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from converters.entity import Entity
from converters.idempotency import Attempt
from converters.kinds import JsonObject, Node
from model_registry_proxy.errors import MessageTooLarge, NotFound
from model_registry_proxy.mlmd.port import KnownContext, Store
from model_registry_proxy.registry.access import FULL_ACCESS, Access
from model_registry_proxy.registry.registry import Limits, Memories, Registry

_ANSWER_BYTES = 1024
"""Space in an answer of the store for ids, times and types."""


class Request:
    """One request to the registry. `store` and `access` are those of its user; by default everything may be seen and changed.

    `attempt` is what a create with an `Idempotency-Key` leaves in its node, `is_replay` whether it was a repetition of another.
    """

    __slots__ = (
        "access",
        "attempt",
        "entity_of",
        "entity_of_type",
        "is_replay",
        "limits",
        "memories",
        "registry",
        "store",
        "type_id",
    )

    def __init__(self, registry: Registry, store: Store | None = None, access: Access = FULL_ACCESS) -> None:
        self.registry, self.store, self.access = registry, store or registry.store, access
        self.limits: Limits = registry.limits
        self.memories: Memories = registry.memories
        self.type_id = registry.type_id
        self.entity_of = registry.entity_of
        self.entity_of_type = registry.entity_of_type
        self.attempt: Attempt | None = None
        self.is_replay = False

    async def shared(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Returns the answer of `ask`, or that of an equal question of a user with equal access. Do not change it."""
        return await self.registry.questions((self.access.key, key), ask)

    async def node(self, entity: type[Entity], id_: int) -> Node:
        """Returns the node of an entity (or of one of its variants) by id; raises `NotFound`."""
        node = await self.store.get(entity.kind, id_) if id_ > 0 else None
        if node is None or self.entity_of(node) not in entity.variants():
            raise no_such(entity, id_)
        return node

    async def context(self, entity: type[Entity], id_: int) -> KnownContext:
        """Returns an existing context of the given type, to be a parent or referred to; raises `NotFound`."""
        known = await self.store.context(id_) if id_ > 0 else None
        if known is None or known.type_id != self.type_id(entity):
            raise no_such(entity, id_)
        return known

    async def parent(self, entity: type[Entity], id_: int, child: type[Entity]) -> KnownContext:
        """Returns an existing context below which a `child` is to be created; raises `NotFound`, `Forbidden`."""
        known = await self.context(entity, id_)
        await self.access.check_parent(entity, id_, child)
        return known

    def check_size(self, node: Node) -> None:
        """Raises `MessageTooLarge` for a node that could be written but not read."""
        size = node.ByteSize() + _ANSWER_BYTES
        if size > self.limits.message:
            raise MessageTooLarge(size, self.limits.message)


def no_such(entity: type[Entity], id_: int) -> NotFound:
    """Returns the error for an id that names no entity of this type."""
    return NotFound(f"No {entity.words} has id {id_}.")


def variant(entity: type[Entity], body: JsonObject) -> type[Entity]:
    """Returns the entity that a body is about: the `artifactType` of an artifact's body says which."""
    if len(entity.variants()) == 1:
        return entity
    return next(each for each in entity.variants() if each.artifact_type == body["artifactType"])
