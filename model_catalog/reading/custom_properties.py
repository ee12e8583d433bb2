"""The custom properties of files, as answers have them: the kinds that have no place in answers become texts."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from model_catalog.entries import JsonObject

from .checks import FieldError, kind_of, text
from .wording import quoted

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_INT32 = 1 << 31
_SHORT = 64


@lru_cache(maxsize=20_000)
def _shared_text_property(value: str) -> JsonObject:
    return {"metadataType": "MetadataStringValue", "string_value": value}


def text_property(value: str) -> JsonObject:
    """A text as a property. Equal short ones are one object, since large catalogs repeat them."""
    if len(value) <= _SHORT:
        return _shared_text_property(value)
    return {"metadataType": "MetadataStringValue", "string_value": value}


def int_property(value: int) -> JsonObject | None:
    """A whole number as a property, None beyond 32 bits."""
    return _shared_int_property(value) if -_INT32 <= value < _INT32 else None


@lru_cache(maxsize=20_000)
def _shared_int_property(value: int) -> JsonObject:
    return {"metadataType": "MetadataIntValue", "int_value": str(value)}


def double_property(value: float) -> JsonObject:
    """A number as a property."""
    return {"metadataType": "MetadataDoubleValue", "double_value": float(value)}


_BOOLS: Mapping[bool, JsonObject] = {
    value: {"metadataType": "MetadataBoolValue", "bool_value": value} for value in (False, True)
}


def bool_property(value: bool) -> JsonObject:  # noqa: FBT001 - the value itself
    """True or false as a property."""
    return _BOOLS[value]


AsText = Callable[[Any], str]


def _read_text(value: Any, _: JsonObject, as_text: AsText) -> JsonObject:
    return text_property("" if value is None else as_text(value))


def _read_int(value: Any, _: JsonObject, as_text: AsText) -> JsonObject:
    digits = "" if value is None else as_text(value)
    number = int_property(int(digits)) if _WHOLE_NUMBER.fullmatch(digits) else None
    return number or text_property(digits)


def _read_double(value: Any, _: JsonObject, __: AsText) -> JsonObject:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError(f"must be a number without quotes, but is {kind_of(value)}")
    return double_property(value)


def _read_bool(value: Any, _: JsonObject, __: AsText) -> JsonObject:
    if not isinstance(value, bool):
        raise FieldError(f"must be true or false, but is {kind_of(value)}")
    return bool_property(value)


def _read_whole(*keys: str) -> Callable[[Any, JsonObject, AsText], JsonObject]:
    """For the kinds that become the JSON of the whole value."""

    def read(value: Any, whole: JsonObject, as_text: AsText) -> JsonObject:
        as_text("" if value is None else value)
        parts = {key: whole[key] for key in ("metadataType", *keys) if key in whole}
        return text_property(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS).decode())

    return read


_KINDS: Mapping[str, tuple[str, Callable[[Any, JsonObject, AsText], JsonObject]]] = {
    "MetadataStringValue": ("string_value", _read_text),
    "MetadataIntValue": ("int_value", _read_int),
    "MetadataDoubleValue": ("double_value", _read_double),
    "MetadataBoolValue": ("bool_value", _read_bool),
    "MetadataStructValue": ("struct_value", _read_whole("struct_value")),
    "MetadataProtoValue": ("proto_value", _read_whole("proto_value", "type")),
}
_KEYS = {key.lower(): key for key in ("metadataType", "type", *(value for value, _ in _KINDS.values()))}


def custom_properties(value: Any, as_text: AsText = text) -> dict[str, JsonObject]:
    """The properties of a file. One without a known `metadataType` becomes an empty text. Raises FieldError.

    Args:
        value: What the file has.
        as_text: Which values are taken for texts.
    """
    if not isinstance(value, dict):
        raise FieldError(f"must be a mapping, but is {kind_of(value)}")
    return {name: _property(name, each, as_text) for name, each in value.items()}


def _property(name: str, value: Any, as_text: AsText) -> JsonObject:
    if value is None:
        return text_property("")
    if not isinstance(value, dict):
        raise FieldError(
            f"has {quoted(name)}, which is {kind_of(value)}; write such as {{metadataType: MetadataStringValue, string_value: x}}"
        )
    kind = value.get("metadataType")
    if not isinstance(kind, str) or kind not in _KINDS:
        value = {_KEYS.get(key.lower(), key): each for key, each in value.items()}
        kind = value.get("metadataType")
        if not isinstance(kind, str) or kind not in _KINDS:
            return text_property("")
    key, read = _KINDS[kind]
    try:
        return read(value.get(key), value, as_text)
    except FieldError as error:
        raise FieldError(f"has {quoted(name)}, whose {key} {error}") from None
