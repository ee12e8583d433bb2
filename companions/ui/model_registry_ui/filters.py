"""The simple filters of a list: frozen values that become a query of the filter language, and are made of one again."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from model_registry_ui import filter_language as language
from model_registry_ui.filter_language import Token

STAGE = "stage"
"""The custom property that says how far a model or version is. Lists show it next to the name."""
EXACT: Mapping[str, str] = {
    "state": "state",
    "status": "status",
    "owner": "owner",
    "author": "author",
    "task": "tasks",
    "meant": "desiredState",
    "stage": STAGE,
}
"""Filters of one text, and the field that equals it."""
PARENTS: Mapping[str, str] = {
    "model": "registeredModelId",
    "version": "modelVersionId",
    "environment": "servingEnvironmentId",
    "experiment": "experimentId",
    "run": "experimentRunId",
}
"""Filters of one id, and the field that holds it."""
OPERATORS: Mapping[str, str] = {
    "=": "is",
    "!=": "is not",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
    "contains": "contains",
    "set": "is set",
    "unset": "is not set",
}
"""How a custom property is compared, with the words that a form shows."""
WITHOUT_VALUE = ("set", "unset")
MOST_OF_A_KIND = 20
"""Labels, and conditions on properties, of an address. A page has a link without each one, so it grows with their square."""
_UPDATED = "lastUpdateTimeSinceEpoch"
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_TRUTH = ("true", "false")
T = TypeVar("T")
NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class PropertyCondition:
    """A condition on a custom property. `operator` is a key of `OPERATORS`; `value` is as typed."""

    name: str
    operator: str = "="
    value: str = ""

    def to_query(self) -> str:
        """Returns the condition as a query. A number is compared with numbers, and by `=` and `!=` with texts too."""
        name = language.property_name(self.name)
        match self.operator:
            case "set":
                return f"{name} IS NOT NULL"
            case "unset":
                return f"{name} IS NULL"
            case "contains":
                return f"{name} ILIKE {language.containing(self.value)}"
            case "=" | "!=" if self._is_also_no_text:
                return f"({name} {self.operator} {self.value} OR {name} {self.operator} {language.text(self.value)})"
        value = self.value if language.is_number(self.value) else language.text(self.value)
        return f"{name} {self.operator} {value}"

    @property
    def _is_also_no_text(self) -> bool:
        return self.value in _TRUTH or language.is_number(self.value)


@dataclass(frozen=True, slots=True)
class Filters:
    """The simple filters, as typed. An empty text is no filter.

    Attributes:
        text: A part of the name, in any case of letters.
        in_descriptions: Whether `text` is also looked for in descriptions.
        labels: Names of custom properties whose value is an empty text.
        properties: Conditions on other custom properties.
        updated_since: An ISO date or time; UTC if it has no offset.
        is_cut: Whether the address has more labels or conditions than `MOST_OF_A_KIND`, which are left out here.
    """

    text: str = ""
    in_descriptions: bool = False
    state: str = ""
    status: str = ""
    owner: str = ""
    author: str = ""
    task: str = ""
    meant: str = ""
    stage: str = ""
    model: str = ""
    version: str = ""
    environment: str = ""
    experiment: str = ""
    run: str = ""
    labels: tuple[str, ...] = ()
    properties: tuple[PropertyCondition, ...] = ()
    updated_since: str = ""
    is_cut: bool = False

    def to_query(self) -> str:
        """Returns the query; an empty text without filters. A filter that `problems` names is left out."""
        return " AND ".join(self._conditions())

    def problems(self) -> dict[str, str]:
        """Returns what is wrong, by the name of the filter."""
        wrong = {name: "must be an id: a whole number" for name in PARENTS if self._of(name) and not self._id_of(name)}
        if self.updated_since and _milliseconds(self.updated_since) is None:
            wrong["updated_since"] = "must be a date, such as 2026-11-27"
        if self.is_cut:
            wrong["filters"] = (
                f"must be at most {MOST_OF_A_KIND} of a kind here, so the rest is left out: write a query"
            )
        if any(one.operator not in OPERATORS for one in self.properties):
            wrong["properties"] = f"must be compared by one of: {', '.join(OPERATORS)}"
        return wrong

    def removals(self, names: Mapping[str, str] = NO_NAMES) -> Iterator[tuple[str, "Filters"]]:
        """Yields each filter in words, and the filters without it. `names` are words in place of ids, by the name of the filter."""
        if self.text:
            where = "name or description" if self.in_descriptions else "name"
            yield f'{where} contains "{self.text}"', replace(self, text="", in_descriptions=False)
        for name in (*EXACT, *PARENTS, "updated_since"):
            if value := self._of(name):
                yield f"{name.replace('_', ' ')}: {names.get(name, value)}", self.changed(name, "")
        for label in self.labels:
            yield f"label: {label}", replace(self, labels=_without(self.labels, label))
        for condition in self.properties:
            words = (
                f"{condition.name} {OPERATORS.get(condition.operator, condition.operator)} {condition.value}".strip()
            )
            yield words, replace(self, properties=_without(self.properties, condition))

    def changed(self, name: str, value: str) -> "Filters":
        """Returns the filters with another value of one filter of a text."""
        changes: dict[str, Any] = {name: value}
        return replace(self, **changes)

    def _conditions(self) -> Iterator[str]:
        if self.text:
            yield _text_condition(self.text, in_descriptions=self.in_descriptions)
        for name, field in EXACT.items():
            if value := self._of(name):
                yield f"{field} = {language.text(value)}"
        for name, field in PARENTS.items():
            if id_ := self._id_of(name):
                yield f"{field} = {id_}"
        for label in self.labels:
            yield f'{language.property_name(label)} = ""'
        for condition in self.properties:
            if condition.operator in OPERATORS:
                yield condition.to_query()
        if (moment := _milliseconds(self.updated_since)) is not None:
            yield f"{_UPDATED} >= {moment}"

    def _of(self, name: str) -> str:
        return str(getattr(self, name))

    def _id_of(self, name: str) -> str:
        value = self._of(name)
        return value if _ID.fullmatch(value) else ""


def from_query(query: str) -> Filters | None:
    """Returns the simple filters that select the same rows as a query; `None` if the simple filters cannot say it."""
    found = language.tokens(query)
    if found is None:
        return None
    if not found:
        return Filters()
    terms = language.terms(found)
    filters = Filters()
    for term in terms:
        read = next((then for reader in _READERS if (then := reader(filters, term))), None)
        if read is None:
            return None
        filters = read
    written = language.terms(language.tokens(filters.to_query()) or [])
    return filters if sorted(written) == sorted(terms) else None


def _text_condition(text: str, *, in_descriptions: bool) -> str:
    pattern = language.containing(text)
    if not in_descriptions:
        return f"name ILIKE {pattern}"
    return f"(name ILIKE {pattern} OR description ILIKE {pattern})"


def _without(values: tuple[T, ...], one: T) -> tuple[T, ...]:
    return tuple(value for value in values if value != one)


def _milliseconds(moment: str) -> int | None:
    """The time of an ISO date or time in milliseconds since 1970-01-01 UTC; `None` if it is none, or before 1970."""
    try:
        read = datetime.fromisoformat(moment)
        since = read if read.tzinfo else read.replace(tzinfo=UTC)
        return max(round(since.timestamp() * 1000), 0)
    except (ValueError, OverflowError):
        return None


def _iso(milliseconds: str) -> str:
    """The shortest ISO text in UTC that is this time."""
    try:
        moment = datetime.fromtimestamp(int(milliseconds) / 1000, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.isoformat().removesuffix("T00:00:00")


def _read_text(filters: Filters, term: Sequence[Token]) -> Filters | None:
    match term:
        case [Token("name", "name"), Token("word", "ILIKE"), Token("text", pattern)]:
            wide = False
        case [
            Token("sign", "("), Token("name", "name"), Token("word", "ILIKE"), Token("text", pattern),
            Token("word", "OR"), *_, Token("sign", ")"),
        ]:  # fmt: skip
            wide = True
        case _:
            return None
    content = language.contained(pattern)
    return replace(filters, text=content, in_descriptions=wide) if content else None


def _read_field(filters: Filters, term: Sequence[Token]) -> Filters | None:
    match term:
        case [Token("name", field), Token("sign", "="), Token("text", value)] if field in _FILTER_OF and (
            value or field != STAGE
        ):
            return filters.changed(_FILTER_OF[field], value)
        case [Token("name", field), Token("sign", "="), Token("number", value)] if field in _PARENT_OF:
            return filters.changed(_PARENT_OF[field], value)
        case [Token("name", field), Token("sign", ">="), Token("number", value)] if field == _UPDATED:
            return replace(filters, updated_since=_iso(value))
    return None


def _read_property(filters: Filters, term: Sequence[Token]) -> Filters | None:
    if term[:1] == (Token("sign", "("),):
        term = term[1:4]
    if len(term) < len(("name", "operator", "value")) or (name := _custom(term[0])) is None:
        return None
    match term[1:]:
        case [Token("sign", "="), Token("text", "")]:
            return replace(filters, labels=(*filters.labels, name))
        case [Token("word", "IS"), Token("word", "NULL")]:
            condition = PropertyCondition(name, "unset")
        case [Token("word", "IS"), Token("word", "NOT"), Token("word", "NULL")]:
            condition = PropertyCondition(name, "set")
        case [Token("word", "ILIKE"), Token("text", pattern)]:
            condition = PropertyCondition(name, "contains", language.contained(pattern) or "")
        case [Token("sign", operator), Token("text" | "number", value)] if operator in OPERATORS:
            condition = PropertyCondition(name, operator, value)
        case [Token("sign", operator), Token("word", "TRUE" | "FALSE" as value)] if operator in OPERATORS:
            condition = PropertyCondition(name, operator, value.lower())
        case _:
            return None
    return replace(filters, properties=(*filters.properties, condition))


def _custom(token: Token) -> str | None:
    return language.custom_name(token.content) if token.kind == "name" else None


_FILTER_OF = {field: name for name, field in EXACT.items()}
_PARENT_OF = {field: name for name, field in PARENTS.items()}
_READERS: tuple[Callable[[Filters, Sequence[Token]], Filters | None], ...] = (_read_text, _read_field, _read_property)
