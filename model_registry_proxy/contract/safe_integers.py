"""Shows whole numbers that Kubeflow's newest Python client cannot read as text: `--client-safe-integers` turns it on.

That client accepts only `-?([1-9][0-9]{0,8}|0)` as an `int_value`; one other value makes it refuse the whole list. The store keeps
the numbers unchanged. A request with the header `X-Exact-Integers` gets the numbers.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

JsonObject = dict[str, Any]
_READABLE = range(-999_999_999, 1_000_000_000)
_LARGE = re.compile(r"-?[1-9][0-9]{9,18}")
_EXACT = b"x-exact-integers"


def wants_numbers(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the answer must have numbers: export, our own Python client and `mr` send the header."""
    return any(name == _EXACT for name, _ in headers)


def shown(answer: JsonObject) -> JsonObject:
    """A copy of an entity or of a page with large numbers as text."""
    if isinstance(items := answer.get("items"), list):
        return {**answer, "items": [shown(item) for item in items]}
    custom = answer.get("customProperties") or {}
    large = {name: _as_text(value) for name, value in custom.items() if _is_large(value)}
    return {**answer, "customProperties": {**custom, **large}} if large else answer


def may_hold(body: Mapping[str, Any]) -> bool:
    """Whether a change has a text that may be such a number which the client has read and sends back."""
    return any(_LARGE.fullmatch(value.get("string_value") or "") for value in _custom(body).values())


def restored(body: JsonObject, stored: Mapping[str, Any]) -> JsonObject:
    """The change with the stored number in place of each text that shows exactly that number."""
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
