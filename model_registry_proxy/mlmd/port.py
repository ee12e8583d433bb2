"""The store port: what the registry asks of a store, in the words of the logical model, and the errors that it may answer with.

`store.MetadataStore` implements it over MLMD. Tests have a second implementation in memory. Nothing above this module knows
SQL, MLMD's filter language or gRPC.

StoreError
├── AlreadyExists         500   becomes a Conflict of the API, once it is known what is taken
├── NotUnique             500   likewise, or BadRequest
├── NotFound              500   becomes the API's NotFound or BadRequest, once it is known why
├── ValueTooLong          500   becomes BadRequest
├── NumberTooLarge        500   the number is stored in the companion then
├── CannotFilter          500   the MLMD server applies no filters (raised within this wing only)
├── Conflict              503   another process has changed what a write was based on, on each attempt
└── RolledBack            503   another transaction came first, on each attempt
StoreUnavailable
├── Unavailable           503   the store cannot be reached, or is too slow
│   └── Interrupted       503   the same during a write (raised within this wing only)
└── NothingKnown          503   a write was interrupted, and its outcome is unknown
"""

import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import NamedTuple, Protocol

from converters._generated import metadata_store_pb2 as mlmd
from converters.entity import Entity, Kind
from converters.kinds import Node
from model_registry_proxy.errors import StoreError, StoreUnavailable
from model_registry_proxy.mlmd.listing import Listing, Page


class Taken(enum.Enum):
    """What two nodes may not both have."""

    NAME = enum.auto()
    EXTERNAL_ID = enum.auto()
    PROPERTY_NAME = enum.auto()


class AlreadyExists(StoreError):
    """The store has a node of this type and name or of this external id, or this link.

    `taken` says which, where the store's answer shows it. The store may name the node that clashes: see `is_about`.
    """

    def __init__(self, details: str = "", taken: Taken | None = None) -> None:
        super().__init__(details)
        self.taken = taken

    def is_about(self, name: str) -> bool:
        """Returns whether the store named a node of this stored name."""
        return name in self.details


class NotUnique(StoreError):
    """The store's database takes two texts for the same, or another write has just stored one of them.

    `may_be_race`: another transaction may have stored the same row at the same time, so that a retry may succeed.
    """

    def __init__(self, details: str, taken: Taken, *, may_be_race: bool = False) -> None:
        super().__init__(details)
        self.taken, self.may_be_race = taken, may_be_race


class NotFound(StoreError):
    """The id names no node, or a node of another type."""


class ValueTooLong(StoreError):
    """A text is longer than a column of the store's database."""


class NumberTooLarge(StoreError):
    """A whole number is larger than a column of the store's database."""


class Conflict(StoreError):
    """Another process has changed what a write was based on, on each attempt."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers: Mapping[str, str] = {"retry-after": "1"}

    def __init__(self, details: str = "") -> None:
        super().__init__(details, "Others have changed this at the same time; try again shortly.")


class RolledBack(StoreError):
    """The store has rolled a transaction back in favour of another one, on each attempt."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers: Mapping[str, str] = {"retry-after": "1"}

    def __init__(self, details: str = "") -> None:
        super().__init__(details, "Other writes to the metadata store came first each time; try again shortly.")


class Unavailable(StoreUnavailable):
    """The store cannot be reached or is too slow. `details` are its own words, for the log."""

    def __init__(self, details: str = "") -> None:
        super().__init__(details=details)


class NothingKnown(StoreUnavailable):
    """A write was interrupted, and its outcome is unknown. Read again before another try."""

    def __init__(self) -> None:
        super().__init__(
            "It is not known whether this change took effect: something has changed since. Read it again before another try."
        )


class KnownContext(NamedTuple):
    """A context's id, the id of its type, and its stored name when it was last read."""

    id: int
    type_id: int
    name: str


class Use(NamedTuple):
    """An artifact that an execution took, or that it has made: their ids, and whether the artifact was an input."""

    artifact: int
    execution: int
    is_input: bool


