"""What a `model-registry://` URI may mean, in the order in which it is tried. Pure: nothing is asked here."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from model_registry_storage_initializer.errors import Failure
from model_registry_storage_initializer.settings import Settings

SCHEME = "model-registry://"
QUICK_SECONDS = 5.0
"""How long a name that may be a host is tried."""
_NAMESPACE = re.compile(r"[A-Za-z0-9_-]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Guess:
    """A meaning of a URI.

    Attributes:
        url: The address of the registry.
        model: The name of the model.
        version: The name of the version; `None` for the newest one.
        is_certain: Whether a registry that does not answer is asked again until the time limit.
        is_optional: Whether the next meaning is tried when the registry does not answer.
        gets_token: Whether the registry gets the token of this program.
    """

    url: str
    model: str
    version: str | None
    is_certain: bool = True
    is_optional: bool = False
    gets_token: bool = True


def guesses(uri: str, settings: Settings) -> tuple[list[Guess], str]:
    """Returns the meanings of a URI, and a warning that is empty without a reason for one. Raises `Failure` if it has none."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    first, *rest = path.strip("/").split("/", 2)
    if not first:
        raise Failure(f"{uri} names no model", f"Write {SCHEME}MODEL or {SCHEME}MODEL/VERSION.")
    namespace = parse_qs(query).get("namespace", [""])[0]
    if namespace and _NAMESPACE.fullmatch(namespace):
        return _in_namespace(first, rest, namespace, settings), ""
    warning = f'The namespace "{namespace}" is not valid, so {settings.base} is asked.' if namespace else ""
    return _without_namespace(first, rest, settings), warning


def _in_namespace(first: str, rest: list[str], namespace: str, settings: Settings) -> list[Guess]:
    _, colon, port = settings.base.rpartition(":")
    url = f"{settings.scheme}://{settings.service}.{namespace}.{settings.domain}:{port if colon else 8080}"
    as_model = Guess(url, first, "/".join(rest) or None)
    if not rest:
        return [as_model]
    after_host = Guess(url, rest[0], rest[1] if rest[1:] else None)
    if not rest[1:]:
        return [as_model, after_host] if is_host(first) else [as_model]
    return [after_host, as_model]


def _without_namespace(first: str, rest: list[str], settings: Settings) -> list[Guess]:
    as_model = Guess(registry_url(settings.base, settings), first, "/".join(rest) or None)
    if not rest:
        return [as_model]
    url = registry_url(first, settings)
    has_token = first in {settings.base, *settings.token_hosts}
    at_host = Guess(url, rest[0], rest[1] if rest[1:] else None, gets_token=has_token)
    if rest[1:]:
        return [at_host]
    if is_host(first):
        return [Guess(url, rest[0], None, is_optional=True, gets_token=has_token), as_model]
    return [as_model, Guess(url, rest[0], None, is_certain=False, is_optional=True, gets_token=has_token)]


def is_host(text: str) -> bool:
    """Whether the first part of a URI looks like a host rather than a model."""
    return "." in text or ":" in text or text == "localhost"


def registry_url(host: str, settings: Settings) -> str:
    """Returns the address of a registry by its host and, if it has one, port."""
    has_port = re.search(r":\d+$", host)
    return f"{settings.scheme}://{host}" + ("" if has_port else f":{_DEFAULT_PORTS.get(settings.scheme, 80)}")
