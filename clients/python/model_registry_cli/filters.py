"""Makes filterQuery expressions from flags."""

from collections.abc import Iterator, Sequence

_IDS_PER_REQUEST = 100


def quoted(text: str) -> str:
    """Returns a text as a string literal of the filter language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for plain, escape in (("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        escaped = escaped.replace(plain, escape)
    return f'"{escaped}"'


def all_of(*conditions: str | None) -> str | None:
    """Joins conditions with AND. Returns `None` if there are none."""
    given = [condition for condition in conditions if condition]
    return " AND ".join(f"({condition})" for condition in given) if len(given) > 1 else (given[0] if given else None)


def id_among(ids: Sequence[str]) -> Iterator[str]:
    """Yields filters that together select these ids. Each is short enough for a request."""
    for start in range(0, len(ids), _IDS_PER_REQUEST):
        yield f"id IN ({', '.join(ids[start : start + _IDS_PER_REQUEST])})"
