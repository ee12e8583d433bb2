"""Merges two changes of one entity: what was opened, what another user saved since, and what one wants to save."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Fields = Mapping[str, Any]
"""Fields of an entity as the API's JSON has them. An absent field, null, and an empty text or list are the same: no value."""
PROPERTIES = "customProperties"


class Choice(StrEnum):
    """Which value is saved."""

    THEIRS = "theirs"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field, or one custom property, that the three do not agree on.

    Attributes:
        name: The name of the field or of the custom property.
        is_property: Whether it is a custom property.
        opened: The value in the form when it was opened; `None` for no value.
        theirs: The value that is stored now.
        mine: The value that was typed.
        preset: The choice where only one side has changed the value; `None` where the user must choose.
    """

    name: str
    is_property: bool
    opened: Any
    theirs: Any
    mine: Any
    preset: Choice | None

    @property
    def key(self) -> str:
        """The name of its field in the form for choices."""
        return f"property:{self.name}" if self.is_property else f"field:{self.name}"


def differences(opened: Fields, theirs: Fields, mine: Fields) -> tuple[Difference, ...]:
    """Returns where the stored and the typed values differ, fields first.

    Args:
        opened: The fields when the form was opened.
        theirs: The fields as they are stored now.
        mine: The fields of the form. Only these are compared. Custom properties are compared one by one.
    """
    names = [name for name in mine if name != PROPERTIES]
    found = [*_between(names, opened, theirs, mine, is_property=False)]
    if PROPERTIES in mine:
        maps = [side.get(PROPERTIES) or {} for side in (opened, theirs, mine)]
        found += _between(sorted({name for one in maps for name in one}), *maps, is_property=True)
    return tuple(found)


def unresolved(found: Iterable[Difference], choices: Mapping[str, str]) -> tuple[Difference, ...]:
    """Returns the differences that have neither a preset nor a choice. `choices` are values of `Choice` by `Difference.key`."""
    return tuple(one for one in found if _chosen(one, choices) is None)


def changes(found: Iterable[Difference], theirs: Fields, choices: Mapping[str, str]) -> dict[str, Any]:
    """Returns the body of a PATCH that saves what was chosen over what is stored; empty if nothing is left to change.

    A difference without a choice keeps the stored value. A field without a value is sent as an empty text or list. Custom
    properties are sent as a whole.
    """
    body: dict[str, Any] = {}
    properties = dict(theirs.get(PROPERTIES) or {})
    changed = False
    for one in found:
        if _chosen(one, choices) is not Choice.MINE:
            continue
        if not one.is_property:
            empty = [] if isinstance(one.theirs, list) else ""
            body[one.name] = empty if one.mine is None else one.mine
            continue
        changed = True
        if one.mine is None:
            properties.pop(one.name, None)
        else:
            properties[one.name] = one.mine
    return {**body, PROPERTIES: properties} if changed else body


def _between(
    names: Iterable[str], opened: Fields, theirs: Fields, mine: Fields, *, is_property: bool
) -> Iterator[Difference]:
    for name in names:
        before, now, typed = (_value(side.get(name)) for side in (opened, theirs, mine))
        if now == typed and type(now) is type(typed):
            continue
        preset = Choice.THEIRS if typed == before else Choice.MINE if now == before else None
        yield Difference(name, is_property, before, now, typed, preset)


def _value(value: Any) -> Any:
    return None if value in ("", []) else value


def _chosen(one: Difference, choices: Mapping[str, str]) -> Choice | None:
    choice = choices.get(one.key)
    return Choice(choice) if choice in set(Choice) else one.preset
