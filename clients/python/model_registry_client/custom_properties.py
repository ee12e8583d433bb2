"""Converts custom properties between plain Python values and the tagged values of the API's JSON, in both directions."""

import base64
import binascii
import json
import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from model_registry_client.errors import InvalidValue


@dataclass(frozen=True)
class OpaqueValue:
    """A value whose type this release does not know. It is kept unchanged, so that it can be sent back."""

    wire: Mapping[str, Any]


PropertyValue: TypeAlias = str | bool | int | float | dict[str, Any] | OpaqueValue
"""What a custom property may hold. Types are kept. An int has up to 64 bits. A float is kept exactly."""

_WHOLE = range(-(2**63), 2**63)
_MOST_SHOWN = 10**40


def to_wire(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Converts plain values to tagged values. Raises `InvalidValue`, which names the property, if the API cannot hold one."""
    return {name: _tagged(name, value) for name, value in properties.items()}


def from_wire(properties: Mapping[str, Any] | None) -> dict[str, PropertyValue]:
    """Converts tagged values to plain values. A value of an unknown type becomes an `OpaqueValue`."""
    return {name: _plain(value) for name, value in (properties or {}).items()}


def _tagged(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(name, str):
        raise InvalidValue(f"The name of a custom property must be a text; got {type(name).__name__}.")
    match value:
        case OpaqueValue():
            return value.wire
        case bool():
            return {"metadataType": "MetadataBoolValue", "bool_value": value}
        case str():
            return {"metadataType": "MetadataStringValue", "string_value": str(value)}
        case numbers.Integral():
            if int(value) not in _WHOLE:
                said = value if abs(int(value)) < _MOST_SHOWN else "a longer one"
                raise InvalidValue(f"The custom property {name!r} must be a whole number of 64 bits; got {said}.")
            return {"metadataType": "MetadataIntValue", "int_value": str(int(value))}
        case numbers.Real():
            if not math.isfinite(value):
                raise InvalidValue(
                    f"The custom property {name!r} must be a finite number; got {value}. A text can say so."
                )
            return {"metadataType": "MetadataDoubleValue", "double_value": float(value)}
        case Mapping():
            return {"metadataType": "MetadataStructValue", "struct_value": _struct(name, value)}
        case _ if (
            type(value).__module__ == "numpy" and getattr(value, "size", 0) == 1
        ):  # numpy.bool_ is not a bool of Python
            return _tagged(name, value.item())
    raise InvalidValue(
        f"The custom property {name!r} must be a str, int, float, bool or dict; got {type(value).__name__}."
        + (" Wrap a list in a dict." if isinstance(value, list | tuple) else "")
    )


def _struct(name: str, value: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(dict(value), allow_nan=False, ensure_ascii=False).encode()
        json.loads(text, parse_int=_check_double)
    except (RecursionError, TypeError, ValueError) as error:
        raise InvalidValue(f"The custom property {name!r} must be a dict that JSON can hold: {error}.") from error
    return base64.b64encode(text).decode()


def _check_double(digits: str) -> None:
    """Raises `ValueError` for a whole number beyond the range of a double: the numbers in a struct are doubles."""
    if math.isinf(float(digits)):
        raise ValueError(f"the number {digits[:20]}... is beyond 1.8e308")


def _plain(value: Any) -> PropertyValue:
    match value:
        case {"metadataType": "MetadataStringValue", "string_value": str(text)}:
            return text
        case {"metadataType": "MetadataIntValue", "int_value": str() | int() as whole}:
            return int(whole)
        case {"metadataType": "MetadataDoubleValue", "double_value": float() | int() as number}:
            return float(number)
        case {"metadataType": "MetadataBoolValue", "bool_value": bool(flag)}:
            return flag
        case {
            "metadataType": "MetadataStructValue",
            "struct_value": dict(struct),
        }:  # newer Go servers send it without base64
            return struct
        case {"metadataType": "MetadataStructValue", "struct_value": str(text)}:
            found = _object(text)
            return OpaqueValue(value) if found is None else found
    return OpaqueValue(value)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
    return found if isinstance(found, dict) else None
