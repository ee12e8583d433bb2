"""The limits of a server on MLMD. Operations that create several entities check all of them before the first request.

Pure functions. The limits are those of `openapi/model-registry.yaml`.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from model_registry_client.entity import Entity, Parent
from model_registry_client.errors import NotKept

MOST_BYTES: Mapping[str, int] = {"name": 255, "externalId": 255, "uri": 65_535}
"""The longest texts in bytes of UTF-8, by JSON name. The parent's id and a colon before a stored name count too."""
MOST_PROPERTY_NAME_BYTES = 255
TOO_LARGE = 1e60
"""The store on MySQL loses numbers from this size on."""
MOST_LEVELS = 30
"""The most levels of objects and lists in the dict of a custom property."""
WHOLE = range(-(2**63), 2**63)
_RESERVED_NAMES = ("__exact_doubles__", "__idempotency__")
_GENERATED_PREFIX = len("12345678-1234-1234-1234-123456789012:")
_RESERVED_PREFIX = "mlmd-struct::"
_REFUSED: tuple[tuple[Callable[[str], Any], str], ...] = (
    (lambda text: "\0" in text, "must not hold a NUL character"),
    (re.compile("[\ud800-\udfff]").search, "must be text that UTF-8 can write; it holds half a surrogate pair"),
)


def what_is_wrong(text: str, most_bytes: int | None = None, prefix: int = 0) -> str | None:
    """Returns why the server would refuse a text; `None` if it would not.

    Args:
        text: The text.
        most_bytes: The limit in bytes of UTF-8, if there is one.
        prefix: The number of bytes that the store puts before the text. They count.
    """
    if text.startswith(_RESERVED_PREFIX):
        return f'must not begin with "{_RESERVED_PREFIX}", which the store keeps for itself'
    return _refused(text) or _too_long(text, most_bytes, prefix)


def _refused(text: str) -> str | None:
    return next((reason for is_refused, reason in _REFUSED if is_refused(text)), None)


def _too_long(text: str, most_bytes: int | None, prefix: int = 0) -> str | None:
    length = len(text.encode())
    if most_bytes is not None and length + prefix > most_bytes:
        room = f"{most_bytes} bytes of UTF-8" + (f", {prefix} of them for the id before it" if prefix else "")
        return f"is too long: the store keeps {room}; it has {length}"
    return None


def check(entity: type[Entity], sent: Mapping[str, Any], under: tuple[Parent, str] | None) -> None:
    """Checks the JSON of a create request. Raises `NotKept`, which names the field, for a value that the server would refuse."""
    for field, reason in _wrong(sent, prefix_of(entity, under)):
        raise NotKept(f"The {field} of the {entity.words} {reason}.")


def prefix_of(entity: type[Entity], under: tuple[Parent, str] | None) -> int:
    """Returns the number of bytes that the store puts before a name: a parent's id, or a generated UUID, and a colon."""
    if under:
        return len(under[1]) + 1
    return _GENERATED_PREFIX if entity.parents else 0


def _wrong(sent: Mapping[str, Any], prefix: int) -> Iterator[tuple[str, str]]:
    for alias, value in sent.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (
                reason := what_is_wrong(text, MOST_BYTES.get(alias), prefix if alias == "name" else 0)
            ):
                yield alias, reason
    for name, value in (sent.get("customProperties") or {}).items():
        if reason := _wrong_name(name) or _wrong_value(value):
            yield f"custom property {name[:40]!r}", reason


def _wrong_name(name: str) -> str | None:
    if name in _RESERVED_NAMES:
        return "must have another name, since the server keeps this one for itself"
    reason = _refused(name) or _too_long(name, MOST_PROPERTY_NAME_BYTES)
    return f"must have another name: this one {reason}" if reason else None


def _wrong_value(value: Mapping[str, Any]) -> str | None:
    match value:
        case {"string_value": str(text)}:
            return what_is_wrong(text)
        case {"double_value": float(number)} if abs(number) >= TOO_LARGE:
            return f"must be nearer to zero than 1e60; it is {number}. A text can say so"
        case {"struct_value": str(text)} if levels(json.loads(base64.b64decode(text))) > MOST_LEVELS:
            return f"is nested too deeply: the store keeps {MOST_LEVELS} levels"
    return None


def levels(content: Any) -> int:
    """Counts the levels of objects and lists in a JSON value; 0 for a scalar."""
    depth, level = 0, [content]
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return depth
