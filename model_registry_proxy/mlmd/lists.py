"""Pages of MLMD's lists, by the calls that take least time: what earlier pages have shown decides between them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.errors import MessageTooLarge
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.listings import options
from model_registry_proxy.mlmd.memory import Memory
from model_registry_proxy.mlmd.port import MOST_LISTED, Listing, Order

_DENSE = 20
"""Ids per row of a type up to which its rows lie close together."""


class Lists:
    """Lists of nodes. `ask` sends a read to MLMD by method and fields."""

    def __init__(self, ask: Callable[..., Awaitable[Any]]) -> None:
        self._ask = ask
        self._small_families: Memory[int, bool] = Memory()
        """Parents that had few children."""
        self._dense_types: Memory[int, bool] = Memory()
        """Types whose rows lie close together by id."""

    async def page(self, listing: Listing) -> tuple[list[Node], bool]:
        """Returns one page of nodes, which is shorter where its nodes are large, and whether more follow.

        All children of a parent that is known to have few are fetched by MLMD's call without pages: it takes a fifth of the time.
        """
        family = listing.below if listing.kind is Kind.CONTEXT else None
        if family is not None and family in self._small_families:
            children = list((await self._ask("GetChildrenContextsByContext", context_id=family)).contexts)
            if len(children) > 2 * MOST_LISTED:
                self._small_families.pop(family, None)
            nodes = listing.rest(children)
            return nodes[: listing.limit], len(nodes) > listing.limit
        found, is_more = await self._fetch(listing)
        is_whole = not listing.criteria and listing.filter is None
        if family is not None and is_whole and listing.after is None and not is_more:
            self._small_families[family] = True
        if found and _is_scan_of_type(listing):
            self._note_density(listing.types[0], found, is_more=is_more)
        return found, is_more

    async def _fetch(self, listing: Listing) -> tuple[list[Node], bool]:
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
        return list(nodes_in(listing.kind, answer)), bool(answer.next_page_token)

    def _note_density(self, type_id: int, nodes: Sequence[Node], *, is_more: bool) -> None:
        """Notes whether rows of a type lie close together by id: MLMD finds the next ones best without the type's index then."""
        if is_more and abs(nodes[-1].id - nodes[0].id) < _DENSE * len(nodes):
            self._dense_types[type_id] = True
        else:
            self._dense_types.pop(type_id, None)


def _is_scan_of_type(listing: Listing) -> bool:
    """Returns whether a list goes through all rows of one type by id."""
    return (
        len(listing.types) == 1
        and listing.order is Order.ID
        and listing.below is None
        and not listing.criteria
        and listing.filter is None
    )
