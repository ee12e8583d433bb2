"""The address of a server: from the user's input to the base URLs of requests."""

from urllib.parse import urlsplit

from model_registry_client.errors import InvalidValue

BASE_PATHS = ("/api/model_registry/v1alpha3", "/api/model_registry/v1")
"""Base paths in the order in which they are tried. The first has all operations. The second has none on experiments."""
_EXTENSIONS = "/api/model_registry/ext/v1"
"""The base path of what only Model Registry Proxy has."""
_CATALOGS = ("/api/model_catalog/v1", "/api/model_catalog/v1alpha1")
"""The base paths of a model catalog, in the order in which they are tried; other servers may have the second one only."""
_DEFAULT_PORTS = {"http": 8080, "https": 443}


def root_url(base_url: str, port: int | None = None) -> str:
    """Returns the address with scheme and port, without a slash at the end.

    Args:
        base_url: The address. Without a scheme it is https.
        port: The port if the address has none. Without both it is 8080 for http and 443 for https.

    Raises:
        InvalidValue: This is not an address.
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
    """Returns the base URLs to try. A root that has a base path of the API is the only one."""
    if "/api/model_registry/" in root:
        return (root,)
    return tuple(root + path for path in BASE_PATHS)


def extensions(root: str) -> tuple[str, ...]:
    """Returns the base URL of the extensions, as the only one to try; `root` may have a base path of the API."""
    return (root.partition("/api/model_registry/")[0] + _EXTENSIONS,)


def catalogs(root: str) -> tuple[str, ...]:
    """Returns the base URLs of the model catalog to try; `root` may have a base path of the API."""
    root = root.partition("/api/model_registry/")[0]
    return tuple(root + path for path in _CATALOGS)


def is_offered(base: str, path: str) -> bool:
    """Whether a base path has an operation. v1 has none on experiments, and servers report this in different ways."""
    return not (base.endswith(BASE_PATHS[1]) and path.startswith("/experiment"))


def _not_one(base_url: str) -> str:
    return f"The address of the registry must look like https://registry.example.com or http://localhost:8080; got {base_url!r}."
