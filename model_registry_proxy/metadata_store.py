"""MLMD over gRPC: the only module that talks to it. Each method is one or a share of one call."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.entities import Kind
from converters.nodes import Node
from model_registry_proxy.batching import Batcher
from model_registry_proxy.errors import Aborted, Rejected, from_grpc

SERVICE = "/ml_metadata.MetadataStoreService/"
MOST_LISTED = 100
"""MLMD's limit for one page. Above it the server drops its page token, and the rest is out of reach."""

_PLURAL = {Kind.CONTEXT: "Contexts", Kind.ARTIFACT: "Artifacts", Kind.EXECUTION: "Executions"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list: nodes of a kind; of one type; or of one context (artifacts and executions only).

    `after_id` continues a walk by id behind that id; `order` names MLMD's field, `limit` is at most `MOST_LISTED`.
    """

    kind: Kind
    type_name: str | None = None
    context_id: int | None = None
    conditions: tuple[str, ...] = ()
    order: str = "ID"
    is_ascending: bool = True
    limit: int = MOST_LISTED
    after_id: int | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """A node to put; with a mask (paths in MLMD's field names) only these fields of an existing one change."""

    node: Node
    mask: tuple[str, ...] = field(default=())


class MetadataStore:
    """An MLMD server. Raises only `RegistryError`s; `timeout` is the limit of one call in seconds."""

    def __init__(self, channel: grpc.aio.Channel, *, timeout: float = 30.0) -> None:
        self._channel, self._timeout = channel, timeout
        self._rpcs: dict[str, Any] = {}
        self._write_lane = asyncio.Semaphore(1)
        self._gets = {kind: Batcher(self._get_all(kind), in_flight=1) for kind in Kind}
        self._puts = {
            kind: Batcher(self._put_all(kind), key=lambda masked: (masked.mask, bool(masked.node.id))) for kind in Kind
        }
        self._links: Batcher[tuple[int, int], None] = Batcher(self._put_links)
        self._attributions: Batcher[tuple[int, int], None] = Batcher(self._put_attributions)

    async def put_types(self, request: service.PutTypesRequest) -> service.PutTypesResponse:
        """Creates or extends types; answers their ids in the order of the request."""
        return await self._write("PutTypes", request)  # type: ignore[no-any-return]

    async def get(self, kind: Kind, id_: int) -> Node | None:
        """The node of this id."""
        node: Node | None = await self._gets[kind](id_)
        return node

    async def find_by_name(self, kind: Kind, type_name: str, name: str) -> Node | None:
        """The node of this type and stored name; compares again what the database's collation found."""
        request = {"type_name": type_name, f"{kind}_name": name}
        answer = await self._read(f"Get{_PLURAL[kind][:-1]}ByTypeAndName", **request)
        node: Node = getattr(answer, kind)
        return node if node.name == name else None

    async def find_by_external_id(self, kind: Kind, external_id: str) -> list[Node]:
        """The nodes (of any type) with this external id."""
        answer = await self._read(f"Get{_PLURAL[kind]}ByExternalIds", external_ids=[external_id])
        return [node for node in _nodes(kind, answer) if node.external_id == external_id]

    async def list_nodes(self, listing: Listing) -> tuple[list[Node], bool]:
        """One page of nodes, and whether more follow."""
        options: dict[str, Any] = {
            "max_result_size": listing.limit,
            "order_by_field": {"field": listing.order, "is_asc": listing.is_ascending},
            "filter_query": " AND ".join(f"({condition})" for condition in listing.conditions),
        }
        if listing.after_id is not None:
            options["next_page_token"] = _token_after(listing)
        plural = _PLURAL[listing.kind]
        if listing.context_id is not None:
            answer = await self._read(f"Get{plural}ByContext", context_id=listing.context_id, options=options)
        elif listing.type_name is not None:
            answer = await self._read(f"Get{plural}ByType", type_name=listing.type_name, options=options)
        else:
            answer = await self._read(f"Get{plural}", options=options)
        return list(_nodes(listing.kind, answer)), bool(answer.next_page_token)

    async def put(self, kind: Kind, node: Node, mask: Sequence[str] = ()) -> int:
        """Creates a node, or changes what the mask names; answers the id."""
        id_: int = await self._puts[kind](Masked(node, tuple(mask)))
        return id_

    async def put_under(self, context: mlmd.Context, nodes: Sequence[Node]) -> service.PutLineageSubgraphResponse:
        """Creates artifacts and executions together with their links to an existing context, in one transaction.

        The context needs its `type_id` and `name`: MLMD looks it up by these and does not update it.
        """
        request = service.PutLineageSubgraphRequest(
            contexts=[context],
            artifacts=[node for node in nodes if isinstance(node, mlmd.Artifact)],
            executions=[node for node in nodes if isinstance(node, mlmd.Execution)],
        )
        request.options.reuse_context_if_already_exist = True
        return await self._write("PutLineageSubgraph", request)  # type: ignore[no-any-return]

    async def link(self, child: int, parent: int) -> None:
        """Makes one context the parent of another; `AlreadyExists` if it is."""
        await self._links((child, parent))

    async def attribute(self, artifact: int, context: int) -> None:
        """Attributes an artifact to a context; one that is attributed already stays so."""
        await self._attributions((artifact, context))

    async def parents(self, context: int) -> list[mlmd.Context]:
        """The parent contexts of a context."""
        return list((await self._read("GetParentContextsByContext", context_id=context)).contexts)

    async def contexts_of(self, artifact: int) -> list[mlmd.Context]:
        """The contexts that an artifact is attributed to."""
        try:
            return list((await self._read("GetContextsByArtifact", artifact_id=artifact)).contexts)
        except Rejected:  # MLMD's NOT_FOUND for a node without any context
            return []

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """For each of at most 100 artifacts the ids of the contexts that it is attributed to."""
        if not artifacts:
            return {}
        condition = f"id IN ({', '.join(map(str, artifacts))})"
        options = {"starting_artifacts": {"filter_query": condition}, "max_num_hops": 0}
        mask = {"paths": ["attributions", "contexts"]}
        answer = await self._read("GetLineageSubgraph", lineage_subgraph_query_options=options, read_mask=mask)
        found: dict[int, list[int]] = {}
        for attribution in answer.lineage_subgraph.attributions:
            found.setdefault(attribution.artifact_id, []).append(attribution.context_id)
        return found

    def _get_all(self, kind: Kind) -> Any:
        async def send(ids: Sequence[int]) -> Sequence[Node | None]:
            answer = await self._read(f"Get{_PLURAL[kind]}ByID", **{f"{kind}_ids": sorted(set(ids))})
            found = {node.id: node for node in _nodes(kind, answer)}
            return [found.get(id_) for id_ in ids]

        return send

    def _put_all(self, kind: Kind) -> Any:
        async def send(items: Sequence[Masked]) -> Sequence[int]:
            request = _request(f"Put{_PLURAL[kind]}", {f"{kind}s": [item.node for item in items]})
            request.update_mask.paths.extend(items[0].mask)
            answer = await self._write(f"Put{_PLURAL[kind]}", request)
            return getattr(answer, f"{kind}_ids")  # type: ignore[no-any-return]

        return send

    async def _put_links(self, links: Sequence[tuple[int, int]]) -> Sequence[None]:
        pairs = [{"child_id": child, "parent_id": parent} for child, parent in links]
        await self._write("PutParentContexts", service.PutParentContextsRequest(parent_contexts=pairs))
        return [None] * len(links)

    async def _put_attributions(self, attributions: Sequence[tuple[int, int]]) -> Sequence[None]:
        pairs = [{"artifact_id": artifact, "context_id": context} for artifact, context in attributions]
        request = service.PutAttributionsAndAssociationsRequest(attributions=pairs)
        await self._write("PutAttributionsAndAssociations", request)
        return [None] * len(attributions)

    async def _read(self, method: str, **fields: Any) -> Any:
        return await self._call(method, _request(method, fields))

    async def _write(self, method: str, request: Any) -> Any:
        async with self._write_lane:
            return await self._call(method, request)

    async def _call(self, method: str, request: Any) -> Any:
        """One call; one that MLMD rolled back in favour of another is tried again, with back-off and jitter."""
        try:
            return await self._call_once(method, request)
        except Aborted:
            again = AsyncRetrying(
                retry=retry_if_exception_type(Aborted),
                wait=wait_random_exponential(multiplier=0.01, max=1),
                stop=stop_after_delay(self._timeout),
                reraise=True,
            )
            return await again(self._call_once, method, request)

    async def _call_once(self, method: str, request: Any) -> Any:
        rpc = self._rpcs.get(method) or self._rpcs.setdefault(method, _rpc(self._channel, method))
        try:
            return await rpc(request, timeout=self._timeout)
        except grpc.aio.AioRpcError as error:
            raise from_grpc(error.code(), error.details() or "") from None


def _rpc(channel: grpc.aio.Channel, method: str) -> Any:
    answer = getattr(service, f"{method}Response")
    return channel.unary_unary(
        SERVICE + method,
        request_serializer=getattr(service, f"{method}Request").SerializeToString,
        response_deserializer=answer.FromString,
    )


def _request(method: str, fields: dict[str, Any]) -> Any:
    return getattr(service, f"{method}Request")(**fields)


def _nodes(kind: Kind, answer: Any) -> Sequence[Node]:
    return getattr(answer, f"{kind}s")  # type: ignore[no-any-return]


def _token_after(listing: Listing) -> str:
    """MLMD's own page token for a walk by id that has come to `after_id`."""
    token = mlmd.ListOperationNextPageToken(id_offset=listing.after_id, field_offset=listing.after_id)
    token.set_options.order_by_field.field = mlmd.ListOperationOptions.OrderByField.ID
    token.set_options.order_by_field.is_asc = listing.is_ascending
    token.set_options.max_result_size = listing.limit
    return base64.urlsafe_b64encode(token.SerializeToString()).rstrip(b"=").decode()
