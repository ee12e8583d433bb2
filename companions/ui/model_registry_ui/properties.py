"""Custom properties as rows of a form, and back. The kind of a value is chosen, never guessed; unedited values stay as they are."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest
from typing import Any

from model_registry_client.limits import MOST_LEVELS, MOST_PROPERTY_NAME_BYTES, TOO_LARGE, WHOLE, levels, what_is_wrong

RESERVED_NAMES = ("__exact_doubles__", "__idempotency__")
_WHOLE = re.compile(r"[+-]?[0-9]{1,100}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_MOST_DIGITS = 1000
"""Characters of a typed decimal. No double needs more than 800."""
MOST_JSON = 2**19
"""Characters of a JSON object in a form. The parser holds up all other requests while it reads one."""
_SET_BY_TOOLS = re.compile(r"_lastModified|_registeredFrom.*", re.DOTALL)
_TRUTHS = {"yes": True, "no": False}
Wire = Mapping[str, Any]
"""A value as the API's JSON has it, with its `metadataType`."""


class Kind(StrEnum):
    """The kinds of values, in the words of a form."""

    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "decimal"
    YES_NO = "yes or no"
    JSON = "JSON object"
    OTHER = "other"
    """A kind that the UI does not know. It is shown and kept, and cannot be edited."""


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """One custom property as a form shows it. `kind` is a value of `Kind`; `value` is as typed."""

    name: str = ""
    kind: str = Kind.TEXT
    value: str = ""


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row.

    Attributes:
        row: The index of the row.
        field: `name`, `kind` or `value`.
        message: A sentence for people, without subject.
    """

    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadRows:
    """The custom properties of a form as the API's JSON. Rows with errors are left out."""

    properties: dict[str, Wire] = field(default_factory=dict)
    errors: tuple[RowError, ...] = ()


class _UnreadableError(Exception):
    """A value does not fit its kind; the message says why."""


def to_rows(properties: Mapping[str, Wire] | None) -> tuple[PropertyRow, ...]:
    """Returns the rows of a form, by name."""
    return tuple(_to_row(name, value) for name, value in sorted((properties or {}).items()))


def rows_of_form(pairs: Iterable[tuple[str, str]], prefix: str = "property") -> tuple[PropertyRow, ...]:
    """Returns the rows that a form has sent: its fields `property-name`, `property-kind` and `property-value`, in this order."""
    sent: dict[str, list[str]] = {}
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    columns = (sent.get(f"{prefix}-{part}", []) for part in ("name", "kind", "value"))
    return tuple(
        PropertyRow(name, kind or Kind.TEXT, value) for name, kind, value in zip_longest(*columns, fillvalue="")
    )


def from_rows(rows: Sequence[PropertyRow], opened: Mapping[str, Wire] | None = None) -> ReadRows:
    """Returns the custom properties of rows. Rows without name and value are skipped.

    Args:
        rows: The rows, as a form sent them.
        opened: The custom properties that the form was made from. A row that still shows one of them gives exactly that one.
    """
    read: dict[str, Wire] = {}
    errors: list[RowError] = []
    for index, row in enumerate(rows):
        if not row.name and not row.value.strip():
            continue
        if reason := _wrong_name(row.name, read):
            errors.append(RowError(index, "name", reason))
            continue
        try:
            read[row.name] = _read(row, (opened or {}).get(row.name))
        except _UnreadableError as error:
            errors.append(RowError(index, "value" if row.kind in set(Kind) else "kind", str(error)))
    return ReadRows(read, tuple(errors))


def shown(value: Wire) -> str:
    """Returns a value as text for people; a JSON object is indented."""
    return _to_row("", value).value


def number(value: Wire) -> int | float | None:
    """Returns the number that a value is; `None` for other kinds."""
    match _to_row("", value):
        case PropertyRow(_, Kind.WHOLE, text):
            return int(text)
        case PropertyRow(_, Kind.DECIMAL, text):
            return float(text)
    return None


def labels(properties: Mapping[str, Wire] | None) -> tuple[str, ...]:
    """Returns the labels, by name: the properties whose value is an empty text."""
    return tuple(name for name, value in sorted((properties or {}).items()) if _is_label(value))


def with_label(properties: Mapping[str, Wire] | None, label: str) -> dict[str, Wire]:
    """Returns the properties with one label more. A property of that name stays as it is."""
    return {label: _text(""), **(properties or {})}


def without_label(properties: Mapping[str, Wire] | None, label: str) -> dict[str, Wire]:
    """Returns the properties without a label. A property of that name with a value stays."""
    return {name: value for name, value in (properties or {}).items() if name != label or not _is_label(value)}


def is_set_by_tools(name: str) -> bool:
    """Returns whether Kubeflow's UI writes the property for itself."""
    return bool(_SET_BY_TOOLS.fullmatch(name))


def _is_label(value: Wire) -> bool:
    return value.get("metadataType") == "MetadataStringValue" and value.get("string_value") == ""


