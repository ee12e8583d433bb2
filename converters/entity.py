"""An entity of a logical model: a table of fields, each with its names, its type and markers for what is special about it.

This module names no entity. `entities.py` declares those of the registry; another table may stand next to it.
"""

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NewType, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")

Id = NewType("Id", str)
"""A reference to another entity: a decimal string in REST, an integer property in MLMD."""


class Kind(enum.StrEnum):
    """The three kinds of node that MLMD keeps, each in a table of its own."""

    CONTEXT = "context"
    ARTIFACT = "artifact"
    EXECUTION = "execution"


class Stored(enum.Enum):
    """Where MLMD keeps a field."""

    PROPERTY = enum.auto()
    COLUMN = enum.auto()  # an attribute of the node itself: uri, state, last_known_state
    IN_NAME = enum.auto()  # the part of the node's name before the first colon
    COPY_OF_NAME = enum.auto()  # written on create for other readers of the store, never read
    COPY_OF_PARENT_NAME = enum.auto()  # likewise
    BY_ATTRIBUTION = enum.auto()  # in the contexts that the artifact is attributed to; never written
    OF_PARENT = enum.auto()  # in the parent; filters know the field, answers do not have it
    KEPT_WHEN_EMPTY = enum.auto()  # a property whose empty string means something


@dataclass(frozen=True, slots=True)
class Unfit:
    """A text custom property whose value may forbid references to its entity.

    Attributes:
        name: The name of the custom property.
        is_unfit: Returns whether a value forbids them.
    """

    name: str
    is_unfit: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class References:
    """Marks a field with the id of another entity, which must exist.

    Attributes:
        entity: The entity that the id belongs to.
        refused: Custom properties of that entity that forbid the reference.
    """

    entity: "type[Entity]"
    refused: tuple["Unfit", ...] = ()


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Marks a whole number, such as a time, that must not be smaller than the number in the field with this stored name."""

    stored: str


@dataclass(frozen=True, slots=True)
class TimeOf:
    """Marks the time of the field with this stored name. A request with that field and no time gets the time of its arrival."""

    stored: str


@dataclass(frozen=True, slots=True)
class Facet:
    """Marks a text, or a list of texts, that many rows have in common, such as an owner. Facets count its values."""


@dataclass(frozen=True, slots=True)
class AttributedTo:
    """Marks a field that is stored in the contexts of one entity to which MLMD attributes the artifact (`Stored.BY_ATTRIBUTION`).

    Attributes:
        entity: The entity of those contexts. Other contexts do not count.
        stored: The stored name of the field in those contexts; `id` for their own id.
    """

    entity: "type[Entity]"
    stored: str = "id"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity.

    Attributes:
        rest: The JSON name.
        stored: The name of MLMD's property or column.
        type: The annotated type; it chooses the rule in `values.RULES`.
        place: Where MLMD keeps the field.
        references: The entity that the field's id belongs to; it must exist.
        not_before: The JSON name of a field whose number is at most the number in this one.
        refused: Custom properties of the referenced entity that forbid the reference.
        time_of: The JSON name of the field whose time this one is.
        attributed_to: For `Stored.BY_ATTRIBUTION`: the contexts that hold the field.
        is_facet: Whether facets count the values of the field.
    """

    rest: str
    stored: str
    type: Any
    place: Stored
    references: "type[Entity] | None"
    not_before: str | None = None
    refused: tuple[Unfit, ...] = ()
    time_of: str | None = None
    attributed_to: AttributedTo | None = None
    is_facet: bool = False


