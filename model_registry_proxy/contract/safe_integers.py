"""Whole numbers that Kubeflow's newest Python client cannot read, written out as text: what `--client-safe-integers` turns on.

That client's models take `-?([1-9][0-9]{0,8}|0)` for an `int_value`, and one other value breaks the whole list. The store keeps
the numbers as they are. A request with the header `X-Exact-Integers` is answered with numbers. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

JsonObject = dict[str, Any]
_READABLE = range(-999_999_999, 1_000_000_000)
_LARGE = re.compile(r"-?[1-9][0-9]{9,18}")
_EXACT = b"x-exact-integers"


def wants_numbers(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request is to be answered with numbers: exports, our own Python client and `mr` send the header."""
    return any(name == _EXACT for name, _ in headers)


def shown(answer: JsonObject) -> JsonObject:
    """An entity or a page of them, with such numbers as text. Nothing is changed in place."""
    if isinstance(items := answer.get("items"), list):
        return {**answer, "items": [shown(item) for item in items]}
    custom = answer.get("customProperties") or {}
    large = {name: _as_text(value) for name, value in custom.items() if _is_large(value)}
    return {**answer, "customProperties": {**custom, **large}} if large else answer


def may_hold(body: Mapping[str, Any]) -> bool:
    """Whether a change holds texts that may be such numbers, read and sent back."""
    return any(_LARGE.fullmatch(value.get("string_value") or "") for value in _custom(body).values())


def restored(body: JsonObject, stored: Mapping[str, Any]) -> JsonObject:
    """A change in which a text that says exactly the number which is stored under its name is that number."""
    held = _custom(stored)
    kept = {
        name: held[name]
        for name, value in _custom(body).items()
        if _is_large(held.get(name, {})) and value == _as_text(held[name])
    }
    return {**body, "customProperties": {**_custom(body), **kept}} if kept else body


def _custom(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    return entity.get("customProperties") or {}


def _is_large(value: Mapping[str, Any]) -> bool:
    return "int_value" in value and int(value["int_value"]) not in _READABLE


def _as_text(value: Mapping[str, Any]) -> JsonObject:
    return {"metadataType": "MetadataStringValue", "string_value": value["int_value"]}
