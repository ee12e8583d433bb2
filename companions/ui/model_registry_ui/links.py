"""Which texts of the store may become links: only addresses with `http` or `https` that lead where they seem to lead."""

import re
from urllib.parse import urlsplit

REL = "noopener noreferrer nofollow"
"""The attribute `rel` of each link out of the UI."""
_SCHEMES = ("http", "https")
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\xa0\\<>\"`]|[^\x20-\x7e]")


def address(text: str) -> str | None:
    """Returns the address that a link on this text may have; `None` where the text must stay a text.

    Refused are other schemes, addresses without a host, addresses with a user name (the host stands behind it, unnoticed),
    and characters that do not belong into an address.
    """
    stripped = text.strip()
    try:
        parts = urlsplit(stripped)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if _UNSAFE.search(stripped) or parts.scheme.lower() not in _SCHEMES or not host or "@" in parts.netloc:
        return None
    return stripped


def host(text: str) -> str:
    """Returns the host of an address, for people; an empty text if the text may not be a link."""
    return urlsplit(found).hostname or "" if (found := address(text)) else ""
