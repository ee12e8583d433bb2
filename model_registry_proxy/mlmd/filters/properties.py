"""Conditions on a property of a node. MLMD joins its table of properties, so the property must at least be there."""

import math
from decimal import Decimal

from converters.filters.evaluation import value_types
from converters.filters.names import FieldKind, Subject, whole
from converters.filters.tree import Comparison, In, IsNull, Leaf, Like, Operator, Value, ValueType
from model_registry_proxy.mlmd.filters import text as mlmd_text
from model_registry_proxy.mlmd.filters import whole_columns
from model_registry_proxy.mlmd.filters.columns import Wide, any_of, bound, text_conditions

_HUGE = 10**60  # from here on MySQL stores something else


def by_property(leaf: Leaf, subject: Subject, reference: str, *, negated: bool) -> Wide | None:
    """A property: it must be there, except for IS NULL. Often MLMD can check more."""
    if isinstance(leaf, IsNull):
        return _present(reference) if negated else None
    if subject.kinds == (FieldKind.WHOLE,):
        text = _whole_property(leaf, f"{reference}.int_value", negated=negated)
        return Wide(text, frozenset({reference})) if text else _present(reference)
    if negated:
        return _present(reference)
    conditions = _property_conditions(leaf, subject, reference)
    return (any_of(conditions, {reference}) if conditions else None) or _present(reference)


def _whole_property(leaf: Leaf, column: str, *, negated: bool) -> str | None:
    """A property that is a whole number, or the negation; `None` if MLMD cannot check it."""
    match leaf:
        case Comparison(_, Operator.EQUAL, value) if (number := whole(value.content)) is not None:
            numbers = [number]
        case Comparison(_, operator, value) if operator is not Operator.EQUAL:
            limit = bound(operator, value, negated=negated)
            return whole_columns.compared(column, Operator(limit[0]), limit[1]) if limit else None
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
            return None if FieldKind.TEXTS in subject.kinds else text_conditions(leaf, text_column)
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
