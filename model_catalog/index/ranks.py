"""How well entries fit a search: a small number is a good one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .conditions import marks_of

if TYPE_CHECKING:
    from .table import Table

_FIELDS = (("provider", "libraryName", "tasks", "tags", "transports"), ("description",))


def ranks(table: "Table", words: Sequence[str], rows: int) -> list[Any]:
    """A text for each row by which it is sorted: the rank of its worst word, then its name. None for rows that were not found.

    From good to bad: the name is the word, begins with it, has a part that begins with it, holds it; then provider, tasks and
    library; then the description; then the readme.
    """
    found: list[Any] = []
    marks = marks_of(rows, len(table))
    for segment in table.segments:
        names = table.values_of("name", segment)
        groups = [[table.values_of(field, segment) for field in group] for group in _FIELDS]
        for row, name in enumerate(names):
            if not marks[len(found)]:
                found.append(None)
                continue
            texts = [[_text(values[row]) for values in group] for group in groups]
            lower = name.lower()
            rank = max(_rank(word, lower, texts) for word in words)
            found.append(f"{rank}{name}")
    return found


def _text(value: Any) -> str:
    return " ".join(value).lower() if isinstance(value, tuple) else (value or "").lower()


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
    return next((rank for rank, texts in enumerate(groups, 4) if any(word in text for text in texts)), 6)
