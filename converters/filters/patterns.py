r"""LIKE patterns: `%` is any text, `_` is one character; after a backslash both, and the backslash, are ordinary characters."""

import enum
import re
from collections.abc import Callable, Iterator


class Wildcard(enum.Enum):
    """The wildcards of a pattern."""

    ANY_TEXT = "%"
    ONE_CHARACTER = "_"


def pieces_of(pattern: str) -> Iterator[str | Wildcard]:
    """Yields the pattern character by character; wildcards are members of `Wildcard`, literal characters are texts."""
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            if following not in {"%", "_", "\\"}:
                yield "\\"
            yield from following
        elif character in {"%", "_"}:
            yield Wildcard(character)
        else:
            yield character


def matcher(pattern: str, *, ignores_case: bool) -> Callable[[str], bool]:
    """Returns the test for a pattern. ILIKE (`ignores_case`) compares `str.lower` of the text and of the pattern."""
    segments = [""]
    for piece in pieces_of(pattern):
        match piece:
            case Wildcard.ANY_TEXT:
                segments.append("")
            case Wildcard.ONE_CHARACTER:
                segments[-1] += "."
            case _:
                segments[-1] += re.escape(piece.lower() if ignores_case else piece)
    matches = re.compile(_joined(segments), re.DOTALL).fullmatch
    if ignores_case:
        return lambda text: matches(text.lower()) is not None
    return lambda text: matches(text) is not None


def _joined(segments: list[str]) -> str:
    """One regular expression. Each inner segment matches at the leftmost position only, so matching has no backtracking."""
    first, *rest = segments
    if not rest:
        return first
    *inner, last = rest
    return first + "".join(f"(?>.*?{segment})" for segment in inner if segment) + ".*" + last
