"""What the user of a request may see and change."""

from collections.abc import Hashable, Sequence
from typing import Protocol

from converters.entity import Entity
from converters.kinds import Node


class Access(Protocol):
    """The rights of one request. Reads and writes of single nodes are checked by the request's store."""

    @property
    def key(self) -> Hashable:
        """Requests with equal keys may share one answer."""

    @property
    def sees_all(self) -> bool:
        """Whether no row of a list is hidden."""

    async def visible(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """Returns those of the nodes that the user may see."""

    async def check_parent(self, entity: type[Entity], id_: int, child: type[Entity]) -> None:
        """Raises `Forbidden` where the user may not create a `child` below the entity of this id."""

    async def check_change(self, entity: type[Entity], id_: int) -> None:
        """Raises `Forbidden` where the user may not change the entity of this id; for a change that writes nothing."""


class FullAccess:
    """The access of a request that no policy restricts."""

    key = None
    sees_all = True

    async def visible(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """See `Access.visible`."""
        return nodes

    async def check_parent(self, entity: type[Entity], id_: int, child: type[Entity]) -> None:
        """See `Access.check_parent`."""

    async def check_change(self, entity: type[Entity], id_: int) -> None:
        """See `Access.check_change`."""


FULL_ACCESS = FullAccess()
