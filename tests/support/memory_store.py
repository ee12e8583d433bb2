"""A store in memory, in Python: the second implementation of the store port, for tests. It runs on every platform.

It counts its calls, and a test can make it fail, lose an answer, or wait. It keeps the rules of MLMD that the port shows: names are
unique among the nodes of a type, external ids among all nodes of a kind, doubles have six decimals and 15 digits, types
declare the properties of their nodes, masks change what they name.
"""

import functools
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import ENTITIES
from converters.entity import Entity, Kind
from converters.kinds import Node, kind_of
from converters.type_definitions import put_types_request
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.listing import MOST_LISTED, Listing, Order, Page
from model_registry_proxy.mlmd.port import AlreadyExists, Conflict, KnownContext, NotFound, Taken, Use
from tests.support.store_calls import StoreCalls

Result = TypeVar("Result")

_PROPERTIES = ("properties", "custom_properties")
_WRITES = ("put", "change", "put_below", "put_recorded", "put_step", "link", "attach")


def counted(method: Callable[..., Awaitable[Result]]) -> Callable[..., Awaitable[Result]]:
    """Makes a method of the store count its calls, wait at gates and fail on demand."""

    @functools.wraps(method)
    async def call(self: "MemoryStore", *arguments: Any, **named: Any) -> Result:
        async with self.arriving(method.__name__, (arguments, named)):
            return await method(self, *arguments, **named)

    return call


