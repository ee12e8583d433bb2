"""The history by the questions of the rules: which call wrote a value, which call created an entity, when was it first seen."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.robustness.families import FAMILIES, Family, Row, marker_of
from tests.robustness.history import CREATE, UPSERT, WRITES, Call, History, State

Key = tuple[str, str | None, str]
"""Family, parent's id and name."""


@dataclass(frozen=True)
class Sight:
    """A row that a client saw in the time from `start` to `end`; `call` is `None` for the states at the end."""

    family: str
    row: Row
    start: float
    end: float
    call: Call | None
    parent: str | None

    @property
    def id(self) -> str:
        """The entity's id."""
        return str(self.row.get("id"))

    def __str__(self) -> str:
        return f"call {self.call.number}" if self.call else "the state at the end"


def value_in(row: Row, register: str) -> str:
    """A register's value as text that compares; `null` where the row does not have it."""
    return text_of(row.get(register))


def text_of(value: Any) -> str:
    """A value as text that compares."""
    return json.dumps(value, sort_keys=True)


def key_of(call: Call) -> Key:
    """What a create or upsert was asked to make."""
    return call.family, call.parent, call.name or ""


@dataclass
class Facts:
    """Indices over a history."""

    history: History
    writers: dict[tuple[str, str, str], Call] = field(default_factory=dict)
    by_marker: dict[str, Call] = field(default_factory=dict)
    by_key: dict[Key, list[Call]] = field(default_factory=lambda: defaultdict(list))
    by_step: dict[int, Call] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for call in self.history.calls:
            if call.verb not in WRITES:
                continue
            for register, value in call.wrote.items():
                self.writers[call.family, register, text_of(value)] = call
            if call.marker:
                self.by_marker[call.marker] = call
            if call.verb in (CREATE, UPSERT):
                self.by_key[key_of(call)].append(call)
            if call.verb == UPSERT and "step" in call.wrote:
                self.by_step[call.wrote["step"]] = call

    @cached_property
    def sights(self) -> list[Sight]:
        """All rows that anybody saw, in calls and in the states at the end."""
        return [*self._in_calls(), *(sight for state in self.history.states for sight in in_state(state))]

    def writer(self, family: str, register: str, value: str) -> Call | None:
        """The call that was to write a value; no two calls write the same value."""
        return self.writers.get((family, register, value))

    def creator(self, family: Family, row: Row) -> Call | None:
        """The create that a row comes from, by its marker."""
        call = self.by_marker.get(marker_of(row) or "")
        return call if call and call.family == family.name else None

    def is_taken_over(self, create: Call) -> bool:
        """Whether a refused create may have been seen for a while.

        What is put and linked in two steps may be found unlinked by another create of the name, which then completes it
        with its own content; the first one, should it be alive still, is refused.
        """
        family = FAMILIES[create.family]
        return (
            create.verb == CREATE
            and create.status == 409
            and family.parent is not None
            and family.is_unique
            and any(other is not create and not other.is_refused for other in self.by_key[key_of(create)])
        )

    def _in_calls(self) -> Iterator[Sight]:
        for call in self.history.calls:
            if call.is_acknowledged and call.family in FAMILIES:
                for row in call.rows:
                    if call.verb != "history":
                        yield Sight(call.family, row, call.start, call.end, call, call.parent)


def in_state(state: State) -> Iterator[Sight]:
    """All rows of a state."""
    for family, rows in state.lists.items():
        for row in rows:
            yield Sight(family, row, state.at, state.at, None, None)
    for family, by_parent in state.below.items():
        for parent, rows in by_parent.items():
            for row in rows:
                yield Sight(family, row, state.at, state.at, None, parent)
    for family, by_id in state.gets.items():
        for found in by_id.values():
            if found:
                yield Sight(family, found, state.at, state.at, None, None)
    for family, by_owner in state.found.items():
        for owner, by_name in by_owner.items():
            for found in by_name.values():
                if found:
                    yield Sight(family, found, state.at, state.at, None, owner or None)
