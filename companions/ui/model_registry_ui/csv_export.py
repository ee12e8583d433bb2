"""Rows as CSV, piece by piece, so that a list of any length needs little memory."""

import csv
import io
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any

MOST_ROWS = 100_000
"""The number of rows after which an export ends."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """Returns a value as CSV has it: times in ISO 8601 with UTC, truth as true or false, objects as JSON.

    A text that a spreadsheet would run as a formula gets an apostrophe before it. Numbers do not.
    """
    match value:
        case None:
            return ""
        case Enum():
            return cell(value.value)
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case float():
            return repr(value)
        case int():
            return str(value)
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
    return json.dumps(value, ensure_ascii=False, default=str)


async def lines(titles: Sequence[str], pages: AsyncIterable[Iterable[Sequence[Any]]]) -> AsyncIterator[bytes]:
    """Yields a file in UTF-8: the line of titles, then the rows of each page. It ends after `MOST_ROWS` rows."""
    yield _written([titles])
    left = MOST_ROWS
    async for page in pages:
        rows = list(page)[:left]
        left -= len(rows)
        if rows:
            yield _written(rows)
        if not left:
            return


def disposition(name: str) -> str:
    """Returns the header Content-Disposition for a file of this name; characters that could end it are replaced."""
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "-" for sign in name)
    return f'attachment; filename="{kept[:100] or "list"}.csv"'


def _written(rows: Iterable[Sequence[Any]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([cell(value) for value in row] for row in rows)
    return written.getvalue().encode(errors="replace")
