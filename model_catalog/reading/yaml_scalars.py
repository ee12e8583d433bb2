"""The scalars of YAML 1.1, as Kubeflow's catalog reads them: plain texts to null, bools, numbers or texts.

Dates, sexagesimal numbers (`1:30`) and `=` stay texts. Octal numbers are `010` and `0o10`, and `1e3` is a number.
"""

import math
import re
from collections.abc import Callable

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
}
_FIRST = frozenset("0123456789+-.")
"""How a number begins."""
_INTEGER = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|0b[01]+|0o?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INTEGERS = 1 << 64
"""Whole numbers that do not fit into 64 bits become numbers with a fraction, as in JSON."""
_LONGEST_NUMBER = 300
"""A longer text of digits stays a text: Python refuses such numbers."""


def plain_scalar(text: str) -> Scalar:
    """What a scalar without quotes means. Raises ValueError for `.inf` and `.nan`, which JSON does not have."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _FIRST or len(text) > _LONGEST_NUMBER:
        return text
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(digits):
        return _integer(digits)
    if _FLOAT.fullmatch(digits):
        return _finite(float(digits), text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f'{text} is no number of JSON; write "{text}" if a text is meant')
    return text


def _integer(digits: str) -> int | float:
    sign, digits = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    old_octal = digits[0] == "0" and digits.isdigit()
    number = sign * (int(digits, 8) if old_octal else int(digits, 0))
    return number if -_INTEGERS // 2 <= number < _INTEGERS else _finite(float(number), digits)


def _finite(number: float, text: str) -> float:
    if math.isinf(number):
        raise ValueError(f'the number {text[:40]} is too large; write "{text[:40]}" if a text is meant')
    return number


def _as_number(text: str) -> float:
    value = plain_scalar(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{text[:40]!r} is no number")  # noqa: TRY004 - the text is wrong, not a type of Python
    return value


def _as_integer(text: str) -> int:
    value = _as_number(text)
    if not isinstance(value, int):
        raise ValueError(f"{text[:40]!r} is no whole number")  # noqa: TRY004 - likewise
    return value


def _as_bool(text: str) -> bool:
    value = _CONSTANTS.get(text)
    if value is None:
        raise ValueError(f"{text[:40]!r} is neither true nor false")
    return bool(value)


_STANDARD = "tag:yaml.org,2002:"
TAGGED: dict[str, Callable[[str], Scalar]] = {
    "!": str,
    f"{_STANDARD}str": str,
    f"{_STANDARD}int": _as_integer,
    f"{_STANDARD}float": lambda text: float(_as_number(text)),
    f"{_STANDARD}bool": _as_bool,
    f"{_STANDARD}null": lambda _: None,
}
"""What a tag makes of a text; raises ValueError. Other tags are refused."""
COLLECTION_TAGS = {None, "!", f"{_STANDARD}map", f"{_STANDARD}seq"}


def key_text(value: Scalar) -> str:
    """A key as JSON has it: `y` is `true`, 5 is `5`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
