"""What the proxy asks of MLMD. Each method is one call, or a share of one."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.companion import narrowed
from converters.entity import Kind
from converters.kinds import NODE_OF, Node, kind_of
from model_registry_proxy.errors import MessageTooLarge, Rejected, StoreError, StoreUnavailable
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.calls import PLURAL, Channel, MlmdCalls, nodes_in, request_of
from model_registry_proxy.mlmd.events import Observer, WaitFinished, WaitStarted
from model_registry_proxy.mlmd.integer_columns import IntegerColumns
from model_registry_proxy.mlmd.interrupted_changes import took_effect
from model_registry_proxy.mlmd.listings import Listing
from model_registry_proxy.mlmd.lookups import Lookups
from model_registry_proxy.mlmd.outages import Patience, repeated, settled

_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Masked:
    """A node to put; with a mask (paths in MLMD's field names) only these fields of an existing one change.

    `is_bound`: only if the stored one has still the last update time that `node` bears. MLMD knows that of artifacts alone.
    """

    node: Node
    mask: tuple[str, ...] = field(default=())
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class Below:
    """Nodes to create below a context, which is given by id and as `PutLineageSubgraph` finds it."""

    parent: int
    context: mlmd.Context
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InFlight:
    """How many calls of a sort may be in flight at a time. Each is a database connection at the MLMD server.

    Few calls gather more company: on SQLite parallel writers only collide, and on MySQL one call of many beats several. Links
    between contexts have `writes` calls of their own, since other contexts are put meanwhile.
    """

    gets: int = 1
    questions: int = 8
    writes: int = 1


Put = tuple[Sequence[int], int | None]


class MetadataStore:
    """An MLMD server. Raises only `RegistryError`s; `timeout` is the limit of one call in seconds.

    Reads and changes, which may be repeated at will, outlast an outage within `patience`. What creates something does not:
    see `outages.settled`.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        timeout: float = 30.0,
        patience: Patience | None = None,
        in_flight: InFlight | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.patience = patience or Patience(_PATIENCE_SECONDS, observer)
        self._observer = observer
        self._integers = IntegerColumns()
        self._calls = MlmdCalls(channel, timeout, self.patience, observer)
        most = in_flight or InFlight()
        self._questions, writes = asyncio.Semaphore(most.questions), asyncio.Semaphore(most.writes)
        self._gets: dict[Kind, Batcher[int, Node | None]] = {
            kind: Batcher(
                self._get_all(kind), name=f"get {kind}s", lane=asyncio.Semaphore(most.gets), observer=observer
            )
            for kind in Kind
        }
        self._lookups = {kind: Lookups(kind, self._ask, self.list_nodes, observer) for kind in Kind}
        self._puts: dict[Kind, Batcher[Masked, int]] = {
            kind: Batcher(
                self._put_all(kind),
                name=f"put {kind}s",
                lane=writes,
                key=lambda masked: (masked.mask, bool(masked.node.id), masked.is_bound),
                weigh=lambda masked: masked.node.ByteSize(),
                observer=observer,
            )
            for kind in Kind
        }
        self._belows: Batcher[Below, Put] = Batcher(
            self._put_belows,
            name="put below contexts",
            lane=writes,
            weigh=lambda below: sum(node.ByteSize() for node in below.nodes),
            observer=observer,
        )
        self._links: Batcher[tuple[int, int], bool] = Batcher(
            self._put_links, name="link contexts", lane=asyncio.Semaphore(most.writes), observer=observer
        )
        self._ties: Batcher[tuple[Kind, int, int], None] = Batcher(
            self._put_ties, name="tie to contexts", lane=writes, observer=observer
        )

    async def put_types(self, request: service.PutTypesRequest) -> service.PutTypesResponse:
        """Creates or extends types; answers their ids in the order of the request."""
        return await self._calls.write("PutTypes", request)  # type: ignore[no-any-return]

    async def get(self, kind: Kind, id_: int) -> Node | None:
        """The node of this id."""
        return await self._gets[kind](id_)

    async def find_by_name(self, kind: Kind, type_name: str, name: str) -> Node | None:
        """The node of this type and stored name."""
        return await self._lookups[kind].by_name(type_name, name)

    async def find_by_external_id(self, kind: Kind, external_id: str) -> list[Node]:
        """The nodes (of any type) with this external id."""
        return await self._lookups[kind].by_external_id(external_id)

    async def list_nodes(self, listing: Listing) -> tuple[list[Node], bool]:
        """One page of nodes, shorter than asked for where they are large, and whether more follow."""
        options = listing.options()
        plural = PLURAL[listing.kind]
        try:
            if listing.context_id is not None:
                answer = await self._ask(f"Get{plural}ByContext", context_id=listing.context_id, options=options)
            else:
                answer = await self._ask(f"Get{plural}", options=options)
        except MessageTooLarge:
            if listing.limit == 1:
                raise
            return await self.list_nodes(replace(listing, limit=listing.limit // 2))
        return list(nodes_in(listing.kind, answer)), bool(answer.next_page_token)

    async def put(self, kind: Kind, node: Node, mask: Sequence[str] = (), *, seen: Node | None = None) -> int:
        """Creates a node, or changes what the mask names, once, outages or not; answers the id.

        `seen` is what the change is based on: an artifact that is no longer so raises `ChangedMeanwhile`.
        """
        is_bound = False
        if seen is not None and kind is Kind.ARTIFACT:
            node.last_update_time_since_epoch, is_bound = seen.last_update_time_since_epoch, True
        return await self._integers.write(
            [node],
            lambda nodes: self._put(kind, Masked(nodes[0], tuple(mask), is_bound)),
            lambda id_: self._complete([node], [id_]),
        )

    async def put_under(self, parent: int, context: mlmd.Context, nodes: Sequence[Node]) -> Put:
        """Creates artifacts or executions with their links to an existing context; answers their ids.

        Alone, or with others below the same context, that is one transaction: MLMD looks `context` up by `type_id` and `name`,
        does not update it, and tells its id, which is answered too. A crowd below many contexts goes as one put of all nodes
        and one of all links.
        """
        return await self._integers.write(
            nodes,
            lambda nodes: self._belows(Below(parent, context, tuple(nodes))),
            lambda put: self._complete(nodes, put[0]),
        )

    async def link(self, child: int, parent: int) -> None:
        """Makes one context the parent of another; `AlreadyExists` if it is, unless an outage leaves open who made it so."""

        async def landed() -> bool | None:
            return await self.is_linked(Kind.CONTEXT, child, parent) or None

        await settled(lambda: self._links((child, parent)), landed, self.patience)

    async def tie(self, kind: Kind, id_: int, context: int) -> None:
        """Attributes an artifact to a context, or associates an execution with one; links that are there stay."""
        await repeated(lambda: self._ties((kind, id_, context)), self.patience)

    async def is_linked(self, kind: Kind, id_: int, parent: int) -> bool:
        """Whether a node is a child of, attributed to, or associated with a context."""
        return parent in await self.owners(kind, id_)

    async def owners(self, kind: Kind, id_: int) -> list[int]:
        """The ids of the contexts that a node is a child of, attributed to, or associated with."""
        if kind is Kind.CONTEXT:
            contexts = await self.parents(id_)
        else:
            try:
                method = f"GetContextsBy{kind.title()}"
                contexts = list((await self._ask(method, **{f"{kind}_id": id_})).contexts)
            except Rejected:  # MLMD's NOT_FOUND for a node without any context
                return []
        return [context.id for context in contexts]

    async def children(self, context: int) -> list[Node]:
        """All child contexts of a context, however many they are: for parents that are known to have few."""
        return list((await self._ask("GetChildrenContextsByContext", context_id=context)).contexts)

    async def parents(self, context: int) -> list[mlmd.Context]:
        """The parent contexts of a context."""
        return list((await self._ask("GetParentContextsByContext", context_id=context)).contexts)

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """For each of at most 100 artifacts the ids of the contexts that it is attributed to."""
        if not artifacts:
            return {}
        condition = f"id IN ({', '.join(map(str, artifacts))})"
        options = {"starting_artifacts": {"filter_query": condition}, "max_num_hops": 0}
        mask = {"paths": ["attributions", "contexts"]}
        answer = await self._ask("GetLineageSubgraph", lineage_subgraph_query_options=options, read_mask=mask)
        found: dict[int, list[int]] = {}
        for attribution in answer.lineage_subgraph.attributions:
            found.setdefault(attribution.artifact_id, []).append(attribution.context_id)
        return found

    async def _put(self, kind: Kind, item: Masked) -> int:
        node = item.node
        if not item.mask:
            return await self._puts[kind](item)
        begun_ms = time.time_ns() // 1_000_000

        async def landed() -> int | None:
            stored = await self.get(kind, node.id)
            return node.id if took_effect(stored, node, item.mask, begun_ms) else None

        return await settled(lambda: self._puts[kind](item), landed, self.patience)

    async def _complete(self, nodes: Sequence[Node], ids: Sequence[int]) -> None:
        """Looks what the store has made of large whole numbers, and gives nodes their companion where it has clamped them."""
        for node, id_ in zip(nodes, ids, strict=True):
            kind = kind_of(node)
            if self._integers.compare(node, await self.get(kind, id_)):
                change = NODE_OF[kind](id=id_, type_id=node.type_id, custom_properties=narrowed(node).custom_properties)
                await self._put(kind, Masked(change, ("custom_properties",)))

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

    def _get_all(self, kind: Kind) -> Any:
        async def send(ids: Sequence[int]) -> Sequence[Node | None]:
            method = f"Get{PLURAL[kind]}ByID"
            request = request_of(method, {f"{kind}_ids": sorted(set(ids))})
            answer = await self._calls.read(method, request.SerializeToString())
            found = {node.id: node for node in nodes_in(kind, answer)}
            return [found.get(id_) for id_ in ids]

        return send

    def _put_all(self, kind: Kind) -> Any:
        async def send(items: Sequence[Masked]) -> Sequence[int]:
            request = request_of(f"Put{PLURAL[kind]}", {f"{kind}s": [item.node for item in items]})
            request.update_mask.paths.extend(items[0].mask)
            if items[0].is_bound:
                request.options.abort_if_latest_updated_time_changed = True
            answer = await self._calls.write(f"Put{PLURAL[kind]}", request)
            return getattr(answer, f"{kind}_ids")  # type: ignore[no-any-return]

        return send

    async def _put_belows(self, items: Sequence[Below]) -> Sequence[Put]:
        nodes = [node for item in items for node in item.nodes]
        if len({item.parent for item in items}) == 1:
            request = request_of("PutLineageSubgraph", {"contexts": [items[0].context], **_by_kind(nodes)})
            request.options.reuse_context_if_already_exist = True
            answer = await self._calls.write("PutLineageSubgraph", request)
            ids, context = _ids_of(nodes, answer), answer.context_ids[0]
        else:
            ids, context = await self._put_crowd(items, nodes), None
        ends = list(accumulate(len(item.nodes) for item in items))
        return [(ids[end - len(item.nodes) : end], context) for item, end in zip(items, ends, strict=True)]

    async def _put_crowd(self, items: Sequence[Below], nodes: Sequence[Node]) -> list[int]:
        """All nodes, then all links. Of a part of it nobody knows more than after an outage: each looks for its own."""
        answers: list[Any] = []
        try:
            for plural, some in _by_kind(nodes).items():
                method = f"Put{plural.title()}"
                answers.append(await self._calls.write(method, request_of(method, {plural: some})))
            ids = _ids_of(nodes, *answers)
            parents = [item.parent for item in items for _ in item.nodes]
            await self._put_ties(list(zip(map(kind_of, nodes), ids, parents, strict=True)))
        except StoreError as error:
            raise StoreUnavailable(details=error.details) if answers else error from None
        return ids

    async def _put_links(self, links: Sequence[tuple[int, int]]) -> Sequence[bool]:
        pairs = [{"child_id": child, "parent_id": parent} for child, parent in links]
        await self._calls.write("PutParentContexts", service.PutParentContextsRequest(parent_contexts=pairs))
        return [True] * len(links)

    async def _put_ties(self, ties: Sequence[tuple[Kind, int, int]]) -> Sequence[None]:
        request = service.PutAttributionsAndAssociationsRequest()
        for kind, id_, context in ties:
            if kind is Kind.ARTIFACT:
                request.attributions.add(artifact_id=id_, context_id=context)
            else:
                request.associations.add(execution_id=id_, context_id=context)
        await self._calls.write("PutAttributionsAndAssociations", request)
        return [None] * len(ties)


def _by_kind(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    """Artifacts and executions apart, each in their order, under MLMD's names for the lists."""
    sorted_: dict[str, list[Node]] = {}
    for node in nodes:
        sorted_.setdefault(f"{kind_of(node)}s", []).append(node)
    return sorted_


def _ids_of(nodes: Sequence[Node], *answers: Any) -> list[int]:
    """The ids that puts of `_by_kind(nodes)` have answered, in the order of `nodes`."""
    artifacts = iter([id_ for answer in answers for id_ in getattr(answer, "artifact_ids", ())])
    executions = iter([id_ for answer in answers for id_ in getattr(answer, "execution_ids", ())])
    return [next(artifacts if isinstance(node, mlmd.Artifact) else executions) for node in nodes]
