"""Conditions on MLMD's columns for whole numbers of properties, which have 64 bits, or 32 on MySQL and PostgreSQL.

In a column of 32 bits its limits also stand for all numbers beyond them (`converters/companion.py`). A condition holds for every
row whose exact number matches, in both kinds of column; the proxy then decides the row.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from converters.companion import LARGEST, SMALLEST, kept_as, may_be_clamped
from converters.filters.tree import Operator

_BOUNDS: Mapping[Operator, tuple[Callable[[int, int], int], int]] = {
    Operator.LESS: (max, SMALLEST + 1),
    Operator.LESS_OR_EQUAL: (max, SMALLEST),
    Operator.GREATER: (min, LARGEST - 1),
    Operator.GREATER_OR_EQUAL: (min, LARGEST),
}
"""How a bound is moved so that rows at the limit of 32 bits are kept if their exact number may match."""

_UNSAYABLE = -(2**63)
"""A number that a column may hold but that MLMD's filters cannot express."""


def can_be_said(number: int) -> bool:
    """Returns whether MLMD's filters can express a number."""
    return _UNSAYABLE < number < 2**63


def compared(column: str, operator: Operator, number: int) -> str | None:
    """Returns the condition `column operator number`; `None` if MLMD cannot check it."""
    if operator is Operator.EQUAL:
        return among(column, [number])
    move, limit = _BOUNDS[operator]
    bound = move(number, limit)
    return f"{column} {operator} {bound}" if can_be_said(bound) else None


def rounded(operator: Operator, number: int | Decimal) -> tuple[Operator, int] | None:
    """Returns the same comparison with a whole number; `None` for equality with a number that is not whole."""
    if isinstance(number, int):
        return operator, number
    match operator:
        case Operator.EQUAL:
            return None
        case Operator.LESS | Operator.LESS_OR_EQUAL:
            return Operator.LESS_OR_EQUAL, math.floor(number)
        case _:
            return Operator.GREATER_OR_EQUAL, math.ceil(number)


def among(column: str, numbers: Iterable[int]) -> str | None:
    """Returns the condition `column IN (numbers)` for at least one number; `None` if MLMD cannot check it."""
    kept = [number for number in kept_as(numbers) if can_be_said(number) or number == _UNSAYABLE]
    if _UNSAYABLE in kept:
        return None
    return f"{column} = {kept[0]}" if len(kept) == 1 else f"{column} IN ({', '.join(map(str, kept))})"


def not_among(column: str, numbers: Iterable[int]) -> str | None:
    """Returns the condition `NOT (column IN (numbers))`; `None` if MLMD cannot check it.

    Numbers beyond 32 bits are left out: MariaDB clamps them before it compares, and would drop rows at the limit.
    """
    left = [number for number in numbers if not may_be_clamped(number)]
    return f"NOT ({column} IN ({', '.join(map(str, left))}))" if left else None
