"""Single conditions in MLMD's filter_query: one form for each place where a field or custom property is kept.

Each condition is exact or wider: it keeps every row that matches. `None` means that MLMD cannot help. For a property, MLMD can
always check at least that it is there.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from converters._generated.metadata_store_pb2 import Artifact as MlmdArtifact
from converters._generated.metadata_store_pb2 import Execution as MlmdExecution
from converters.entity import AttributedTo, Stored
from converters.filters.evaluation import compile_leaf, value_types
from converters.filters.names import FieldKind, Names, Subject, whole
from converters.filters.patterns import pieces_of
from converters.filters.tree import Comparison, In, IsNull, Leaf, Like, Operator, Value, ValueType
from model_registry_proxy.mlmd.filters import text as mlmd_text
from model_registry_proxy.mlmd.filters import whole_columns


@dataclass(frozen=True, slots=True)
class Wide:
    """A condition of a filter_query.

    Attributes:
        text: The condition.
        joins: The tables that MLMD joins for it, by the reference in the text.
        size: The number of comparisons in it.
    """

    text: str
    joins: frozenset[str] = frozenset()
    size: int = 1


NEVER = Wide("id < 0")
_OPPOSITE = {
    Operator.EQUAL: "!=",
    Operator.LESS: ">=",
    Operator.LESS_OR_EQUAL: ">",
    Operator.GREATER: "<=",
    Operator.GREATER_OR_EQUAL: "<",
}
_ENUMS = {"state": MlmdArtifact.State, "last_known_state": MlmdExecution.State}
_SAYABLE_NAME = re.compile(r"[0-9a-z_ ./:@#-]+")
_BARE_NAME = re.compile(r"[a-z_][0-9a-z_]*")
_UNSAYABLE_NAMES = mlmd_text.COLUMN_NAMES | {"properties", "custom_properties"}
_HUGE = 10**60  # from here on MySQL stores something else
_MOST_ALTERNATIVES = 200  # SQLite's expressions are at most 1,000 deep, and each OR is a level


@dataclass(slots=True)
class ConditionWriter:
    """Writes the conditions of one filter_query. It remembers the names of properties, since MLMD confuses some with others."""

    names: Names
    mentioned: set[str] = field(default_factory=set)

    def condition(self, leaf: Leaf, *, negated: bool, scope: int) -> Wide | None:
        """Returns the condition for one leaf of the tree, or for its negation.

        Conditions on contexts with the same `scope` are about the same context.
        """
        if isinstance(leaf, In) and not leaf.values:
            return None if negated else NEVER
        subject = self.names.subject(leaf.path)
        if not subject.fields:
            return self._custom(leaf, subject, negated=negated)
        places = {
            (_PROPERTY if each.place is Stored.KEPT_WHEN_EMPTY else each.place, each.stored) for each in subject.fields
        }
        if len(places) > 1 or len({each.attributed_to for each in subject.fields}) > 1:
            return None
        [(place, stored)] = places
        match place:
            case Stored.OF_PARENT:
                return None
            case Stored.BY_ATTRIBUTION:
                return _by_attribution(leaf, subject.fields[0].attributed_to, negated=negated, scope=scope)
            case Stored.IN_NAME:
                return None if negated else _in_name(leaf, "name")
            case Stored.COLUMN if stored in _ENUMS:
                return _by_enum(leaf, subject, stored, negated=negated)
            case Stored.COLUMN:
                return self._column(leaf, subject, stored, negated=negated)
            case _:
                return _property(leaf, subject, f"properties.{stored}", negated=negated)

    def _custom(self, leaf: Leaf, subject: Subject, *, negated: bool) -> Wide | None:
        """A custom property, if MLMD can find its name. MLMD makes names lower case, uses them as patterns and escapes nothing."""
        if len(subject.customs) > 1:  # a row may have either, and MLMD cannot ask for one of two properties
            return None
        [name] = subject.customs
        if not _SAYABLE_NAME.fullmatch(name) or name in _UNSAYABLE_NAMES or mlmd_text.is_risky(name):
            return None
        if any(_confusable(name, other) for other in self.mentioned):
            return None
        self.mentioned.add(name)
        reference = name if _BARE_NAME.fullmatch(name) else f"`{name}`"
        return _property(leaf, subject, f"custom_properties.{reference}", negated=negated)

    def _column(self, leaf: Leaf, subject: Subject, column: str, *, negated: bool) -> Wide | None:
        if subject.kinds == (FieldKind.WHOLE,):
            return _whole(leaf, column, negated=negated)
        if negated:
            return None
        if column == "name":
            return self._name(leaf)
        return _any_of(_text_conditions(leaf, column), ())

    def _name(self, leaf: Leaf) -> Wide | None:
        """The REST name. In the stored name a prefix may stand before it, and a suffix behind it."""
        is_owned = {entity.is_owned() for entity in self.names.entities}
        after = "%" if any(entity.suffix_mark for entity in self.names.entities) else ""
        if is_owned == {False}:
            return _any_of(_text_conditions(leaf, "name"), ())
        befores = ("",) if _starts_anywhere(leaf) else ("%:", "")
        texts = [text for before in befores for text in _text_conditions(leaf, "name", before=before, after=after)]
        return _any_of(texts, ())


_PROPERTY = Stored.PROPERTY


def _confusable(name: str, other: str) -> bool:
    """Whether MLMD would read one name as the other: a dot matches any character."""
    return (
        name != other
        and len(name) == len(other)
        and all(a == b or "." in {a, b} for a, b in zip(name, other, strict=True))
    )


def _starts_anywhere(leaf: Leaf) -> bool:
    return isinstance(leaf, Like) and str(leaf.pattern.content).startswith("%")


def _values(leaf: Leaf) -> tuple[Value, ...]:
    match leaf:
        case In(_, values):
            return values
        case Comparison(_, Operator.EQUAL, value):
            return (value,)
        case _:
            return ()


def _any_of(conditions: Iterable[str], joins: Iterable[str]) -> Wide | None:
    """Joins conditions by OR; `None` if one of them holds for every text, or if there are none or too many."""
    texts = list(dict.fromkeys(conditions))
    if not 0 < len(texts) <= _MOST_ALTERNATIVES or any(map(mlmd_text.says_nothing, texts)):
        return None
    return Wide(texts[0] if len(texts) == 1 else "(" + " OR ".join(texts) + ")", frozenset(joins), len(texts))


def _text_conditions(leaf: Leaf, column: str, *, before: str = "", after: str = "") -> list[str]:
    """Conditions on a text column: wherever the leaf is true, one of them holds. An empty list if there are none."""
    match leaf:
        case Like(_, Value(str(pattern)), ignores_case):
            write = mlmd_text.like_ignoring_case if ignores_case else mlmd_text.like
            return [write(column, pieces_of(pattern), before=before, after=after)]
        case Comparison(_, Operator.EQUAL, _) | In():
            texts = [str(value.content) for value in _values(leaf)]
            if before or after:
                return [mlmd_text.like(column, text, before=before, after=after) for text in texts]
            return [mlmd_text.equals(column, text) for text in texts]
        case _:
            return []


def _whole(leaf: Leaf, column: str, *, negated: bool) -> Wide | None:
    """A column of whole numbers. Only conditions on these can also be negated."""
    match leaf:
        case Comparison(_, operator, value):
            bound = _bound(operator, value, negated=negated)
            if bound is None or not whole_columns.can_be_said(bound[1]):
                return None
            return Wide(f"{column} {bound[0]} {bound[1]}")
        case In(_, values):
            found = [number for value in values if (number := whole(value.content)) is not None]
            numbers = [number for number in found if whole_columns.can_be_said(number)]
            if not numbers:
                return None if negated else NEVER
            text = f"{column} IN ({', '.join(map(str, numbers))})"
            return Wide(f"NOT ({text})" if negated else text)
        case _:
            return None


def _bound(operator: Operator, value: Value, *, negated: bool) -> tuple[str, int] | None:
    """A comparison with a literal, or its negation, as a comparison with a whole number; `None` if there is none."""
    number = value.content if isinstance(value.content, Decimal) else whole(value.content)
    if number is None:
        return None
    if operator is Operator.EQUAL:
        return (_OPPOSITE[operator] if negated else operator, number) if isinstance(number, int) else None
    return whole_columns.rounded(Operator(_OPPOSITE[operator]) if negated else operator, number)


def _property(leaf: Leaf, subject: Subject, reference: str, *, negated: bool) -> Wide | None:
    """A property: it must be there, except for IS NULL. Often MLMD can check more."""
    if isinstance(leaf, IsNull):
        return _present(reference) if negated else None
    if subject.kinds == (FieldKind.WHOLE,):
        text = _whole_property(leaf, f"{reference}.int_value", negated=negated)
        return Wide(text, frozenset({reference})) if text else _present(reference)
    if negated:
        return _present(reference)
    conditions = _property_conditions(leaf, subject, reference)
    return (_any_of(conditions, {reference}) if conditions else None) or _present(reference)


def _whole_property(leaf: Leaf, column: str, *, negated: bool) -> str | None:
    """A property that is a whole number, or the negation; `None` if MLMD cannot check it."""
    match leaf:
        case Comparison(_, Operator.EQUAL, value) if (number := whole(value.content)) is not None:
            numbers = [number]
        case Comparison(_, operator, value) if operator is not Operator.EQUAL:
            bound = _bound(operator, value, negated=negated)
            return whole_columns.compared(column, Operator(bound[0]), bound[1]) if bound else None
        case In(_, values):
            numbers = [number for value in values if (number := whole(value.content)) is not None]
        case _:
            return None
    if not numbers:
        return None
    return whole_columns.not_among(column, numbers) if negated else whole_columns.among(column, numbers)


def _present(reference: str) -> Wide:
    """Holds for every row that has the property, whatever its type: only the join matters."""
    return Wide(f"({reference}.int_value IS NULL OR {reference}.int_value IS NOT NULL)", frozenset({reference}))


def _property_conditions(leaf: Leaf, subject: Subject, reference: str) -> list[str] | None:
    text_column = f"{reference}.string_value"
    match leaf:
        case Like():
            return None if FieldKind.TEXTS in subject.kinds else _text_conditions(leaf, text_column)
        case Comparison(_, operator, value):
            return _value_conditions(subject, reference, operator, value)
        case In(_, values):
            found = [_value_conditions(subject, reference, Operator.EQUAL, value) for value in values]
            return None if None in found else [text for texts in found for text in texts or ()]
        case _:
            return None


def _value_conditions(subject: Subject, reference: str, operator: Operator, value: Value) -> list[str] | None:
    """Conditions on the value columns of a property: one of them must hold. `None` if MLMD cannot check it."""
    if FieldKind.TEXTS in subject.kinds:
        return None
    if FieldKind.TIME in subject.kinds and (number := whole(value.content)) is not None:
        is_equality = operator is Operator.EQUAL
        return [mlmd_text.like(f"{reference}.string_value", str(abs(number)), before="%")] if is_equality else None
    written = [_typed_conditions(type_, reference, operator, value.content) for type_ in _types(subject, value)]
    return None if None in written else [text for texts in written for text in texts or ()]


def _types(subject: Subject, value: Value) -> list[ValueType]:
    """The value columns of MLMD that the literal is compared with."""
    if not subject.fields:
        return value_types(subject.path.suffix, value.content)
    return [ValueType.DOUBLE if kind is FieldKind.NUMBER else ValueType.STRING for kind in subject.fitting_kinds(value)]


def _typed_conditions(type_: ValueType, reference: str, operator: Operator, content: object) -> list[str] | None:
    """Conditions on one value column: one of them must hold. An empty list if no value fits; `None` if MLMD cannot check it.

    Booleans are left out: older MLMD servers have no column for them.
    """
    text: str | None = None
    match type_, content:
        case ValueType.STRING, str() if operator is Operator.EQUAL:
            text = mlmd_text.equals(f"{reference}.string_value", content)
        case ValueType.INT, int() | Decimal():
            bound = whole_columns.rounded(operator, content)
            if bound is None:
                return []
            text = whole_columns.compared(f"{reference}.int_value", *bound)
        case ValueType.DOUBLE, int() | Decimal() if -_HUGE < content < _HUGE:
            text = _around(f"{reference}.double_value", operator, float(content))
    return None if text is None else [text]


def _around(column: str, operator: Operator, number: float) -> str:
    """A comparison with a margin on both sides: MLMD keeps six decimals, and databases may return only fifteen digits."""
    margin = 1e-6 + math.fabs(number) * 1e-13
    above, below = f"{column} >= {number - margin!r}", f"{column} <= {number + margin!r}"
    if operator is Operator.EQUAL:
        return f"({above} AND {below})"
    return above if operator in {Operator.GREATER, Operator.GREATER_OR_EQUAL} else below


def _by_enum(leaf: Leaf, subject: Subject, column: str, *, negated: bool) -> Wide | None:
    """A state, which MLMD keeps as a number. MLMD fails on a filter that names one state twice by `=`, so ranges are written."""
    if isinstance(leaf, IsNull):
        return None
    test = compile_leaf(leaf, subject)
    numbers = [number for name, number in _ENUMS[column].items() if test({subject.rest: name}) is not negated]
    if not numbers:
        return NEVER
    texts = [f"({column} >= {number} AND {column} <= {number})" for number in numbers]
    if 0 in numbers:
        texts.append(f"{column} IS NULL")
    return Wide("(" + " OR ".join(texts) + ")", size=len(texts))


def _in_name(leaf: Leaf, column: str) -> Wide | None:
    """The parent's id, which is the prefix of the name. The Go proxy keeps leading zeros and a sign that a client sent."""
    numbers = [number for value in _values(leaf) if (number := whole(value.content)) is not None]
    if not numbers or min(numbers) < 0:
        return None
    conditions = [f'{column} LIKE "{sign}{number}:%"' for number in numbers for sign in ("", "0%", "+%")]
    return _any_of(conditions, ())


def _by_attribution(leaf: Leaf, target: AttributedTo | None, *, negated: bool, scope: int) -> Wide | None:
    """A field of the contexts that an artifact is attributed to: one of the joined contexts must fit."""
    if target is None or (isinstance(leaf, IsNull) and not negated):
        return None
    alias = f"contexts_f{scope}"
    is_target = f'{alias}.type = "{target.entity.stored_as}"'
    wide = None if negated else _of_context(leaf, target, alias)
    if wide is None or wide is NEVER:
        return Wide(is_target, frozenset({alias}))
    return Wide(f"{is_target} AND {wide.text}", frozenset({alias}), wide.size + 1)


def _of_context(leaf: Leaf, target: AttributedTo, alias: str) -> Wide | None:
    """The condition on the context's own id, or on an id in its name; MLMD reads no other field of a joined context here."""
    if target.stored == "id":
        return _whole(leaf, f"{alias}.id", negated=False)
    is_in_name = any(
        each.stored == target.stored and each.place is Stored.IN_NAME for each in target.entity.fields.values()
    )
    return _in_name(leaf, f"{alias}.name") if is_in_name else None
