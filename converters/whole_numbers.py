"""Whole numbers as clients write them; without MLMD's messages, so that what serves no registry need not load these."""

from typing import Any

from converters.errors import RefusedError


def whole_number(value: Any, field: str) -> int:
    """Returns the integer of a decimal text or number.

    Raises `RefusedError` with the name `field` beyond 64 bits, and `ValueError` for a text that is no whole number.
    """
    text = str(int(value) if isinstance(value, float) else value)  # JSON's 3.0 is a whole number too
    if len(text) < 19 and text.isdigit():  # noqa: PLR2004 (what nearly all are; none of these is beyond 64 bits)
        return int(text)
    digits = text.lstrip("+-").lstrip("0")
    number = int(digits or "0") if len(digits) <= 19 else 2**64  # noqa: PLR2004 (more digits never fit)
    if text.startswith("-"):
        number = -number
    if not -(2**63) <= number < 2**63:
        raise RefusedError(f"{field} must fit into 64 bits; got {text[:40]}.")
    return number
