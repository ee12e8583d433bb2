"""Turns a failure of the parser into an error message: what is wrong, where, and what to write instead."""

import re
from collections.abc import Collection

from converters.errors import FilterError

_HINTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), hint)
    for pattern, hint in (
        (r"&&?", "use AND"),
        (r"\|\|?", "use OR"),
        (r"===?", "use ="),
        (r"=>", "use >="),
        (r"=<", "use <="),
        (r"=~|!?~", "use LIKE, with % for any text"),
        (r"!", "use NOT, or != to compare"),
        (r"[\u2018\u2019\u201c\u201d\u00ab\u00bb]", "use plain quotes: ' or \""),
        (r";", "a query is one condition, without a semicolon"),
        (r"/\*", "a comment starts with --"),
        (r"[+-]?[0-9][A-Za-z0-9_.+-]*", "this is no number; put a text in quotes"),
        (r"\.", "a name starts with a letter, an underscore or a backquote"),
        (r"[\[\{]", "use parentheses: ( )"),
    )
)
_WORD = re.compile(r"[\w.-]+")
_SHOWN = 30


def at(text: str, position: int) -> str:
    """Returns a position of the text in words: its column, counted from 1, and its line if that is not the first."""
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return f"line {line}, column {column}" if line > 1 else f"column {column}"


def complain(message: str) -> FilterError:
    """Returns the error for a message, with the prefix `filterQuery: `."""
    return FilterError(f"filterQuery: {message}")


def quoted(piece: str) -> str:
    """Returns a piece of the query in quotes: at most 30 characters, with control characters escaped."""
    short = piece if len(piece) <= _SHOWN else piece[:_SHOWN] + "..."
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short) + '"'


def strange_character(text: str, position: int) -> FilterError:
    """Returns the error for a position at which no token can start."""
    where, rest = at(text, position), text[position:]
    if rest[0] in "\"'`":
        kind = "backquote" if rest[0] == "`" else "quote"
        return complain(f"the {kind} at {where} is never closed; write \\{rest[0]} for one inside")
    for pattern, hint in _HINTS:
        if found := pattern.match(rest):
            return complain(f"unexpected {quoted(found[0])} at {where}; {hint}")
    return complain(f"unexpected {quoted(rest[0])} at {where}; put a text in double quotes, a name in backquotes")


def early_end(text: str, opened: int | None, expected: Collection[str]) -> FilterError:
    """Returns the error for a text that ends too soon. `opened` is the position of a parenthesis that is not closed."""
    if opened is not None and "_RPAR" in expected:
        return complain(f"the parenthesis at {at(text, opened)} is never closed; add )")
    return complain(f"the text ends where {_wanted(expected)} is expected")


def strange_token(text: str, position: int, token: str, expected: Collection[str]) -> FilterError:
    """Returns the error for a token that is not expected at its position."""
    return complain(f"unexpected {quoted(token)} at {at(text, position)}; {_advice(text, position, token, expected)}")


def _advice(text: str, position: int, token: str, expected: Collection[str]) -> str:
    if token == ")" and "$END" in expected:  # noqa: S105 (a parser token)
        return "it closes nothing"
    if "STRING" in expected and token.lower() == "null":
        return "use IS NULL or IS NOT NULL"
    if "STRING" in expected and _WORD.fullmatch(token):
        return f"put a text in quotes: {quoted(token)}"
    if (before := text[position - 1 : position]) and before in "\"'":
        return f"write \\{before} for a quote inside a text"
    if "OPERATOR" in expected and token.lower() == "between":
        return "use >= and <= with AND"
    if token.lower() == "not" and "_AND" not in expected and "PATH" not in expected:
        return f"{_wanted(expected)} is expected; write NOT before the condition"
    return f"{_wanted(expected)} is expected"


def _wanted(expected: Collection[str]) -> str:
    """Returns what is expected, in words. The most helpful alternative of `_WANTED` comes first."""
    for terminal, words in _WANTED.items():
        if terminal in expected:
            return words
    return "something else"


_WANTED = {
    "OPERATOR": "an operator (=, !=, <, <=, >, >=, LIKE, ILIKE, IN, IS NULL)",
    "PATH": 'a condition such as name = "x"',
    "STRING": "a value (a text in quotes, a number, true or false)",
    "_AND": "AND or OR",
    "_COMMA": "a comma or a closing parenthesis",
    "_LPAR": "a list in parentheses, such as (1, 2)",
    "_NULL": "NULL or NOT NULL",
    "LIKE": "LIKE, ILIKE or IN",
}
