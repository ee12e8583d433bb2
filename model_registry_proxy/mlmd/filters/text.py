r"""Writes texts into MLMD's filter_query. A condition never keeps fewer rows than it should.

MLMD finds the mentions of properties and contexts with regular expressions that also search quoted texts. It prints texts in
ZetaSQL's form and passes that to SQL unchanged. So `\` and control characters never match, `"` can end the SQL literal, SQLite
reads a text that is the name of a column as the column, and MLMD rewrites a text that looks like a mention. Each character that
may not reach the database unchanged becomes the `%` of a LIKE.
"""

import re
from collections.abc import Iterable

from converters.filters.patterns import Wildcard

_RISKY_WORDS = re.compile(r"properties|contexts_|artifacts_|executions_|events_|state[\s=!]", re.IGNORECASE)
_MOST_WILDCARDS = 8
_MORE_IN_LOWER_CASE = frozenset("ik")
"""`str.lower` returns these also for characters beyond ASCII (the dotted I, the Kelvin sign). Databases do not."""

COLUMN_NAMES = frozenset(
    [
        "id",
        "type_id",
        "type",
        "name",
        "external_id",
        "uri",
        "state",
        "last_known_state",
        "create_time_since_epoch",
        "last_update_time_since_epoch",
        "artifact_id",
        "context_id",
        "execution_id",
        "parent_context_id",
        "child_context_id",
        "event_id",
        "parent_type_id",
        "version",
        "type_kind",
        "description",
        "input_type",
        "output_type",
        "data_type",
        "is_custom_property",
        "int_value",
        "double_value",
        "string_value",
        "byte_value",
        "proto_value",
        "bool_value",
        "milliseconds_since_epoch",
        "is_index_step",
        "step_index",
        "step_key",
        "schema_version",
        "rowid",
        "oid",
        "_rowid_",
    ]
)
"""Every column of MLMD's tables, and SQLite's own names for the row."""


def equals(column: str, text: str) -> str:
    """Returns a condition that holds wherever the column is the text, and perhaps elsewhere."""
    if text.lower() not in COLUMN_NAMES and not is_risky(text) and all(map(_is_verbatim, text)):
        return f'{column} = "{text}"'
    return like(column, text)


def like(column: str, pieces: Iterable[str | Wildcard], *, before: str = "", after: str = "") -> str:
    """Returns a condition that holds wherever the column matches a pattern, and perhaps elsewhere.

    `pieces` come from `patterns.pieces_of`, or are a text. `before` and `after` are put around the pattern unchanged.
    """
    return f'{column} LIKE "{_pattern(pieces, before, after)}"'


def like_ignoring_case(column: str, pieces: Iterable[str | Wildcard], *, before: str = "", after: str = "") -> str:
    """Returns the same for ILIKE; `lower()` is for databases whose LIKE is case-sensitive."""
    lowered = (_lower(piece) if isinstance(piece, str) else piece for piece in pieces)
    return f'lower({column}) LIKE "{_pattern(lowered, before, after)}"'


def is_risky(text: str) -> bool:
    """Returns whether a text may contain something that MLMD reads as a mention of a property, context or state."""
    return _RISKY_WORDS.search(text) is not None


def says_nothing(condition: str) -> bool:
    """Returns whether a condition from this module holds for every text, so that it only costs time."""
    return condition.endswith((' LIKE "%"', ' = ""', ' LIKE ""'))


def _lower(piece: str) -> str | Wildcard:
    lowered = piece.lower()
    return Wildcard.ANY_TEXT if not piece.isascii() or lowered in _MORE_IN_LOWER_CASE else lowered


def _pattern(pieces: Iterable[str | Wildcard], before: str, after: str) -> str:
    pieces = list(pieces)
    written = "".join(piece if isinstance(piece, str) else "%" for piece in pieces)
    survives = _is_word_character if is_risky(written) else _survives_like
    body = "".join(piece if isinstance(piece, str) and survives(piece) else "%" for piece in pieces)
    pattern = re.sub("%+", "%", before + body + after)
    if pattern.lower() in COLUMN_NAMES:
        return pattern + "%"
    *kept, rest = pattern.split("%", _MOST_WILDCARDS)
    return "%".join([*kept, "" if "%" in rest else rest])


def _is_verbatim(character: str) -> bool:
    return _is_plain_ascii(character) or (not character.isascii() and character.isalnum())


def _survives_like(character: str) -> bool:
    """LIKE compares stored characters one by one, and MySQL stores one for each byte of UTF-8: ASCII only."""
    return _is_plain_ascii(character) and character not in {"%", "_"}


def _is_word_character(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_plain_ascii(character: str) -> bool:
    return " " <= character <= "~" and character not in {'"', "\\"}
