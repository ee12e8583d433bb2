"""Named queries as trees of the filter language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from converters.filters.tree import And, Comparison, In, Like, Node, Operator, Path, Value, negate
from model_catalog.entries import JsonObject

from .fields import suffixed


def tree_of(name: str, filters: Mapping[str, JsonObject]) -> Node:
    """The conditions of a named query, joined by AND."""
    where = f"the named query {name}"
    terms = tuple(_condition(suffixed(Path(field, None, where)), given, where) for field, given in filters.items())
    return terms[0] if len(terms) == 1 else And(terms)


def _condition(path: Path, given: JsonObject, where: str) -> Node:
    operator = " ".join(given["operator"].upper().split())
    if operator in {"IN", "NOT IN"}:
        node: Node = In(path, tuple(_value(each, where) for each in given["value"]))
        return negate(node) if operator == "NOT IN" else node
    value = _value(given["value"], where)
    if operator in {"LIKE", "ILIKE"}:
        return Like(path, value, ignores_case=operator == "ILIKE")
    if operator in {"!=", "<>"}:
        return negate(Comparison(path, Operator.EQUAL, value))
    return Comparison(path, Operator(operator), value)


def _value(given: Any, where: str) -> Value:
    return Value(Decimal(str(given)) if isinstance(given, float) else given, where)
