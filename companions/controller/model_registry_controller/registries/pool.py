"""A client for each registry, and whether that registry answers at the moment."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Container, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from model_registry_client import AsyncRegistry, RegistryError
from model_registry_client.credentials import Token
from model_registry_client.entities import InferenceService, ServeModel
from model_registry_client.retries import RetryPolicy

from model_registry_controller.problems import RegistryDown, of_error
from model_registry_controller.queue import BackOff
from model_registry_controller.registries.addressing import Address

log = logging.getLogger(__name__)
SECONDS = 10.0
"""Seconds to wait for an answer of a registry."""
_ONCE = RetryPolicy(attempts=1)
"""Requests are not repeated here: the object is worked on again after a pause."""
_PROBES = BackOff(0.5, 5.0)
"""One small request every five seconds finds out soon that a registry is back, also after a long outage."""
_FRESH = 60.0
_NO_TOKEN = Token(None)


class OneRegistry:
    """A registry in use. While it is down, one request after the other finds out whether it is back.

    Attributes:
        url: Its address.
        client: A client for it.
        environments: The ids of serving environments by name.
        newest: The newest serves of entries that no object has used yet, by id of the entry; `None` for none.

    Args:
        address: Its address.
        client: A client for it.
        is_back: Is called when it answers again.
        clock: Returns the seconds of a monotonic clock.
    """

    def __init__(
        self,
        address: Address,
        client: AsyncRegistry,
        is_back: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url, self.client = address.url, client
        self.environments: dict[str, str] = {}
        self._listed: tuple[float, dict[str, InferenceService]] = (0.0, {})
        self.newest: dict[str, ServeModel | None] = {}
        self._is_back, self._clock = is_back, clock
        self._failures = 0
        self._down_since = self._next_probe = 0.0
        self._last: RegistryDown | None = None

    def keep_listed(self, entries: dict[str, InferenceService]) -> None:
        """Keeps the entries of a list by id, so that they need not be asked for one by one."""
        self._listed = (self._clock(), entries)

    def take_listed(self, number: str) -> InferenceService | None:
        """Returns an entry of the last list, once, and only within a minute: people may change it."""
        then, entries = self._listed
        return entries.pop(number, None) if self._clock() - then < _FRESH else None

    def down_for(self) -> float:
        """Returns for how many seconds the registry has been down; 0 if it answers."""
        return max(self._clock() - self._down_since, 0.001) if self._failures else 0.0

    @asynccontextmanager
    async def asking(self, *, waits: bool = True) -> AsyncIterator[AsyncRegistry]:
        """Gives the client for requests, and notes whether the registry answers.

        Args:
            waits: Whether a request to a registry that is down waits for its turn, by failing at once.

        Raises:
            RegistryDown: The registry does not answer; `wait` has the seconds until the next request is of use.
            Problem: The registry refuses this request.
        """
        if waits:
            self._wait_for_turn()
        try:
            yield self.client
        except (RegistryError, TimeoutError) as error:
            problem = of_error(error, self.url)
            if isinstance(problem, RegistryDown):
                self._failed(problem)
            else:
                self._answered()
            raise problem from error
        self._answered()

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if not self._failures:
            return
        if now < self._next_probe:
            last = self._last
            raise RegistryDown(str(last), self._next_probe - now, last.reason if last else "RegistryUnavailable")
        self._next_probe = now + SECONDS  # this request is the probe; the others wait for its outcome

    def _failed(self, problem: RegistryDown) -> None:
        now = self._clock()
        if not self._failures:
            self._down_since = now
            log.warning("A registry does not answer: %s", problem, extra={"registry": self.url})
        self._failures += 1
        problem.wait = _PROBES.pause(self._failures)
        self._next_probe = now + problem.wait
        self._last = problem

    def _answered(self) -> None:
        if self._failures:
            log.info("The registry answers again", extra={"registry": self.url, "seconds": round(self.down_for(), 1)})
            self._failures, self._last = 0, None
            self._is_back()


class RegistryPool:
    """The registries in use.

    Args:
        token: The token for registries that may get it.
        ca_path: Certificates to trust.
        verifies: Whether certificates are checked.
        is_back: Is called when a registry answers again.
        transport: An httpx transport, for tests.
    """

    def __init__(
        self,
        token: Token,
        ca_path: str = "",
        *,
        verifies: bool = True,
        is_back: Callable[[], None] = lambda: None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._transport = transport
        self._token, self._ca_path, self._verifies, self._is_back = token, ca_path, verifies, is_back
        self._registries: dict[Address, OneRegistry] = {}

    def get(self, address: Address) -> OneRegistry:
        """Returns the registry at an address. Raises `Problem` if no client can be made for it."""
        if address not in self._registries:
            try:
                client = AsyncRegistry(
                    address.url,
                    is_secure=self._verifies,
                    token=self._token if address.gets_token else _NO_TOKEN,
                    custom_ca=Path(self._ca_path) if self._ca_path else None,
                    timeout=SECONDS,
                    retries=_ONCE,
                    headers={"User-Agent": "model-registry-controller"},
                    partial_updates=True,
                    transport=self._transport,
                )
            except RegistryError as error:
                raise of_error(error, address.url) from error
            self._registries[address] = OneRegistry(address, client, self._is_back)
        return self._registries[address]

    @property
    def known(self) -> Mapping[Address, OneRegistry]:
        """The registries that were used."""
        return self._registries

    async def keep(self, addresses: Container[Address]) -> None:
        """Closes the connections to all registries but these."""
        gone = [address for address in self._registries if address not in addresses]
        await asyncio.gather(*(self._registries.pop(address).client.aclose() for address in gone))

    async def aclose(self) -> None:
        """Closes all connections."""
        await asyncio.gather(*(each.client.aclose() for each in self._registries.values()), return_exceptions=True)
