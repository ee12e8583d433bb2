"""The meaning of a name in a filterQuery: a field of the listed entities, or else a custom property.

If one of the entities has a field of the name, the name is that field, also in backquotes. A row of an entity without the field
has no value, so every condition on it is unknown. With a type suffix the name is the custom property. MLMD's names of both
(`properties.owner`, `custom_properties.owner`, `create_time_since_epoch`) are understood, and so are prefixes of other registries
(`prefixes.py`).
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from converters.entity import Entity, Field, Id, Stored
from converters.filters.complaints import complain, quoted
from converters.filters.prefixes import CUSTOM, HABITS, STORED, refuse_join, refuse_rows
from converters.filters.tree import Path, Value


class FieldKind(enum.Enum):
    """How the values of a field compare. The text describes a literal for it, in error messages."""

    WHOLE = "a whole number"  # ids and times are decimal strings in REST
    NUMBER = "a number"
    BOOLEAN = "true or false"
    TEXT = "a text in quotes"
    TIME = "a whole number or a text in quotes"  # a text as given by the client, meant as milliseconds
    TEXTS = "a text in quotes, compared with each of its elements"

    def accepts(self, content: object) -> bool:
        """Returns whether a literal may be compared with a field of this kind."""
        match self:
            case FieldKind.WHOLE:
                return is_number(content) or whole(content) is not None
            case FieldKind.NUMBER:
                return is_number(content)
            case FieldKind.BOOLEAN:
                return isinstance(content, bool)
            case FieldKind.TIME:
                return is_number(content) or isinstance(content, str)
            case _:
                return isinstance(content, str)


_TEXTUAL = {FieldKind.TEXT, FieldKind.TEXTS, FieldKind.TIME}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition is about.

    Attributes:
        path: The name in the filterQuery.
        fields: The fields of that name, one for each entity that has it; empty for a custom property.
        customs: Names of custom properties: the first that a row has is compared.
    """

    path: Path
    fields: tuple[Field, ...]
    customs: tuple[str, ...] = ()

    @property
    def rest(self) -> str:
        """The JSON name of the field."""
        return self.fields[0].rest

    @property
    def kinds(self) -> tuple[FieldKind, ...]:
        """The kinds that the field has in the entities, in the order of `FieldKind`."""
        found = {kind_of(field) for field in self.fields}
        return tuple(kind for kind in FieldKind if kind in found)

    def fitting_kinds(self, value: Value) -> tuple[FieldKind, ...]:
        """Returns the kinds that a literal can be compared with; raises `FilterError` if there are none."""
        fitting = tuple(kind for kind in self.kinds if kind.accepts(value.content))
        if not fitting:
            raise self._misfit(self.kinds, value)
        return fitting

    def require_text(self, pattern: Value) -> str:
        """Returns the pattern of a LIKE; raises `FilterError` if it is no text, or if the field is no text."""
        textual = tuple(kind for kind in self.kinds if kind in _TEXTUAL)
        if self.fields and not textual:
            raise complain(
                f"{self.path.name} at {self.path.where} is {self._kinds_in_words(self.kinds)}, so LIKE cannot be used"
            )
        if not isinstance(pattern.content, str):
            raise complain(f"LIKE needs a text in quotes at {pattern.where}")
        return pattern.content

    def _misfit(self, kinds: tuple[FieldKind, ...], value: Value) -> Exception:
        shown = quoted(value.content) if isinstance(value.content, str) else str(value.content).lower()
        return complain(f"{self.path.name} is {self._kinds_in_words(kinds)}; got {shown} at {value.where}")

    @staticmethod
    def _kinds_in_words(kinds: tuple[FieldKind, ...]) -> str:
        return " or ".join(kind.value for kind in kinds)


class Meanings(Protocol):
    """What names mean to the evaluation of a filter: `Names` for entities, or another table of fields."""

    def subject(self, path: Path) -> Subject:
        """Returns the meaning of a path; raises `FilterError` if a row cannot have it."""


