"""Which places of artifacts and servers a catalog takes."""

from collections.abc import Sequence
from urllib.parse import urlsplit

ARTIFACT_SCHEMES = ("oci", "http", "https", "s3", "gs", "az", "file")
WEB_SCHEMES = ("http", "https")


def wrong_with_uri(uri: str, schemes: Sequence[str] = ARTIFACT_SCHEMES) -> str | None:
    """What is wrong with a URI, as the end of a sentence; None if it is good."""
    wanted = f"it needs one of {', '.join(schemes)}, such as {schemes[0]}://..."
    if not uri:
        return f"is empty; {wanted}"
    try:
        scheme = urlsplit(uri).scheme
    except ValueError:
        return f'"{uri[:100]}" is no URI'
    if not scheme:
        return f'"{uri[:100]}" has no scheme; {wanted}'
    if scheme not in schemes:
        return f'"{uri[:100]}" has the scheme {scheme}; {wanted}'
    return None
