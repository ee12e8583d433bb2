"""The base class of entities: pydantic models whose annotations are the table that everything else is made from.

A field is one annotated line with its docstring. `CreateOnly` marks a field that is fixed at creation, `ReadOnly` one that only
the server sets. The table defines the JSON in both directions, what an update sends, and the named methods (`make client`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, SkipValidation, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from model_registry_client import custom_properties
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.errors import InvalidValue, RegistryError


class FieldAccess(Enum):
    """A restriction on setting a field. A field without one may be set by clients at any time."""

    CREATE_ONLY = "set at creation only"
    READ_ONLY = "set by the server only"


T = TypeVar("T")
CreateOnly = Annotated[T, FieldAccess.CREATE_ONLY]
ReadOnly = Annotated[T, FieldAccess.READ_ONLY]


class Unset(Enum):
    """The default of an argument whose `None` means "clear the field"."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset.UNSET


@dataclass(frozen=True)
class Parent:
    """A kind of parent that an entity may have.

    Attributes:
        entity: The class of the parent.
        argument: The name of the argument and field with the parent's id.
        below: The last part of the path of the children's list.
        is_required: Whether a child needs this parent.
    """

    entity: "type[Entity]"
    argument: str
    below: str
    is_required: bool = True

    def path(self, id_: str) -> str:
        """Returns the path of the children of the parent with this id."""
        return f"{self.entity.collection}/{id_}/{self.below}"


class Entity(BaseModel):
    """The base class of all entities.

    Attributes:
        words: Its name in text. Methods are named after it.
        plural: The plural of `words`.
        collection: The path of its list; empty if the API has no list of all.
        finder: The path of the operation that finds one by name.
        parents: The kinds of parents that it may have.
        artifact_type: The `artifactType` in JSON, for artifacts.
        created_below: Whether it is created at the path below its parent.
        is_upserted: Whether a create request updates an entity of the same name below the same parent, instead of failing.
        required: The fields that a create request needs.
        reset_by_some: Fields that some servers reset when an update leaves them out, with the value after the reset.
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

    id: ReadOnly[str] = ""
    """Set by the server: a whole number as text. Empty before the entity is created."""
    name: CreateOnly[str] = ""
    """The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too."""
    description: str | None = None
    """A description for people."""
    external_id: str | None = None
    """The id in another system. Unique on the server."""
    custom_properties: Annotated[dict[str, PropertyValue], SkipValidation] = {}
    """Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them."""
    create_time_since_epoch: ReadOnly[str | None] = None
    """Time of creation, in milliseconds since 1970-01-01 UTC, as text."""
    last_update_time_since_epoch: ReadOnly[str | None] = None
    """Time of the last change, in milliseconds since 1970-01-01 UTC, as text."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    @property
    def created(self) -> datetime | None:
        """Time of creation, in UTC; `None` if the server does not return it."""
        return moment(self.create_time_since_epoch)

    @property
    def updated(self) -> datetime | None:
        """Time of the last change, in UTC; `None` if the server does not return it."""
        return moment(self.last_update_time_since_epoch)

    @classmethod
    def from_wire(cls, answer: Any) -> Self:
        """Reads an entity from the server's JSON. Unknown fields are ignored. Raises `RegistryError` if it is not an entity."""
        if not isinstance(answer, dict):
            raise RegistryError(f"The server was asked for a {cls.words}, and answered {type(answer).__name__}.")
        plain = {key: value for key, value in answer.items() if value is not None}
        plain["customProperties"] = custom_properties.from_wire(plain.get("customProperties"))
        try:
            entity = cls.model_validate(plain)
        except ValidationError as error:
            raise RegistryError(f"The server's {cls.words} cannot be read: {error}") from error
        entity._known = entity.wire()  # noqa: SLF001 (of the same class)
        return entity

    @classmethod
    def writable(cls) -> Iterator[tuple[str, str]]:
        """Returns name and JSON name of each field that an update may set."""
        for name, info in cls.model_fields.items():
            if not _access(info):
                yield name, info.alias or name

    @classmethod
    def creatable(cls) -> Iterator[tuple[str, str]]:
        """Returns name and JSON name of each field that a create request may set."""
        for name, info in cls.model_fields.items():
            if FieldAccess.READ_ONLY not in _access(info):
                yield name, info.alias or name

    def wire(self) -> dict[str, Any]:
        """Returns the JSON of the fields that an update may set, without those that are `None`."""
        found = {alias: on_wire(name, getattr(self, name)) for name, alias in self.writable()}
        return {alias: value for alias, value in found.items() if value is not None}

    def changes(self) -> dict[str, Any]:
        """Returns the JSON of the fields that differ from the server's response. For an entity made by hand: all set fields."""
        now = self.wire()
        if not self._known:
            given = {alias for name, alias in self.writable() if name in self.model_fields_set}
            return {alias: value for alias, value in now.items() if alias in given}
        changed = {alias: value for alias, value in now.items() if self._known.get(alias) != value}
        gone = {alias: cleared(self.words, alias, old) for alias, old in self._known.items() if alias not in now}
        return changed | gone

    def kept(self) -> dict[str, Any]:
        """Returns the JSON of the fields that some servers would reset unless an update repeats them.

        A field that already has the value after a reset is left out, so that a concurrent change by another client is kept.
        """
        now = self.wire()
        return {
            alias: now[alias] for alias, default in self.reset_by_some.items() if now.get(alias, default) != default
        }


def _access(info: FieldInfo) -> set[FieldAccess]:
    return {marker for marker in info.metadata if isinstance(marker, FieldAccess)}


def moment(milliseconds: str | None) -> datetime | None:
    """Converts a time of the API (milliseconds since 1970-01-01 UTC, as text) to UTC; `None` if it is absent or not a number."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None
    except (ValueError, OverflowError, OSError):
        return None


def on_wire(name: str, value: Any) -> Any:
    """Converts the value of a field to JSON."""
    if name == "custom_properties":
        return custom_properties.to_wire(value or {})
    return value.value if isinstance(value, Enum) else value


_EMPTY: Mapping[type, Any] = {str: "", list: [], dict: {}}


def cleared(words: str, alias: str, old: Any) -> Any:
    """Returns the JSON value that clears a field. Raises `InvalidValue` if the field cannot be empty."""
    if type(old) not in _EMPTY:
        raise InvalidValue(f"{alias} of a {words} cannot be cleared; it is {old!r}.")
    return _EMPTY[type(old)]


def body(entity: type[Entity], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the JSON of a create or update request.

    Args:
        entity: The class of the entity.
        fields: Values by field name. `UNSET` is left out; `None` clears the field.

    Raises:
        InvalidValue: The entity has no such field, or a value does not fit.
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
