"""How long a filter takes, about, before it is decided: what takes too long is refused, and what is slow runs in a thread.

A condition is decided once for each distinct value, so its cost grows with these, with their length for LIKE, and with the number
of values of IN.
"""

from collections.abc import Iterator, Sequence

from converters.errors import RefusedError
from converters.filters.names import Subject
from converters.filters.tree import And, In, Leaf, Like, Node, Not, Or

from .columns import Column, Columns
from .conditions import ColumnRows, Owners, literals_of

_MOST = 3.0
_ALWAYS_DECIDED = 4
"""So many values may be compared in any catalog, however large it is."""
_FIELD, _PROPERTY, _LOOK_UP, _CHARACTER = 1e-6, 5e-6, 1e-7, 3e-8
"""Seconds: of comparing one value of a field and of a custom property, of finding a text, and of one character for LIKE."""
_SAMPLE = 64


def refuse_too_much(node: Node, rows: ColumnRows, parts: ColumnRows | None = None) -> None:
    """Raises `RefusedError` if deciding a tree takes too long, and `FilterError` for a field that there is not.

    `parts` are those of the rows, if conditions may ask about them.
    """
    seconds = cost(node, rows, parts)
    if seconds > _MOST and sum(_tests(leaf) for leaf in _leaves(node)) > _ALWAYS_DECIDED:
        raise RefusedError(
            f"invalid filter query: it takes about {seconds:.0f} s in this catalog, more than {_MOST:.0f} s. Use fewer conditions "
            "and fewer values in IN; `=` is quicker than LIKE, and q finds words in long texts quickly"
        )


def cost(node: Node, rows: ColumnRows, parts: ColumnRows | None = None) -> float:
    """About how many seconds it takes to decide a tree. Raises `FilterError` for a field that there is not."""
    return sum(
        _cost(leaf, parts if parts is not None and rows.table.meaning(leaf.path)[1] else rows) for leaf in _leaves(node)
    )


def cost_for(node: Node, owners: Owners) -> float:
    """The `cost` of a tree whose conditions may ask about parts."""
    return cost(node, owners.all_rows, owners.all_parts)


def _leaves(node: Node) -> Iterator[Leaf]:
    match node:
        case Not(term):
            yield from _leaves(term)
        case And(terms) | Or(terms):
            for term in terms:
                yield from _leaves(term)
        case _:
            yield node


def _tests(leaf: Leaf) -> int:
    return len(leaf.values) if isinstance(leaf, In) else 1


def _cost(leaf: Leaf, rows: ColumnRows) -> float:
    subject, _ = rows.table.meaning(leaf.path)
    literals = len(literals_of(leaf, subject))
    seconds = 0.0
    for columns, start, end in rows.stretches:
        column = _column(columns, subject)
        if column is None:
            continue
        count = min(len(column.values), 2 * (end - start))
        if literals:
            seconds += count * _LOOK_UP + literals * min(count, literals) * _FIELD
        elif isinstance(leaf, Like):
            seconds += count * (_FIELD + _length(column.values) * _CHARACTER)
        else:
            seconds += count * _tests(leaf) * (_FIELD if subject.fields else _PROPERTY)
    return seconds


def _column(columns: Columns, subject: Subject) -> Column | None:
    return columns.customs.get(subject.customs[0]) if subject.customs else columns.fields.get(subject.rest)


def _length(values: Sequence[object]) -> float:
    """The usual length of the texts of a column."""
    sample = values[1 :: max(1, len(values) // _SAMPLE)]
    return sum(len(value) if isinstance(value, str) else 16 for value in sample) / max(1, len(sample))
