"""`order_by`: what the result of a search is sorted by."""

import shlex
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from converters.kinds import JsonObject
from model_registry_proxy.errors import BadRequest

_NAME, _NUMBER = "name", "version_number"
_CREATED, _UPDATED = "creation_timestamp", "last_updated_timestamp"
_WORDS = {"asc": True, "desc": False}
_SAME = {"timestamp": _UPDATED}
_LONGEST = 2
OF_MODELS = (_NAME, _UPDATED)
OF_VERSIONS = (_NAME, _NUMBER, _CREATED, _UPDATED)


class Key(NamedTuple):
    """A field of a shown row that decides, and the direction."""

    field: str
    is_ascending: bool


def read_model_order(clauses: Sequence[str]) -> list[Key]:
    """Returns the keys of a search for models; raises `BadRequest`."""
    found: list[Key] = []
    for clause in clauses:
        word, is_ascending = _split(clause)
        field = _SAME.get(word, word)
        if field not in OF_MODELS:
            raise BadRequest(
                f"Invalid order by key '{word}' specified. Valid keys are '{', '.join((*OF_MODELS, *_SAME))}'"
            )
        found.append(Key(field, is_ascending))
    return _unique(found, clauses)


def read_version_order(clauses: Sequence[str]) -> list[Key]:
    """Returns the keys of a search for versions; raises `BadRequest`."""
    found: list[Key] = []
    for clause in clauses:
        word, is_ascending = _split(clause)
        if word not in OF_VERSIONS:
            raise BadRequest(f"Invalid attribute key '{word}' specified. Valid keys are '{', '.join(OF_VERSIONS)}'")
        found.append(Key(word, is_ascending))
    return _unique(found, clauses)


def completed(keys: Sequence[Key], last: Sequence[Key]) -> list[Key]:
    """Returns the keys, and behind them those that decide where all are equal."""
    named = {key.field for key in keys}
    return [*keys, *(key for key in last if key.field not in named)]


LAST_OF_MODELS = (Key(_NAME, is_ascending=True),)
LAST_OF_VERSIONS = (Key(_NAME, is_ascending=True), Key(_NUMBER, is_ascending=False))


class Descending:
    """A value that comes before all smaller ones."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: "Descending") -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and bool(other.value == self.value)

    def __hash__(self) -> int:
        return hash(self.value)


def values_of(keys: Sequence[Key], shown: JsonObject) -> list[Any]:
    """Returns what decides the place of a shown row: JSON values, in the order of the keys."""
    return [int(shown["version"]) if key.field == _NUMBER else shown[key.field] for key in keys]


def sort_key(keys: Sequence[Key], values: Sequence[Any]) -> tuple[Any, ...]:
    """Returns a value that sorts as the keys say."""
    return tuple(value if key.is_ascending else Descending(value) for key, value in zip(keys, values, strict=True))


def _split(clause: str) -> tuple[str, bool]:
    """Returns the key of a clause, and whether it is ascending."""
    try:
        words = shlex.split(clause.replace("`", '"'))
    except ValueError:
        words = []
    if not words or len(words) > _LONGEST:
        raise BadRequest(f"Invalid order_by clause '{clause}'. Could not be parsed.")
    direction = words[1].lower() if len(words) == _LONGEST else "asc"
    if direction not in _WORDS:
        raise BadRequest(f"Invalid ordering key in order_by clause '{clause}'.")
    return words[0].removeprefix("attribute.").removeprefix("attributes."), _WORDS[direction]


def _unique(keys: list[Key], clauses: Collection[str]) -> list[Key]:
    if len({key.field for key in keys}) < len(keys):
        raise BadRequest(f"`order_by` contains duplicate fields: {list(clauses)}")
    return keys