def camel_case(name: str) -> str:
    """Returns the JSON name for a stored name: `libraryName` for `library_name`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


class Entity:
    """A row of the logical model. Subclasses are tables: their annotations are the fields. There are no instances.

    A field whose name Python does not allow has an underscore behind it: `from_` is stored as `from`.

    Every entity also has `id`, `name`, `externalId`, `customProperties` and the two times; these need no line.

    Attributes:
        kind: The kind of MLMD node.
        stored_as: The name of the MLMD type.
        words: The entity in messages, such as `registered model`.
        parent: The entity that each of these stands below.
        parent_id: The JSON name of the field with the parent's id.
        artifact_type: The value of `artifactType` in JSON.
        fields: The fields by JSON name.
        is_listed: Whether lists of its kind show it.
        is_upserted: Whether a create with the name of an existing row updates that row. Otherwise it is refused.
        history: The entity that keeps every value written.
        suffix_mark: What begins the suffix of the stored name, if there may be several rows of one name.
        filter_prefixes: Prefixes under which users of other registries ask for these rows in filters, such as `metrics`.
        attributed: The entities with a field in this one's contexts (`AttributedTo`). Each adds itself when it is declared.
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
    suffix_mark: ClassVar[str | None] = None
    filter_prefixes: ClassVar[tuple[str, ...]] = ()
    attributed: ClassVar["list[type[Entity]]"]

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
        suffix_mark: str | None = None,
        filter_prefixes: tuple[str, ...] = (),
    ) -> None:
        cls.stored_as, cls.words = stored_as, words
        cls.is_listed, cls.is_upserted, cls.history = is_listed, is_upserted, history
        cls.suffix_mark, cls.filter_prefixes = suffix_mark, filter_prefixes
        cls.kind = kind or cls.kind
        cls.parent = parent
        cls.artifact_type = artifact_type
        cls.attributed = []
        cls.fields = {field.rest: field for field in _fields_of(cls)}
        cls.parent_id = next((f.rest for f in cls.fields.values() if parent and f.references is parent), None)
        for target in {field.attributed_to.entity for field in cls.fields.values() if field.attributed_to}:
            target.attributed.append(cls)

    @classmethod
    def is_owned(cls) -> bool:
        """Returns whether the stored name has a prefix: the parent's id, or a random UUID for a standalone artifact."""
        return cls.parent is not None or cls.kind is not Kind.CONTEXT

    @classmethod
    def json_name(cls) -> str:
        """Returns the name of a JSON field that holds one of these, such as `registeredModel`."""
        return camel_case(cls.words.replace(" ", "_"))

    @classmethod
    def variants(cls) -> "tuple[type[Entity], ...]":
        """Returns the entities that a row of this one may be: itself, or for `Artifact` each artifact type that lists show."""
        return (cls,)

    @classmethod
    def properties(cls) -> Iterator[Field]:
        """Returns the fields that are properties of the MLMD type, in the order of declaration."""
        return (field for field in cls.fields.values() if field.place in _PROPERTY_PLACES)


_PROPERTY_PLACES = {Stored.PROPERTY, Stored.KEPT_WHEN_EMPTY, Stored.COPY_OF_NAME, Stored.COPY_OF_PARENT_NAME}


def _fields_of(cls: type) -> Iterator[Field]:
    for name, hint in get_type_hints(cls, include_extras=True).items():
        if get_origin(hint) is ClassVar:
            continue
        type_, *markers = get_args(hint) if get_origin(hint) is Annotated else (hint,)
        attributed_to = _marker(markers, AttributedTo)
        target = _marker(markers, References)
        not_before, time_of = _marker(markers, NotBefore), _marker(markers, TimeOf)
        yield Field(
            rest=camel_case(name.rstrip("_")),
            stored=name.rstrip("_"),
            type=type_,
            place=_marker(markers, Stored) or (Stored.BY_ATTRIBUTION if attributed_to else Stored.PROPERTY),
            references=target.entity if target else None,
            not_before=camel_case(not_before.stored) if not_before else None,
            refused=target.refused if target else (),
            time_of=camel_case(time_of.stored) if time_of else None,
            attributed_to=attributed_to,
            is_facet=_marker(markers, Facet) is not None,
        )


def _marker(markers: Iterable[object], wanted: type[T]) -> T | None:
    return next((marker for marker in markers if isinstance(marker, wanted)), None)
