"""Where a server is: from what the user says to the URLs that are asked."""

from urllib.parse import urlsplit

from model_registry_client.errors import InvalidValue

BASE_PATHS = ("/api/model_registry/v1alpha3", "/api/model_registry/v1")
"""In the order in which they are tried. The first has all operations, the second none on experiments."""
_DEFAULT_PORTS = {"http": 8080, "https": 443}


def root_url(base_url: str, port: int | None = None) -> str:
    """The address with scheme and port. Raises `InvalidValue` for what is no address.

    Without a scheme it is https. A port in the address wins over `port`; without any it is 8080 for http and 443 for https.
    """
    address = base_url.strip()
    parts = urlsplit(address if "://" in address else f"https://{address}")
    try:
        chosen = parts.port or port or _DEFAULT_PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise InvalidValue(_not_one(base_url)) from None
    if not parts.hostname or parts.query or parts.fragment:
        raise InvalidValue(_not_one(base_url))
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{chosen}{parts.path.rstrip('/')}"


def candidates(root: str) -> tuple[str, ...]:
    """The base URLs that the API may be found at. A root that names one is taken at its word."""
    if "/api/model_registry/" in root:
        return (root,)
    return tuple(root + path for path in BASE_PATHS)


def is_offered(base: str, path: str) -> bool:
    """Whether a base path has an operation: v1 has none on experiments, and servers differ in how they say so."""
    return not (base.endswith(BASE_PATHS[1]) and path.startswith("/experiment"))


def _not_one(base_url: str) -> str:
    return f"The address of the registry must look like https://registry.example.com or http://localhost:8080; got {base_url!r}."
