"""What an entity is: a pydantic model whose annotations are the table that everything else is made from.

A field is one annotated line with its docstring. `Settled` marks what is fixed at creation, `Given` what only the server sets.
From the table come JSON in both directions, what a change sends, and the signatures of the named methods (`make client`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, SkipValidation, ValidationError
from pydantic.alias_generators import to_camel

from model_registry_client import custom_properties
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.errors import InvalidValue, RegistryError


class Place(Enum):
    """Who may set a field, and when, beside at any time by anyone."""

    SETTLED = "at creation only"
    GIVEN = "by the server only"


T = TypeVar("T")
Settled = Annotated[T, Place.SETTLED]
Given = Annotated[T, Place.GIVEN]


class Unset(Enum):
    """Marks an argument that was not given, where `None` means: clear it."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset.UNSET


@dataclass(frozen=True)
class Parent:
    """What an entity hangs below: the entity, the argument that names it, and the path below it."""

    entity: "type[Entity]"
    argument: str
    below: str
    is_required: bool = True

    def path(self, id_: str) -> str:
        """Where the entity's kind is found below the parent of this id."""
        return f"{self.entity.collection}/{id_}/{self.below}"


class Entity(BaseModel):
    """What all entities share.

    `words`: what people call it; its methods are named after it. `collection`: the path of its list. `finder`: the path that
    finds one by name. `created_below`: whether it is created at the path below its parent. `is_upserted`: whether servers change
    a namesake below the same parent, where they refuse it otherwise. `required`: what a create needs. `reset_by_some`: fields that
    some servers set back when a change leaves them out, with what they are set back to.
    """

    words: ClassVar[str] = "entity"
    plural: ClassVar[str] = "entities"
    collection: ClassVar[str] = ""
    finder: ClassVar[str | None] = None
    parents: ClassVar[tuple[Parent, ...]] = ()
    artifact_type: ClassVar[str | None] = None
    created_below: ClassVar[bool] = False
    is_upserted: ClassVar[bool] = False
    required: ClassVar[tuple[str, ...]] = ()
    reset_by_some: ClassVar[Mapping[str, Any]] = {}

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        protected_namespaces=(),
        use_attribute_docstrings=True,
        validate_assignment=True,
        allow_inf_nan=False,
    )
    _known: dict[str, Any] = PrivateAttr(default_factory=dict)

    id: Given[str] = ""
    """Given by the server: a whole number as text. Empty until there is one."""
    name: Settled[str] = ""
    """Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent."""
    description: str | None = None
    """What it is, in words for people."""
    external_id: str | None = None
    """What another system calls it. Unique on the server."""
    custom_properties: Annotated[dict[str, PropertyValue], SkipValidation] = {}
    """Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all."""
    create_time_since_epoch: Given[str | None] = None
    """When it was created, in milliseconds since 1970-01-01 UTC, as text."""
    last_update_time_since_epoch: Given[str | None] = None
    """When it last changed, in milliseconds since 1970-01-01 UTC, as text."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    @property
    def created(self) -> datetime | None:
        """When it was created."""
        return moment(self.create_time_since_epoch)

    @property
    def updated(self) -> datetime | None:
        """When it last changed."""
        return moment(self.last_update_time_since_epoch)

    @classmethod
    def from_wire(cls, answer: Any) -> Self:
        """An entity from the server's JSON. Raises `RegistryError` where it is none; fields it does not know are left out."""
        if not isinstance(answer, dict):
            raise RegistryError(f"The server was asked for a {cls.words}, and answered {type(answer).__name__}.")
        plain = {key: value for key, value in answer.items() if value is not None}
        plain["customProperties"] = custom_properties.from_wire(plain.get("customProperties"))
        try:
            entity = cls.model_validate(plain)
        except ValidationError as error:
            raise RegistryError(f"The server's {cls.words} cannot be read: {error}") from error
        entity._known = entity.wire()  # noqa: SLF001 (its own)
        return entity

    @classmethod
    def writable(cls) -> Iterator[tuple[str, str]]:
        """Name and JSON name of the fields that a change may mention."""
        for name, info in cls.model_fields.items():
            if not {Place.GIVEN, Place.SETTLED} & set(filter(_is_place, info.metadata)):
                yield name, info.alias or name

    @classmethod
    def creatable(cls) -> Iterator[tuple[str, str]]:
        """Name and JSON name of the fields that a create may mention."""
        for name, info in cls.model_fields.items():
            if Place.GIVEN not in filter(_is_place, info.metadata):
                yield name, info.alias or name

    def wire(self) -> dict[str, Any]:
        """The fields that a change may mention, in JSON, without those that hold nothing."""
        found = {alias: on_wire(name, getattr(self, name)) for name, alias in self.writable()}
        return {alias: value for alias, value in found.items() if value is not None}

    def changes(self) -> dict[str, Any]:
        """What differs from what the server answered, in JSON. Of an entity made by hand: every field that it was given."""
        now = self.wire()
        if not self._known:
            given = {alias for name, alias in self.writable() if name in self.model_fields_set}
            return {alias: value for alias, value in now.items() if alias in given}
        changed = {alias: value for alias, value in now.items() if self._known.get(alias) != value}
        gone = {alias: cleared(self.words, alias, old) for alias, old in self._known.items() if alias not in now}
        return changed | gone

    def kept(self) -> dict[str, Any]:
        """The fields that some servers would set back unless a change repeats them, in JSON.

        A field that holds what it would be set back to is left out, so that another's change of it, made meanwhile, stays.
        """
        now = self.wire()
        return {
            alias: now[alias] for alias, default in self.reset_by_some.items() if now.get(alias, default) != default
        }


def _is_place(marker: object) -> bool:
    return isinstance(marker, Place)


def moment(milliseconds: str | None) -> datetime | None:
    """A time of the API, in UTC. `None` for what is absent or is no number."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


def on_wire(name: str, value: Any) -> Any:
    """One field in JSON."""
    if name == "custom_properties":
        return custom_properties.to_wire(value or {})
    return value.value if isinstance(value, Enum) else value


_EMPTY: Mapping[type, Any] = {str: "", list: [], dict: {}}


def cleared(words: str, alias: str, old: Any) -> Any:
    """What clears a field. Raises `InvalidValue` for one that cannot be without a value."""
    if type(old) not in _EMPTY:
        raise InvalidValue(f"{alias} of a {words} cannot be cleared; it is {old!r}.")
    return _EMPTY[type(old)]


def body(entity: type[Entity], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a create or a change: arguments by JSON name, without those not given; `None` clears.

    Raises `InvalidValue` for a name that the entity does not have, or a value that does not fit.
    """
    aliases = dict(entity.creatable())
    if unknown := sorted(set(fields) - set(aliases)):
        raise InvalidValue(f"A {entity.words} has no field {unknown[0]!r}; it has {', '.join(aliases)}.")
    return {aliases[name]: _fitting(entity, name, value) for name, value in fields.items() if value is not UNSET}


def _fitting(entity: type[Entity], name: str, value: Any) -> Any:
    if value is None:
        return _EMPTY[
            dict
            if name == "custom_properties"
            else list
            if "list" in str(entity.model_fields[name].annotation)
            else str
        ]
    try:
        checked = entity.__pydantic_validator__.validate_assignment(entity.model_construct(), name, value)
    except ValidationError as error:
        raise InvalidValue(
            f"{name} of a {entity.words} must fit: {error.errors()[0]['msg']}; got {value!r}."
        ) from error
    return on_wire(name, getattr(checked, name))
