"""Turns MLMD's protobuf messages into the fields that the load generator sends, which may contain {variables}.

A text field contains a variable as it is: `"{model.name}"`. For a number field, `number("model.id")` stands for the variable.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_FIRST = 2**60
_variables: dict[str, int] = {}

_FLOATING = FieldDescriptor.TYPE_DOUBLE
_TEXT = FieldDescriptor.TYPE_STRING
_NESTED = FieldDescriptor.TYPE_MESSAGE
_WHOLE = {
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_BOOL,
    FieldDescriptor.TYPE_ENUM,
}
Field = Mapping[str, Any]


def number(variable: str) -> int:
    """A number from 2^60 up that stands for a variable; `fields` replaces it by the variable."""
    return _variables.setdefault(variable, _FIRST + len(_variables))


def fields(message: Message) -> list[Field]:
    """The fields of a message that are set, in the JSON shape of `Field` in load/messages.go. Raises `TypeError` for a new type."""
    return [made for descriptor, value in message.ListFields() for made in _fields(descriptor, value)]


def _fields(descriptor: Any, value: Any) -> Iterator[Field]:
    kind = descriptor.message_type
    if kind is not None and kind.GetOptions().map_entry:
        for key in value:
            parts = [*_fields(kind.fields_by_number[1], key), *_fields(kind.fields_by_number[2], value[key])]
            yield {"Number": descriptor.number, "Message": parts}
    elif descriptor.label == FieldDescriptor.LABEL_REPEATED:
        for item in value:
            yield _field(descriptor, item)
    else:
        yield _field(descriptor, value)


def _field(descriptor: Any, value: Any) -> Field:
    if descriptor.type == _NESTED:
        return {"Number": descriptor.number, "Message": fields(value)}
    if descriptor.type == _TEXT:
        return {"Number": descriptor.number, "Bytes": value}
    if descriptor.type == _FLOATING:
        return {"Number": descriptor.number, "Fixed64": struct.unpack("<Q", struct.pack("<d", value))[0]}
    if descriptor.type in _WHOLE:
        return {"Number": descriptor.number, "Varint": _digits(int(value))}
    raise TypeError(f"{descriptor.full_name} has a type that the benchmark cannot send yet.")


def _digits(value: int) -> str:
    names = list(_variables)
    return f"{{{names[value - _FIRST]}}}" if 0 <= value - _FIRST < len(names) else str(value)
