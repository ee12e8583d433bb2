"""Words of files in messages."""

_SHOWN = 100


def quoted(text: object) -> str:
    """A name or another text in quotes, cut after 100 characters."""
    shown = str(text)
    return repr(shown) if len(shown) <= _SHOWN else f"{shown[:_SHOWN]!r}..."
