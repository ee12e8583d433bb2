"""A segment of models as pieces of bytes, so that a restart takes over what was worked out before instead of doing it again.

The first piece is JSON that describes the segment; the others are numbers, lines and texts that it refers to by their places.
Numbers are in the order of bytes of this machine.
"""

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from .columns import KIND_KEYS, Column, Columns
from .search import Vocabulary
from .segment import MODELS, Segment

_BYTES = "B"
_LETTERS = {key: key[0] for key in KIND_KEYS.values()}
"""One letter for each kind of a custom property; all kinds begin differently."""
_KINDS = {letter: key for key, letter in _LETTERS.items()}


def _layout() -> str:
    fields = [[(each.rest, each.type) for each in table.fields] for table in (MODELS.fields, MODELS.part_fields)]
    return hashlib.sha256(repr((fields, MODELS.searched)).encode()).hexdigest()[:8]


LAYOUT = _layout()
"""Another one when other fields are kept or searched: a segment of before must then be made again."""


def pieces_of(segment: Segment) -> list[bytes]:
    """The pieces of a segment of models."""
    pieces = _Pieces()
    description = {
        "source_id": segment.source_id,
        "items": pieces.lines(segment.items),
        "parts": pieces.lines(segment.parts),
        "starts": pieces.numbers(segment.starts),
        "columns": pieces.columns(segment.columns),
        "part_columns": pieces.columns(segment.part_columns),
        "words": pieces.words(segment.words),
        "readme_words": pieces.words(segment.readme_words),
    }
    return [orjson.dumps(description), *pieces.found]


def segment_of(pieces: Sequence[memoryview]) -> Segment:
    """The segment that was written as pieces. Nothing of it refers to them."""
    found = orjson.loads(pieces[0])
    reading = _Reading(pieces[1:])
    columns = reading.columns(found["columns"])
    names = columns.fields["name"].of_rows(0, columns.count) if columns.count else []
    return Segment(
        found["source_id"],
        reading.lines(found["items"]),
        reading.lines(found["parts"]),
        reading.numbers(found["starts"]),
        columns,
        reading.columns(found["part_columns"]),
        reading.words(found["words"]),
        reading.words(found["readme_words"]),
        dict(zip(names, range(len(names)), strict=True)),
    )


class _Pieces:
    """Takes the parts of a segment. Each method returns what stands for its part in the description."""

    def __init__(self) -> None:
        self.found: list[bytes] = []

    def _put(self, piece: bytes) -> int:
        self.found.append(piece)
        return len(self.found) - 1

    def lines(self, lines: Sequence[bytes]) -> int:
        """JSON has no line feeds, so one ends each line."""
        return self._put(b"\n".join(lines))

    def numbers(self, numbers: bytes | Sequence[int]) -> tuple[str, int]:
        return (numbers.typecode, self._put(numbers.tobytes())) if isinstance(numbers, array) else self._bytes(numbers)

    def _bytes(self, numbers: bytes | Sequence[int]) -> tuple[str, int]:
        return _BYTES, self._put(bytes(numbers))

    def columns(self, columns: Columns) -> Mapping[str, Any]:
        fields = {name: (each.values[1:], self.numbers(each.places)) for name, each in columns.fields.items()}
        customs = {
            name: (*_split(each.values[1:]), self.numbers(each.places)) for name, each in columns.customs.items()
        }
        return {"count": columns.count, "fields": fields, "customs": customs}

    def words(self, words: Vocabulary) -> Sequence[Any]:
        return words.count, self._put(words.text.encode()), self.numbers(words.starts), self.numbers(words.rows)


def _split(pairs: Sequence[tuple[str, Any]]) -> tuple[str, list[Any]]:
    """The letters of the kinds of custom properties, and their values."""
    return "".join(_LETTERS[kind] for kind, _ in pairs), [value for _, value in pairs]


class _Reading:
    """Reads what `_Pieces` has written; the methods take what stands for a part in the description."""

    def __init__(self, pieces: Sequence[memoryview]) -> None:
        self._pieces = pieces

    def lines(self, place: int) -> list[bytes]:
        content = bytes(self._pieces[place])
        return content.split(b"\n") if content else []

    def numbers(self, given: tuple[str, int]) -> Any:
        typecode, place = given
        if typecode == _BYTES:
            return bytes(self._pieces[place])
        numbers = array(typecode)
        numbers.frombytes(self._pieces[place])
        return numbers

    def columns(self, given: Mapping[str, Any]) -> Columns:
        fields = {
            name: Column([None, *_values(found)], self.numbers(at)) for name, (found, at) in given["fields"].items()
        }
        customs = {
            name: Column([None, *zip(map(_KINDS.__getitem__, kinds), found, strict=True)], self.numbers(at))
            for name, (kinds, found, at) in given["customs"].items()
        }
        return Columns(given["count"], fields, customs)

    def words(self, given: Sequence[Any]) -> Vocabulary:
        count, text, starts, rows = given
        return Vocabulary(count, str(self._pieces[text], "utf-8"), self.numbers(starts), self.numbers(rows))


def _values(found: list[Any]) -> list[Any]:
    """Values of a field: lists of texts are tuples in a column."""
    return list(map(tuple, found)) if found and isinstance(found[0], list) else found
