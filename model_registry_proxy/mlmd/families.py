"""Large families: the nodes below a context, kept for a second where there are many, since MLMD returns them only all at once.

Rows that are new or have changed since then are found in each use, by MLMD's list of the last changes. What this list does not show
is a link to a row from before: one that this process makes is noted, one by another process is not seen in that second.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.errors import MessageTooLarge
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.exact_calls import Ask, owners
from model_registry_proxy.mlmd.list_tokens import options
from model_registry_proxy.mlmd.listing import Listing, Order
from model_registry_proxy.mlmd.memory import Memory

LARGE = 500
"""Rows from which on a family is kept."""
TRUSTED_SECONDS = 1.0
_MOST_CHANGED = 50
"""With so many changes in the store since a family was read, it is read again."""
_MOST_NEW = 10
"""The same for new rows, each of which takes a call."""

_METHODS = {
    Kind.CONTEXT: "GetChildrenContextsByContext",
    Kind.ARTIFACT: "GetArtifactsByContext",
    Kind.EXECUTION: "GetExecutionsByContext",
}


class Member(NamedTuple):
    """What is kept of a node; its attributes have MLMD's names, so that a `Listing` can sort and choose members."""

    id: int
    type_id: int
    name: str
    create_time_since_epoch: int
    last_update_time_since_epoch: int


@dataclass(slots=True)
class _Family:
    """The members by id, when they were read (`time.monotonic`), and the newest change in the store before that, in ms.

    `others` are the ids of later rows that belong to other contexts.
    """

    read: float
    since: int
    members: dict[int, Member]
    others: set[int] = field(default_factory=set)

    @property
    def is_trusted(self) -> bool:
        """Whether it was read within the last second."""
        return time.monotonic() - self.read < TRUSTED_SECONDS


class Families:
    """The families of contexts. `ask` sends a read to MLMD by method and fields."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._large: Memory[tuple[Kind, int], bool] = Memory()
        self._families: dict[tuple[Kind, int], _Family] = {}
        self._links = 0

    def is_large(self, kind: Kind, context: int) -> bool:
        """Returns whether a context had many nodes below it when they were last read."""
        return (kind, context) in self._large

    def note_link(self, kind: Kind, context: int) -> None:
        """Notes that this process has linked a node to a context."""
        self._links += 1
        self._families.pop((kind, context), None)

    async def read(self, kind: Kind, context: int) -> Iterable[Node]:
        """Reads all nodes below a context. Raises `MessageTooLarge`."""
        key, begun, links = (kind, context), time.monotonic(), self._links
        newest = await self._changed_last(kind, 1) if key in self._large else None
        nodes = nodes_in(kind, await self._ask(_METHODS[kind], context_id=context))
        if len(nodes) < LARGE:
            self._large.pop(key, None)
            return nodes
        self._large[key] = True
        if newest and links == self._links:
            self._families = {each: family for each, family in self._families.items() if family.is_trusted}
            members = {node.id: _member(node) for node in nodes}
            self._families[key] = _Family(begun, newest[0].last_update_time_since_epoch, members)
        return nodes

    async def members(self, listing: Listing, context: int) -> list[Member] | None:
        """Returns those members of a family that a listing may take, as they are now; `None` where they must be read."""
        kind = listing.kind
        family = self._families.get((kind, context))
        if family is None or not family.is_trusted:
            return None
        try:
            last = await self._changed_last(kind, _MOST_CHANGED)
        except MessageTooLarge:
            return None
        changed = [node for node in last if node.last_update_time_since_epoch >= family.since]
        wanted = [node for node in changed if listing.has_type_of(node)]
        new = [node for node in wanted if node.id not in family.members and node.id not in family.others]
        if len(changed) == _MOST_CHANGED or len(new) > _MOST_NEW:
            return None
        for node, contexts in zip(
            new, await asyncio.gather(*(owners(self._ask, kind, node.id) for node in new)), strict=True
        ):
            if context in contexts:
                family.members[node.id] = _member(node)
            elif contexts:
                family.others.add(node.id)
        family.members.update({node.id: _member(node) for node in changed if node.id in family.members})
        return [member for member in family.members.values() if listing.may_take(member)]

    async def _changed_last(self, kind: Kind, most: int) -> list[Node]:
        """Returns the nodes of a kind that have changed last, the newest change first."""
        asked = options(Listing(kind, order=Order.LAST_UPDATE_TIME, is_ascending=False), most, None)
        return list(nodes_in(kind, await self._ask(f"Get{PLURAL[kind]}", options=asked)))


def _member(node: Node) -> Member:
    return Member(node.id, node.type_id, node.name, node.create_time_since_epoch, node.last_update_time_since_epoch)
