"""Checks of values of files, with messages that say what stands there and what would work."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .yaml_values import Fields

_WHOLE = 1e15
"""Larger numbers are written with an exponent."""


class FieldError(ValueError):
    """A value that a field cannot take. The text continues the name of the field."""


def kind_of(value: Any) -> str:
    """The kind of a value, for messages."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value:.20g}" if isinstance(value, float) else f"the number {value}"
        case str():
            return f'the text "{value[:40]}"'
        case list():
            return "a list"
    return "a mapping"


def text(value: Any) -> str:
    """A text as it is."""
    if value.__class__ is str:
        return value
    in_quotes = ""
    if isinstance(value, bool):
        in_quotes = "; in YAML yes, no, on, off, y and n are true or false, so put it in quotes"
    elif isinstance(value, int | float):
        in_quotes = f'; put it in quotes: "{value}"'
    raise FieldError(f"must be a text, but is {kind_of(value)}{in_quotes}")


def loose_text(value: Any) -> str:
    """A text, or what stands for one: 2.10 is "2.1"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else str(value)
    return str(value) if isinstance(value, int) else text(value)


def texts(value: Any) -> list[str]:
    """A list of texts."""
    return _list_of(text, value)


def loose_texts(value: Any) -> list[str]:
    """A list of texts, or of what stands for them."""
    return _list_of(loose_text, value)


def _list_of(check: Callable[[Any], str], value: Any) -> list[str]:
    if not isinstance(value, list):
        raise FieldError(f"must be a list of texts such as [a, b], but is {kind_of(value)}")
    try:
        return [check(each) for each in value]
    except FieldError as error:
        raise FieldError(f"has an entry that {error}") from None


def patterns(value: Any) -> list[str]:
    """A list of patterns of names, none of them empty."""
    found = texts(value)
    if not all(each.strip() for each in found):
        raise FieldError("has an empty pattern; leave it out, or write * for all names")
    return found


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise FieldError(f"must be true or false, but is {kind_of(value)}")
    return value


def mapping(value: Any) -> Fields:
    """A mapping."""
    if not isinstance(value, Fields):
        raise FieldError(f"must be a mapping, but is {kind_of(value)}")
    return value


def plain_mapping(value: Any) -> dict[str, Any]:
    """A mapping as it is, without the lines."""
    return {key: _plain(each) for key, each in mapping(value).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def items(value: Any) -> list[Any]:
    """A list of anything; nothing is an empty list."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise FieldError(f"must be a list, but is {kind_of(value)}")
    return value


def one_of(*allowed: str) -> Callable[[Any], str]:
    """A check for one of a few texts."""

    def check(value: Any) -> str:
        if value not in allowed:
            raise FieldError(f"must be {' or '.join(allowed)}, but is {kind_of(value)}")
        return text(value)

    return check


def without_unknown(fields: Fields, rules: Mapping[str, Any]) -> Fields:
    """The fields that have a rule, by their keys in any case: the others are allowed, but not used."""
    if all(key in rules for key in fields):
        return fields
    known = {name.lower() for name in rules}
    return Fields({key: value for key, value in fields.items() if key.lower() in known})


def checked(fields: Fields, rules: Mapping[str, Callable[[Any], Any]], what: str) -> dict[str, Any]:
    """The fields that are set, by the names in `rules`. Keys count in any case; a null counts as not set.

    Raises FieldError for a key that is not in `rules`, for one that is set twice, and for a bad value. `what` has such fields.
    """
    found: dict[str, Any] = {}
    for key, value in fields.items():
        name = key if key in rules else _canonical(key, rules, what)
        if name in found:
            raise FieldError(f"the key {name!r} is set twice, in different case; leave one out")
        try:
            found[name] = None if value is None else rules[name](value)
        except FieldError as error:
            raise FieldError(f"{name} {error}") from None
    return {name: value for name, value in found.items() if value is not None}


def _canonical(key: str, rules: Iterable[str], what: str) -> str:
    by_lower = {name.lower(): name for name in rules}
    if key.lower() in by_lower:
        return by_lower[key.lower()]
    close = difflib.get_close_matches(key.lower(), by_lower, n=1)
    meant = f"; did you mean {by_lower[close[0]]!r}?" if close else f"; it may have: {', '.join(sorted(rules))}"
    raise FieldError(f"{what} has no key {key[:60]!r}{meant}")
