r"""LIKE patterns: `%` for any text, `_` for one character; a backslash makes either, or itself, an ordinary sign."""

import enum
import re
from collections.abc import Callable, Iterator


class Wildcard(enum.Enum):
    """The parts of a pattern that stand for something else."""

    ANY_TEXT = "%"
    ONE_CHARACTER = "_"


def pieces_of(pattern: str) -> Iterator[str | Wildcard]:
    """The pattern character by character, with wildcards told from literal signs."""
    signs = iter(pattern)
    for sign in signs:
        if sign == "\\":
            following = next(signs, "")
            if following not in {"%", "_", "\\"}:
                yield "\\"
            yield from following
        elif sign in {"%", "_"}:
            yield Wildcard(sign)
        else:
            yield sign


def matcher(pattern: str, *, ignores_case: bool) -> Callable[[str], bool]:
    """The test for a pattern. ILIKE compares the lower-case forms of text and pattern, as `str.lower` makes them."""
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
    """One expression; the leftmost place is right for each inner segment, so no text can make it try the others."""
    first, *rest = segments
    if not rest:
        return first
    *inner, last = rest
    return first + "".join(f"(?>.*?{segment})" for segment in inner if segment) + ".*" + last
