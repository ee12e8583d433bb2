"""Reads the parameters of a query by their schemas: numbers, booleans, lists, texts.

A parameter of the type `array` takes all values of a repeated parameter, each of them a list with commas. With `allowEmptyValue` an
empty value counts as absent. `x-refusals` has messages of the document's own, by the keyword of the rule, or by `nul` for a NUL
character; they have `{name}` and `{value}` where these belong.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from converters.errors import RefusedError
from converters.whole_numbers import whole_number
from model_registry_proxy.contract import explanations
from model_registry_proxy.contract.document import Contract, JsonObject
from model_registry_proxy.errors import BadRequest

_WHOLE_NUMBER = re.compile("[+-]?[0-9]+")
_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
"""The words that Go's parser of booleans takes."""


class Parameter(NamedTuple):
    """A parameter of the query: `decode` reads one value and raises `BadRequest`."""

    decode: Callable[[str], Any]
    takes_empty: bool = False
    is_list: bool = False
    refusals: Mapping[str, str] = {}


def unknown_parameters(contract: Contract) -> Parameter | None:
    """What reads parameters that a document does not have, by its `x-unknown-parameters`; `None` if they are not looked at."""
    refusals = contract.content.get("x-unknown-parameters")
    return None if refusals is None else Parameter(str, refusals=refusals)


Parameters = Mapping[str, Parameter]
"""Parameters by their names."""


def parameter(contract: Contract, described: JsonObject) -> Parameter:
    """What reads a parameter, made from its part of the document."""
    name, whole = described["name"], described["schema"]
    refusals = described.get("x-refusals", {})
    schema = contract.resolve(whole)
    is_list = schema.get("type") == "array"
    each = schema["items"] if is_list else whole
    validator = jsonschema_rs.Draft202012Validator(contract.standalone(each))
    read = _READERS.get(contract.resolve(each).get("type", ""))

    def decode(text: str) -> Any:
        value = read(text, name) if read else text
        for error in validator.iter_errors(value):
            if own := refusals.get(error.kind.name):
                raise BadRequest(own.format(name=name, value=explanations.shortened(text)))
            raise BadRequest(explanations.explain(contract, error, place=name, root=each))
        return value

    return Parameter(decode, described.get("allowEmptyValue", False), is_list, refusals)


def read_query(query_string: bytes, parameters: Parameters, unknown: Parameter | None = None) -> dict[str, Any]:
    """The known parameters; raises `BadRequest`.

    The first value of a repeated one counts, unless it is a list. Unknown ones and empty values are ignored. With `unknown`, the
    values that are ignored must be texts too.
    """
    found: dict[str, Any] = {}
    for pair in query_string.split(b"&"):
        name, _, value = pair.partition(b"=")
        key = decoded(name, "The query")
        known = parameters.get(key)
        is_ignored = known is None or (key in found and not known.is_list)
        known = known or unknown
        if known is None or (is_ignored and unknown is None):
            continue
        text = decoded(value, key, known.refusals.get("nul"))
        if is_ignored or (not text and known.takes_empty):
            continue
        if known.is_list:
            found.setdefault(key, []).extend(known.decode(part) for part in text.split(","))
        else:
            found[key] = known.decode(text)
    return {key: value for key, value in found.items() if value != ""}


def decoded(text: bytes, name: str, nul: str | None = None) -> str:
    """A part of the query, percent-decoded; raises `BadRequest` for broken escapes, bytes that are not UTF-8, and NUL."""
    if b"%" in text or b"+" in text:
        escapes = text.split(b"%")[1:]
        if any(len(escape) < 2 or not _is_hex(escape[:2]) for escape in escapes):  # noqa: PLR2004
            raise BadRequest(f"{name} has a percent sign without two hexadecimal digits; write %25 for a percent sign.")
        text = unquote_to_bytes(text.replace(b"+", b" "))
    return as_text(text, name, nul)


def as_text(text: bytes, name: str, nul: str | None = None) -> str:
    """Bytes as text; raises `BadRequest` for bytes that are not UTF-8, and for NUL with the message `nul` if there is one."""
    try:
        found = text.decode()
    except UnicodeDecodeError:
        raise BadRequest(f"{name} is not UTF-8.") from None
    if "\0" in found:
        raise BadRequest(nul.format(name=name) if nul else f"{name} holds a NUL character.")
    return found


def _is_hex(digits: bytes) -> bool:
    return all(digit in b"0123456789abcdefABCDEF" for digit in digits)


def read_whole_number(text: str, name: str) -> int:
    """A whole number; raises `BadRequest`."""
    if not _WHOLE_NUMBER.fullmatch(text):
        raise BadRequest(f"{name} must be a whole number; got {explanations.shown(text)}.")
    try:
        return whole_number(text, name)
    except RefusedError as error:
        raise BadRequest(str(error)) from None


def _read_boolean(text: str, name: str) -> bool:
    if text not in _BOOLEANS:
        raise BadRequest(f"{name} must be true or false; got {explanations.shown(text)}.")
    return _BOOLEANS[text]


_READERS: Mapping[str, Callable[[str, str], Any]] = {"integer": read_whole_number, "boolean": _read_boolean}
