"""Decides rows: compiles the tree to functions that take a REST row and return true, false, or None for unknown.

Three-valued logic as in SQL: a condition on a missing value, or on one of another type, is unknown, and so is its negation. A
field with several values (the languages of a model, the runs of an artifact) satisfies a condition when one of its values does.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from converters.filters.complaints import complain
from converters.filters.names import FieldKind, Meanings, Subject, whole
from converters.filters.patterns import matcher
from converters.filters.tree import And, Comparison, In, IsNull, Leaf, Like, Node, Not, Operator, Or, Value, ValueType

Row = Mapping[str, Any]
Verdict = bool | None
RowTest = Callable[[Row], Verdict]
_ValueTest = Callable[[Any], Verdict]

_OPERATIONS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUAL: operator.eq,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def compile_test(node: Node, names: Meanings) -> RowTest:
    """Returns the function that decides a row. Raises `FilterError` if a literal does not fit the type of its field."""
    match node:
        case Not(term):
            return _negation(compile_test(term, names))
        case And(terms):
            return _junction(list(map(partial(compile_test, names=names), terms)), decisive=False)
        case Or(terms):
            return _junction(list(map(partial(compile_test, names=names), terms)), decisive=True)
        case _:
            return compile_leaf(node, names.subject(node.path))


def _negation(test: RowTest) -> RowTest:
    def negated(row: Row) -> Verdict:
        verdict = test(row)
        return None if verdict is None else not verdict

    return negated


def _junction(tests: list[RowTest], *, decisive: bool) -> RowTest:
    """AND, which one false decides, or OR, which one true decides. Each level takes one stack frame, so trees may be deep."""

    def junction(row: Row) -> Verdict:
        result: Verdict = not decisive
        for test in tests:
            verdict = test(row)
            if verdict is decisive:
                return decisive
            if verdict is None:
                result = None
        return result

    return junction


def _any(test: _ValueTest, values: Sequence[Any]) -> Verdict:
    """Whether one of several values satisfies the test; unknown if there is no value, as for a missing one."""
    verdicts = [test(value) for value in values]
    return True if True in verdicts else None if None in verdicts or not verdicts else False


def compile_leaf(leaf: Leaf, subject: Subject) -> RowTest:
    """Returns the function that decides a row by one condition; raises `FilterError`."""
    match leaf:
        case IsNull():
            return _is_null(subject)
        case In(_, values):
            tests = [_on_row(subject, _compared(subject, Operator.EQUAL, value)) for value in values]
            return _junction(tests, decisive=True)
        case Comparison(_, comparison, value):
            return _on_row(subject, _compared(subject, comparison, value))
        case Like(_, pattern, ignores_case):
            return _on_row(subject, _like(subject, pattern, ignores_case=ignores_case))


def _is_null(subject: Subject) -> RowTest:
    if subject.fields:
        name = subject.rest
        return lambda row: row.get(name) in (None, [], ())
    names, suffix = subject.customs, subject.path.suffix
    if suffix is None:
        return lambda row: _custom(row, names) is None
    return lambda row: (_custom(row, names) or {}).get(suffix) is None


def _custom(row: Row, names: tuple[str, ...]) -> Any:
    """The first custom property of these names that a row has."""
    properties = row.get("customProperties") or {}
    return next((properties[name] for name in names if name in properties), None)


def _on_row(subject: Subject, test: _ValueTest) -> RowTest:
    """Tests the value of the subject in a row, or each of its values."""
    if not subject.fields:
        names = subject.customs

        def custom(row: Row) -> Verdict:
            value = _custom(row, names)
            return None if value is None else test(value)

        return custom
    name = subject.rest

    def field(row: Row) -> Verdict:
        value = row.get(name)
        if isinstance(value, list | tuple):
            return _any(test, value)
        return None if value is None else test(value)

    return field


def _compared(subject: Subject, comparison: Operator, value: Value) -> _ValueTest:
    if isinstance(value.content, bool) and comparison is not Operator.EQUAL:
        raise complain(f"true and false are compared with = or != only; see {value.where}")
    operation = _OPERATIONS[comparison]
    if not subject.fields:
        return _custom_compared(subject.path.suffix, operation, value.content)
    return _either([_field_compared(kind, operation, value.content) for kind in subject.fitting_kinds(value)])


def _either(tests: list[_ValueTest]) -> _ValueTest:
    """The first verdict that is not unknown. Kinds exclude each other, so at most one test has a verdict."""
    if len(tests) == 1:
        return tests[0]
    return lambda value: next((verdict for test in tests if (verdict := test(value)) is not None), None)


def _field_compared(kind: FieldKind, operation: Callable[[Any, Any], bool], content: Any) -> _ValueTest:
    match kind:
        case FieldKind.WHOLE:
            return _through(whole, operation, _as_number(content))
        case FieldKind.NUMBER:
            return _through(_number, operation, _as_compared_with_doubles(content))
        case FieldKind.BOOLEAN:
            return _through(_boolean, operation, content)
        case FieldKind.TIME:
            return _time_compared(operation, content)
        case _:
            return _through(_text, operation, content)


def _time_compared(operation: Callable[[Any, Any], bool], content: Any) -> _ValueTest:
    """Compares as numbers if both sides are numbers; else as texts, unless the literal is a number."""
    number = _as_number(content)
    as_number = _through(whole, operation, number) if number is not None else _unknown
    as_text = _through(_text, operation, content) if isinstance(content, str) else _unknown
    return lambda value: as_text(value) if (verdict := as_number(value)) is None else verdict


def _custom_compared(suffix: ValueType | None, operation: Callable[[Any, Any], bool], content: Any) -> _ValueTest:
    types = value_types(suffix, content)
    tests = [
        _typed(type_, _through(_READERS[type_], operation, _OPERANDS.get(type_, _itself)(content))) for type_ in types
    ]
    return _either(tests) if tests else _unknown


def value_types(suffix: ValueType | None, content: Any) -> list[ValueType]:
    """Returns the types of custom property that a literal is compared with; none if the suffix names another type."""
    match content:
        case bool():
            fitting = [ValueType.BOOL]
        case str():
            fitting = [ValueType.STRING]
        case _:
            fitting = [ValueType.INT, ValueType.DOUBLE]
    return [column for column in fitting if suffix in {None, column}]


def _typed(column: ValueType, test: _ValueTest) -> _ValueTest:
    return lambda value: test(value.get(column))


def _like(subject: Subject, pattern: Value, *, ignores_case: bool) -> _ValueTest:
    matches = matcher(subject.require_text(pattern), ignores_case=ignores_case)

    def test(value: Any) -> Verdict:
        return matches(value) if isinstance(value, str) else None

    if subject.fields:
        return test
    return _typed(ValueType.STRING, test) if subject.path.suffix in {None, ValueType.STRING} else _unknown


def _through(reader: Callable[[Any], Any], operation: Callable[[Any, Any], bool], content: Any) -> _ValueTest:
    """Compares the result of the reader with `content`; unknown if the reader returns `None`."""

    def test(value: Any) -> Verdict:
        read = reader(value)
        return None if read is None else operation(read, content)

    return test


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> int | float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124
    return value if is_number else None


def _as_number(content: Any) -> int | Decimal | None:
    """A literal as an exact number; `None` for a text that is no whole number."""
    return content if isinstance(content, Decimal) else whole(content)


def _as_compared_with_doubles(content: Any) -> Any:
    """The literal for comparisons with doubles: the nearest double for a decimal, a whole number as it is."""
    return float(content) if isinstance(content, Decimal) else content


def _itself(content: Any) -> Any:
    return content


def _unknown(_: Any) -> Verdict:
    return None


_READERS: Mapping[ValueType, Callable[[Any], Any]] = {
    ValueType.STRING: _text,
    ValueType.INT: whole,
    ValueType.DOUBLE: _number,
    ValueType.BOOL: _boolean,
}
_OPERANDS: Mapping[ValueType, Callable[[Any], Any]] = {ValueType.DOUBLE: _as_compared_with_doubles}
