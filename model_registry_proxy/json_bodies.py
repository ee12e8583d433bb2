"""Bytes to a JSON value, strictly (RFC 8259): one value, UTF-8, no duplicate keys."""

import json
import re
from collections.abc import Iterable
from typing import Any

import orjson

from model_registry_proxy.errors import BadRequest

MOST_PARTS = 100_000
"""What a body may be made of, so that looking through it takes a fraction of a second at most."""
_WHOLES = (dict, list)
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def read_json(body: bytes) -> Any:
    """The value that a body holds; raises `BadRequest`."""
    if not body.strip():
        raise BadRequest("The body is empty; a JSON object is expected.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    keys = _count_keys(value)
    # Outside of strings each colon belongs to a key; a parsed value with fewer keys than colons has lost some.
    if body.count(b":") != keys and _STRING.sub(b"", body).count(b":") != keys:
        raise BadRequest(f"The body has the key {_first_duplicate(body)!r} twice.")
    return value


def _count_keys(value: Any) -> int:
    """The number of keys in a value, in one sweep without recursion; raises `BadRequest` for more parts than anybody means."""
    keys, parts, todo = 0, 0, [value] if isinstance(value, _WHOLES) else []
    while todo:
        item = todo.pop()
        parts += len(item)
        if parts > MOST_PARTS:
            raise BadRequest(f"The body has too many parts: at most {MOST_PARTS} members and items are taken.")
        children: Iterable[Any] = item
        if isinstance(item, dict):
            keys += len(item)
            children = item.values()
        todo += [child for child in children if isinstance(child, _WHOLES)]
    return keys


def _first_duplicate(body: bytes) -> str:
    """The first key that stands twice in one object; to be asked only of a body that has one."""

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateError(key)
            seen.add(key)
        return dict(pairs)

    try:
        json.loads(body, object_pairs_hook=note)
    except _DuplicateError as found:
        return str(found.args[0])[:80]
    except (RecursionError, ValueError):
        pass
    return "?"


class _DuplicateError(Exception):
    """Carries the key."""
