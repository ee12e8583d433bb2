"""Reads the tokens with a value: quoted texts, numbers, and names with their escapes. `where` is the position for messages."""

import math
import re
from decimal import Decimal, InvalidOperation

from converters.filters.complaints import complain
from converters.filters.tree import Path, ValueType

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TEXT_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "%": "\\%", "_": "\\_"}
_NAME_ESCAPES = {".": ".", "\\": "\\", "`": "`"}
_PART = re.compile(r"`((?:[^`\\]|\\.)*)`|([^`.]+)", re.DOTALL)
_LONGEST_NUMBER = 100
_MOST_WHOLE = 2**63
_SUFFIXES = {str(suffix): suffix for suffix in ValueType}


def read_text(token: str, where: str) -> str:
    r"""Returns the text of a quoted token; `\%` and `\_` stay as they are, since LIKE reads them. Raises `FilterError`."""
    return _unescape(token[1:-1], _TEXT_ESCAPES, where, r"\" \' \\ \n \t \r \% \_")


def read_whole(token: str, where: str) -> int:
    """Returns the number of an integer token. Raises `FilterError` for more than 100 characters."""
    if len(token) > _LONGEST_NUMBER:
        raise complain(f"the number at {where} is too long")
    return int(token)


def read_decimal(token: str, where: str) -> int | Decimal:
    """Returns the exact number of a token with a point or an exponent; an `int` if it is whole and has 64 bits.

    Raises `FilterError` for a number beyond the largest double.
    """
    nearest = float(token)
    if math.isinf(nearest):
        raise complain(f"the number at {where} is too large")
    try:
        number = Decimal(token)
    except InvalidOperation:  # an exponent beyond what decimals have; the number is almost 0
        number = Decimal(nearest)
    may_be_stored = abs(nearest) <= _MOST_WHOLE and abs(number) <= _MOST_WHOLE
    return int(number) if may_be_stored and number == number.to_integral_value() else number


def read_path(token: str, where: str) -> Path:
    """Returns the name of a token: parts joined by dots, bare or in backquotes. The last part may be a type, if it is bare."""
    parts = [
        (found[2], True) if found[2] else (_unescape(found[1], _NAME_ESCAPES, where, r"\. \\ \`"), False)
        for found in _PART.finditer(token)
    ]
    suffix = None
    last, is_bare = parts[-1]
    if len(parts) > 1 and is_bare and last in _SUFFIXES:
        suffix = _SUFFIXES[last]
        parts.pop()
    first, first_is_bare = parts[0]
    prefix = first if first_is_bare and len(parts) > 1 else ""
    return Path(".".join(part for part, _ in parts), suffix, where, prefix)


def _unescape(body: str, meanings: dict[str, str], where: str, allowed: str) -> str:
    if "\\" not in body:
        return body

    def replace(found: re.Match[str]) -> str:
        if found[1] not in meanings:
            raise complain(f"unknown escape in the quoted text at {where}; known are {allowed}")
        return meanings[found[1]]

    return _ESCAPE.sub(replace, body)
