"""Finds texts that are equal for a MySQL database with a collation that ignores case and accents.

MLMD's connection to MySQL says latin1 and sends UTF-8, so MySQL reads each byte as one letter. That is why characters of other
scripts can be equal: \uac00 and \ubc00 differ in one byte, which reads as \u00ea in one and as \u00eb in the other.
"""

import unicodedata
from collections.abc import Iterable, Iterator

_TO_LETTERS = {"\u00df": "s", "\u00d8": "o", "\u00f8": "o", "\u00d0": "d", "\u00f0": "d"}
"""Letters that utf8mb4_general_ci and utf8mb4_0900_ai_ci read as a plain letter, although Unicode does not decompose them."""


def look(text: str) -> str:
    """Returns a key for a text. Two texts with the same key may be equal for such a collation."""
    letters = "".join(map(_letter, text.encode()))
    plain = "".join(_TO_LETTERS.get(letter, letter) for letter in letters)
    split = unicodedata.normalize("NFD", plain)
    return "".join(letter for letter in split if not unicodedata.combining(letter)).upper().rstrip(" ")


def pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields pairs of different texts with the same key: the first of them in order, and each of the others."""
    seen: dict[str, str] = {}
    for text in sorted(texts):
        first = seen.setdefault(look(text), text)
        if first != text:
            yield first, text


def _letter(byte: int) -> str:
    """Returns the letter for a byte. MySQL's latin1 is Windows' code page 1252, with control characters in its gaps."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)
