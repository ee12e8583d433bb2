"""Converts one value between REST and MLMD: one rule for each type of field, with both directions next to each other."""

import base64
import binascii
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson
from google.protobuf.struct_pb2 import ListValue, Struct

from converters._generated.metadata_store_pb2 import BOOLEAN, DOUBLE, INT, STRING, STRUCT, PropertyType, Value
from converters.entity import Field, Id, Stored
from converters.errors import RefusedError
from converters.whole_numbers import whole_number

MAX_STRUCT_DEPTH = 30
"""Levels of nesting in a struct: MLMD's protobuf parser stops at 100 messages, and an object takes three."""


class Rule(NamedTuple):
    """The conversion of a declared field.

    Attributes:
        property_type: The type of the MLMD property.
        to_mlmd: Takes the REST value and the name of the field for messages, returns MLMD's value; may raise `RefusedError`.
        from_mlmd: Takes MLMD's value, returns the REST value; `None` if the field is absent in answers.
    """

    property_type: PropertyType
    to_mlmd: Callable[[Any, str], Value]
    from_mlmd: Callable[[Value], Any]


def survives(value: float) -> bool:
    """Returns whether MLMD keeps this double bit for bit: it writes six decimals, and SQLite returns 15 digits."""
    if value == 0:
        return math.copysign(1, value) > 0
    return float(f"{value:f}") == value == float(f"{value:.15g}")


def is_rounding_of(stored: float, exact: float) -> bool:
    """Returns whether `stored` is the form in which MLMD keeps `exact`. If not, another client has written a new value."""
    return math.isclose(stored, float(f"{exact:f}"), rel_tol=1e-14, abs_tol=0.0)


def struct_from_base64(text: str, field: str) -> Struct:
    """Returns the struct of a base64 text of a JSON object.

    Raises `RefusedError` with the name `field` for any other text, and for more than 30 levels of nesting.
    """
    try:
        content = orjson.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        content = None
    if not isinstance(content, dict):
        raise RefusedError(f"{field} must be the base64 of a JSON object, as in eyJhIjoxfQ==.")
    if depth_of(content) > MAX_STRUCT_DEPTH:
        raise RefusedError(f"{field} is nested too deeply: the store keeps {MAX_STRUCT_DEPTH} levels.")
    struct = Struct()
    struct.update(content)
    return struct


def depth_of(content: Any) -> int:
    """Returns the levels of objects and arrays in a JSON value: 0 for a text or number."""
    depth, level = 0, [content]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth


def struct_to_base64(struct: Struct) -> str:
    """Returns the base64 text of a struct's JSON: keys are sorted, whole numbers have no fraction."""
    return base64.b64encode(orjson.dumps(plain(struct), option=orjson.OPT_SORT_KEYS)).decode()


def plain(content: Any) -> Any:
    """Returns a struct, list or scalar of protobuf as plain Python values; whole doubles below 2^53 become integers."""
    if isinstance(content, Struct):
        return {key: plain(content[key]) for key in content.fields}
    if isinstance(content, ListValue):
        return [plain(item) for item in content.items()]
    if isinstance(content, float) and content.is_integer() and abs(content) < 2**53 and math.copysign(1, content) > 0:
        return int(content)
    return content


def _text_list(items: list[str], field: str) -> Value:
    value = Value()
    value.struct_value.get_or_create_list(field).extend(items)
    return value


def _items(value: Value) -> list[str] | None:
    for held in value.struct_value.fields.values():
        return [item.string_value for item in held.list_value.values if item.HasField("string_value")] or None
    return None


TEXT = Rule(STRING, lambda text, _: Value(string_value=text), lambda value: value.string_value or None)
RULES: Mapping[Any, Rule] = {
    str: TEXT,
    Stored.KEPT_WHEN_EMPTY: TEXT._replace(from_mlmd=lambda value: value.string_value),
    int: Rule(INT, lambda number, field: Value(int_value=whole_number(number, field)), lambda value: value.int_value),
    bool: Rule(BOOLEAN, lambda is_set, _: Value(bool_value=is_set), lambda value: value.bool_value),
    Id: Rule(INT, lambda text, field: Value(int_value=whole_number(text, field)), lambda value: str(value.int_value)),
    float: Rule(DOUBLE, lambda number, _: Value(double_value=number), lambda value: value.double_value),
    list[str]: Rule(STRUCT, _text_list, _items),
}
"""The rule for each type of field, or for the marker `KEPT_WHEN_EMPTY`."""


def rule_of(field: Field) -> Rule:
    """Returns the rule for a field. Raises `KeyError` for a type without one, when the first node of the entity is converted."""
    return RULES[field.place if field.place in RULES else field.type]


def _custom_int(text: str, field: str) -> Value:
    return Value(int_value=whole_number(text, field))


class CustomRule(NamedTuple):
    """The conversion of a custom property of one type.

    Attributes:
        metadata_type: The value of `metadataType` in REST.
        key: The name of the value, in REST and in MLMD.
        to_mlmd: As in `Rule`.
        from_mlmd: Takes MLMD's value, returns the REST value.
    """

    metadata_type: str
    key: str
    to_mlmd: Callable[[Any, str], Value]
    from_mlmd: Callable[[Value], Any]


CUSTOM_RULES = (
    CustomRule("MetadataStringValue", "string_value", TEXT.to_mlmd, lambda value: value.string_value),
    CustomRule("MetadataIntValue", "int_value", _custom_int, lambda value: str(value.int_value)),
    CustomRule("MetadataDoubleValue", "double_value", RULES[float].to_mlmd, lambda value: value.double_value),
    CustomRule("MetadataBoolValue", "bool_value", lambda b, _: Value(bool_value=b), lambda value: value.bool_value),
    CustomRule(
        "MetadataStructValue",
        "struct_value",
        lambda text, field: Value(struct_value=struct_from_base64(text, field)),
        lambda value: struct_to_base64(value.struct_value),
    ),
)
CUSTOM_BY_TYPE: Mapping[str, CustomRule] = {rule.metadata_type: rule for rule in CUSTOM_RULES}
CUSTOM_BY_KIND: Mapping[str | None, CustomRule] = {rule.key: rule for rule in CUSTOM_RULES}
