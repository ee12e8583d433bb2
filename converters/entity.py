"""What an entity of a logical model is: a table of fields, each with its names, its type and the markers that say what is special.

No entity is named here: `entities.py` declares those of the registry.
"""

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NewType, get_args, get_origin, get_type_hints

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


class Entity:
    """A row of the logical model. Subclasses are tables: their annotations are the fields, nothing is instantiated.

    `is_listed`: whether lists of its kind show it. `is_upserted`: whether a namesake is updated instead of refused.
    `history`: the entity that keeps every value written. Every entity also has `id`, `name`, `externalId`,
    `customProperties` and the two times; these need no line.
    """

    kind: ClassVar[Kind]
    stored_as: ClassVar[str]
    words: ClassVar[str]
    parent: ClassVar["type[Entity] | None"] = None
    parent_id: ClassVar[str | None] = None
    artifact_type: ClassVar[str | None] = None
    fields: ClassVar[Mapping[str, Field]]
    is_listed: ClassVar[bool] = True
    is_upserted: ClassVar[bool] = False
    history: ClassVar["type[Entity] | None"] = None

    description: str

    def __init_subclass__(
        cls,
        *,
        stored_as: str,
        words: str,
        kind: Kind | None = None,
        parent: "type[Entity] | None" = None,
        artifact_type: str | None = None,
        is_listed: bool = True,
        is_upserted: bool = False,
        history: "type[Entity] | None" = None,
    ) -> None:
        cls.stored_as, cls.words = stored_as, words
        cls.is_listed, cls.is_upserted, cls.history = is_listed, is_upserted, history
        cls.kind = kind or cls.kind
        cls.parent = parent
        cls.artifact_type = artifact_type
        cls.fields = {field.rest: field for field in _fields_of(cls)}
        cls.parent_id = next((f.rest for f in cls.fields.values() if parent and f.references is parent), None)

    @classmethod
    def is_owned(cls) -> bool:
        """Whether the stored name carries a prefix: the parent's id, or a made-up UUID for a standalone artifact."""
        return cls.parent is not None or cls.kind is not Kind.CONTEXT

    @classmethod
    def variants(cls) -> "tuple[type[Entity], ...]":
        """The entities that a row of this one may be: itself, or for `Artifact` each artifact type that lists show."""
        return (cls,)

    @classmethod
    def properties(cls) -> Iterator[Field]:
        """The fields that are properties of the MLMD type, in the order of declaration."""
        return (field for field in cls.fields.values() if field.place in _PROPERTY_PLACES)


_PROPERTY_PLACES = {Stored.PROPERTY, Stored.KEPT_WHEN_EMPTY, Stored.COPY_OF_NAME, Stored.COPY_OF_PARENT_NAME}


def _fields_of(cls: type) -> Iterator[Field]:
    for name, hint in get_type_hints(cls, include_extras=True).items():
        if get_origin(hint) is ClassVar:
            continue
        type_, *markers = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        place = next((m for m in markers if isinstance(m, Stored)), Stored.PROPERTY)
        target = next((m for m in markers if isinstance(m, References)), None)
        not_before = next((camel_case(m.stored) for m in markers if isinstance(m, NotBefore)), None)
        time_of = next((camel_case(m.stored) for m in markers if isinstance(m, TimeOf)), None)
        references, refused = (target.entity, target.refused) if target else (None, ())
        yield Field(camel_case(name), name, type_, place, references, not_before, refused, time_of)
