"""The one way to a model registry: a request of its REST API goes out, and its answer comes back as bytes.

Two backends do it: `in_process.py` calls an ASGI application, `remote.py` a server over HTTP. `api.py` says what is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Caller:
    """The user on whose behalf a request is sent.

    Attributes:
        headers: The headers that say who it is, with names in lower case; nothing else of the browser's request.
        client: Address and port of the browser's connection; `None` if unknown.
        request_id: The id of the page's request, which its calls of the API have too.
    """

    headers: Headers = ()
    client: tuple[str, int] | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A request of the API.

    `path` begins at the root of the server, as in `/api/model_registry/v1alpha3/artifacts`. Other characters are percent-encoded.
    """

    path: str
    parameters: Headers = ()
    method: str = "GET"
    headers: Headers = ()
    body: bytes = b""

    @property
    def query(self) -> str:
        """The query string of the URL."""
        return urlencode(self.parameters)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question. Names of headers are in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Where a server has its API: `api` for Kubeflow's operations. The others are empty if the server does not have them.

    Attributes:
        api: The model registry.
        extensions: Its extensions.
        catalog: The model catalog.
        mcp_catalog: The MCP servers of the catalog.
    """

    api: str
    extensions: str = ""
    catalog: str = ""
    mcp_catalog: str = ""


class Unreachable(Exception):
    """The registry does not answer, or too late. The text says why, for people."""


class Backend(Protocol):
    """A way to a model registry."""

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Returns the answer, whatever its status is; raises `Unreachable`."""

    async def prefixes(self) -> Prefixes:
        """Returns where the registry has its API; raises `Unreachable`."""

    def known_prefixes(self) -> Prefixes | None:
        """Returns what `prefixes` returns if it is known already, without asking for it."""
