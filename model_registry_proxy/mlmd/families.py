"""Large families: the nodes below a context, kept for a second where there are many, since MLMD returns them only all at once.

Each use asks MLMD for the newest rows and for the last changes, so that rows which are new or have changed since then are as they
are now. What these lists do not show is a link to an older row: one that this process makes is noted, one by another process is not
seen in that second.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from converters.entity import Kind
from converters.kinds import Node
from model_registry_proxy.errors import MessageTooLarge
from model_registry_proxy.mlmd.calls import PLURAL, nodes_in
from model_registry_proxy.mlmd.exact_calls import Ask, by_ids, owners
from model_registry_proxy.mlmd.list_tokens import options
from model_registry_proxy.mlmd.listing import Listing, Order
from model_registry_proxy.mlmd.memory import Memory

LARGE = 500
"""Rows from which on a family is kept."""
TRUSTED_SECONDS = 1.0
_WATCHED = 50
"""How many of the newest rows, and of the last changes, are looked at. With more since a family was read, it is read again."""
_MOST_NEW = 10
"""The same for rows that may be new in the family, each of which takes a call."""

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
    """The members by id, when they were read (`time.monotonic`), and what was watched before that: see `_Watched`.

    `others` are the ids of rows that belong to other contexts, `linked` those of rows that this process has linked since.
    """

    read: float
    watched: "_Watched"
    members: dict[int, Member] = field(default_factory=dict)
    linked: set[int] = field(default_factory=set)
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
        self._in_reading: list[tuple[tuple[Kind, int], _Family]] = []

    def is_large(self, kind: Kind, context: int) -> bool:
        """Returns whether a context had many nodes below it when they were last read."""
        return (kind, context) in self._large

    def note_links(self, kind: Kind, context: int, ids: Iterable[int]) -> None:
        """Notes that this process has linked nodes to a context."""
        for key, family in (*self._families.items(), *self._in_reading):
            if key == (kind, context):
                family.linked.update(ids)

    async def read(self, kind: Kind, context: int) -> Iterable[Node]:
        """Reads all nodes below a context. Raises `MessageTooLarge`."""
        key = kind, context
        if key not in self._large or (watched := await self._watch(kind)) is None:
            return await self._all(key)
        entry = key, _Family(time.monotonic(), watched)
        self._in_reading.append(entry)
        try:
            nodes = await self._all(key)
        finally:
            self._in_reading.remove(entry)
        if key in self._large:
            self._families = {each: family for each, family in self._families.items() if family.is_trusted}
            self._families[key] = entry[1]
            entry[1].members.update({node.id: _member(node) for node in nodes})
        return nodes

    async def _all(self, key: tuple[Kind, int]) -> Sequence[Node]:
        nodes = nodes_in(key[0], await self._ask(_METHODS[key[0]], context_id=key[1]))
        if len(nodes) < LARGE:
            self._large.pop(key, None)
        else:
            self._large[key] = True
        return nodes

    async def members(self, listing: Listing, context: int) -> list[Member] | None:
        """Returns those members of a family that a listing may take, as they are now; `None` where they must be read."""
        family = self._families.get((listing.kind, context))
        now = await self._watch(listing.kind) if family and family.is_trusted else None
        if family is None or now is None or now.has_missed(family.watched):
            return None
        changed = [node for node in now.changed if _version(node) not in family.watched.versions]
        family.members.update({node.id: _member(node) for node in changed if node.id in family.members})
        members, others = family.members, family.others
        new = [n for n in now.newest if n.id not in members and n.id not in others and listing.may_take(n)]
        if len(new) > _MOST_NEW:
            return None
        late = [id_ for id_ in family.linked if id_ not in family.members]
        if late:
            family.members.update({node.id: _member(node) for node in await by_ids(self._ask, listing.kind, late)})
        found = await asyncio.gather(*(owners(self._ask, listing.kind, node.id) for node in new))
        for node, contexts in zip(new, found, strict=True):
            if context in contexts:
                family.members[node.id] = _member(node)
            elif contexts:
                family.others.add(node.id)
        return [member for member in family.members.values() if listing.may_take(member)]

    async def _watch(self, kind: Kind) -> "_Watched | None":
        """Returns the newest rows and the last changes of a kind; `None` where they do not fit into a message."""
        orders = (Order.ID, Order.LAST_UPDATE_TIME)
        asked = (options(Listing(kind, order=order, is_ascending=False), _WATCHED, None) for order in orders)
        try:
            answers = await asyncio.gather(*(self._ask(f"Get{PLURAL[kind]}", options=each) for each in asked))
        except MessageTooLarge:
            return None
        return _Watched(*(nodes_in(kind, answer) for answer in answers))


class _Watched:
    """The newest rows of a kind and the last changes, each with the latest first."""

    def __init__(self, newest: Sequence[Node], changed: Sequence[Node]) -> None:
        self.newest, self.changed = newest, changed
        self.ids = {node.id for node in newest}
        self.versions = {_version(node) for node in changed}

    def has_missed(self, before: "_Watched") -> bool:
        """Returns whether rows may be new, or have changed since `before`, that are not watched any more.

        The order of change is that of the store's clocks, which may go back or differ: so versions are compared, not times.
        """
        is_new = len(self.newest) == _WATCHED and (not before.newest or before.newest[0].id not in self.ids)
        is_changed = len(self.changed) == _WATCHED and _version(self.changed[-1]) not in before.versions
        return is_new or is_changed


def _version(node: Node) -> tuple[int, int]:
    return node.id, node.last_update_time_since_epoch


def _member(node: Node) -> Member:
    return Member(node.id, node.type_id, node.name, node.create_time_since_epoch, node.last_update_time_since_epoch)
