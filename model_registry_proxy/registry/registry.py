"""What the verbs share: the store, the ids of the types in it, and what is remembered of contexts."""

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from converters import names
from converters._generated.metadata_store_pb2 import Artifact, Context
from converters.entities import ARTIFACT_BY_TYPE, ENTITIES, ExperimentRun
from converters.entity import Entity, Field, Kind, Stored
from converters.kinds import JsonObject, Node
from converters.nodes import from_node
from converters.type_definitions import put_types_request, type_ids
from converters.values import whole_number
from model_registry_proxy.errors import BadRequest, MessageTooLarge, NotFound
from model_registry_proxy.mlmd.events import Observer
from model_registry_proxy.mlmd.sharing import Sharing
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.registry.known_contexts import Known, KnownContexts
from model_registry_proxy.registry.locks import Exclusion

NOWHERE = 0
"""Instead of the id of a context, for what is known to be attributed to none."""


_ANSWER_BYTES = 1024
_REFERRING = {entity: [(f, f.references) for f in entity.fields.values() if f.references] for entity in ENTITIES}
_TOLD: Mapping[type[Entity], Mapping[type[Entity] | None, str]] = {
    entity: {
        field.references: field.rest
        for field in (entity.parent.fields.values() if entity.parent else ())
        if field.references and field.rest in entity.fields and entity.fields[field.rest].place is Stored.OF_PARENT
    }
    for entity in ENTITIES
}
"""What the parent of an entity refers to in its place: the entity that is referred to, and the field."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is bounded.

    `page` is the largest and the default page, `scan` the number of rows that one list may look at in vain, `message` the
    bytes of a message from MLMD.
    """

    page: int = 1000
    scan: int = 10_000
    message: int = 64 * 2**20


class Hints:
    """Things that were so when last seen: what to try first, never facts. Bounded."""

    def __init__(self, most: int = 16_384) -> None:
        self._seen: dict[Hashable, Any] = {}
        self._most = most

    def add(self, thing: Hashable, value: Any = None) -> None:
        """Notes a thing and what goes with it; the oldest one is dropped when there are too many."""
        self._seen[thing] = value
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]

    def drop(self, thing: Hashable) -> None:
        """Forgets a thing."""
        self._seen.pop(thing, None)

    def get(self, thing: Hashable) -> Any:
        """What goes with the thing; `None` where it was not noted."""
        return self._seen.get(thing)

    def has(self, thing: Hashable) -> bool:
        """Whether the thing was noted."""
        return thing in self._seen


