"""filterQuery, as flags make it."""


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
