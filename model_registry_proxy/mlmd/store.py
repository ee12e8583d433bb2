"""The store port over MLMD: MLMD's calls, shared by requests that wait at the same time, within one retry policy."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from converters._generated import metadata_store_pb2 as mlmd
from converters.companion import narrowed
from converters.entity import Entity, Kind
from converters.kinds import NODE_OF, Node, kind_of
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.calls import Channel, MlmdCalls, getter, request_of
from model_registry_proxy.mlmd.entity_types import EntityTypes
from model_registry_proxy.mlmd.events import Observer, WaitFinished, WaitStarted, of_requests
from model_registry_proxy.mlmd.exact_calls import owners
from model_registry_proxy.mlmd.in_flight import InFlight
from model_registry_proxy.mlmd.integer_columns import IntegerColumns
from model_registry_proxy.mlmd.known_contexts import KnownContexts
from model_registry_proxy.mlmd.listing import Listing, Page
from model_registry_proxy.mlmd.lookups import Lookups
from model_registry_proxy.mlmd.outcomes import change_took_effect, is_what_was_sent
from model_registry_proxy.mlmd.port import AlreadyExists, KnownContext, NotFound, NotUnique, Use
from model_registry_proxy.mlmd.puts import Created, Puts, RecordedIds
from model_registry_proxy.mlmd.questions import Questions
from model_registry_proxy.mlmd.retries import RetryPolicy
from model_registry_proxy.mlmd.step_calls import step_put, uses_of

_RETRY_SECONDS = 5.0
_PARENTS = "GetParentContextsByContext"


class MetadataStore:
    """A `Store` over an MLMD server. Raises only `RegistryError`s; `timeout` is the limit of one call in seconds.

    It lives as long as the process. What it remembers (contexts, how lists are asked best) makes it fast; stale entries are found
    out by a write or cost one call.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        timeout: float = 30.0,
        retries: RetryPolicy | None = None,
        in_flight: InFlight | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._retries = retries or RetryPolicy(_RETRY_SECONDS, timeout, observer)
        self._opening = RetryPolicy(0.0, timeout, observer)
        self._calls = MlmdCalls(channel, timeout, self._retries.earn, observer)
        most = in_flight or InFlight()
        self._observer = of_requests(observer)
        self._questions = asyncio.Semaphore(most.questions)
        self._gets: dict[Kind, Batcher[int, Node | None]] = {
            kind: Batcher(
                getter(self._calls, kind), name=f"get {kind}s", lane=asyncio.Semaphore(most.gets), observer=observer
            )
            for kind in Kind
        }
        self._types = EntityTypes(self._ask, self._calls)
        self._contexts = KnownContexts()
        self._way = Questions(self._ask, self._types.names, self._contexts)
        self._lookups = {kind: Lookups(kind, self._ask, self._way, observer) for kind in Kind}
        self._puts = Puts(self._calls, asyncio.Semaphore(most.writes), asyncio.Semaphore(most.writes), observer)
        self._integers = IntegerColumns()

    async def ensure_types(self) -> Mapping[type[Entity], int]:
        """See `Store.ensure_types`. Asks the server too whether it filters."""
        ids = await self._opening.idempotent(self._types.make)
        await self._opening.idempotent(self._way.choose)
        return ids

    async def find_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int] | None:
        """See `Store.find_types`."""
        return await self._retries.idempotent(lambda: self._types.find(entities))

    async def make_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int]:
        """See `Store.make_types`."""
        return await self._retries.idempotent(lambda: self._types.make(entities))

    @property
    def filters(self) -> bool:
        """Whether the server applies filters, as far as is known."""
        return self._way.filters

    async def get(self, kind: Kind, id_: int) -> Node | None:
        """See `Store.get`."""
        return self._noted(await self._retries.idempotent(lambda: self._gets[kind](id_)))

    async def context(self, id_: int) -> KnownContext | None:
        """See `Store.context`."""
        if known := self._contexts.get(id_):
            return known
        await self.get(Kind.CONTEXT, id_)
        return self._contexts.get(id_)

    async def find_by_name(self, kind: Kind, type_name: str, name: str) -> Node | None:
        """See `Store.find_by_name`."""
        return self._noted(await self._retries.idempotent(lambda: self._lookups[kind].by_name(type_name, name)))

    async def find_by_external_id(self, kind: Kind, external_id: str) -> list[Node]:
        """See `Store.find_by_external_id`."""
        return await self._retries.idempotent(lambda: self._lookups[kind].by_external_id(external_id))

    async def list_nodes(self, listing: Listing) -> Page:
        """See `Store.list_nodes`. Pages are shorter where their nodes are large."""
        page = await self._retries.idempotent(lambda: self._way.page(listing))
        if listing.kind is Kind.CONTEXT:
            self._contexts.remember(*page.nodes)  # type: ignore[arg-type]
        return page

    async def parents(self, context: int) -> list[mlmd.Context]:
        """See `Store.parents`."""
        return list((await self._retries.idempotent(lambda: self._ask(_PARENTS, context_id=context))).contexts)

    async def owners(self, kind: Kind, id_: int) -> list[int]:
        """See `Store.owners`."""
        return await self._retries.idempotent(lambda: owners(self._ask, kind, id_))

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """See `Store.attributions`."""
        return await self._retries.idempotent(lambda: self._way.attributions(artifacts)) if artifacts else {}

    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.newest`."""
        return await self._retries.idempotent(lambda: self._way.newest(kind, type_id, contexts))

    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.oldest`."""
        return await self._retries.idempotent(lambda: self._way.oldest(kind, type_id, contexts))

    async def uses(self, kind: Kind, ids: Sequence[int]) -> Sequence[Use]:
        """See `Store.uses`."""
        return await self._retries.idempotent(lambda: uses_of(self._ask, kind, ids))

    async def put(self, node: Node) -> int:
        """See `Store.put`."""
        return await self._put_once(node, self._puts.node)

    async def put_step(self, step: mlmd.Execution, inputs: Sequence[int], outputs: Sequence[int]) -> int:
        """See `Store.put_step`."""
        return await self._put_once(step, step_put(self._calls, inputs, outputs))

    async def _put_once(self, node: Node, put: Callable[[Node], Awaitable[int]]) -> int:
        async def took_effect() -> int | None:
            namesake = await self._namesake(node)
            return namesake.id if namesake and self._is_what_was_sent(namesake, node) else None

        return await self._integers.write(
            [node],
            lambda nodes: self._retries.write(lambda: put(nodes[0]), took_effect),
            lambda id_: self._complete([node], [id_]),
        )

    async def change(self, node: Node, mask: Sequence[str], *, seen: Node | None = None) -> None:
        """See `Store.change`."""
        is_bound = seen is not None and kind_of(node) is Kind.ARTIFACT
        if seen is not None and is_bound:
            node.last_update_time_since_epoch = seen.last_update_time_since_epoch
        await self._integers.write(
            [node],
            lambda nodes: self._change(nodes[0], mask, is_bound=is_bound),
            lambda id_: self._complete([node], [id_]),
        )
        if "name" in mask:
            self._contexts.forget(node.id)

    async def put_below(self, parent: KnownContext, nodes: Sequence[Node]) -> Sequence[int]:
        """See `Store.put_below`.

        MLMD finds the parent by its remembered name. A name that is gone makes the write fail; the parent is read again then. If
        another context got the name since, MLMD links the nodes to that one: it cannot undo this, but the right link is added.
        """
        try:
            ids, linked = await self._put_below(parent, nodes)
        except AlreadyExists:  # a node's name or external id, whatever the parent's name is by now
            raise
        except StoreError as error:
            fresh = await self._read_again(parent.id)
            if fresh is None:
                raise NotFound(error.details) from None
            if fresh == parent:
                raise
            ids, linked = await self._put_below(parent := fresh, nodes)
        self._contexts.confirm(parent, linked)
        if linked not in (None, parent.id):
            for node, id_ in zip(nodes, ids, strict=True):
                await self.attach(kind_of(node), id_, parent.id)
        for node, id_ in zip(nodes, ids, strict=True):
            self._way.note_links(kind_of(node), parent.id, [id_])
        return ids

    async def put_recorded(self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[KnownContext]) -> int:
        """See `Store.put_recorded`. The remembered names of `links` are used as in `put_below`."""
        try:
            ids = await self._put_recorded(context, record, links)
        except (AlreadyExists, NotUnique):
            raise
        except StoreError as error:
            fresh = await asyncio.gather(*(self._read_again(link.id) for link in links))
            if None in fresh:
                raise NotFound(error.details) from None
            if list(fresh) == list(links):
                raise
            links = [link for link in fresh if link]
            ids = await self._put_recorded(context, record, links)
        for link, id_ in zip(links, ids.links or (), strict=False):
            self._contexts.confirm(link, id_)
            if id_ != link.id:
                await self.attach(Kind.EXECUTION, ids.record, link.id)
        for known in (ids.context, *(link.id for link in links)):
            self._way.note_links(Kind.EXECUTION, known, [ids.record])
        return ids.context

    async def link(self, child: int, parent: int) -> None:
        """See `Store.link`."""

        async def took_effect() -> bool | None:
            return parent in await owners(self._ask, Kind.CONTEXT, child) or None

        await self._retries.write(lambda: self._puts.link(child, parent), took_effect)
        self._way.note_links(Kind.CONTEXT, parent, [child])

    async def attach(self, kind: Kind, id_: int, context: int) -> None:
        """See `Store.attach`."""
        await self._retries.idempotent(lambda: self._puts.attach(kind, id_, context))
        self._way.note_links(kind, context, [id_])

    async def _put_below(self, parent: KnownContext, nodes: Sequence[Node]) -> Created:
        """Nodes are stored together or not at all: one that is there as it was sent shows that all are."""

        async def took_effect() -> Created | None:
            found = [await self._namesake(node) for node in nodes]
            ids = [namesake.id for namesake in found if namesake]
            is_there = any(
                namesake and self._is_what_was_sent(namesake, node) for node, namesake in zip(nodes, found, strict=True)
            )
            if len(ids) < len(nodes) or not is_there:
                return None
            for node, id_ in zip(nodes, ids, strict=True):
                await self._puts.attach(kind_of(node), id_, parent.id)
            return ids, None

        type_name = self._types.names.get(parent.type_id, "")
        return await self._integers.write(
            nodes,
            lambda nodes: self._retries.write(lambda: self._puts.below(parent, type_name, nodes), took_effect),
            lambda created: self._complete(nodes, created[0]),
        )

    async def _put_recorded(
        self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[KnownContext]
    ) -> RecordedIds:
        """Both are stored or neither: a record that is there as it was sent shows that the context is, too."""

        async def took_effect() -> RecordedIds | None:
            found = await self._namesake(record)
            if not found or not self._is_what_was_sent(found, record):
                return None
            stored = await self._namesake(context)
            return RecordedIds(stored.id, found.id, None) if stored else None

        named = [(link, self._types.names.get(link.type_id, "")) for link in links]
        return await self._retries.write(lambda: self._puts.recorded(context, record, named), took_effect)

    async def _read_again(self, context: int) -> KnownContext | None:
        self._contexts.forget(context)
        return await self.context(context)

    async def _change(self, node: Node, mask: Sequence[str], *, is_bound: bool = False) -> int:
        begun_ms = time.time_ns() // 1_000_000

        async def took_effect() -> int | None:
            stored = await self._gets[kind_of(node)](node.id)
            return node.id if change_took_effect(stored, node, mask, begun_ms) else None

        return await self._retries.write(lambda: self._puts.node(node, mask, is_bound=is_bound), took_effect)

    async def _complete(self, nodes: Sequence[Node], ids: Sequence[int]) -> None:
        """Reads what the store has made of large whole numbers, and gives nodes their companion where it has clamped them."""
        for node, id_ in zip(nodes, ids, strict=True):
            kind = kind_of(node)
            if self._integers.compare(node, await self.get(kind, id_)):
                change = NODE_OF[kind](id=id_, type_id=node.type_id, custom_properties=narrowed(node).custom_properties)
                await self._change(change, ("custom_properties",))

    async def _namesake(self, node: Node) -> Node | None:
        return await self._lookups[kind_of(node)].by_name(self._types.entities[node.type_id].stored_as, node.name)

    def _is_what_was_sent(self, stored: Node, sent: Node) -> bool:
        return is_what_was_sent(self._types.entities[sent.type_id], stored, sent)

    def _noted(self, node: Node | None) -> Node | None:
        if isinstance(node, mlmd.Context):
            self._contexts.remember(node)
        return node

    async def _ask(self, method: str, **fields: Any) -> Any:
        message = request_of(method, fields).SerializeToString()
        if self._observer:
            self._observer(WaitStarted())
        try:
            async with self._questions:
                return await self._calls.read(method, message)
        finally:
            if self._observer:
                self._observer(WaitFinished())
