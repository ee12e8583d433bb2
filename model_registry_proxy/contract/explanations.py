"""Error messages for values that were refused: the field, what is wrong, what would work."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jsonschema_rs
import orjson

from model_registry_proxy.contract.document import Contract, JsonObject

Path = tuple[str | int, ...]
Spelled = dict[Path, str]
"""The names of members as the client spelled them, by the path that has the documented names."""

_MOST_SHOWN = 60
_EXPLAINED_IN_DOCUMENT = {"pattern", "propertyNames", "anyOf"}
"""Keywords whose message comes from the document: it has `x-explained` next to each of them (a test checks that)."""

_WORDS: Mapping[str, Callable[[Any, str], str]] = {
    "type": lambda kind, got: f"must be {' or '.join(map(_article, _said(kind.types)))}; got {got}",
    "const": lambda kind, got: f"must be {shown(kind.expected_value)}; got {got}",
    "minimum": lambda kind, got: f"must be at least {kind.limit}; got {got}",
    "maximum": lambda kind, got: f"must be at most {kind.limit}; got {got}",
    "exclusiveMinimum": lambda kind, got: f"must be above {kind.limit}; got {got}",
    "exclusiveMaximum": lambda kind, got: f"must be below {kind.limit}; got {got}",
    "minLength": lambda kind, got: f"must have at least {kind.limit} character(s); got {got}",
    "maxLength": lambda kind, got: f"must have at most {kind.limit} characters; got {got}",
    "required": lambda kind, _: f"lacks {kind.property}",
}


def place_of(path: Iterable[str | int], spelled: Spelled) -> str:
    """The path of a value, such as `customProperties.a`, with the names as the client spelled them."""
    names = tuple(path)
    return shortened(".".join(spelled.get(names[: end + 1], str(name)) for end, name in enumerate(names)))


def explain(
    contract: Contract,
    error: jsonschema_rs.ValidationError,
    *,
    place: str = "",
    root: JsonObject | None = None,
    spelled: Spelled | None = None,
) -> str:
    """One sentence for a failed check.

    `place`: the name of the value, if the error has no path. `root`: the compiled schema, for rules that are not in the document's
    components. `spelled`: the names as the client spelled them.
    """
    sent = spelled or {}
    place = ".".join(part for part in (place, place_of(error.instance_path, sent)) if part) or "The body"
    kind: Any = error.kind
    keyword = kind.name
    if keyword in ("oneOf", "oneOfNotValid"):
        return _explain_alternatives(contract, error, place, sent)
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        name = kind.unexpected[0]
        return f"{place} has an unknown member {shown(sent.get((*error.instance_path, name), name))}."
    in_document = bool(error.schema_path) and error.schema_path[0] == "components"
    schema = contract.target("/".join(map(str, list(error.schema_path)[:-1]))) if in_document else root or {}
    got = shown(error.instance)
    if keyword == "enum":
        name = next((part for part in reversed(list(error.schema_path)[:-1]) if part != "schema"), place)
        return f"{_bare(error.instance)} is not a valid {name}; {place} is one of {', '.join(_said(kind.options))}."
    if keyword in _EXPLAINED_IN_DOCUMENT:
        return f"{shortened(place)} {schema['x-explained']}; got {got}."
    words = _WORDS.get(keyword)
    return f"{shortened(place)} {words(error.kind, got) if words else f'does not fit; got {got}'}."


def _explain_alternatives(
    contract: Contract, error: jsonschema_rs.ValidationError, place: str, spelled: Spelled
) -> str:
    """For a value with a discriminator: the first error of the variant that the discriminator names."""
    schema = contract.target("/".join(map(str, list(error.schema_path)[:-1])))
    name, mapping = contract.discriminator(schema) or ("", {})
    if not isinstance(error.instance, dict):
        return f"{shortened(place)} must be an object; got {shown(error.instance)}."
    value = error.instance.get(name)
    if not isinstance(value, str) or value not in mapping:
        got = "it is missing" if value is None else f"got {shown(value)}"
        return f"{shortened(place)}.{name} must be one of {', '.join(mapping)}; {got}."
    variant = jsonschema_rs.Draft202012Validator(contract.standalone({"$ref": mapping[value]}))
    depth, path = len(error.instance_path), tuple(error.instance_path)
    inside = {sent[depth:]: name for sent, name in spelled.items() if sent[:depth] == path}
    return next(explain(contract, inner, place=place, spelled=inside) for inner in variant.iter_errors(error.instance))


def _said(choices: Iterable[str | None]) -> list[str]:
    """The values that are allowed, without null: null equals absence."""
    return [choice for choice in choices if choice not in (None, "null")]


def _article(type_name: str) -> str:
    return {"integer": "a whole number", "array": "an array", "object": "an object", "null": "null"}.get(
        type_name, f"a {type_name}"
    )


def _bare(value: Any) -> str:
    return shortened(value) if isinstance(value, str) and value else shown(value)


def shown(value: Any) -> str:
    """A value as JSON text of at most 60 characters."""
    try:
        return shortened(orjson.dumps(value).decode())
    except (TypeError, ValueError):
        return shortened(repr(value))


def shortened(text: str) -> str:
    """A text cut to 60 characters; the last one is … then."""
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
