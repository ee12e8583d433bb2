"""One filterQuery, ready for use: a test for rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from converters.entity import Entity, Stored
from converters.filters.evaluation import RowTest, compile_test
from converters.filters.names import Names
from converters.filters.parser import parse
from converters.filters.tree import And, Node, Not, Or, meaning


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A parsed filterQuery. A store that can narrow a list itself reads `tree` and `names`, the meaning of its names."""

    tree: Node
    names: Names

    test: RowTest
    """Decides a row: true, false, or None as SQL's NULL."""
    places: frozenset[Stored]
    """Where its fields are kept. The caller must add fields that are BY_ATTRIBUTION or OF_PARENT to the rows before the test."""
    meaning: str
    """Equal for texts of equal meaning: blanks, comments, the case of keywords and the order of terms do not count."""

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Returns whether a REST row satisfies the filter."""
        return self.test(row) is True


def parse_filter(text: str, entities: tuple[type[Entity], ...]) -> Filter | None:
    """Returns the filter for a list of rows of these entities; None for a blank text.

    Raises `FilterError` for a text that is not valid, and for one of more than 8192 characters.
    """
    node = parse(text)
    return None if node is None else filter_of(node, entities)


def filter_of(node: Node, entities: tuple[type[Entity], ...]) -> Filter:
    """Returns the filter of a tree, which another language may have made. Raises `FilterError` for a condition that cannot be."""
    names = Names(entities)
    return Filter(node, names, compile_test(node, names), frozenset(_places(node, names)), meaning(node))


def _places(node: Node, names: Names) -> Iterator[Stored]:
    match node:
        case Not(term):
            yield from _places(term, names)
        case And(terms) | Or(terms):
            for term in terms:
                yield from _places(term, names)
        case _:
            yield from (field.place for field in names.subject(node.path).fields)
