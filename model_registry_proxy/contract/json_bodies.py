"""Parses the JSON of a body strictly (RFC 8259): one value, UTF-8, no duplicate keys."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

import orjson

from model_registry_proxy.contract.explanations import shortened
from model_registry_proxy.errors import BadRequest

MOST_PARTS = 100_000
"""The most members and items that a body may have, so that a check of all of them takes a fraction of a second."""
_WHOLES = (dict, list)
_NO_NUMBER = re.compile(r"-?(?:(?P<word>nan|inf(?:inity)?)\b|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)", re.IGNORECASE)
_MOST_LOOKED_THROUGH = 2**18
"""In larger bodies (bytes) a wrong number is named by its position instead of its path: the search is slow."""
_INSTEAD = (
    "Leave it out, or keep it as text, for example as a custom property: "
    '{{"metadataType": "MetadataStringValue", "string_value": "{}"}}.'
)
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def read_json(body: bytes) -> Any:
    """The value of a JSON body; raises `BadRequest` for an empty body, invalid JSON, duplicate keys and too many parts."""
    if not body.strip():
        raise BadRequest("The body is empty; a JSON object is expected.")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        reason = _no_number(body, error) or f"{error.msg} at line {error.lineno}, column {error.colno}."
        raise BadRequest(f"The body is not JSON: {reason}") from None
    keys = _count_keys(value)
    # Outside of strings each colon belongs to a key. If the parsed value has fewer keys, some were there twice.
    if body.count(b":") != keys and _STRING.sub(b"", body).count(b":") != keys:
        raise BadRequest(f"The body has the key {_first_duplicate(body)!r} twice.")
    return value


def _no_number(body: bytes, error: orjson.JSONDecodeError) -> str:
    """The reason if the parser stopped at a number that JSON does not have; empty for any other error."""
    text = body.decode(errors="replace")
    found = _NO_NUMBER.match(text, error.pos - text[: error.pos].endswith("-"))
    if found is None or not (found["word"] or math.isinf(float(found[0]))):
        return ""
    place = _path_to_no_number(body) or f"the value at line {error.lineno}, column {error.colno}"
    said = shortened(found[0])
    if found["word"]:
        return f"{place} is {said}, and JSON has no NaN, Infinity or -Infinity. {_INSTEAD.format(said)}"
    return (
        f"{place} is {said}, beyond the largest number that JSON readers take (about 1.8e308). {_INSTEAD.format(said)}"
    )


def _path_to_no_number(body: bytes) -> str:
    """The path of the first NaN, infinity or number beyond the range of doubles; empty if it is not found.

    The parser of the standard library accepts these. It is slow, so it is not used for large bodies.
    """
    if len(body) > _MOST_LOOKED_THROUGH:
        return ""
    try:
        value = json.loads(body, parse_constant=_NoNumber, parse_float=_finite, parse_int=_finite)
    except (RecursionError, ValueError):
        return ""
    todo: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while todo:
        path, item = todo.pop()
        if isinstance(item, _NoNumber):
            return shortened(".".join(path))
        if isinstance(item, _WHOLES):
            parts = item.items() if isinstance(item, dict) else enumerate(item)
            todo += reversed([((*path, str(key)), part) for key, part in parts])
    return ""


class _NoNumber(str):
    """The text of something that is no number in JSON."""

    __slots__ = ()


def _finite(text: str) -> float | _NoNumber:
    return _NoNumber(text) if math.isinf(number := float(text)) else number


def _count_keys(value: Any) -> int:
    """The number of keys in a value at all depths, without recursion; raises `BadRequest` for more than `MOST_PARTS` parts."""
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
    """The first key that one object has twice. The body must have one."""

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
    """Its argument is the key."""
