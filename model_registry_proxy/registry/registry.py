"""What lives as long as the process: the store, the ids of its types, and memories that all requests share."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from converters.entity import Entity
from converters.kinds import JsonObject, Node
from model_registry_proxy.mlmd.events import Observer
from model_registry_proxy.mlmd.memory import Memory
from model_registry_proxy.mlmd.port import Store
from model_registry_proxy.mlmd.sharing import Sharing
from model_registry_proxy.registry.locks import KeyedLocks
from model_registry_proxy.registry.trail import Trail

ChangeCheck = Callable[[Any, int, JsonObject], Awaitable[None]]
"""Takes a `Request`, the id of an entity, and what is to change there. Raises where that is not permitted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is bounded.

    `page` is the largest and the default page in rows, `scan` the number of rows that one list may read without showing them,
    `message` the largest message from the store in bytes.
    """

    page: int = 1000
    scan: int = 10_000
    message: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Memories:
    """Facts from earlier requests. Each may be stale: a write finds that out, or the fact counts for a short time only."""

    metric_ids: Memory[str, int] = field(default_factory=Memory)
    """The id of a metric below a run, by its stored name."""
    history_rows: Memory[int, tuple[int, int]] = field(default_factory=Memory)
    """For a metric's id: the last update time of a version (ms since the epoch), and the highest row number known to be taken."""
    version_numbers: Memory[int, int] = field(default_factory=Memory)
    """For a model's id: the greatest number of a version that is known to be taken, for clients that know versions by numbers."""
    without_attached: Memory[int, float] = field(default_factory=Memory)
    """For a context without artifacts that were created standalone and attached later: when that was read (`time.monotonic`)."""


MOST_WAITING = 64
"""Requests that may wait for a change at a time. Others are answered at once."""


class Registry:
    """The logical model on one store. `open` must have ended before any request is served.

    `safe_integers`: answers show large whole numbers as text (see `contract/safe_integers.py`). `trail`: the records of the audit
    log, where they are kept in a file. `checks`: what must permit a change of an entity before it is written.
    `extensions`: the names of the extensions that are on.
    """

    def __init__(
        self,
        store: Store,
        limits: Limits | None = None,
        observer: Observer | None = None,
        *,
        safe_integers: bool = False,
        trail: Trail | None = None,
        checks: Mapping[type[Entity], Sequence[ChangeCheck]] = MappingProxyType({}),
        extensions: Collection[str] = (),
    ) -> None:
        self.store = store
        self.limits = limits or Limits()
        self.safe_integers = safe_integers
        self.trail = trail
        self.checks, self.extensions = checks, frozenset(extensions)
        self.memories = Memories()
        self.locks = KeyedLocks()
        self.waiting = asyncio.Semaphore(MOST_WAITING)
        self.questions = Sharing(observer)
        self._type_ids: dict[type[Entity], int] = {}
        self._entities: dict[int, type[Entity]] = {}
        self._made: set[type[Entity]] = set()

    @property
    def is_open(self) -> bool:
        """Whether the ids of the types are known."""
        return bool(self._type_ids)

    async def open(self) -> None:
        """Makes sure that the store has our types. Raises what the store raises."""
        self._note_types(await self.store.ensure_types())

    async def finds_types(self, entities: Sequence[type[Entity]]) -> bool:
        """Whether the store has the types of an extension's entities; without them it has none of its nodes."""
        if not all(entity in self._type_ids for entity in entities):
            self._note_types(await self.store.find_types(entities) or {})
        return all(entity in self._type_ids for entity in entities)

    async def make_types(self, entities: Sequence[type[Entity]]) -> None:
        """Makes sure, once in each process, that the store has the types of an extension's entities, with all their properties."""
        if not self._made.issuperset(entities):
            self._note_types(await self.store.make_types(entities))
            self._made.update(entities)

    def _note_types(self, ids: Mapping[type[Entity], int]) -> None:
        self._type_ids.update(ids)
        self._entities.update({id_: entity for entity, id_ in ids.items()})

    def type_id(self, entity: type[Entity]) -> int:
        """Returns the id of an entity's type in the store."""
        return self._type_ids[entity]

    def entity_of(self, node: Node) -> type[Entity] | None:
        """Returns the entity that a node is a row of; `None` for types of other programs."""
        return self._entities.get(node.type_id)

    def entity_of_type(self, type_id: int) -> type[Entity] | None:
        """Returns the entity that a type id stands for; `None` for types of other programs."""
        return self._entities.get(type_id)
