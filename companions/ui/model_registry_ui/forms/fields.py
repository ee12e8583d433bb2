"""The fields of a form: how a value of the API becomes text to type in, and how typed text becomes a value again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any

from model_registry_client.limits import MOST_BYTES, what_is_wrong
from model_registry_client.states import ArtifactState, ExperimentRunStatus, ParameterType

from model_registry_ui.document_rules import FieldRules
from model_registry_ui.properties import Kind, PropertyRow, from_rows

Rules = Mapping[str, FieldRules]
_CHOICES: Mapping[str, type[Enum]] = {
    "state": ArtifactState,
    "parameterType": ParameterType,
    "status": ExperimentRunStatus,
}
"""Choices where the server has no document."""


class Widget(StrEnum):
    """How a field is typed."""

    LINE = "line"
    TEXT = "text"
    LIST = "list"
    """Several texts, one a line."""
    CHOICE = "choice"
    WHOLE = "whole"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class FormField:
    """A field.

    Attributes:
        name: Its name in the API's JSON.
        title: Its label.
        widget: How it is typed.
        help: What to type, for people; an empty text if the label says it.
        rows: The number of lines of a text.
        is_wide: Whether it takes the whole width of the form.
        key: Its name in the form, where that is another one: two fields of one form may have the same name in the API.
    """

    name: str
    title: str
    widget: Widget = Widget.LINE
    help: str = ""
    rows: int = 3
    is_wide: bool = False
    key: str = ""

    @property
    def id(self) -> str:
        """The name in the form."""
        return self.key or self.name

    def text_of(self, value: Any) -> str:
        """Returns a value of the API as text."""
        if value is None:
            return ""
        if isinstance(value, list):
            return "\n".join(map(str, value))
        return repr(value) if isinstance(value, float) else str(value)

    def sent_unedited(self, value: Any) -> str:
        """Returns what a browser sends for a value that was not edited: a field of one line drops line ends."""
        text = plain_lines(self.text_of(value))
        return text if self.widget in (Widget.TEXT, Widget.LIST) else text.replace("\n", "")


@dataclass(frozen=True, slots=True)
class ReadFields:
    """The values of a form by name in the API, and what is wrong by name in the form. A value with an error is left out."""

    values: Mapping[str, Any]
    errors: Mapping[str, str]


def plain_lines(text: str) -> str:
    """Returns a text with a line feed for each line end: a form sends CR and LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read(
    fields: Sequence[FormField],
    typed: Mapping[str, str],
    opened: Mapping[str, Any],
    rules: Rules,
    prefix: int = 0,
) -> ReadFields:
    """Returns the values of typed fields.

    Args:
        fields: The fields.
        typed: Texts by name in the form.
        opened: Values by name in the API when the form was opened. A field that still shows one has exactly that one.
        rules: What the server permits, by name in the API.
        prefix: The bytes that the store puts before a name.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in fields:
        text = plain_lines(typed.get(field.id, ""))
        before = opened.get(field.name)
        rule = rules.get(field.name, FieldRules(field.name))
        if text == field.sent_unedited(before) and not (rule.is_required and not text):
            values[field.name] = before
            continue
        problem = _problem(field, text, rule, prefix if field.name == "name" else 0)
        if problem is None:
            values[field.name], problem = _value(field, text)
        if problem:
            errors[field.id] = problem
            values.pop(field.name, None)
    return ReadFields(values, errors)


def with_limits(rules: Rules, required: Sequence[str] = ()) -> Rules:
    """Returns rules that also hold what is known without a document: the limits of the store, and required fields."""
    known = {name: FieldRules(name, longest=most) for name, most in MOST_BYTES.items()}
    known |= {name: FieldRules(name, choices=tuple(one.value for one in states)) for name, states in _CHOICES.items()}
    known |= rules
    return {**known, **{name: replace(known[name], is_required=True) for name in required}}


def _problem(field: FormField, text: str, rule: FieldRules, prefix: int) -> str | None:
    if not text.strip() and rule.is_required:
        return "must have a value"
    if field.widget is Widget.LIST:
        return next((reason for line in text.split("\n") if (reason := what_is_wrong(line))), None)
    if field.widget in (Widget.WHOLE, Widget.DECIMAL):
        return None
    return rule.problem(text, prefix=prefix) or what_is_wrong(text)


_NUMBERS: Mapping[Widget, tuple[Kind, str]] = {
    Widget.WHOLE: (Kind.WHOLE, "int_value"),
    Widget.DECIMAL: (Kind.DECIMAL, "double_value"),
}


def _value(field: FormField, text: str) -> tuple[Any, str | None]:
    """The value of a text without problem, or what is wrong with it after all."""
    if field.widget is Widget.LIST:
        return [line.strip() for line in text.split("\n") if line.strip()], None
    if field.widget not in _NUMBERS or not text:
        return text or None, None
    kind, member = _NUMBERS[field.widget]
    found = from_rows([PropertyRow("value", kind, text)])
    if found.errors:
        return None, found.errors[0].message
    value = found.properties["value"][member]
    return (int(value) if kind is Kind.WHOLE else value), None
