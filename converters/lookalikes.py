"""Which texts MySQL takes for the same: as a database with a collation that ignores case and accents compares them.

MLMD speaks latin1 to MySQL and sends UTF-8, so each byte counts as a letter of its own there. That is why signs of other scripts
are taken for each other: \uac00 and \ubc00 differ in one byte, which is \u00ea in one and \u00eb in the other.
"""

import unicodedata
from collections.abc import Iterable, Iterator

_TO_LETTERS = {"\u00df": "s", "\u00d8": "o", "\u00f8": "o", "\u00d0": "d", "\u00f0": "d"}
"""What such collations (utf8mb4_general_ci, utf8mb4_0900_ai_ci) take for a plain letter, though Unicode does not split it."""


def look(text: str) -> str:
    """A key: two texts with the same key may be the same to MySQL with a collation that ignores case and accents."""
    letters = "".join(map(_letter, text.encode()))
    plain = "".join(_TO_LETTERS.get(letter, letter) for letter in letters)
    split = unicodedata.normalize("NFD", plain)
    return "".join(letter for letter in split if not unicodedata.combining(letter)).upper().rstrip(" ")


def pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of different texts with the same key: the first of them with each of the others."""
    seen: dict[str, str] = {}
    for text in sorted(texts):
        first = seen.setdefault(look(text), text)
        if first != text:
            yield first, text


def _letter(byte: int) -> str:
    """What MySQL calls latin1 is Windows' code page 1252, with control characters in its gaps."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)
