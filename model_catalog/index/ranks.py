"""How well entries fit a search: a small number is a good one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .segment import Segment

if TYPE_CHECKING:
    from .table import Table

_FIELDS = (("provider", "libraryName", "tasks", "tags", "transports"), ("description",))
_IN_README = 6


def ranks(table: "Table", words: Sequence[str], rows: int, only_in_readme: int) -> list[Any]:
    """A text for each row by which it is sorted: the rank of its worst word, then its name. None for rows that were not found.

    From good to bad: the name is the word, begins with it, has a part that begins with it, holds it; then provider, tasks and
    library; then the description; then the readme.
    """
    found: list[Any] = [None] * len(table)
    for row in table.numbers(rows & only_in_readme):
        segment, place = table.place(row)
        found[row] = f"{_IN_README}{_of(segment, 'name', place)}"
    for row in table.numbers(rows & ~only_in_readme):
        segment, place = table.place(row)
        name = _of(segment, "name", place)
        groups = [[_of(segment, field, place).lower() for field in group] for group in _FIELDS]
        found[row] = f"{max(_rank(word, name.lower(), groups) for word in words)}{name}"
    return found


def _of(segment: Segment, field: str, row: int) -> str:
    """The text of a field; of a list its texts."""
    column = segment.columns.fields.get(field)
    value = column.of_row(row) if column else None
    return " ".join(value) if isinstance(value, tuple) else value or ""


def _rank(word: str, name: str, groups: Sequence[Sequence[str]]) -> int:
    last = name.rpartition("/")[2]
    if word in {name, last}:
        return 0
    if name.startswith(word) or last.startswith(word):
        return 1
    if word in name:
        place = name.find(word)
        while place > 0 and name[place - 1].isalnum():
            place = name.find(word, place + 1)
        return 2 if place >= 0 else 3
    return next((rank for rank, texts in enumerate(groups, 4) if any(word in text for text in texts)), _IN_README)
