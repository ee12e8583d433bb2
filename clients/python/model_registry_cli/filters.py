"""filterQuery, as flags make it."""

from collections.abc import Iterator, Sequence

_PER_QUESTION = 100


def quoted(text: str) -> str:
    """A text of the filter language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for plain, escape in (("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        escaped = escaped.replace(plain, escape)
    return f'"{escaped}"'


def all_of(*conditions: str | None) -> str | None:
    """The filter that holds where all hold; `None` for none."""
    given = [condition for condition in conditions if condition]
    return " AND ".join(f"({condition})" for condition in given) if len(given) > 1 else (given[0] if given else None)


def id_among(ids: Sequence[str]) -> Iterator[str]:
    """Filters that together choose what has one of these ids, each short enough for a request."""
    for start in range(0, len(ids), _PER_QUESTION):
        yield f"id IN ({', '.join(ids[start : start + _PER_QUESTION])})"
