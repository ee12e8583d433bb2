"""Lists and lookups by an MLMD server that cannot filter.

A listing takes the narrowest call that MLMD has for it: exact lookups, the children of a context, the nodes of a context, those of
a type, and at last all nodes. What this returns too much is left out here, by type and criteria; a filter is left to the caller.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.errors import MessageTooLarge
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.dense_types import DenseTypes
from model_registry_proxy.mlmd.equal_times import EqualTimes, Found, found
from model_registry_proxy.mlmd.exact_calls import Ask, by_external_ids, by_ids, by_name, owners
from model_registry_proxy.mlmd.families import Families
from model_registry_proxy.mlmd.filters.sure_values import IdIn, sure_values
from model_registry_proxy.mlmd.known_contexts import KnownContexts
from model_registry_proxy.mlmd.list_tokens import Start, options, start_of
from model_registry_proxy.mlmd.listing import MOST_LISTED, ExternalIdIs, Listing, NameIs, Order, Page
from model_registry_proxy.mlmd.memory import Memory

_MANY_NAMES = 3
"""From this number of names on, one call for the known ones costs less than MLMD's exact call for each."""
_FEW = 4
"""Where fewer than one of so many rows is wanted, all nodes of a context are fetched at once, or those of a type by their type."""


class WithoutFilters:
    """See `questions.Way`. `ask` sends a read to MLMD by method and fields.

    `type_names` has the names of types by their ids, `known` the contexts that were read before.
    """

    def __init__(self, ask: Ask, type_names: Mapping[int, str], known: KnownContexts) -> None:
        self._ask, self._type_names, self._known = ask, type_names, known
        self._dense_types = DenseTypes()
        self._families = Families(ask)
        self._equal_times = EqualTimes()
        self._too_large: Memory[int, bool] = Memory()
        """Parents whose children do not fit into one message."""

    async def page(self, listing: Listing) -> Page:
        """Returns one page of nodes. `scanned` counts the rows of other types, and those that miss a criterion, too."""
        looked_up = await self._looked_up(listing)
        if looked_up is not None:
            nodes = [node for node in looked_up if listing.has_type_of(node)]
            return listing.page(listing.behind(await self._below(listing, nodes)))
        listing = replace(listing, criteria=(*listing.criteria, *_names(listing)))
        if listing.below is None:
            return await self._page_of_types(listing)
        if listing.kind is Kind.CONTEXT:
            return await self._page_of_children(listing, listing.below)
        return await self._page_of_context(listing, listing.below)

    async def named(self, kind: Kind, type_name: str, names: Sequence[str]) -> Mapping[str, Node]:
        """Returns those nodes of a type that have one of these stored names, by name.

        Each name takes a call. Of several contexts, those that are known are read in one call by their ids: one that still has its
        type and name is the only one with them.
        """
        found: dict[str, Node] = {}
        if kind is Kind.CONTEXT and len(names) >= _MANY_NAMES and (ids := self._ids_of(type_name, names)):
            answer = await self._ask("GetContextsByID", context_ids=ids)
            found = {node.name: node for node in answer.contexts if node.type == type_name and node.name in names}
        return {**found, **await by_name(self._ask, kind, type_name, [name for name in names if name not in found])}

    def note_links(self, kind: Kind, context: int, ids: Sequence[int]) -> None:
        """See `Way.note_links`."""
        self._families.note_links(kind, context, ids)

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """See `Store.attributions`."""
        contexts = await asyncio.gather(*(owners(self._ask, Kind.ARTIFACT, id_) for id_ in artifacts))
        return {id_: ids for id_, ids in zip(artifacts, contexts, strict=True) if ids}

    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.newest`. Each context takes its own call, several at a time."""
        return await self._ends(Listing(kind, types=(type_id,), order=Order.CREATE_TIME, is_ascending=False), contexts)

    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.oldest`. Each context takes its own call, several at a time."""
        return await self._ends(Listing(kind, types=(type_id,)), contexts)

    async def _ends(self, listing: Listing, contexts: Sequence[int]) -> Mapping[int, Node]:
        """Returns the first node of a listing below each context."""
        listing = replace(listing, limit=1)
        pages = await asyncio.gather(*(self.page(replace(listing, below=context)) for context in contexts))
        return {context: page.nodes[0] for context, page in zip(contexts, pages, strict=True) if page.nodes}

    def _ids_of(self, type_name: str, names: Sequence[str]) -> list[int]:
        type_id = next((id_ for id_, each in self._type_names.items() if each == type_name), 0)
        return [id_ for name in names if (id_ := self._known.named(type_id, name))]

    async def _looked_up(self, listing: Listing) -> Iterable[Node] | None:
        """Returns the nodes that an exact call finds, all of them; `None` if a listing has no criterion for such a call.

        A database may take another text for the same as a criterion. Its node is among them, as it is where MLMD filters.
        """
        for criterion in (*listing.criteria, *(sure_values(listing.filter) if listing.filter else ())):
            match criterion:
                case ExternalIdIs(external_id):
                    return await by_external_ids(self._ask, listing.kind, [external_id])
                case NameIs(name, prefix, any_prefix=False, suffix="") if len(listing.types) == 1:
                    stored = name if prefix is None else f"{prefix}:{name}"
                    return (
                        await by_name(self._ask, listing.kind, self._type_names[listing.types[0]], [stored])
                    ).values()
                case IdIn(()):
                    return []
                case IdIn(ids):
                    return await by_ids(self._ask, listing.kind, ids)
                case _:
                    pass
        return None

    async def _below(self, listing: Listing, nodes: Sequence[Node]) -> Sequence[Node]:
        if listing.below is None:
            return nodes
        contexts = await asyncio.gather(*(owners(self._ask, listing.kind, node.id) for node in nodes))
        return [node for node, ids in zip(nodes, contexts, strict=True) if listing.below in ids]

    async def _page_of_children(self, listing: Listing, parent: int) -> Page:
        """MLMD has no pages of children. Those that do not fit into a message are found among all rows of the type."""
        if parent not in self._too_large:
            try:
                return await self._page_of_family(listing, parent)
            except MessageTooLarge:
                self._too_large[parent] = True
        page = await self._page_of_types(replace(listing, below=None))
        return page._replace(nodes=list(await self._below(listing, page.nodes)))

    async def _page_of_context(self, listing: Listing, context: int) -> Page:
        """A page may have few of the rows that are wanted; then all rows of the context are read, and kept where they are many."""
        page, method = None, f"Get{PLURAL[listing.kind]}ByContext"
        if not ((listing.types or listing.criteria) and self._families.is_large(listing.kind, context)):
            page = await self._narrowed(listing, method, context_id=context)
            if _is_rich(listing, page):
                return page
        try:
            return await self._page_of_family(listing, context)
        except MessageTooLarge:
            return page or await self._narrowed(listing, method, context_id=context)

    async def _page_of_family(self, listing: Listing, context: int) -> Page:
        """Raises `MessageTooLarge` where the nodes below the context do not fit into a message."""
        members = await self._families.members(listing, context)
        if members is None:
            read = await self._families.read(listing.kind, context)
            return listing.page(listing.behind(node for node in read if listing.takes(node)))
        rows = listing.behind(members)
        shown = rows[: min(listing.limit, MOST_LISTED)]
        nodes = await self._first_by_ids(listing.kind, [member.id for member in shown])
        rest = listing.position_of(shown[len(nodes) - 1]) if len(nodes) < len(rows) else None
        # A row that has changed since then has another place in the order of change.
        pairs = zip(nodes, shown, strict=False)
        kept = [node for node, row in pairs if node and listing.position_of(node) == listing.position_of(row)]
        return Page([node for node in kept if listing.takes(node)], rest, len(nodes))

    async def _first_by_ids(self, kind: Kind, ids: Sequence[int]) -> list[Node | None]:
        """Returns the nodes of these ids in their order, or the first of them where they are too large for a message."""
        if not ids:
            return []
        try:
            nodes = await by_ids(self._ask, kind, ids)
        except MessageTooLarge:
            if len(ids) == 1:
                raise
            return await self._first_by_ids(kind, ids[: len(ids) // 2])
        found = {node.id: node for node in nodes}
        return [found.get(id_) for id_ in ids]

    async def _page_of_types(self, listing: Listing) -> Page:
        """Goes through the nodes of one type, or through all. MLMD's calls for a type fetch all its ids first, for each page."""
        plural = PLURAL[listing.kind]
        if len(listing.types) != 1:
            return await self._narrowed(listing, f"Get{plural}")
        [type_id] = listing.types
        if type_id in self._dense_types:
            page = await self._narrowed(listing, f"Get{plural}")
            if _is_rich(listing, page):
                return page
        found = await self._behind(listing, f"Get{plural}ByType", type_name=self._type_names[type_id])
        self._dense_types.note(type_id, found.nodes, is_more=found.rest is not None)
        return _narrowed(listing, found)

    async def _narrowed(self, listing: Listing, method: str, **fields: Any) -> Page:
        return _narrowed(listing, await self._behind(listing, method, **fields))

    async def _behind(self, listing: Listing, method: str, **fields: Any) -> Found:
        """Returns the next nodes of a method with pages.

        In an order of times, rows of the time of `after` come again; those at or before `after` are left out.
        """
        is_exact = method.endswith("ByType") and not listing.criteria and listing.order is Order.ID
        most = min(listing.limit, MOST_LISTED) if is_exact else MOST_LISTED

        async def fetch(start: Start | None, order: Order | None = None) -> tuple[Sequence[Node], bool]:
            return await self._fetch(replace(listing, order=order or listing.order), most, start, method, fields)

        if listing.after and listing.time:
            return await self._equal_times.behind(listing, listing.after, fetch)
        nodes, is_more = await fetch(start_of(listing))
        return found(listing, listing.behind(nodes), is_more=is_more)

    async def _fetch(
        self, listing: Listing, most: int, start: Start | None, method: str, fields: Mapping[str, Any]
    ) -> tuple[Sequence[Node], bool]:
        """Returns at most `most` nodes, fewer where they are large, and whether more follow."""
        try:
            answer = await self._ask(method, options=options(listing, most, start), **fields)
        except MessageTooLarge:
            if most == 1:
                raise
            return await self._fetch(listing, most // 2, start, method, fields)
        return nodes_in(listing.kind, answer), bool(answer.next_page_token)


def _names(listing: Listing) -> Iterable[NameIs]:
    """Returns the names that a filter requires."""
    sure = sure_values(listing.filter) if listing.filter else ()
    return (each for each in sure if isinstance(each, NameIs))


def _is_rich(listing: Listing, page: Page) -> bool:
    """Returns whether a page has what was asked for, or many of the rows that were looked at."""
    return page.rest is None or len(page.nodes) == listing.limit or len(page.nodes) * _FEW >= page.scanned


def _narrowed(listing: Listing, found: Found) -> Page:
    """Returns the page of those nodes that a listing takes; the next page begins behind all nodes that fit into this one."""
    taken = [node for node in found.nodes if listing.takes(node)]
    if len(taken) > listing.limit:
        return listing.page(taken, scanned=found.scanned)
    return Page(taken, found.rest, found.scanned)
