"""Search by `q`: its words, separated by blanks, must each stand somewhere in the searched texts of a row, in any case.

A word of `q` has no blanks, so it stands in a text exactly if it stands in one of the text's words. Each distinct word is kept
once, with the rows that have it: these are far fewer characters than the texts.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, repeat

from converters.errors import RefusedError

MOST_WORDS = 32


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of rows.

    Attributes:
        count: The number of rows.
        text: Each distinct word once, in lower case, with a line feed after it.
        starts: For each word where its rows begin in `rows`, and at the end their number.
        rows: The rows of the first word, then those of the second, and so on.
    """

    count: int
    text: str
    starts: Sequence[int]
    rows: Sequence[int]

    def marks(self, part: str) -> bytearray:
        """One byte for each row: 1 if one of its words holds `part`, else 0."""
        marks = bytearray(self.count)
        starts, rows = self.starts, self.rows
        for word in self._words_with(part):
            for row in rows[starts[word] : starts[word + 1]]:
                marks[row] = 1
        return marks

    def _words_with(self, part: str) -> Iterator[int]:
        """The numbers of the words that hold `part`: before each place where it stands, as many words have ended."""
        *before, _ = self.text.split(part)
        return accumulate(map(str.count, before, repeat("\n")))


class VocabularyMaker:
    """Takes the texts of rows one after the other, and makes a vocabulary of them."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}
        self._count = 0

    def add(self, texts: Iterable[str]) -> None:
        """Takes the texts of the next row."""
        row, rows = self._count, self._rows
        for word in set(" ".join(texts).lower().split()):
            if word in rows:
                rows[word].append(row)
            else:
                rows[word] = [row]
        self._count += 1

    def finished(self) -> Vocabulary:
        """The vocabulary of all rows taken."""
        starts, total = array("I", [0]), 0
        for each in self._rows.values():
            total += len(each)
            starts.append(total)
        rows = array("I", chain.from_iterable(self._rows.values()))
        return Vocabulary(self._count, "\n".join([*self._rows, ""]), starts, rows)


def words_of(q: str) -> tuple[str, ...]:
    """The words of a `q`, in lower case. Raises `RefusedError` for too many."""
    words = tuple(dict.fromkeys(q.lower().split()))
    if len(words) > MOST_WORDS:
        raise RefusedError(f"q has {len(words)} different words; at most {MOST_WORDS} are searched")
    return words
