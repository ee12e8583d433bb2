"""Times of files: milliseconds since 1970 as decimal texts."""

import re
from typing import Any

_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}")


def time_text(value: Any, otherwise: str) -> str:
    """A time as answers have it: a decimal text of a file, or `otherwise` for anything else."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return str(int(value))
    return otherwise
