"""Conditions on a column of MLMD: texts, whole numbers and states. Each keeps every row that matches, and perhaps others."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from converters._generated.metadata_store_pb2 import Artifact as MlmdArtifact
from converters._generated.metadata_store_pb2 import Execution as MlmdExecution
from converters.filters.evaluation import compile_leaf
from converters.filters.names import Subject, whole
from converters.filters.patterns import pieces_of
from converters.filters.tree import Comparison, In, IsNull, Leaf, Like, Operator, Value
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
ENUMS = {"state": MlmdArtifact.State, "last_known_state": MlmdExecution.State}
_MOST_ALTERNATIVES = 200  # SQLite's expressions are at most 1,000 deep, and each OR is a level


def starts_anywhere(leaf: Leaf) -> bool:
    """Returns whether a pattern begins with any text."""
    return isinstance(leaf, Like) and str(leaf.pattern.content).startswith("%")


def values_of(leaf: Leaf) -> tuple[Value, ...]:
    """Returns the values one of which a field must equal; none for other conditions."""
    match leaf:
        case In(_, values):
            return values
        case Comparison(_, Operator.EQUAL, value):
            return (value,)
        case _:
            return ()


def any_of(conditions: Iterable[str], joins: Iterable[str]) -> Wide | None:
    """Joins conditions by OR; `None` if one of them holds for every text, or if there are none or too many."""
    texts = list(dict.fromkeys(conditions))
    if not 0 < len(texts) <= _MOST_ALTERNATIVES or any(map(mlmd_text.says_nothing, texts)):
        return None
    return Wide(texts[0] if len(texts) == 1 else "(" + " OR ".join(texts) + ")", frozenset(joins), len(texts))


def text_conditions(leaf: Leaf, column: str, *, before: str = "", after: str = "") -> list[str]:
    """Conditions on a text column: wherever the leaf is true, one of them holds. An empty list if there are none."""
    match leaf:
        case Like(_, Value(str(pattern)), ignores_case):
            write = mlmd_text.like_ignoring_case if ignores_case else mlmd_text.like
            return [write(column, pieces_of(pattern), before=before, after=after)]
        case Comparison(_, Operator.EQUAL, _) | In():
            texts = [str(value.content) for value in values_of(leaf)]
            if before or after:
                return [mlmd_text.like(column, text, before=before, after=after) for text in texts]
            return [mlmd_text.equals(column, text) for text in texts]
        case _:
            return []


def whole_condition(leaf: Leaf, column: str, *, negated: bool) -> Wide | None:
    """A column of whole numbers. Only conditions on these can also be negated."""
    match leaf:
        case Comparison(_, operator, value):
            limit = bound(operator, value, negated=negated)
            if limit is None or not whole_columns.can_be_said(limit[1]):
                return None
            return Wide(f"{column} {limit[0]} {limit[1]}")
        case In(_, values):
            found = [number for value in values if (number := whole(value.content)) is not None]
            numbers = [number for number in found if whole_columns.can_be_said(number)]
            if not numbers:
                return None if negated else NEVER
            text = f"{column} IN ({', '.join(map(str, numbers))})"
            return Wide(f"NOT ({text})" if negated else text)
        case _:
            return None


def bound(operator: Operator, value: Value, *, negated: bool) -> tuple[str, int] | None:
    """A comparison with a literal, or its negation, as a comparison with a whole number; `None` if there is none."""
    number = value.content if isinstance(value.content, Decimal) else whole(value.content)
    if number is None:
        return None
    if operator is Operator.EQUAL:
        return (_OPPOSITE[operator] if negated else operator, number) if isinstance(number, int) else None
    return whole_columns.rounded(Operator(_OPPOSITE[operator]) if negated else operator, number)


def by_enum(leaf: Leaf, subject: Subject, column: str, *, negated: bool) -> Wide | None:
    """A state, which MLMD keeps as a number. MLMD fails on a filter that names one state twice by `=`, so ranges are written."""
    if isinstance(leaf, IsNull):
        return None
    test = compile_leaf(leaf, subject)
    numbers = [number for name, number in ENUMS[column].items() if test({subject.rest: name}) is not negated]
    if not numbers:
        return NEVER
    texts = [f"({column} >= {number} AND {column} <= {number})" for number in numbers]
    if 0 in numbers:
        texts.append(f"{column} IS NULL")
    return Wide("(" + " OR ".join(texts) + ")", size=len(texts))