class MemoryStore(StoreCalls):
    """A `Store` that is empty at first.

    `nodes` are the stored nodes by kind and id, `links` (kind, id, context), `types` MLMD's messages by id, `events` by age.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[Kind, dict[int, Node]] = {kind: {} for kind in Kind}
        self.links: set[tuple[Kind, int, int]] = set()
        self.events: list[Use] = []
        self.types: dict[int, Any] = {}
        self._contexts: dict[int, KnownContext] = {}

    # What the port says.

    @counted
    async def ensure_types(self) -> Mapping[type[Entity], int]:
        """See `Store.ensure_types`."""
        return self._make_types(ENTITIES)

    @counted
    async def find_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int] | None:
        """See `Store.find_types`."""
        ids = self._type_ids(entities)
        return ids if len(ids) == len(entities) else None

    @counted
    async def make_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int]:
        """See `Store.make_types`."""
        return self._make_types(entities)

    @counted
    async def get(self, kind: Kind, id_: int) -> Node | None:
        """See `Store.get`."""
        node = self.nodes[kind].get(id_)
        return None if node is None else self._read(node)

    @counted
    async def context(self, id_: int) -> KnownContext | None:
        """See `Store.context`. Its name is that of the last read, which another program may have changed since."""
        if id_ not in self._contexts and id_ in self.nodes[Kind.CONTEXT]:
            self._read(self.nodes[Kind.CONTEXT][id_])
        return self._contexts.get(id_)

    @counted
    async def find_by_name(self, kind: Kind, type_name: str, name: str) -> Node | None:
        """See `Store.find_by_name`."""
        found = (self._read(node) for node in self._all(kind) if (node.type, node.name) == (type_name, name))
        return next(found, None)

    @counted
    async def find_by_external_id(self, kind: Kind, external_id: str) -> list[Node]:
        """See `Store.find_by_external_id`."""
        return [self._read(node) for node in self._all(kind) if node.external_id == external_id]

    @counted
    async def list_nodes(self, listing: Listing) -> Page:
        """See `Store.list_nodes`. The filter, which only narrows, is left to the caller."""
        found = listing.behind(node for node in self._all(listing.kind) if self._is_in(listing, node))
        page = replace(listing, limit=min(listing.limit, MOST_LISTED)).page(found)
        return page._replace(nodes=[self._read(node) for node in page.nodes])

    @counted
    async def parents(self, context: int) -> list[mlmd.Context]:
        """See `Store.parents`."""
        contexts = self.nodes[Kind.CONTEXT]
        return [self._read(contexts[id_]) for id_ in self._owners(Kind.CONTEXT, context)]  # type: ignore[misc]

    @counted
    async def owners(self, kind: Kind, id_: int) -> list[int]:
        """See `Store.owners`."""
        return self._owners(kind, id_)

    @counted
    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """See `Store.attributions`."""
        found: dict[int, list[int]] = defaultdict(list)
        for kind, id_, context in sorted(self.links):
            if kind is Kind.ARTIFACT and id_ in artifacts:
                found[id_].append(context)
        return found

    @counted
    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.newest`."""
        return self._ends(Listing(kind, types=(type_id,), order=Order.CREATE_TIME, is_ascending=False), contexts)

    @counted
    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.oldest`."""
        return self._ends(Listing(kind, types=(type_id,)), contexts)

    def _ends(self, listing: Listing, contexts: Sequence[int]) -> Mapping[int, Node]:
        """Returns the first node of a listing below each context."""
        found: dict[int, Node] = {}
        for context in contexts:
            below = replace(listing, below=context)
            for node in below.behind(node for node in self._all(listing.kind) if self._is_in(below, node))[:1]:
                found[context] = self._read(node)
        return found

    @counted
    async def uses(self, kind: Kind, ids: Sequence[int]) -> Sequence[Use]:
        """See `Store.uses`."""
        return [use for use in self.events if getattr(use, kind) in ids]

    @counted
    async def put(self, node: Node) -> int:
        """See `Store.put`."""
        return self.write(node)

    @counted
    async def change(self, node: Node, mask: Sequence[str], *, seen: Node | None = None) -> None:
        """See `Store.change`."""
        stored = self._stored(node)
        based_on = seen if seen and kind_of(node) is Kind.ARTIFACT else stored
        if based_on.last_update_time_since_epoch != stored.last_update_time_since_epoch:
            raise Conflict
        self.write(node, mask)
        if "name" in mask:
            self._contexts.pop(node.id, None)

    @counted
    async def put_below(self, parent: KnownContext, nodes: Sequence[Node]) -> Sequence[int]:
        """See `Store.put_below`."""
        if parent.id not in self.nodes[Kind.CONTEXT]:
            raise NotFound(f"no context {parent.id}")
        before = {kind: dict(stored) for kind, stored in self.nodes.items()}
        try:
            ids = [self.write(node) for node in nodes]
        except StoreError:
            self.nodes = before
            raise
        self.links |= {(kind_of(node), id_, parent.id) for node, id_ in zip(nodes, ids, strict=True)}
        return ids

    @counted
    async def put_recorded(self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[KnownContext]) -> int:
        """See `Store.put_recorded`."""
        if not {link.id for link in links} <= self.nodes[Kind.CONTEXT].keys():
            raise NotFound(f"no contexts {links}")
        namesake = next((node.id for node in self._all(Kind.CONTEXT) if _is_namesake(node, context)), 0)
        before = {kind: dict(stored) for kind, stored in self.nodes.items()}
        try:
            # A context that another writer has created since stays as it is.
            context_id = self.write(context) if context.id or not namesake else namesake
            record_id = self.write(record)
        except StoreError:
            self.nodes = before
            raise
        self.links |= {(Kind.EXECUTION, record_id, id_) for id_ in (context_id, *(link.id for link in links))}
        return context_id

    @counted
    async def put_step(self, step: mlmd.Execution, inputs: Sequence[int], outputs: Sequence[int]) -> int:
        """See `Store.put_step`."""
        id_ = self.write(step)
        self.events += [
            Use(each, id_, is_input) for ids, is_input in ((inputs, True), (outputs, False)) for each in ids
        ]
        return id_

    @counted
    async def link(self, child: int, parent: int) -> None:
        """See `Store.link`."""
        if not {child, parent} <= self.nodes[Kind.CONTEXT].keys() or child == parent:
            raise NotFound(f"no contexts {child}, {parent}")
        if (Kind.CONTEXT, child, parent) in self.links:
            raise AlreadyExists(f"link {child} {parent}")
        self.links.add((Kind.CONTEXT, child, parent))

    @counted
    async def attach(self, kind: Kind, id_: int, context: int) -> None:
        """See `Store.attach`."""
        if id_ not in self.nodes[kind] or context not in self.nodes[Kind.CONTEXT]:
            raise NotFound(f"no {kind} {id_} or context {context}")
        self.links.add((kind, id_, context))

    # What tests do with it. None of it is counted, held or failed.

    fail = StoreCalls.fail_with

    def write(self, node: Node, mask: Sequence[str] | None = None) -> int:
        """Does what `put` does, or `change` where there is a mask, for another program; returns the id."""
        former = self._stored(node) if node.id else None
        written: Any = _copied(node) if former is None or mask is None else _masked(former, node, mask)
        if former:
            written.name = written.name or former.name
            _set_times(written, former.create_time_since_epoch, former.last_update_time_since_epoch)
        self._check(written)
        stored = self._as_stored(written)
        if mask is not None or stored != former:  # a put that changes nothing leaves the times as they are
            now = time.time_ns() // 1_000_000
            _set_times(stored, former.create_time_since_epoch if former else now, now)
            self.nodes[kind_of(node)][stored.id] = stored
        return stored.id

    @property
    def writes(self) -> list[str]:
        """The calls since `forget` that change something."""
        return [call.method for call in self.calls if call.method in _WRITES]

    # How it does it.

    def _make_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int]:
        request: Any = put_types_request(entities)
        known = {type_.name for type_ in self.types.values()}
        for kind in Kind:
            for type_ in getattr(request, f"{kind}_types"):
                if type_.name not in known:
                    self.types[10 + len(self.types)] = type_
        return self._type_ids(entities)

    def _type_ids(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int]:
        ids = {type_.name: id_ for id_, type_ in self.types.items()}
        return {entity: ids[entity.stored_as] for entity in entities if entity.stored_as in ids}

    def _read(self, node: Node) -> Node:
        if kind_of(node) is Kind.CONTEXT:
            self._contexts[node.id] = KnownContext(node.id, node.type_id, node.name)
        return _copied(node)

    def _all(self, kind: Kind) -> list[Node]:
        return list(self.nodes[kind].values())

    def _owners(self, kind: Kind, id_: int) -> list[int]:
        return sorted(context for k, i, context in self.links if (k, i) == (kind, id_))

    def _is_in(self, listing: Listing, node: Node) -> bool:
        is_below = listing.below is None or (listing.kind, node.id, listing.below) in self.links
        return is_below and listing.takes(node)

    def _stored(self, node: Node) -> Node:
        stored = self.nodes[kind_of(node)].get(node.id)
        if stored is None or stored.type_id != node.type_id:
            raise NotFound(f"no node {node.id} of type {node.type_id}")
        return stored

    def _check(self, node: Node) -> None:
        """Raises what a store raises for a node that it does not take."""
        kind = kind_of(node)
        if node.type_id not in self.types:
            raise NotFound(f"no type {node.type_id}")
        declared = self.types[node.type_id].properties
        if any(declared.get(key) != _property_type(value) for key, value in node.properties.items()):
            raise StoreError(f"a property that type {node.type_id} does not declare")
        others = [other for other in self._all(kind) if other.id != node.id]
        if any((other.type_id, other.name) == (node.type_id, node.name) for other in others):
            raise AlreadyExists(f"a node named {node.name}", Taken.NAME)
        if node.external_id and any(other.external_id == node.external_id for other in others):
            raise AlreadyExists(f"a node with external id {node.external_id}", Taken.EXTERNAL_ID)

    def _as_stored(self, node: Any) -> Any:
        """Returns a node as the store keeps it, with the times that it has."""
        stored: Any = _copied(node)
        stored.id = node.id or len(self.nodes[kind_of(node)]) + 1
        stored.type = self.types[node.type_id].name
        if isinstance(stored, mlmd.Artifact):
            stored.uri = stored.uri  # every artifact has one
        for value in (*stored.properties.values(), *stored.custom_properties.values()):
            if value.HasField("double_value"):
                value.double_value = float(f"{float(f'{value.double_value:.6f}'):.15g}") + 0.0  # no -0.0
        return stored


def _is_namesake(stored: Node, node: Node) -> bool:
    return (stored.type_id, stored.name) == (node.type_id, node.name)


def _set_times(node: Any, created: int, updated: int) -> None:
    node.create_time_since_epoch, node.last_update_time_since_epoch = created, updated


def _property_type(value: mlmd.Value) -> int | None:
    """Returns the type that a declaration gives to a property with this value, a number of `PropertyType`."""
    kind = str(value.WhichOneof("value")).removesuffix("_value").upper()
    return mlmd.PropertyType.Value("BOOLEAN" if kind == "BOOL" else kind)


def _masked(stored: Node, change: Node, mask: Sequence[str]) -> Node:
    """Returns a stored node in which the fields of the mask have the values of `change`, or are gone."""
    changed: Any = _copied(stored)
    for path in mask:
        place, _, key = path.partition(".")
        if key:
            getattr(changed, place).pop(key, None)
            if key in getattr(change, place):
                getattr(changed, place)[key].CopyFrom(getattr(change, place)[key])
        elif place in _PROPERTIES:
            changed.ClearField(place)
            for name, value in getattr(change, place).items():
                getattr(changed, place)[name].CopyFrom(value)
        elif change.HasField(place):
            setattr(changed, place, getattr(change, place))
        else:
            changed.ClearField(place)
    return changed  # type: ignore[no-any-return]


def _copied(node: Node) -> Node:
    copy = type(node)()
    copy.CopyFrom(node)  # type: ignore[arg-type]
    return copy
