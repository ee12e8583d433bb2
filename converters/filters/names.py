"""What a name in a filterQuery means: a field of the entities that are listed, or else a custom property.

A name that any of the entities has as a field means that field, also in backquotes; a row of an entity without it has nothing
there, so every condition on it is unknown. With a type suffix it means the custom property of that name. MLMD's names of both
(`properties.owner`, `custom_properties.owner`, `create_time_since_epoch`) are understood, and so are prefixes that other
registries use (`prefixes.py`).
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from converters.entity import Entity, Field, Id, Stored
from converters.filters.complaints import complain, quoted
from converters.filters.prefixes import CUSTOM, HABITS, STORED, refuse_join, refuse_rows
from converters.filters.tree import Path, Value


class FieldKind(enum.Enum):
    """How the values of a field compare; the text says what a literal for it looks like."""

    WHOLE = "a whole number"  # ids and times are decimal strings in REST
    NUMBER = "a number"
    TEXT = "a text in quotes"
    TIME = "a whole number or a text in quotes"  # a text as given by the client, meant as milliseconds
    TEXTS = "a text in quotes, compared with each of its elements"

    def accepts(self, content: object) -> bool:
        """Whether a literal may be compared with a field of this kind."""
        match self:
            case FieldKind.WHOLE:
                return is_number(content) or whole(content) is not None
            case FieldKind.NUMBER:
                return is_number(content)
            case FieldKind.TIME:
                return is_number(content) or isinstance(content, str)
            case _:
                return isinstance(content, str)


_TEXTUAL = {FieldKind.TEXT, FieldKind.TEXTS, FieldKind.TIME}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition is about: `fields` of one name, one for each entity that has it; or else a custom property.

    `customs` are names of custom properties: of those that a row has, the first is meant.
    """

    path: Path
    fields: tuple[Field, ...]
    customs: tuple[str, ...] = ()

    @property
    def rest(self) -> str:
        """The name of the field in REST."""
        return self.fields[0].rest

    @property
    def kinds(self) -> tuple[FieldKind, ...]:
        """The kinds that the field has among the entities, in a fixed order."""
        found = {kind_of(field) for field in self.fields}
        return tuple(kind for kind in FieldKind if kind in found)

    def fitting_kinds(self, value: Value) -> tuple[FieldKind, ...]:
        """The kinds that a literal can be compared with; an error if there are none."""
        fitting = tuple(kind for kind in self.kinds if kind.accepts(value.content))
        if not fitting:
            raise self._misfit(self.kinds, value)
        return fitting

    def require_text(self, pattern: Value) -> str:
        """The pattern of a LIKE; an error if it is no text, or if the field has none."""
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


class Names:
    """The fields of the listed entities by REST name and by MLMD's."""

    def __init__(self, entities: tuple[type[Entity], ...]) -> None:
        self.entities = entities
        own = [field for entity in entities for field in entity.fields.values() if field.place not in _COPIES]
        self._fields = _grouped([*_COMMON, *own], lambda field: field.rest)
        self._by_stored_name = _grouped([*_COMMON, *filter(_goes_by_stored_name, own)], _stored_name)
        self._stored = _grouped([*_COMMON, *own], _stored_name)

    def subject(self, path: Path) -> Subject:
        """What a path means; raises `FilterError` for one that cannot be answered from a row."""
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
        """A name with another registry's prefix: a custom property called just so, or else without the prefix."""
        refuse_rows(path, self.entities)
        if HABITS[path.prefix] and (fields := self._field(path.rest)):
            return Subject(path, fields)
        return Subject(path, (), (path.name, path.rest))

    def _field(self, name: str) -> tuple[Field, ...]:
        """The fields that a bare name means: by REST's name, or by MLMD's where that is enough."""
        return self._fields.get(name) or self._by_stored_name.get(name) or ()

    @property
    def _id_fields(self) -> list[str]:
        """The fields that hold the id of another entity."""
        return [name for name, fields in self._fields.items() if fields[0].type is Id and name.endswith("Id")]


def _grouped(fields: Iterable[Field], name_of: Callable[[Field], str]) -> Mapping[str, tuple[Field, ...]]:
    """The fields by a name of theirs."""
    found: dict[str, tuple[Field, ...]] = {}
    for field in fields:
        found[name_of(field)] = (*found.get(name_of(field), ()), field)
    return found


def _stored_name(field: Field) -> str:
    return field.stored


def _goes_by_stored_name(field: Field) -> bool:
    """Whether MLMD's name is enough: for columns, ids and times. Custom properties may have others, such as `license_link`."""
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
    """How the values of a field compare."""
    if field.type in {Id, int}:
        return FieldKind.WHOLE
    if field.type is float:
        return FieldKind.NUMBER
    if field.type is not str:
        return FieldKind.TEXTS
    return FieldKind.TIME if field.stored.endswith(("_time_since_epoch", "timestamp")) else FieldKind.TEXT


def is_number(content: object) -> bool:
    """Whether a literal is a number."""
    return isinstance(content, int | Decimal) and not isinstance(content, bool)


def whole(content: object) -> int | None:
    """A whole number, given as one or as its decimal digits; None for anything else."""
    if isinstance(content, int) and not isinstance(content, bool):
        return content
    if not isinstance(content, str) or len(content) > _LONGEST_WHOLE or not content.isascii():
        return None
    return int(content) if content[content[:1] in {"+", "-"} :].isdigit() else None


_LONGEST_WHOLE = 100
