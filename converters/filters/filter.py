"""One filterQuery, ready for use: a test for rows, and what MLMD can be told so that fewer rows come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from converters.entities import Entity
from converters.fields import Stored
from converters.filters.evaluation import RowTest, compile_test
from converters.filters.names import Names
from converters.filters.narrowing import wide_query
from converters.filters.parser import parse
from converters.filters.tree import And, Node, Not, Or


@dataclass(frozen=True, slots=True)
class Filter:
    """What a filterQuery asks for."""

    test: RowTest
    """The verdict on a row: true, false, or None where SQL would say NULL."""
    wide_query: str | None
    """A filter_query of MLMD, ready for AND, that keeps every matching row and perhaps others; None: it cannot help."""
    needs_runs: bool
    """Whether rows must carry experimentId and experimentRunId (a decimal string, or a list of them)."""

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Whether a row, as REST answers it, satisfies the filter."""
        return self.test(row) is True


def parse_filter(text: str, entities: tuple[type[Entity], ...]) -> Filter | None:
    """The filter for a list of rows of these entities; None for a blank text."""
    node = parse(text)
    if node is None:
        return None
    names = Names(entities)
    return Filter(compile_test(node, names), wide_query(node, names), _needs_runs(node, names))


def _needs_runs(node: Node, names: Names) -> bool:
    match node:
        case Not(term):
            return _needs_runs(term, names)
        case And(terms) | Or(terms):
            return any(map(_needs_runs, terms, [names] * len(terms)))
        case _:
            return any(field.place is Stored.BY_ATTRIBUTION for field in names.subject(node.path).fields)
