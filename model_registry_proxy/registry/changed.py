"""What a request has changed, for its record in the audit log.

The log reads most changes from the body of a request. Verbs of APIs whose bodies have other words than the entities say it here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from converters.entity import Entity


class Changed(NamedTuple):
    """One changed entity: its id, its name, and the names of the fields."""

    entity: type[Entity]
    id: str
    name: str
    fields: Sequence[str]


_CHANGES: ContextVar[list[Changed] | None] = ContextVar("changes", default=None)


def note_changed(entity: type[Entity], id_: str, name: str, fields: Sequence[str]) -> None:
    """Keeps what the request has changed; without an audit log nothing is kept. The first one of a request is in its record."""
    changes = _CHANGES.get()
    if changes is not None:
        changes.append(Changed(entity, id_, name, fields))


@contextmanager
def noted_changes() -> Iterator[list[Changed]]:
    """Gives the list that grows while the request runs."""
    changes: list[Changed] = []
    token = _CHANGES.set(changes)
    try:
        yield changes
    finally:
        _CHANGES.reset(token)
