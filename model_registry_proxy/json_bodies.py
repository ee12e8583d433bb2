"""Bytes to a JSON value, strictly (RFC 8259): one value, UTF-8, no duplicate keys."""

import contextlib
import json
import re
from typing import Any

import orjson

from model_registry_proxy.errors import BadRequest

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def read_json(body: bytes) -> Any:
    """The value that a body holds; raises `BadRequest`."""
    if not body.strip():
        raise BadRequest("The body is empty; a JSON object is expected.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    # Outside of strings each colon belongs to a key; a parsed value with fewer keys than colons has lost some.
    if _STRING.sub(b"", body).count(b":") != _count_keys(value):
        raise BadRequest(f"The body has the key {_first_duplicate(body)!r} twice.")
    return value


def _count_keys(value: Any) -> int:
    """The number of keys in a value, in one sweep without recursion."""
    keys, todo = 0, [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            keys += len(item)
            todo.extend(child for child in item.values() if isinstance(child, dict | list))
        elif isinstance(item, list):
            todo.extend(child for child in item if isinstance(child, dict | list))
    return keys


def _first_duplicate(body: bytes) -> str:
    found: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        found.extend(key for at, key in enumerate(keys) if key in keys[:at])
        return dict(pairs)

    with contextlib.suppress(RecursionError, ValueError):
        json.loads(body, object_pairs_hook=note)
    return found[0][:80] if found else "?"
