"""Nodes by name and by external id: lookups that wait at the same time share calls where MLMD has a way."""

from collections.abc import Sequence
from typing import NamedTuple

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.mlmd.batching import Batcher
from model_registry_proxy.mlmd.events import Observer
from model_registry_proxy.mlmd.exact_calls import Ask, by_external_ids
from model_registry_proxy.mlmd.questions import Way

_MOST_NAMES = 50


class Named(NamedTuple):
    """A node by the name of its MLMD type and its stored name."""

    type_name: str
    name: str


class Lookups:
    """Lookups of one kind of node. `ask` sends a read to MLMD by method and fields; `way` asks for many names at a time.

    What the database's collation finds is compared again with what was looked for.
    """

    def __init__(self, kind: Kind, ask: Ask, way: Way, observer: Observer | None = None) -> None:
        self._kind, self._ask, self._way = kind, ask, way
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
        found = await self._way.named(self._kind, wanted[0].type_name, sorted({named.name for named in wanted}))
        return [found.get(named.name) for named in wanted]

    async def _find_external(self, external_ids: Sequence[str]) -> Sequence[list[Node]]:
        nodes = await by_external_ids(self._ask, self._kind, external_ids)
        return [[node for node in nodes if node.external_id == external_id] for external_id in external_ids]
