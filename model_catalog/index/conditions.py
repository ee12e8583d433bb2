"""Which rows satisfy a filter: each condition gives the set of its rows, and AND and OR are operations on such sets.

A set of rows is a whole number that has a binary digit for each row, the first row's first. NOT moves inwards to the conditions (De
Morgan holds for true, false and unknown), so that sets of rows with the verdict "true" are enough.

Conditions on artifacts that are joined by AND, OR or NOT hold for one artifact: a model satisfies them if it has an artifact
for which all of them together are true. So `artifacts.quant != 'int4'` finds models with an artifact that has another `quant`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Protocol

from converters.filters.evaluation import compile_leaf
from converters.filters.names import FieldKind, Subject
from converters.filters.tree import And, Comparison, In, Leaf, Like, Node, Not, Operator, Or, Path, Value

from .columns import Columns
from .fields import FieldTable, check


class Rows(Protocol):
    """A list of rows that conditions decide about."""

    @property
    def full(self) -> int:
        """The set of all rows."""

    def having(self, leaf: Leaf, *, wanted: bool) -> int:
        """The rows for which a condition has the wanted verdict; raises `FilterError`."""


@dataclass(frozen=True, slots=True)
class ColumnRows:
    """Rows in the columns of sources, one source after the other.

    Attributes:
        table: The fields of the rows.
        stretches: For each source its columns, the first row and the row after the last.
    """

    table: FieldTable
    stretches: Sequence[tuple[Columns, int, int]]

    @property
    def full(self) -> int:
        """The set of all rows."""
        return (1 << sum(end - start for _, start, end in self.stretches)) - 1

    def having(self, leaf: Leaf, *, wanted: bool) -> int:
        """The rows for which a condition has the wanted verdict; raises `FilterError`."""
        subject, _ = self.table.meaning(leaf.path)
        check(leaf, subject)
        test = compile_leaf(leaf, subject)
        texts, literals = isinstance(leaf, Like), literals_of(leaf, subject)
        return set_of(
            b"".join(
                columns.decide(test, subject, start, end, wanted=wanted, texts=texts, literals=literals)
                for columns, start, end in self.stretches
            )
        )


def literals_of(leaf: Leaf, subject: Subject) -> frozenset[str]:
    """The texts that the condition compares a text field with, if it only asks whether they are equal."""
    values: Sequence[Value] = ()
    if isinstance(leaf, In):
        values = leaf.values
    elif isinstance(leaf, Comparison) and leaf.operator is Operator.EQUAL:
        values = (leaf.value,)
    return frozenset(str(value.content) for value in values) if subject.kinds == (FieldKind.TEXT,) else frozenset()


def set_of(digits: bytes) -> int:
    """The set of rows from one digit, `0` or `1`, for each row."""
    return int(digits, 2) if digits else 0


def marks_of(rows: int, count: int) -> bytes:
    """One byte for each of `count` rows, 1 if it is in the set, else 0."""
    return f"{rows:0{count}b}".encode().translate(_AS_MARKS) if count else b""


_AS_MARKS = bytes.maketrans(b"01", b"\x00\x01")


def satisfying(node: Node, rows: Rows, *, negated: bool = False) -> int:
    """The rows for which a tree is true (`negated`: false). Raises `FilterError`."""
    match node:
        case Not(term):
            return satisfying(term, rows, negated=not negated)
        case And(terms) | Or(terms):
            sets = [satisfying(term, rows, negated=negated) for term in terms]
            return reduce(and_ if isinstance(node, And) is not negated else or_, sets)
        case _:
            return rows.having(node, wanted=not negated)


class Owners(Protocol):
    """Rows that have parts, about which conditions may ask too."""

    @property
    def all_rows(self) -> ColumnRows:
        """The rows themselves."""

    @property
    def all_parts(self) -> ColumnRows:
        """The parts of all rows, in the order of the rows."""

    def owners(self, parts: int) -> int:
        """The rows that have at least one of a set of parts."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The rows of a filter.

    Attributes:
        rows: The rows for which it is true.
        parts: The parts that satisfy what every row's parts must satisfy; None if the filter asks nothing of the kind.
    """

    rows: int
    parts: int | None = None


def decide(node: Node, owners: Owners) -> Decision:
    """The rows for which a tree is true, whose conditions may ask about parts. Raises `FilterError`."""
    return _Deciding(owners).joined([(node, False)])


@dataclass(frozen=True, slots=True)
class _Deciding:
    owners: Owners

    def rows(self, node: Node, *, negated: bool) -> int:
        if self._asks_only_parts(node):
            return self.owners.owners(satisfying(node, self.owners.all_parts, negated=negated))
        match node:
            case Not(term):
                return self.rows(term, negated=not negated)
            case And(terms) | Or(terms):
                if isinstance(node, Or) is not negated:
                    return reduce(or_, (self.rows(term, negated=negated) for term in terms))
                return self.joined([(term, negated) for term in terms]).rows
            case _:
                return self.owners.all_rows.having(node, wanted=not negated)

    def joined(self, terms: Sequence[tuple[Node, bool]]) -> Decision:
        """The rows for which all terms are true (or false, where marked); those that ask about parts hold for one part."""
        rows, parts = self.owners.all_rows.full, None
        for node, negated in _flattened(terms):
            if self._asks_only_parts(node):
                found = satisfying(node, self.owners.all_parts, negated=negated)
                parts = found if parts is None else parts & found
            else:
                rows &= self.rows(node, negated=negated)
        return Decision(rows if parts is None else rows & self.owners.owners(parts), parts)

    def _asks_only_parts(self, node: Node) -> bool:
        match node:
            case Not(term):
                return self._asks_only_parts(term)
            case And(terms) | Or(terms):
                return all(map(self._asks_only_parts, terms))
            case _:
                return self.owners.all_rows.table.meaning(node.path)[1]


def _flattened(terms: Sequence[tuple[Node, bool]]) -> list[tuple[Node, bool]]:
    """The terms of an AND, with those of an AND inside it in their place: parentheses around them say nothing."""
    flat: list[tuple[Node, bool]] = []
    for node, negated in terms:
        match node:
            case Not(term):
                flat += _flattened([(term, not negated)])
            case And(inner) if not negated:
                flat += _flattened([(term, False) for term in inner])
            case Or(inner) if negated:
                flat += _flattened([(term, True) for term in inner])
            case _:
                flat.append((node, negated))
    return flat


def with_qualified_names(node: Node) -> Node:
    """The tree where `name = 'source:name'` may be the name in one source, as old clients write it, or a name with a colon."""
    match node:
        case Not(term):
            return Not(with_qualified_names(term))
        case And(terms):
            return And(tuple(map(with_qualified_names, terms)))
        case Or(terms):
            return Or(tuple(map(with_qualified_names, terms)))
        case Comparison(Path("name", None), Operator.EQUAL, Value(str() as text, where)) if ":" in text:
            source, _, name = text.partition(":")
            in_source = Comparison(Path("source_id", None, where), Operator.EQUAL, Value(source, where))
            return Or((node, And((in_source, Comparison(node.path, Operator.EQUAL, Value(name, where))))))
        case _:
            return node
