"""The part of a filter that MLMD can apply: a filter_query that keeps every matching row, and as few others as possible.

MLMD joins a table for every property, parent or context in a filter, so it drops each row without one, wherever the condition
stands in the tree. A row must be dropped only if it cannot match: a condition on a missing property is unknown. AND may leave out
terms that MLMD cannot check. OR and a negated AND need all their terms, and all of these need the same joins.
"""

from dataclasses import dataclass
from functools import lru_cache

from converters.filters import Filter
from converters.filters.tree import And, Node, Not, Or
from model_registry_proxy.mlmd.filters.columns import Wide
from model_registry_proxy.mlmd.filters.conditions import ConditionWriter

_MOST_JOINS = 20  # SQLite joins 64 tables, MySQL 61
_MOST_TERMS = 200  # SQLite's expressions are at most 1,000 deep, and each OR is a level
_DEEPEST = 8  # SQLite's parser gives up at 100 parentheses; MLMD writes several for each of ours


@lru_cache(maxsize=64)
def wide_query(filter_: Filter) -> str | None:
    """Returns a filter_query that keeps every matching row and perhaps others; it may be joined to others with AND as it is.

    `None` if MLMD cannot help. The result is cached, since a list asks for each of its pages.
    """
    narrowed = _Narrowing(ConditionWriter(filter_.names)).narrow(filter_.tree, negated=False, scope=0, depth=0)
    return narrowed.text if narrowed else None


@dataclass(slots=True)
class _Narrowing:
    """One pass over a tree. In a scope contexts share one alias: the terms of an OR do, those of an AND do not."""

    writer: ConditionWriter
    scopes: int = 0

    def narrow(self, node: Node, *, negated: bool, scope: int, depth: int) -> Wide | None:
        """Returns the condition for a node of the tree, or for its negation; None if MLMD cannot help."""
        if depth > _DEEPEST:
            return None
        match node:
            case Not(term):
                return self.narrow(term, negated=not negated, scope=scope, depth=depth + 1)
            case And(terms) if not negated:
                return self._all_of(terms, negated=False, depth=depth)
            case Or(terms) if negated:
                return self._all_of(terms, negated=True, depth=depth)
            case And(terms) | Or(terms):
                return self._one_of(terms, negated=negated, scope=scope, depth=depth)
            case _:
                return self.writer.condition(node, negated=negated, scope=scope)

    def _all_of(self, terms: tuple[Node, ...], *, negated: bool, depth: int) -> Wide | None:
        texts: list[str] = []
        joins: frozenset[str] = frozenset()
        size = 0
        for term in terms:
            self.scopes += 1
            wide = self.narrow(term, negated=negated, scope=self.scopes, depth=depth + 1)
            if wide and size + wide.size <= _MOST_TERMS and len(joins | wide.joins) <= _MOST_JOINS:
                texts.append(wide.text)
                joins |= wide.joins
                size += wide.size
        return Wide(" AND ".join(texts), joins, size) if texts else None

    def _one_of(self, terms: tuple[Node, ...], *, negated: bool, scope: int, depth: int) -> Wide | None:
        wides: list[Wide] = []
        for term in terms:
            wide = self.narrow(term, negated=negated, scope=scope, depth=depth + 1)
            if wide is None or (wides and wide.joins != wides[0].joins):
                return None
            wides.append(wide)
        size = sum(wide.size for wide in wides)
        if size > _MOST_TERMS:
            return None
        return Wide("(" + " OR ".join(wide.text for wide in wides) + ")", wides[0].joins, size)
