"""Text of the store as people may see it: invisible characters, and those that turn a line around, are shown by their codes."""

import re
import unicodedata

_PLAIN = "\n\t\r"
_UNUSUAL = re.compile(r"[^\n\t\r -~]")
"""Characters that are looked at one by one: a value of some MiB has few of them."""
_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
_JOINERS = "\u200c\u200d"
"""Used inside words of some scripts, and inside emoji."""


def visible(text: str) -> str:
    """Returns the text with each invisible character as `U+202E`; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return _UNUSUAL.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    sign = found[0]
    if sign in _PLAIN or sign in _JOINERS or unicodedata.category(sign) not in _HIDDEN:
        return sign
    return f"U+{ord(sign):04X}"


def clipped(text: str, most: int) -> str:
    """Returns the text in one line, cut at a number of characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
