"""The place of a fault in a query, as a line with a caret that stands below the query."""

import re

_AT_COLUMN = re.compile(r"column (\d{1,5})")


def caret_below(query: str, problem: str) -> str:
    """Returns the line with the caret; an empty text where there is no query, or the problem names no column of it."""
    found = _AT_COLUMN.search(problem)
    return " " * (int(found[1]) - 1) + "^" if found and query else ""
