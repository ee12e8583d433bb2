"""What a store is asked depends on one thing that MLMD servers do or do not: apply the filters of lists.

MLMD 1.21 has lost them, and answers UNIMPLEMENTED to each request with one. Each `Way` answers the same questions, with or without.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.exact_calls import Ask
from model_registry_proxy.mlmd.failures import CannotFilter
from model_registry_proxy.mlmd.known_contexts import KnownContexts
from model_registry_proxy.mlmd.listing import Listing, Page
from model_registry_proxy.mlmd.with_filters import WithFilters
from model_registry_proxy.mlmd.without_filters import WithoutFilters

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Way(Protocol):
    """The questions whose calls depend on filters."""

    async def page(self, listing: Listing) -> Page:
        """See `Store.list_nodes`."""

    async def named(self, kind: Kind, type_name: str, names: Sequence[str]) -> Mapping[str, Node]:
        """Returns those nodes of a type that have one of these stored names, by name."""

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """See `Store.attributions`."""

    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.newest`."""

    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.oldest`."""

    def note_links(self, kind: Kind, context: int, ids: Sequence[int]) -> None:
        """Notes that this process has linked nodes to a context."""


class Questions:
    """A `Way` that asks the server once whether it filters.

    A server that refuses a filter later (an upgrade, or one of several servers) is asked without filters from then on. The
    arguments are those of `WithoutFilters`.
    """

    def __init__(self, ask: Ask, type_names: Mapping[int, str], known: KnownContexts) -> None:
        self._ask = ask
        self._without = WithoutFilters(ask, type_names, known)
        self._way: Way = WithFilters(ask)

    @property
    def filters(self) -> bool:
        """Whether the server applies filters, as far as is known."""
        return self._way is not self._without

    async def choose(self) -> None:
        """Asks the server whether it filters."""
        try:
            await self._ask("GetContexts", options={"max_result_size": 1, "filter_query": "id = 0"})
        except CannotFilter:
            self._go_without()

    async def page(self, listing: Listing) -> Page:
        """See `Store.list_nodes`."""
        return await self._asked(lambda way: way.page(listing))

    async def named(self, kind: Kind, type_name: str, names: Sequence[str]) -> Mapping[str, Node]:
        """See `Way.named`."""
        return await self._asked(lambda way: way.named(kind, type_name, names))

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """See `Store.attributions`."""
        return await self._asked(lambda way: way.attributions(artifacts))

    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.newest`."""
        return await self._asked(lambda way: way.newest(kind, type_id, contexts))

    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """See `Store.oldest`."""
        return await self._asked(lambda way: way.oldest(kind, type_id, contexts))

    def note_links(self, kind: Kind, context: int, ids: Sequence[int]) -> None:
        """See `Way.note_links`."""
        self._way.note_links(kind, context, ids)

    async def _asked(self, question: Callable[[Way], Awaitable[Result]]) -> Result:
        try:
            return await question(self._way)
        except CannotFilter:
            self._go_without()
            return await question(self._way)

    def _go_without(self) -> None:
        if self.filters:
            _log.info("This MLMD server has no filters, so lists with conditions are read from it and filtered here.")
        self._way = self._without
