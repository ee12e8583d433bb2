"""A filterQuery as a tree of frozen values: the parser makes it, evaluation and narrowing read it.

`!=`, `NOT LIKE`, `NOT IN` and `IS NOT NULL` have no node of their own: each is `Not` with the positive condition, so that both
always agree.
"""

from dataclasses import dataclass, fields, is_dataclass
from decimal import Context, Decimal
from enum import StrEnum


class Operator(StrEnum):
    """How a property is compared with a value."""

    EQUAL = "="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


class ValueType(StrEnum):
    """The type of a custom property: the suffix of a name, and the key of the value in REST."""

    STRING = "string_value"
    INT = "int_value"
    DOUBLE = "double_value"
    BOOL = "bool_value"


@dataclass(frozen=True, slots=True)
class Path:
    """The name of a field or custom property.

    Attributes:
        name: The name without the type suffix.
        suffix: The type suffix, if any.
        where: The position in the text, for messages.
        prefix: The first part of a name of several parts, if that part has no backquotes; `name` begins with it.
    """

    name: str
    suffix: ValueType | None
    where: str
    prefix: str = ""

    @property
    def rest(self) -> str:
        """The name without its prefix."""
        return self.name[len(self.prefix) + 1 :] if self.prefix else self.name


@dataclass(frozen=True, slots=True)
class Value:
    """A literal and its position in the text, for messages."""

    content: str | int | Decimal | bool
    where: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator value`."""

    path: Path
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Like:
    """`path LIKE value` or `path ILIKE value`."""

    path: Path
    pattern: Value
    ignores_case: bool


@dataclass(frozen=True, slots=True)
class In:
    """`path IN (values)`; without values it is false for every row."""

    path: Path
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """`path IS NULL`."""

    path: Path


@dataclass(frozen=True, slots=True)
class Not:
    """True if the term is false; unknown stays unknown."""

    term: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more terms."""

    terms: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more terms."""

    terms: "tuple[Node, ...]"


Leaf = Comparison | Like | In | IsNull
Node = Leaf | Not | And | Or


def meaning(node: object) -> str:
    """Returns a text that is equal for filters of equal meaning.

    Positions in the text do not count, nor does the order of terms and of values in IN. Each level of a tree takes one stack frame,
    so trees may be deep.
    """
    if isinstance(node, StrEnum):
        return node.value
    if isinstance(node, Decimal):  # 0.90 is 0.9
        return str(node.normalize(Context(prec=len(node.as_tuple().digits), traps=[])))
    if not is_dataclass(node):
        return repr(node)
    said = [type(node).__name__]
    for field in fields(node):
        part = getattr(node, field.name)
        if isinstance(part, tuple):
            texts = set()
            for item in part:
                texts.add(meaning(item))
            said.append(f"[{', '.join(sorted(texts))}]")
        elif field.name != "where":
            said.append(meaning(part))
    return f"({' '.join(said)})"


def negate(node: Node) -> Node:
    """Returns the negation. A double negation is removed, so that `NOT NOT ...` does not nest."""
    return node.term if isinstance(node, Not) else Not(node)
