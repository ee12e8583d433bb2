r"""The words of the filter language: writes names, texts and patterns, and reads a query as tokens.

The grammar is that of the server (`docs/filters.md`). Nothing of the server is imported, since the UI may speak to another one.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from model_registry_client.entities import ENTITIES

CUSTOM = "custom_properties"
_KEYWORDS = {"and", "or", "not", "like", "ilike", "in", "is", "null", "true", "false"}
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?)", re.IGNORECASE)
_LONGEST_NUMBER = 100
_TEXT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_PATTERN_ESCAPES = {**_TEXT_ESCAPES, "\\": "\\\\\\\\", "%": "\\%", "_": "\\_"}
_TEXT = str.maketrans(_TEXT_ESCAPES)
_PATTERN = str.maketrans(_PATTERN_ESCAPES)
_NAME = str.maketrans({"\\": "\\\\", "`": "\\`"})
_MEANINGS = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "%": "\\%", "_": "\\_"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FIELDS = {"artifacttype"} | {
    name.replace("_", "")
    for entity in ENTITIES
    for name in (*entity.model_fields, *(parent.argument for parent in entity.parents))
}
_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n\f]+)
    | (?P<text>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*')
    | (?P<number>[+-]?(?:[0-9]+\.[0-9]*|[0-9]+|\.[0-9]+)(?:e[+-]?[0-9]+)?(?![A-Za-z0-9_.]))
    | (?P<name>(?:[A-Za-z_][A-Za-z0-9_]*|`(?:[^`\\]|\\.)*`)(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|`(?:[^`\\]|\\.)*`))*)
    | (?P<sign><>|!=|<=|>=|[=<>(),])
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)
_NAME_PART = re.compile(r"`((?:[^`\\]|\\.)*)`|([^`.]+)", re.DOTALL)


class Token(NamedTuple):
    """A token of a query: its kind (`word`, `name`, `text`, `number`, `sign`), and what it means, without quotes and escapes."""

    kind: str
    content: str


def text(content: str) -> str:
    """Returns a text as a literal in double quotes."""
    return f'"{content.translate(_TEXT)}"'


def containing(content: str) -> str:
    r"""Returns the pattern, as a literal, for texts that contain `content`. Its `%` and `_` are no wildcards."""
    return f'"%{content.translate(_PATTERN)}%"'


def property_name(name: str) -> str:
    """Returns the name of a custom property as a query has it.

    It is bare where that is enough, else in backquotes. A property with the name of a field gets the prefix `custom_properties.`.
    """
    is_bare = _BARE.fullmatch(name) and name.lower() not in _KEYWORDS
    written = name if is_bare else f"`{name.translate(_NAME)}`"
    return f"{CUSTOM}.{written}" if name.replace("_", "").casefold() in _FIELDS else written


def is_number(content: str) -> bool:
    """Returns whether a text can be written as a number of the language: at most 100 characters, no larger than a double."""
    return len(content) <= _LONGEST_NUMBER and bool(_NUMBER.fullmatch(content)) and math.isfinite(float(content))


def tokens(query: str) -> list[Token] | None:
    """Returns the tokens of a query; `None` if it holds a comment or anything else that is no token."""
    found: list[Token] = []
    position = 0
    while position < len(query):
        match = _TOKEN.match(query, position)
        if match is None or match.lastgroup is None:
            return None
        position = match.end()
        if match.lastgroup != "space":
            found.append(_READERS[match.lastgroup](match[0]))
    return found


def terms(found: Sequence[Token]) -> list[tuple[Token, ...]]:
    """Splits tokens at each AND that is outside of parentheses."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += {"(": 1, ")": -1}.get(token.content, 0) if token.kind == "sign" else 0
        if token == Token("word", "AND") and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


def contained(pattern: str) -> str | None:
    """Returns what `containing` made a pattern of (its content, without quotes); `None` for any other pattern."""
    if len(pattern) < len("%%") or not (pattern.startswith("%") and pattern.endswith("%")):
        return None
    content = _ESCAPE.sub(r"\1", pattern[1:-1])
    return content if Token("text", pattern) == _text_token(containing(content)) else None


def custom_name(name: str) -> str | None:
    """Returns the custom property that a name token means; `None` if the token means a field or has more parts."""
    parts = _parts(name)
    if len(parts) > 1 and parts[0] == CUSTOM:
        parts = parts[1:]
    return parts[0] if len(parts) == 1 and name == property_name(parts[0]) else None


def _parts(name: str) -> list[str]:
    return [part[2] or _ESCAPE.sub(r"\1", part[1]) for part in _NAME_PART.finditer(name)]


def _name_token(written: str) -> Token:
    return Token("word", written.upper()) if written.lower() in _KEYWORDS else Token("name", written)


def _text_token(written: str) -> Token:
    return Token("text", _ESCAPE.sub(lambda found: _MEANINGS.get(found[1], found[0]), written[1:-1]))


_READERS: dict[str, Callable[[str], Token]] = {
    "text": _text_token,
    "name": _name_token,
    "number": lambda written: Token("number", written),
    "sign": lambda written: Token("sign", "!=" if written == "<>" else written),
}
