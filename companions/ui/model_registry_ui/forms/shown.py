"""A form as its template shows it: each field with its text, its limits and its error, made before the template runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model_registry_ui.document_rules import FieldRules
from model_registry_ui.forms.fields import FormField, Rules
from model_registry_ui.properties import Kind, PropertyRow

_EDITABLE = tuple(kind.value for kind in Kind if kind is not Kind.OTHER)
_LONG = 60
_PARTS = ("name", "kind")


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field.

    Attributes:
        field: Its declaration.
        text: What stands in it.
        is_required: Whether it must have a value.
        most_bytes: How many bytes of UTF-8 it takes; `None` for any number.
        choices: The values that it may have, for a field of choices.
        error: What is wrong, without subject or as a sentence; empty if nothing is.
    """

    field: FormField
    text: str
    is_required: bool = False
    most_bytes: int | None = None
    choices: Sequence[str] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of custom properties. `error` is a sentence about its name, its kind or its value."""

    row: PropertyRow
    kinds: Sequence[str]
    error: str = ""

    @property
    def is_fixed(self) -> bool:
        """Whether the value is of a kind that the UI cannot edit."""
        return self.row.kind == Kind.OTHER

    @property
    def part(self) -> str:
        """The part that is wrong: `name`, `kind` or `value`. An error of the API is about the value."""
        return next((part for part in _PARTS if self.error.startswith(f"The {part} ")), "value")

    @property
    def is_long(self) -> bool:
        """Whether the value needs several lines."""
        return self.row.kind in (Kind.JSON, Kind.OTHER) or "\n" in self.row.value or len(self.row.value) > _LONG


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line of the summary above a form: the id of the element to go to, the label, and what is wrong."""

    target: str
    title: str
    message: str


def shown_fields(
    fields: Sequence[FormField],
    typed: Mapping[str, str],
    rules: Rules,
    errors: Mapping[str, str],
    prefix: int = 0,
) -> list[ShownField]:
    """Returns fields for the template. `prefix` is the number of bytes that the store puts before a name."""
    return [
        _shown(one, typed.get(one.id, ""), rules.get(one.name, FieldRules(one.name)), errors.get(one.id, ""), prefix)
        for one in fields
    ]


def _shown(field: FormField, text: str, rule: FieldRules, error: str, prefix: int) -> ShownField:
    most = rule.longest - (prefix if field.name == "name" else 0) if rule.longest is not None else None
    choices = rule.choices
    if text and text not in choices:
        choices = (*choices, text)
    return ShownField(field, text, rule.is_required, most, choices, error)


def shown_rows(rows: Sequence[PropertyRow], errors: Mapping[str, str]) -> list[ShownRow]:
    """Returns rows for the template. A value of another kind keeps that kind as its only choice."""
    return [
        ShownRow(
            row,
            (row.kind,) if row.kind == Kind.OTHER else _EDITABLE,
            errors.get(f"property-{index}", ""),
        )
        for index, row in enumerate(rows)
    ]


def mistakes(
    fields: Sequence[ShownField], rows: Sequence[ShownRow] = (), below: Sequence[ShownField] = ()
) -> Iterator[Mistake]:
    """Yields the lines of the summary in the order of the page: fields, then rows of properties, then the fields below them."""
    yield from _of_fields(fields)
    for index, row in enumerate(rows):
        if row.error:
            yield Mistake(f"property-{row.part}-{index}", row.row.name or f"Property {index + 1}", row.error)
    yield from _of_fields(below)


def _of_fields(fields: Sequence[ShownField]) -> Iterator[Mistake]:
    return (Mistake(f"field-{one.field.id}", one.field.title, one.error) for one in fields if one.error)
