"""Lists and lookups by an MLMD server that filters: what a listing needs becomes one call with a filter."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.errors import MessageTooLarge
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.dense_types import DenseTypes
from model_registry_proxy.mlmd.exact_calls import by_name
from model_registry_proxy.mlmd.filters.listings import joined, options
from model_registry_proxy.mlmd.filters.text import equals
from model_registry_proxy.mlmd.listing import MOST_LISTED, Listing, Order, Page
from model_registry_proxy.mlmd.memory import Memory
from model_registry_proxy.mlmd.newest import first_of_each

_MANY_NAMES = 3
"""From this number of names on, one filter costs less than MLMD's exact call for each."""


_LINKS = {
    Kind.ARTIFACT: ("starting_artifacts", "attributions"),
    Kind.EXECUTION: ("starting_executions", "associations"),
}
"""MLMD's names for where a lineage starts, and for the links to contexts, by the kind of node."""


class WithFilters:
    """See `questions.Way`. `ask` sends a read to MLMD by method and fields."""

    def __init__(self, ask: Callable[..., Awaitable[Any]]) -> None:
        self._ask = ask
        self._small_families: Memory[int, bool] = Memory()
        """Parents that had few children."""
        self._dense_types = DenseTypes()

    async def page(self, listing: Listing) -> Page:
        """Returns one page of nodes, which is shorter where its nodes are large.

        All children of a parent that is known to have few are fetched by MLMD's call without pages: it takes a fifth of the time.
        """
        family = listing.below if listing.kind is Kind.CONTEXT else None
        if family is not None and family in self._small_families:
            children = list((await self._ask("GetChildrenContextsByContext", context_id=family)).contexts)
            if len(children) > 2 * MOST_LISTED:
                self._small_families.pop(family, None)
            return listing.page(listing.behind(children))
        found = await self._fetch(replace(listing, limit=min(listing.limit, MOST_LISTED)))
        is_whole = not listing.criteria and listing.filter is None
        if family is not None and is_whole and listing.after is None and found.rest is None:
            self._small_families[family] = True
        if found.nodes and _is_scan_of_type(listing):
            self._dense_types.note(listing.types[0], found.nodes, is_more=found.rest is not None)
        return found

    async def named(self, kind: Kind, type_name: str, names: Sequence[str]) -> Mapping[str, Node]:
        """Returns those nodes of a type that have one of these stored names, by name.

        A few names take MLMD's exact call, many take one filter; a name that a filter cannot contain takes a call of its own.
        """
        filterable = [name for name in names if equals("name", name) == f'name = "{name}"']
        if len(filterable) < _MANY_NAMES:
            return await by_name(self._ask, kind, type_name, names)
        texts = ", ".join(f'"{name}"' for name in filterable)
        filter_ = joined([f"type = '{type_name}'", f"name IN ({texts})"])
        many = self._ask(f"Get{PLURAL[kind]}", options={"max_result_size": MOST_LISTED, "filter_query": filter_})
        single = sorted(set(names).difference(filterable))
        answer, found = await asyncio.gather(many, by_name(self._ask, kind, type_name, single))
        return {**found, **{node.name: node for node in nodes_in(kind, answer)}}

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """See `Store.attributions`."""
        return await self._links(Kind.ARTIFACT, artifacts)

    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.newest`."""
        listing = Listing(kind, types=(type_id,), order=Order.CREATE_TIME, is_ascending=False)
        return await first_of_each(self._ask, self._links, listing, contexts)

    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.oldest`. One context takes one call."""
        listing = Listing(kind, types=(type_id,))
        if len(contexts) != 1:
            return await first_of_each(self._ask, self._links, listing, contexts)
        (context,) = contexts
        page = await self.page(replace(listing, below=context, limit=1))
        return dict.fromkeys(contexts, page.nodes[0]) if page.nodes else {}

    def note_links(self, kind: Kind, context: int, ids: Sequence[int]) -> None:
        """See `Way.note_links`: MLMD is asked each time."""

    async def _links(self, kind: Kind, nodes: Sequence[int]) -> Mapping[int, Sequence[int]]:
        start, links = _LINKS[kind]
        asked = {start: {"filter_query": f"id IN ({', '.join(map(str, nodes))})"}, "max_num_hops": 0}
        mask = {"paths": [links, "contexts"]}
        answer = await self._ask("GetLineageSubgraph", lineage_subgraph_query_options=asked, read_mask=mask)
        found: dict[int, list[int]] = {}
        for link in getattr(answer.lineage_subgraph, links):
            found.setdefault(getattr(link, f"{kind}_id"), []).append(link.context_id)
        return found

    async def _fetch(self, listing: Listing) -> Page:
        plural = PLURAL[listing.kind]
        asked = options(listing, is_dense=_is_scan_of_type(listing) and listing.types[0] in self._dense_types)
        try:
            if listing.kind is not Kind.CONTEXT and listing.below is not None:
                answer = await self._ask(f"Get{plural}ByContext", context_id=listing.below, options=asked)
            else:
                answer = await self._ask(f"Get{plural}", options=asked)
        except MessageTooLarge:
            if listing.limit == 1:
                raise
            return await self._fetch(replace(listing, limit=listing.limit // 2))
        return listing.page(nodes_in(listing.kind, answer), is_more=bool(answer.next_page_token))


def _is_scan_of_type(listing: Listing) -> bool:
    """Returns whether a list goes through all rows of one type by id."""
    return (
        len(listing.types) == 1
        and listing.order is Order.ID
        and listing.below is None
        and not listing.criteria
        and listing.filter is None
    )
