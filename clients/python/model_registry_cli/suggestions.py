"""Suggests similar names for a mistyped name."""

import difflib
from collections.abc import Sequence

_AT_MOST = 3


def near(name: str, names: Sequence[str]) -> list[str]:
    """Returns at most three similar names, ignoring case. If none is similar, it returns names that contain `name`."""
    by_lower = {each.lower(): each for each in reversed(names)}
    close = difflib.get_close_matches(name.lower(), by_lower, n=_AT_MOST)
    longer = [each for each in by_lower if len(name) > 1 and name.lower() in each]
    return [by_lower[each] for each in (close or sorted(longer)[:_AT_MOST])]