class Store(Protocol):
    """A store of nodes and their links. Every method may raise `Unavailable` or `RolledBack`.

    Writes happen once, also after an outage.
    """

    async def ensure_types(self) -> Mapping[type[Entity], int]:
        """Creates or extends the types of all entities; returns the id of each.

        Raises `AlreadyExists` if the store has a type of the same name with other properties.
        """

    async def find_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int] | None:
        """Returns the ids of the types of an extension's entities; `None` if the store lacks one of them. Changes nothing."""

    async def make_types(self, entities: Sequence[type[Entity]]) -> Mapping[type[Entity], int]:
        """Creates or extends the types of an extension's entities; returns the id of each. Raises as `ensure_types` does."""

    async def get(self, kind: Kind, id_: int) -> Node | None:
        """Returns the node of this id."""

    async def context(self, id_: int) -> KnownContext | None:
        """Returns a context's type and name. The name may be one that it had before another program renamed it."""

    async def find_by_name(self, kind: Kind, type_name: str, name: str) -> Node | None:
        """Returns the node of this type and stored name."""

    async def find_by_external_id(self, kind: Kind, external_id: str) -> list[Node]:
        """Returns the nodes, of any type, with this external id."""

    async def list_nodes(self, listing: Listing) -> Page:
        """Returns one page of nodes, which may be shorter than its limit."""

    async def parents(self, context: int) -> list[mlmd.Context]:
        """Returns the parents of a context."""

    async def owners(self, kind: Kind, id_: int) -> list[int]:
        """Returns the ids of the contexts that a node is a child of, or that an artifact or execution is linked to."""

    async def attributions(self, artifacts: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """Returns, for each of at most 100 artifacts, the ids of the contexts that it is linked to."""

    async def newest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """Returns, for each of these contexts that has one, the artifact or execution of a type that was created last there."""

    async def oldest(self, kind: Kind, type_id: int, contexts: Sequence[int]) -> Mapping[int, Node]:
        """Returns the same for the node that was created first."""

    async def uses(self, kind: Kind, ids: Sequence[int]) -> Sequence[Use]:
        """Returns which executions took or made these artifacts, or which artifacts these executions took or made."""

    async def put(self, node: Node) -> int:
        """Creates a node, or replaces all of the one whose id it has; returns the id. Raises `AlreadyExists`, `NotUnique`."""

    async def change(self, node: Node, mask: Sequence[str], *, seen: Node | None = None) -> None:
        """Changes the fields in `mask` (paths in MLMD's field names) of the node whose id `node` has. The name may be one of them.

        `seen` is the node that the change is based on: raises `Conflict` for an artifact that has changed since. Raises
        `NotFound`, `NotUnique`, `NothingKnown`.
        """

    async def put_below(self, parent: KnownContext, nodes: Sequence[Node]) -> Sequence[int]:
        """Creates (or replaces) artifacts or executions, each linked to `parent`, in one transaction; returns their ids.

        Raises `AlreadyExists`, `NotUnique`; `NotFound` if the parent, or a node that has an id, does not exist.
        """

    async def put_recorded(self, context: mlmd.Context, record: mlmd.Execution, links: Sequence[KnownContext]) -> int:
        """Creates a context, or replaces all of the one whose id it has, and creates a record of that, in one transaction.

        Returns the id of the context. The record is linked to it and to `links`, which stay as they are. Raises `AlreadyExists`
        (or `NotUnique`) if the name of the record is taken: nothing is stored then. So a name with a number that counts changes
        lets only one of several writers change the context that all of them have read. `NotFound`: one of `links` is missing.
        """

    async def put_step(self, step: mlmd.Execution, inputs: Sequence[int], outputs: Sequence[int]) -> int:
        """Creates an execution that took and made artifacts, given by id, in one transaction; returns its id.

        The artifacts stay as they are. The caller makes sure that they exist, since MLMD does not. Raises `AlreadyExists`.
        """

    async def link(self, child: int, parent: int) -> None:
        """Makes one context the parent of another; raises `AlreadyExists` if it is."""

    async def attach(self, kind: Kind, id_: int, context: int) -> None:
        """Links an artifact or execution to a context; a link that is there stays.

        Raises `NotFound` if the node or the context does not exist.
        """


async def all_nodes(store: Store, listing: Listing) -> AsyncIterator[Node]:
    """Yields the nodes of a list, page by page."""
    page = await store.list_nodes(listing)
    while True:
        for node in page.nodes:
            yield node
        if page.rest is None:
            return
        page = await store.list_nodes(replace(listing, after=page.rest))
