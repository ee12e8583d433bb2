"""The backend of a UI that runs by itself: an HTTP client of any server with Kubeflow's model registry API."""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from typing import Any

import httpx
import orjson
from model_registry_client.addresses import BASE_PATHS

from model_registry_ui.backend import Answer, Caller, Prefixes, Question, Unreachable

CONNECTIONS = 20
SECONDS = 10.0
"""How long a call may take: a little longer than the server is given, so that its own words arrive."""
DISCOVERY_SECONDS = 5.0
"""How long it may take to find where the API is. All pages that wait for it wait for the same attempt."""
RETRY_SECONDS = 2.0
"""How long a failure to find it is remembered. No page asks again in that time."""
DISCOVERY = "/.well-known/model-registry"
_FROM_ROOT = re.compile(r"/api/(?:model_registry|model_catalog|mcp_catalog)/[\w/]+$", re.ASCII)
_MISSING = 404
_CALLER = Caller()


class Remote:
    """Calls the server at `address`, a URL without a slash at its end.

    `verify` says which certificates are accepted, `discovery_seconds` how long the search for the API may take, and `clock` counts
    seconds.
    """

    def __init__(
        self,
        address: str,
        *,
        verify: SSLContext | bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
        discovery_seconds: float = DISCOVERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        # The environment's proxies and credentials are not this user's: nothing is taken from it.
        # Nor is a cookie kept: the connections are shared, and one user's session would be sent for the next user.
        self._client = httpx.AsyncClient(
            base_url=address,
            verify=verify,
            limits=limits,
            timeout=SECONDS,
            trust_env=False,
            transport=transport,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        self._address = address
        self._prefixes: Prefixes | None = None
        self._finding: asyncio.Task[Prefixes] | None = None
        self._discovery_seconds, self._clock = discovery_seconds, clock
        self._failure, self._retry_at = "", 0.0

    async def send(self, question: Question, caller: Caller) -> Answer:
        """Returns the server's answer; raises `Unreachable`."""
        request = self._client.build_request(
            question.method,
            question.path,
            params=list(question.parameters) or None,
            headers=[*caller.headers, *question.headers],
            content=question.body,
        )
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._client.send(request)
        except (httpx.TimeoutException, TimeoutError):
            raise Unreachable(f"The registry at {self._address} takes too long to answer.") from None
        except httpx.LocalProtocolError:  # its text quotes headers, and so may have a token
            raise Unreachable(f"The registry at {self._address} cannot be asked this.") from None
        except httpx.HTTPError as error:
            raise Unreachable(f"The registry at {self._address} cannot be reached: {error}.") from None
        return Answer(answer.status_code, answer.content, dict(answer.headers))

    async def prefixes(self) -> Prefixes:
        """Returns where the server has its API. It is asked once; one that cannot be reached is asked again after 2 s."""
        if self._prefixes is not None:
            return self._prefixes
        if self._failure and self._clock() < self._retry_at:
            raise Unreachable(self._failure)
        if self._finding is None:
            self._finding = asyncio.create_task(self._find())
        return await asyncio.shield(self._finding)

    def known_prefixes(self) -> Prefixes | None:
        """Returns them if the server was asked already."""
        return self._prefixes

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def _find(self) -> Prefixes:
        """One attempt for all pages that wait; its failure is remembered."""
        try:
            async with asyncio.timeout(self._discovery_seconds):
                self._prefixes = await self._found()
        except (TimeoutError, Unreachable) as error:
            self._failure = str(error) or f"The registry at {self._address} takes too long to answer."
            self._retry_at = self._clock() + RETRY_SECONDS
            raise Unreachable(self._failure) from None
        finally:
            self._finding = None
        return self._prefixes

    async def _found(self) -> Prefixes:
        """A server that names its prefixes is taken at its word; others are tried, the complete API first."""
        named = await self.send(Question(DISCOVERY), _CALLER)
        if read := _named(named):
            return read
        for prefix in BASE_PATHS:
            answer = await self.send(Question(f"{prefix}/registered_models", (("pageSize", "1"),)), _CALLER)
            if answer.status != _MISSING:
                return Prefixes(prefix)
        raise Unreachable(f"The server at {self._address} has no model registry API.")


def _named(answer: Answer) -> Prefixes | None:
    """The prefixes that a server names for itself; `None` if it names none."""
    if answer.status >= httpx.codes.BAD_REQUEST:
        return None
    try:
        content: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    apis, extensions, catalog = (_prefixes(content, part) for part in ("api", "extensions", "catalog"))
    known = [prefix for prefix in BASE_PATHS if prefix in apis]
    if not known:
        return None
    models, servers = (_first(catalog, f"/api/{name}/") for name in ("model_catalog", "mcp_catalog"))
    return Prefixes(known[0], _first(extensions, "/api/model_registry/"), models, servers)


def _first(prefixes: Iterable[str], beginning: str) -> str:
    """The first prefix that begins so; an empty text without one."""
    return next((prefix for prefix in prefixes if prefix.startswith(beginning)), "")


def _prefixes(content: Any, part: str) -> list[str]:
    """The prefixes of a part of the server, from the root of its address on."""
    described = content.get(part) if isinstance(content, Mapping) else None
    listed = described.get("prefixes") if isinstance(described, Mapping) else None
    found = [_FROM_ROOT.search(str(prefix)) for prefix in listed] if isinstance(listed, list) else []
    return [match[0] for match in found if match]
