"""What a field of an entity is: its names, its type, and the markers that say what is special about it."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NewType

if TYPE_CHECKING:
    from converters.entities import Entity

Id = NewType("Id", str)
"""A reference to another entity: a decimal string in REST, an integer property in MLMD."""


class Kind(enum.StrEnum):
    """The three sorts of node that MLMD keeps, each in a table of its own."""

    CONTEXT = "context"
    ARTIFACT = "artifact"
    EXECUTION = "execution"


class Stored(enum.Enum):
    """Where a field is kept, if not in a property, and what is special about it."""

    PROPERTY = enum.auto()
    COLUMN = enum.auto()  # an attribute of the node itself: uri, state, last_known_state
    IN_NAME = enum.auto()  # the part of the node's name before the first colon
    COPY_OF_NAME = enum.auto()  # written on create for other readers of the store, never read
    COPY_OF_PARENT_NAME = enum.auto()  # likewise
    BY_ATTRIBUTION = enum.auto()  # told by the contexts that the artifact is attributed to, never written
    OF_PARENT = enum.auto()  # told by the parent; filters know it, answers do not hold it
    KEPT_WHEN_EMPTY = enum.auto()  # a property whose empty string means something


@dataclass(frozen=True, slots=True)
class Unfit:
    """A string custom property that makes an entity unfit to be referred to, by its value."""

    name: str
    is_unfit: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class References:
    """Marks an id that must name an existing entity of this type.

    `refused` names custom properties that make it unfit for that.
    """

    entity: "type[Entity]"
    refused: tuple["Unfit", ...] = ()


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Marks a whole number, such as a time, that must not be smaller than that of another field (its stored name)."""

    stored: str


@dataclass(frozen=True, slots=True)
class TimeOf:
    """Marks the time of another field (its stored name): where that is sent without one, its arrival counts."""

    stored: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity: `rest` is its JSON name, `stored` the name of MLMD's property or column.

    `not_before` is the JSON name of a field whose number this one must not be smaller than, `time_of` that of one whose time it is.
    """

    rest: str
    stored: str
    type: Any
    place: Stored
    references: "type[Entity] | None"
    not_before: str | None = None
    refused: tuple[Unfit, ...] = ()
    time_of: str | None = None


def camel_case(name: str) -> str:
    """The JSON name of a stored one: `library_name` becomes `libraryName`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