class Names:
    """The fields of the listed entities, by their JSON names and by MLMD's names."""

    def __init__(self, entities: tuple[type[Entity], ...]) -> None:
        self.entities = entities
        own = [field for entity in entities for field in entity.fields.values() if field.place not in _COPIES]
        self._fields = _grouped([*_COMMON, *own], lambda field: field.rest)
        self._by_stored_name = _grouped([*_COMMON, *filter(_goes_by_stored_name, own)], _stored_name)
        self._stored = _grouped([*_COMMON, *own], _stored_name)

    def subject(self, path: Path) -> Subject:
        """Returns the meaning of a path; raises `FilterError` if a row cannot have it."""
        refuse_join(path, self._id_fields)
        if path.prefix in CUSTOM:
            return Subject(path, (), (path.rest,))
        if path.prefix in STORED and (fields := self._stored.get(path.rest) or self._fields.get(path.rest)):
            return Subject(path, fields)
        if path.prefix in HABITS:
            return self._habit(path)
        if path.suffix is None and (fields := self._field(path.name)):
            return Subject(path, fields)
        return Subject(path, (), (path.name,))

    def _habit(self, path: Path) -> Subject:
        """A name with another registry's prefix: the custom property of the whole name, or else of the name without the prefix."""
        refuse_rows(path, self.entities)
        if HABITS[path.prefix] and (fields := self._field(path.rest)):
            return Subject(path, fields)
        return Subject(path, (), (path.name, path.rest))

    def _field(self, name: str) -> tuple[Field, ...]:
        """The fields of a name without prefix: by JSON name, or by MLMD's name if that is enough."""
        return self._fields.get(name) or self._by_stored_name.get(name) or ()

    @property
    def _id_fields(self) -> list[str]:
        """The fields that hold the id of another entity."""
        return [name for name, fields in self._fields.items() if fields[0].type is Id and name.endswith("Id")]


def _grouped(fields: Iterable[Field], name_of: Callable[[Field], str]) -> Mapping[str, tuple[Field, ...]]:
    """The fields of each name."""
    found: dict[str, tuple[Field, ...]] = {}
    for field in fields:
        found[name_of(field)] = (*found.get(name_of(field), ()), field)
    return found


def _stored_name(field: Field) -> str:
    return field.stored


def _goes_by_stored_name(field: Field) -> bool:
    """Whether MLMD's name is enough: for columns, ids and times. Other names, such as `license_link`, may be custom properties."""
    return field.place is Stored.COLUMN or field.type is Id or kind_of(field) is FieldKind.TIME


_COPIES = {Stored.COPY_OF_NAME, Stored.COPY_OF_PARENT_NAME}
_COMMON = (
    Field("id", "id", Id, Stored.COLUMN, None),
    Field("name", "name", str, Stored.COLUMN, None),
    Field("externalId", "external_id", str, Stored.COLUMN, None),
    Field("createTimeSinceEpoch", "create_time_since_epoch", Id, Stored.COLUMN, None),
    Field("lastUpdateTimeSinceEpoch", "last_update_time_since_epoch", Id, Stored.COLUMN, None),
)
"""The columns that every entity has without a line of its own."""


def kind_of(field: Field) -> FieldKind:
    """Returns how the values of a field compare."""
    if field.type in {Id, int}:
        return FieldKind.WHOLE
    if field.type is float:
        return FieldKind.NUMBER
    if field.type is bool:
        return FieldKind.BOOLEAN
    if field.type is not str:
        return FieldKind.TEXTS
    return FieldKind.TIME if field.stored.endswith(("_time_since_epoch", "timestamp")) else FieldKind.TEXT


def is_number(content: object) -> bool:
    """Returns whether a literal is a number."""
    return isinstance(content, int | Decimal) and not isinstance(content, bool)


def whole(content: object) -> int | None:
    """Returns the whole number of an integer or a text of decimal digits (at most 100); None for anything else."""
    if isinstance(content, int) and not isinstance(content, bool):
        return content
    if not isinstance(content, str) or len(content) > _LONGEST_WHOLE or not content.isascii():
        return None
    return int(content) if content[content[:1] in {"+", "-"} :].isdigit() else None


_LONGEST_WHOLE = 100
