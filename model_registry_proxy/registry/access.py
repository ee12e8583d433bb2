"""The user of a request, and what this user may see and change."""

import enum
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from converters.entity import Entity

if TYPE_CHECKING:  # the catalog uses the roles, but none of MLMD's messages
    from converters.kinds import Node


class Level(enum.IntEnum):
    """The roles, each with the rights of those before it."""

    NONE = 0
    READER = 1
    WRITER = 2
    ADMIN = 3

    def __str__(self) -> str:
        return self.name.lower()


class Identity(Protocol):
    """The user of a request."""

    @property
    def user(self) -> str:
        """The name of the user."""

    @property
    def groups(self) -> frozenset[str]:
        """The groups of the user."""

    @property
    def way(self) -> str:
        """How the request was authenticated: `tokens`, `jwt`, `gateway`, or `none`."""


@dataclass(frozen=True, slots=True)
class Anonymous:
    """The user of all requests where the server requires no authentication."""

    user: str = "anonymous"
    groups: frozenset[str] = frozenset()
    way: str = "none"


class Access(Protocol):
    """The rights of one request. Reads and writes of single nodes are checked by the request's store."""

    @property
    def identity(self) -> Identity:
        """The user of the request."""

    @property
    def general(self) -> Level:
        """The role for what belongs to no registered model, and for models without a rule of their own."""

    @property
    def most(self) -> Level:
        """The highest role for anything."""

    @property
    def key(self) -> Hashable:
        """Requests with equal keys may share one answer."""

    @property
    def sees_all(self) -> bool:
        """Whether no row of a list is hidden."""

    async def levels(self, nodes: "Sequence[Node]") -> Sequence[Level]:
        """Returns the role for each of the nodes."""

    async def visible(self, nodes: "Sequence[Node]") -> "Sequence[Node]":
        """Returns those of the nodes that the user may see."""

    async def check_parent(self, entity: type[Entity], id_: int, child: type[Entity]) -> None:
        """Raises `Forbidden` where the user may not create a `child` below the entity of this id."""

    async def check_change(self, entity: type[Entity], id_: int) -> None:
        """Raises `Forbidden` where the user may not change the entity of this id; for a change that writes nothing."""

    def check_mover(self, alias: str) -> None:
        """Raises `Forbidden` where a rule lets only others move aliases of this name. Case does not count."""

    def has_movers(self, alias: str) -> bool:
        """Returns whether a rule names those that may move aliases of this name."""


class Movers(Protocol):
    """The rules for moves of aliases, for one user."""

    def check(self, alias: str) -> None:
        """See `Access.check_mover`."""

    def has_rule(self, alias: str) -> bool:
        """See `Access.has_movers`."""


@dataclass(frozen=True, slots=True)
class UniformAccess:
    """The access of a request whose user has one role, `general`, for everything. The caller has checked that it suffices."""

    identity: Identity = Anonymous()
    general: Level = Level.ADMIN
    key: None = None
    sees_all: bool = True
    movers: Movers | None = None

    @property
    def most(self) -> Level:
        """See `Access.most`."""
        return self.general

    async def levels(self, nodes: "Sequence[Node]") -> Sequence[Level]:
        """See `Access.levels`."""
        return [self.general] * len(nodes)

    async def visible(self, nodes: "Sequence[Node]") -> "Sequence[Node]":
        """See `Access.visible`."""
        return nodes

    async def check_parent(self, entity: type[Entity], id_: int, child: type[Entity]) -> None:
        """See `Access.check_parent`."""

    async def check_change(self, entity: type[Entity], id_: int) -> None:
        """See `Access.check_change`."""

    def check_mover(self, alias: str) -> None:
        """See `Access.check_mover`."""
        if self.movers:
            self.movers.check(alias)

    def has_movers(self, alias: str) -> bool:
        """See `Access.has_movers`."""
        return self.movers is not None and self.movers.has_rule(alias)


FULL_ACCESS = UniformAccess()
