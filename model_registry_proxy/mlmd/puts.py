"""Writes to MLMD, batched: nodes, links between contexts, and links of artifacts and executions to contexts.

A batch is one transaction of MLMD, with one exception: see `Puts.below`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple

from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.entity import Kind
from converters.kinds import Node, kind_of
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.calls import PLURAL, MlmdCalls, request_of
from model_registry_proxy.mlmd.events import Observer
from model_registry_proxy.mlmd.failures import Interrupted
from model_registry_proxy.mlmd.port import KnownContext

Created = tuple[Sequence[int], int | None]
"""The ids of nodes, and the id of the context that MLMD linked them to, where it says so."""
_NEVER_STORED = float("nan")


@dataclass(frozen=True, slots=True)
class Masked:
    """A node to put; with a mask (paths in MLMD's field names) only these fields of an existing node change.

    `is_bound`: only if the stored node still has the last update time that `node` has. MLMD knows that of artifacts only.
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
class Recorded:
    """A context to create or replace, an execution that records it, and further contexts to link that to.

    Those are given as `PutLineageSubgraph` finds them.
    """

    context: mlmd.Context
    record: mlmd.Execution
    links: tuple[mlmd.Context, ...]


class RecordedIds(NamedTuple):
    """The ids of a context and of its record, and of the contexts that MLMD linked the record to, where it says so."""

    context: int
    record: int
    links: Sequence[int] | None


class Puts:
    """The batched writes. `lane` limits the write calls in flight, `links_lane` those that link contexts.

    Other contexts are put while contexts are linked, so that links have a lane of their own.
    """

    def __init__(
        self, calls: MlmdCalls, lane: asyncio.Semaphore, links_lane: asyncio.Semaphore, observer: Observer | None
    ) -> None:
        self._calls = calls
        self._nodes: dict[Kind, Batcher[Masked, int]] = {
            kind: Batcher(
                self._put_all(kind),
                name=f"put {kind}s",
                lane=lane,
                key=lambda masked: (masked.mask, bool(masked.node.id), masked.is_bound),
                weigh=lambda masked: masked.node.ByteSize(),
                observer=observer,
            )
            for kind in Kind
        }
        self._belows: Batcher[Below, Created] = Batcher(
            self._put_belows,
            name="put below contexts",
            lane=lane,
            weigh=lambda below: sum(node.ByteSize() for node in below.nodes),
            observer=observer,
        )
        self._recorded: Batcher[Recorded, RecordedIds] = Batcher(
            self._put_recorded, name="put with records", lane=lane, most=1, observer=observer
        )
        self._links: Batcher[tuple[int, int], bool] = Batcher(
            self._put_links, name="link contexts", lane=links_lane, observer=observer
        )
        self._attachments: Batcher[tuple[Kind, int, int], bool] = Batcher(
            self._put_attachments, name="attach to contexts", lane=lane, observer=observer
        )

    async def node(self, node: Node, mask: Sequence[str] = (), *, is_bound: bool = False) -> int:
        """Creates a node, or changes what the mask names; returns its id."""
        return await self._nodes[kind_of(node)](Masked(node, tuple(mask), is_bound))

    async def below(self, parent: KnownContext, type_name: str, nodes: Sequence[Node]) -> Created:
        """Creates artifacts or executions with their links to an existing context.

        That is one transaction, also for several requests below the same context: MLMD finds the context by type and name, does
        not update it, and says its id. Should the remembered name be gone, because a gRPC client renamed the parent, MLMD would
        create another context; the NaN, which no database stores, makes that fail and undo everything. Requests below many
        contexts go as one put of all nodes and one of all links.
        """
        return await self._belows(Below(parent.id, _found_by_name(parent, type_name), tuple(nodes)))

    async def recorded(
        self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[tuple[KnownContext, str]]
    ) -> RecordedIds:
        """Creates or replaces a context, and creates the record of that with its links, in one transaction.

        `links` have the names of their types with them. MLMD finds these contexts as it does for `below`. It links each execution
        of a call to each context of it, so that every record takes a call of its own.
        """
        return await self._recorded(Recorded(context, record, tuple(_found_by_name(*each) for each in links)))

    async def link(self, child: int, parent: int) -> bool:
        """Makes one context the parent of another."""
        return await self._links((child, parent))

    async def attach(self, kind: Kind, id_: int, context: int) -> bool:
        """Links an artifact or execution to a context; a link that is there stays."""
        return await self._attachments((kind, id_, context))

    def _put_all(self, kind: Kind) -> Any:
        async def send(items: Sequence[Masked]) -> Sequence[int]:
            request = request_of(f"Put{PLURAL[kind]}", {f"{kind}s": [item.node for item in items]})
            request.update_mask.paths.extend(items[0].mask)
            if items[0].is_bound:
                request.options.abort_if_latest_updated_time_changed = True
            answer = await self._calls.write(f"Put{PLURAL[kind]}", request)
            return getattr(answer, f"{kind}_ids")  # type: ignore[no-any-return]

        return send

    async def _put_belows(self, items: Sequence[Below]) -> Sequence[Created]:
        nodes = [node for item in items for node in item.nodes]
        if len({item.parent for item in items}) == 1:
            request = request_of("PutLineageSubgraph", {"contexts": [items[0].context], **_by_kind(nodes)})
            request.options.reuse_context_if_already_exist = True
            answer = await self._calls.write("PutLineageSubgraph", request)
            ids, context = _ids_of(nodes, answer), answer.context_ids[0]
        else:
            ids, context = await self._put_below_many(items, nodes), None
        ends = list(accumulate(len(item.nodes) for item in items))
        return [(ids[end - len(item.nodes) : end], context) for item, end in zip(items, ends, strict=True)]

    async def _put_recorded(self, items: Sequence[Recorded]) -> Sequence[RecordedIds]:
        (item,) = items
        request = service.PutLineageSubgraphRequest(executions=[item.record], contexts=[item.context, *item.links])
        request.options.reuse_context_if_already_exist = True
        answer = await self._calls.write("PutLineageSubgraph", request)
        context, *links = answer.context_ids
        return [RecordedIds(context, answer.execution_ids[0], links)]

    async def _put_below_many(self, items: Sequence[Below], nodes: Sequence[Node]) -> list[int]:
        """All nodes, then all links. If the second call fails, each request finds out by itself what was created."""
        answers: list[Any] = []
        try:
            for plural, some in _by_kind(nodes).items():
                method = f"Put{plural.title()}"
                answers.append(await self._calls.write(method, request_of(method, {plural: some})))
            ids = _ids_of(nodes, *answers)
            parents = [item.parent for item in items for _ in item.nodes]
            await self._put_attachments(list(zip(map(kind_of, nodes), ids, parents, strict=True)))
        except StoreError as error:
            raise Interrupted(error.details) if answers else error from None
        return ids

    async def _put_links(self, links: Sequence[tuple[int, int]]) -> Sequence[bool]:
        pairs = [{"child_id": child, "parent_id": parent} for child, parent in links]
        await self._calls.write("PutParentContexts", service.PutParentContextsRequest(parent_contexts=pairs))
        return [True] * len(links)

    async def _put_attachments(self, attachments: Sequence[tuple[Kind, int, int]]) -> Sequence[bool]:
        request = service.PutAttributionsAndAssociationsRequest()
        for kind, id_, context in attachments:
            if kind is Kind.ARTIFACT:
                request.attributions.add(artifact_id=id_, context_id=context)
            else:
                request.associations.add(execution_id=id_, context_id=context)
        await self._calls.write("PutAttributionsAndAssociations", request)
        return [True] * len(attachments)


def _found_by_name(known: KnownContext, type_name: str) -> mlmd.Context:
    """An existing context, as `PutLineageSubgraph` finds it and does not create another one: see `Puts.below`."""
    context = mlmd.Context(type_id=known.type_id, type=type_name, name=known.name)
    context.custom_properties["never created"].double_value = _NEVER_STORED
    return context


def _by_kind(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    """Artifacts and executions apart, each in their order, under MLMD's names for the lists."""
    sorted_: dict[str, list[Node]] = {}
    for node in nodes:
        sorted_.setdefault(f"{kind_of(node)}s", []).append(node)
    return sorted_


def _ids_of(nodes: Sequence[Node], *answers: Any) -> list[int]:
    """The ids in the answers to puts of `_by_kind(nodes)`, in the order of `nodes`."""
    artifacts = iter([id_ for answer in answers for id_ in getattr(answer, "artifact_ids", ())])
    executions = iter([id_ for answer in answers for id_ in getattr(answer, "execution_ids", ())])
    return [next(artifacts if isinstance(node, mlmd.Artifact) else executions) for node in nodes]