def _to_row(name: str, value: Wire) -> PropertyRow:
    match value:
        case {"metadataType": "MetadataStringValue", "string_value": str(text)}:
            return PropertyRow(name, Kind.TEXT, text)
        case {"metadataType": "MetadataIntValue", "int_value": str() | int() as whole} if _WHOLE.fullmatch(str(whole)):
            return PropertyRow(name, Kind.WHOLE, str(int(whole)))
        case {"metadataType": "MetadataDoubleValue", "double_value": float() | int() as decimal}:
            return PropertyRow(name, Kind.DECIMAL, repr(float(decimal)))
        case {"metadataType": "MetadataBoolValue", "bool_value": bool(flag)}:
            return PropertyRow(name, Kind.YES_NO, "yes" if flag else "no")
        case {"metadataType": "MetadataStructValue", "struct_value": struct} if (
            content := _object(struct)
        ) is not None:
            return PropertyRow(name, Kind.JSON, json.dumps(content, indent=2, ensure_ascii=False))
    return PropertyRow(name, Kind.OTHER, json.dumps(value, ensure_ascii=False))


def _object(struct: Any) -> dict[str, Any] | None:
    """The JSON object of a struct: base64 of its text, or the object itself, as newer servers of Kubeflow send it."""
    if isinstance(struct, str):
        try:
            struct = json.loads(base64.b64decode(struct, validate=True))
        except (binascii.Error, ValueError, RecursionError):
            return None
    return struct if isinstance(struct, dict) else None


def _wrong_name(name: str, read: Mapping[str, Wire]) -> str | None:
    if not name:
        return "must have a name, since there is a value"
    if name in read:
        return "must have another name: a row above has this one"
    if name in RESERVED_NAMES:
        return "must have another name, since the server keeps this one for itself"
    return (
        _wrong_text(name)
        if len(name.encode(errors="replace")) <= MOST_PROPERTY_NAME_BYTES
        else (
            f"must have at most {MOST_PROPERTY_NAME_BYTES} bytes of UTF-8; it has {len(name.encode(errors='replace'))}"
        )
    )


def _wrong_text(text: str) -> str | None:
    """Why a name cannot be stored. Unlike a value, a name may begin with the prefix that the store keeps for values."""
    return what_is_wrong("." + text)


def _read(row: PropertyRow, opened: Wire | None) -> Wire:
    if opened is not None:
        before = _to_row(row.name, opened)
        if before.kind == row.kind and _lines(before.value) == _lines(row.value):
            return opened
    try:
        reader = _READERS[Kind(row.kind)]
    except (KeyError, ValueError):
        kinds = ", ".join(kind for kind in Kind if kind is not Kind.OTHER)
        raise _UnreadableError(f"must be one of: {kinds}") from None
    return reader(_lines(row.value))


def _lines(text: str) -> str:
    """The text with plain line ends: a form sends each kind of them as CR and LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(text: str) -> Wire:
    if reason := what_is_wrong(text):
        raise _UnreadableError(reason)
    return {"metadataType": "MetadataStringValue", "string_value": text}


def _whole(text: str) -> Wire:
    text = text.strip()
    if not _WHOLE.fullmatch(text) or int(text) not in WHOLE:
        raise _UnreadableError(f"must be a whole number between {WHOLE.start} and {WHOLE.stop - 1}, such as 42")
    return {"metadataType": "MetadataIntValue", "int_value": str(int(text))}


def _decimal(text: str) -> Wire:
    text = text.strip()
    if len(text) > _MOST_DIGITS:
        raise _UnreadableError(f"must have at most {_MOST_DIGITS} digits and signs")
    if not _DECIMAL.fullmatch(text):
        raise _UnreadableError("must be a number with a decimal point, such as 0.97 or 1e-5")
    if not abs(float(text)) < TOO_LARGE:
        raise _UnreadableError("must be nearer to zero than 1e60")
    return {"metadataType": "MetadataDoubleValue", "double_value": float(text)}


def _yes_no(text: str) -> Wire:
    if text not in _TRUTHS:
        raise _UnreadableError("must be yes or no")
    return {"metadataType": "MetadataBoolValue", "bool_value": _TRUTHS[text]}


def _json(text: str) -> Wire:
    if len(text) > MOST_JSON:
        raise _UnreadableError(f"must have at most {MOST_JSON:,} characters here; the API takes larger ones")
    try:
        content = json.loads(text, parse_int=_exact, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
        if not isinstance(content, dict):
            raise _UnreadableError('must be a JSON object, such as {"a": 1}')
        if levels(content) > MOST_LEVELS:
            raise _UnreadableError(f"must have at most {MOST_LEVELS} levels of objects and lists")
        packed = json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _UnreadableError(f"must be JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except (UnicodeEncodeError, RecursionError):
        raise _UnreadableError("must be JSON that can be written as UTF-8, with few levels") from None
    return {"metadataType": "MetadataStructValue", "struct_value": base64.b64encode(packed).decode()}


def _exact(digits: str) -> int:
    """A whole number in a JSON object. The store keeps a double, so numbers that a double cannot hold are refused."""
    if not _WHOLE.fullmatch(digits) or int(digits) != int(float(digits)):
        raise _UnreadableError(f"holds {digits[:40]}, which is stored rounded: write it as a text, in quotes")
    return int(digits)


def _no_constant(name: str) -> float:
    raise _UnreadableError(f"holds {name}, which is no JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _UnreadableError(f'has "{name[:40]}" twice in one object')
        found[name] = value
    return found


_READERS = {Kind.TEXT: _text, Kind.WHOLE: _whole, Kind.DECIMAL: _decimal, Kind.YES_NO: _yes_no, Kind.JSON: _json}
