"""The companion: a hidden custom property with the exact form of numbers that a store cannot keep exactly.

It is a struct. A key is a place (`value`, `customProperties.k`). A value is the exact number: a double as a number, a whole
number as decimal text. MLMD rounds doubles to six decimals. On MySQL and PostgreSQL its columns for whole numbers have 32 bits;
a larger number is stored there as the nearest number of 32 bits. An entry is valid only while the store holds the rounded or
nearest form of its number. Otherwise another client has written a new value, and that value is the right one.
"""

from collections.abc import Iterable
from typing import Any

from converters._generated.metadata_store_pb2 import Value
from converters.entity import camel_case
from converters.errors import RefusedError
from converters.kinds import JsonObject, Node
from converters.values import is_rounding_of, plain
from converters.whole_numbers import whole_number

COMPANION = "__exact_doubles__"
"""The name of the property. It was chosen before whole numbers were added; existing stores have it, so it stays."""

SMALLEST, LARGEST = -(2**31), 2**31 - 1
"""The limits of a column of 32 bits."""

_CUSTOM = "customProperties"


def clamped(number: int) -> int:
    """Returns the number of 32 bits that is nearest to `number`."""
    return max(SMALLEST, min(number, LARGEST))


def kept_as(numbers: Iterable[int]) -> list[int]:
    """Returns what a column of 64 bits or of 32 bits may hold for one of `numbers`, in ascending order, for conditions to MLMD."""
    return sorted({kept for number in numbers for kept in (number, clamped(number))})


def may_be_clamped(number: int) -> bool:
    """Returns whether `clamped(number)` in a column of 32 bits may stand for other numbers than `number`."""
    return not SMALLEST < number < LARGEST


def custom_place(key: str) -> str:
    """Returns the name for a custom property in the companion and in error messages: `customProperties.` and its key."""
    return f"{_CUSTOM}.{key}"


def restore(answer: JsonObject, companion: Value) -> list[str]:
    """Puts the exact numbers of `companion` into the REST entity `answer`.

    Returns the places of stale entries: another client has written a new value there. A stale entry for `step` is not reported,
    since a PATCH that changes only the step leaves its old entry.
    """
    stale = []
    for place, exact in plain(companion.struct_value).items():
        is_whole = isinstance(exact, str)
        head, dot, key = place.partition(".")
        holder, slot = (
            (answer[_CUSTOM].get(key, {}), "int_value" if is_whole else "double_value") if dot else (answer, head)
        )
        stored = holder.get(slot)
        number = _whole(stored, exact, str if dot else int) if is_whole else _double(stored, exact)
        if number is not None:
            holder[slot] = number
        elif dot or not is_whole:
            stale.append(place)
    return stale


def _double(stored: Any, exact: Any) -> float | None:
    is_own = isinstance(stored, float) and isinstance(exact, int | float) and is_rounding_of(stored, float(exact))
    return float(exact) if is_own else None


def _whole(stored: Any, exact: str, shown_as: type[int | str]) -> int | str | None:
    """Returns the exact number if the entry is valid. `shown_as` is its type in REST: text for custom properties, else a number."""
    try:
        number = whole_number(exact, "")
    except (RefusedError, ValueError):  # another client has written something else into the companion
        return None
    is_own = number != clamped(number) and isinstance(stored, shown_as) and stored == shown_as(clamped(number))
    return shown_as(number) if is_own else None


def has_large(node: Node) -> bool:
    """Returns whether a node holds a whole number beyond 32 bits."""
    return any(
        not SMALLEST <= values[key].int_value <= LARGEST
        for values in (node.properties, node.custom_properties)
        for key in values
    )


def narrowed(node: Node) -> Node:
    """Returns a copy of `node` for a store with columns of 32 bits: larger numbers are clamped, and exact in the companion."""
    copy: Any = type(node)()
    copy.CopyFrom(node)
    exact = {}
    for place, key, number in _large(node):
        getattr(copy, place)[key].int_value = clamped(number)
        exact[camel_case(key) if place == "properties" else custom_place(key)] = str(number)
    if exact:
        copy.custom_properties[COMPANION].struct_value.update(exact)
    return copy  # type: ignore[no-any-return]


def _large(node: Node) -> list[tuple[str, str, int]]:
    """Returns the whole numbers beyond 32 bits in a node: the name of the map, the key and the number of each."""
    return [
        (place, key, values[key].int_value)
        for place in ("properties", "custom_properties")
        for values in (getattr(node, place),)
        for key in values
        if clamped(values[key].int_value) != values[key].int_value
    ]


def is_narrowed(sent: Node, stored: Node) -> bool | None:
    """Returns whether a store has clamped the large numbers of the node `sent`; `None` if `stored` does not show it."""
    for place, key, number in _large(sent):
        values = getattr(stored, place)
        found = values[key].int_value if key in values else None
        if found in (number, clamped(number)):
            return bool(found != number)
    return None