class Registry:
    """The logical model on one MLMD store. Nothing may be asked before `open` has ended.

    `hides`: whether rows of a list must pass `shown`, since not everybody may see everything (see `security`).
    `safe_integers`: whether answers show large whole numbers as text (see `safe_integers.py`).
    """

    hides = False

    def __init__(
        self,
        store: MetadataStore,
        limits: Limits | None = None,
        observer: Observer | None = None,
        *,
        safe_integers: bool = False,
    ) -> None:
        self.safe_integers = safe_integers
        self.store = store
        self.limits = limits or Limits()
        self.contexts = KnownContexts(store)
        self.ids_seen = Hints()
        self.without_attached = Hints()
        self.rows_seen = Hints()
        self.small_families = Hints()
        self.dense_types = Hints()
        self.shared = Sharing(observer)
        self.alone = Exclusion()
        self._type_ids: dict[type[Entity], int] = {}
        self._entities: dict[int, type[Entity]] = {}

    @property
    def is_open(self) -> bool:
        """Whether the types are known."""
        return bool(self._type_ids)

    async def open(self) -> None:
        """Makes sure that the store has our types. Raises what the store raises."""
        self._type_ids = type_ids(await self.store.put_types(put_types_request()))
        self._entities = {id_: entity for entity, id_ in self._type_ids.items()}

    def type_id(self, entity: type[Entity]) -> int:
        """The MLMD type of an entity."""
        return self._type_ids[entity]

    def entity_of(self, node: Node) -> type[Entity] | None:
        """The entity that a node is a row of; `None` for types of others."""
        return self._entities.get(node.type_id)

    def entity_of_type(self, type_id: int) -> type[Entity] | None:
        """The entity that a type id stands for."""
        return self._entities.get(type_id)

    async def node(self, entity: type[Entity], id_: int) -> Node:
        """The node of an entity (or of one of its variants) by id; raises `NotFound`."""
        node = await self.store.get(entity.kind, id_) if id_ > 0 else None
        if node is None or self.entity_of(node) not in entity.variants():
            raise no_such(entity, id_)
        return node

    async def context(self, entity: type[Entity], id_: int) -> Known:
        """An existing context of the given type, to be a parent or referred to; raises `NotFound`."""
        type_id = self.type_id(entity)
        known = await self.contexts.get(id_) if id_ > 0 else None
        if known is None or known.type_id != type_id:
            raise no_such(entity, id_)
        return known

    async def shown(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """Those of the nodes that who asks may see; asked only where something is hidden."""
        return nodes

    async def home(self, entity: type[Entity], id_: int, child: type[Entity]) -> Known:
        """An existing context of the given type under which a `child` is to be put; raises `NotFound`, `Forbidden`."""
        del child  # it matters to who guards
        return await self.context(entity, id_)

    async def check_change(self, entity: type[Entity], id_: int) -> None:
        """Raises where who asks may not change what has this id; asked where no write follows that would tell."""

    async def row(self, node: Node, below: int | None = None) -> JsonObject:
        """The REST entity of a node, see `rows`."""
        return (await self.rows([node], below))[0]

    async def rows(self, nodes: Sequence[Node], below: int | None = None) -> list[JsonObject]:
        """The REST entities of nodes; artifacts of a run get its id and that of its experiment.

        `below` is the context that they are known to be attributed to, or `NOWHERE`. Else their names tell, and of those that were
        made standalone the attributions: the first run, if there are several.
        """
        attributed = await self._attributed(nodes) if below is None else {}
        rows = []
        for node in nodes:
            entity = self._entities[node.type_id]
            if isinstance(node, Context):
                self.contexts.remember(node)
            row = from_node(entity, node)
            if entity.parent_id and entity.parent_id not in row:
                row.update(await self._parent_by_link(entity, node.id))
            if entity.kind is Kind.ARTIFACT:
                owner = below or owner_of(entity, node)
                for context in [owner] if owner else sorted(attributed.get(node.id, ())):
                    row = {**await self._run_of(context), **row}
            rows.append(row)
        return rows

    async def _attributed(self, nodes: Sequence[Node]) -> Mapping[int, Sequence[int]]:
        """The contexts of those artifacts among `nodes`, which are of one kind, whose names tell none."""
        if not nodes or not isinstance(nodes[0], Artifact):
            return {}
        return await self.store.attributions([n.id for n in nodes if owner_of(self._entities[n.type_id], n) is None])

    async def _parent_by_link(self, entity: type[Entity], id_: int) -> JsonObject:
        """The REST field with the parent's id, for a context whose name has lost it: somebody renamed it over gRPC."""
        parents = await self.store.parents(id_)
        ids = [str(parent.id) for parent in parents if self.entity_of(parent) is entity.parent]
        return {entity.parent_id: ids[0]} if entity.parent_id and ids else {}

    async def with_runs(self, nodes: Sequence[Node], rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Artifact rows with all runs that they are attributed to, and their experiments, as lists of ids."""
        contexts = await self.store.attributions([node.id for node in nodes])
        completed = []
        for node, row in zip(nodes, rows, strict=True):
            runs = [await self._run_of(context) for context in contexts.get(node.id, ())]
            facts = {key: [run[key] for run in runs if key in run] for key in ("experimentRunId", "experimentId")}
            completed.append({**row, **{key: ids for key, ids in facts.items() if ids}})
        return completed

    async def with_parent(self, entity: type[Entity], parent: int, rows: Sequence[JsonObject]) -> list[JsonObject]:
        """Rows with what their parent tells about them: its own id and what it refers to."""
        node = await self.store.get(Kind.CONTEXT, parent)
        told = from_node(self._entities[node.type_id], node) if node else {}
        fields = [field.rest for field in entity.fields.values() if field.place is Stored.OF_PARENT]
        facts = {field: told.get(field, str(parent)) for field in fields}
        return [{**row, **facts} for row in rows]

    async def _run_of(self, context_id: int) -> JsonObject:
        """The REST fields that tell a run, empty for any other context."""
        known = await self.contexts.get(context_id)
        if known is None or self._entities.get(known.type_id) is not ExperimentRun:
            return {}
        experiment, _ = names.split(ExperimentRun, known.name)
        told = {"experimentId": experiment} if names.is_id(experiment) else None
        return {"experimentRunId": str(context_id), **(told or await self._parent_by_link(ExperimentRun, context_id))}

    async def check_references(
        self, entity: type[Entity], body: JsonObject, stored: JsonObject | None = None, under: Known | None = None
    ) -> None:
        """Whatever `body` refers to exists and is of its type, and belongs to the owner that is referred to as well.

        `stored` is the entity before a change, `under` the parent of a new one, which may refer to the owner in its place. Raises
        `NotFound`, `BadRequest`.
        """
        referring = [
            (field, target, whole_number(body[field.rest], field.rest))
            for field, target in _REFERRING[entity]
            if body.get(field.rest)
        ]
        if not referring:
            return
        looked_up = [self.context(target, id_) for _, target, id_ in referring]
        found = await asyncio.gather(*looked_up) if len(looked_up) > 1 else [await each for each in looked_up]
        fitness = [
            self._check_fitness(field, target, known.id)
            for (field, target, _), known in zip(referring, found, strict=True)
            if field.refused
        ]
        wanted = {target.parent for _, target, _ in referring} & _TOLD[entity].keys()
        told, _ = await asyncio.gather(self._told_by(under, wanted, entity), asyncio.gather(*fitness))
        owners = {**_TOLD[entity], **{target: field.rest for field, target in _REFERRING[entity]}}
        everything = {**(stored or {}), **told, **body}
        for (field, target, _), known in zip(referring, found, strict=True):
            owner_field = owners.get(target.parent)
            said = everything.get(owner_field) if owner_field else None
            if said is None or target.parent is None:
                continue
            prefix, _ = names.split(target, known.name)
            owner = (
                prefix
                if names.is_id(prefix)
                else (await self._parent_by_link(target, known.id)).get(target.parent_id or "")
            )
            if owner != str(whole_number(said, owner_field or "")):
                whose = f" of the {entity.parent.words}" if owner_field in told and entity.parent else ""
                raise BadRequest(
                    f"{field.rest} {known.id} belongs to {target.parent.words} {owner}, but {owner_field}{whose} says {said}."
                )

    async def _told_by(self, parent: Known | None, wanted: Collection[Any], child: type[Entity]) -> JsonObject:
        """What a parent refers to in the place of its new `child`; read only where something of it is wanted."""
        node = await self.store.get(Kind.CONTEXT, parent.id) if parent and wanted else None
        row = from_node(self._entities[node.type_id], node) if node else {}
        return {field: row[field] for field in _TOLD[child].values() if field in row}

    async def _check_fitness(self, field: Field, target: type[Entity], id_: int) -> None:
        """What is referred to must not bear a mark that makes it unfit; marks may change, so they are read each time."""
        marks = from_node(target, await self.node(target, id_))["customProperties"]
        for unfit in field.refused:
            value = marks.get(unfit.name, {}).get("string_value")
            if value is not None and unfit.is_unfit(value):
                raise BadRequest(f"{field.rest} {id_} cannot be served: its {unfit.name} is {value!r}.")


def no_such(entity: type[Entity], id_: int) -> NotFound:
    """The error for an id that names nothing of this type."""
    return NotFound(f"No {entity.words} has id {id_}.")


def check_size(registry: Registry, node: Node) -> None:
    """Raises `MessageTooLarge` for what could be written but not read: an answer has ids, times and types as well."""
    size = node.ByteSize() + _ANSWER_BYTES
    if size > registry.limits.message:
        raise MessageTooLarge(f"larger than max ({size} vs. {registry.limits.message})")


def owner_of(entity: type[Entity], node: Node) -> int | None:
    """The id in an owned node's name; `None` for the UUID of something made standalone."""
    prefix, _ = names.split(entity, node.name)
    return int(prefix) if names.is_id(prefix) else None


def variant(entity: type[Entity], body: JsonObject) -> type[Entity]:
    """The entity that a body is about: an artifact body says which by its `artifactType`."""
    if len(entity.variants()) == 1:
        return entity
    return ARTIFACT_BY_TYPE[body["artifactType"]]
