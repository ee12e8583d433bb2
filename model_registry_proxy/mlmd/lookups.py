"""Nodes by name and by external id: lookups that wait at the same time share calls where MLMD has a way."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.events import Observer
from model_registry_proxy.mlmd.filters.text import equals
from model_registry_proxy.mlmd.listings import joined
from model_registry_proxy.mlmd.port import MOST_LISTED, NotFound

_MOST_NAMES = 50
_MANY_NAMES = 3
"""From this number of names on, one filter costs less than MLMD's exact call for each."""


class Named(NamedTuple):
    """A node by the name of its MLMD type and its stored name."""

    type_name: str
    name: str


class Lookups:
    """Lookups of one kind of node. `ask` sends a read to MLMD by method and fields.

    What the database's collation finds is compared again with what was looked for.
    """

    def __init__(self, kind: Kind, ask: Callable[..., Awaitable[Any]], observer: Observer | None = None) -> None:
        self._kind, self._ask = kind, ask
        self._names: Batcher[Named, Node | None] = Batcher(
            self._find_named,
            name=f"find {kind}s by name",
            most=_MOST_NAMES,
            key=lambda named: named.type_name,
            observer=observer,
        )
        self._external_ids: Batcher[str, list[Node]] = Batcher(
            self._find_external, name=f"find {kind}s by external id", observer=observer
        )

    async def by_name(self, type_name: str, name: str) -> Node | None:
        """Returns the node of this type and stored name."""
        return await self._names(Named(type_name, name))

    async def by_external_id(self, external_id: str) -> list[Node]:
        """Returns the nodes (of any type) with this external id."""
        return await self._external_ids(external_id)

    async def _find_named(self, wanted: Sequence[Named]) -> Sequence[Node | None]:
        """A few names take MLMD's exact call, many take one filter; a name that a filter cannot contain takes a call of its own."""
        type_name = wanted[0].type_name
        single = {named.name for named in wanted}
        found: dict[str, Node] = {}
        filterable = sorted(name for name in single if equals("name", name) == f'name = "{name}"')
        if len(filterable) >= _MANY_NAMES:
            texts = ", ".join(f'"{name}"' for name in filterable)
            filter_ = joined([f"type = '{type_name}'", f"name IN ({texts})"])
            answer = await self._ask(
                f"Get{PLURAL[self._kind]}", options={"max_result_size": MOST_LISTED, "filter_query": filter_}
            )
            found = {node.name: node for node in nodes_in(self._kind, answer)}
            single.difference_update(filterable)
        for node in await asyncio.gather(*(self._find_one(type_name, name) for name in single)):
            found[node.name] = node
        return [found.get(named.name) for named in wanted]

    async def _find_one(self, type_name: str, name: str) -> Node:
        """Returns the node, or an empty one."""
        fields = {"type_name": type_name, f"{self._kind}_name": name}
        answer = await self._ask(f"Get{PLURAL[self._kind][:-1]}ByTypeAndName", **fields)
        return getattr(answer, self._kind)  # type: ignore[no-any-return]

    async def _find_external(self, external_ids: Sequence[str]) -> Sequence[list[Node]]:
        try:
            answer = await self._ask(f"Get{PLURAL[self._kind]}ByExternalIds", external_ids=sorted(set(external_ids)))
        except NotFound:  # MLMD's answer where no node has one
            return [[] for _ in external_ids]
        nodes = nodes_in(self._kind, answer)
        return [[node for node in nodes if node.external_id == external_id] for external_id in external_ids]
