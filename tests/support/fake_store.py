"""MLMD without a process: Google's C++ store on a database in memory, behind an object that has the methods of a gRPC channel.

It counts its calls. A test can make it fail, lose an answer, wait, or have columns of 32 bits. Everything above the
channel is real: `MetadataStore`, `Registry`, the verbs and the whole `Api`, which `serving` puts behind an HTTP client.
"""

import asyncio
import enum
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

import grpc
import httpx
from grpc.aio import AioRpcError, Metadata

from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.companion import clamped
from model_registry_proxy.engine import database
from model_registry_proxy.http.api import Api
from model_registry_proxy.http.bodies import Bodies
from model_registry_proxy.http.middleware import AROUND_ALL, wrapped
from model_registry_proxy.mlmd.events import Observer
from model_registry_proxy.mlmd.port import Store
from model_registry_proxy.mlmd.retries import RetryPolicy
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.observability.watcher import UNWATCHED, Watcher
from model_registry_proxy.registry.registry import Limits, Registry
from model_registry_proxy.security.running import on_registry, run
from tests.support.document import contract
from tests.support.gates import Gate
from tests.support.memory_store import MemoryStore
from tests.support.processes import need_engine

API = "/api/model_registry/v1alpha3"
_TURNS = 20
"""How many turns of the event loop a call takes: enough for all that starts together to be in flight together."""
OUT_OF_RANGE = (
    "mysql_query failed: errno: Out of range value for column 'int_value' at row 1, "
    "error: Out of range value for column 'int_value' at row 1"
)
"""MLMD's words for a number that MariaDB refuses."""
_STATUS = {status.value[0]: status for status in grpc.StatusCode}


@dataclass
class Call:
    """One call that arrived. `round` is 1 for one that followed no other, 2 for one that a first had to end for, ..."""

    method: str
    request: Any
    round: int
    metadata: dict[str, str]
    is_over: bool = False


@dataclass
class Failure:
    """A failure in waiting: `left` calls of the method go well before it; `is_done` lets the store do its work first."""

    method: str
    code: grpc.StatusCode
    details: str
    left: int
    is_done: bool


class Columns(enum.Enum):
    """What becomes of whole numbers beyond 32 bits: SQLite keeps them, MySQL refuses them, or clamps them if not strict."""

    KEEP = enum.auto()
    REFUSE = enum.auto()
    CLAMP = enum.auto()


class FakeStore:
    """Stands for a `grpc.aio.Channel` to an MLMD server whose store is empty."""

    def __init__(self, columns: Columns = Columns.KEEP) -> None:
        self.columns = columns
        need_engine()
        binding = database._import_binding()
        config = mlmd.ConnectionConfig()
        config.fake_database.SetInParent()
        store = database.Store(binding, config)
        self._methods = {name: store.method(name) for name in database.service_methods() if hasattr(binding, name)}
        self.calls: list[Call] = []
        self.timeouts: list[float | None] = []
        self._failures: list[Failure] = []
        self._gates: dict[str, Gate] = {}

    # What `MetadataStore` sees.

    def unary_unary(
        self,
        path: str,
        request_serializer: Callable[[Any], bytes],
        response_deserializer: Callable[[bytes], Any],
    ) -> Callable[..., Any]:
        """Returns a function that makes one call of the method at `path`, with the arguments of `grpc.aio.Channel.unary_unary`."""
        method = path.rpartition("/")[2]

        async def call(request: Any, *, timeout: float | None = None, metadata: Any = ()) -> Any:  # noqa: ASYNC109 (gRPC's)
            message = getattr(service, f"{method}Request").FromString(request_serializer(request))
            self.timeouts.append(timeout)
            arrived = Call(
                method, message, 1 + max((c.round for c in self.calls if c.is_over), default=0), dict(metadata)
            )
            self.calls.append(arrived)
            try:
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
                if gate := self._gates.get(method):
                    await gate.pass_through()
                return response_deserializer(self._answer(method, request_serializer(request)))
            finally:
                arrived.is_over = True

        return call

    def _answer(self, method: str, request: bytes) -> bytes:
        failure = self._next_failure(method)
        if failure and not failure.is_done:
            raise rpc_error(failure.code, failure.details)
        if self.columns is not Columns.KEEP and method.startswith("Put"):
            request = self._in_32_bits(method, request)
        answer, text, code = self._methods[method](request)
        if failure:
            raise rpc_error(failure.code, failure.details)
        if code:
            raise rpc_error(_STATUS[code], text.decode("utf-8", "replace"))
        return answer

    def _in_32_bits(self, method: str, request: bytes) -> bytes:
        """The request as a database with columns of 32 bits takes it."""
        message = getattr(service, f"{method}Request").FromString(request)
        nodes = [node for name in ("contexts", "artifacts", "executions") for node in getattr(message, name, ())]
        for value in (
            values[key] for node in nodes for values in (node.properties, node.custom_properties) for key in values
        ):
            if (number := value.int_value) != clamped(number):
                if self.columns is Columns.REFUSE:
                    raise rpc_error(grpc.StatusCode.INTERNAL, OUT_OF_RANGE)
                value.int_value = clamped(number)
        return message.SerializeToString()  # type: ignore[no-any-return]

    def _next_failure(self, method: str) -> Failure | None:
        for failure in [failure for failure in self._failures if failure.method == method]:
            failure.left -= 1
            if failure.left < 0:
                self._failures.remove(failure)
                return failure
        return None

    # What tests call.

    def fail(
        self,
        method: str,
        code: grpc.StatusCode,
        details: str = "as the test says",
        *,
        after: int = 0,
        is_done: bool = False,
    ) -> None:
        """Makes one call of `method` fail: the next one, or the one after `after` more. `is_done`: only the answer is lost."""
        self._failures.append(Failure(method, code, details, after, is_done))

    def hold(self, method: str) -> Gate:
        """Stops calls of `method` at a gate, which the test opens."""
        self._gates[method] = Gate()
        return self._gates[method]

    def forget(self) -> None:
        """Forgets all calls that were counted."""
        self.calls.clear()
        self.timeouts.clear()

    @property
    def counts(self) -> Counter[str]:
        """How many calls of each method arrived."""
        return Counter(call.method for call in self.calls)

    @property
    def rounds(self) -> str:
        """The calls as a line: `PutContexts; GetContextsByID || PutParentContexts`, the latter two at the same time."""
        last = max((call.round for call in self.calls), default=0)
        methods = [sorted(call.method for call in self.calls if call.round == number + 1) for number in range(last)]
        return "; ".join(" || ".join(names) for names in methods)

    def ask(self, method: str, **fields: Any) -> Any:
        """Makes a call as another client would; it is not counted. Returns MLMD's message, raises `AioRpcError`."""
        request = getattr(service, f"{method}Request")(**fields)
        answer, text, code = self._methods[method](request.SerializeToString())
        if code:
            raise rpc_error(_STATUS[code], text.decode())
        return getattr(service, f"{method}Response").FromString(answer)


def rpc_error(code: grpc.StatusCode, details: str) -> AioRpcError:
    """What a call on a real channel raises."""
    return AioRpcError(code, Metadata(), Metadata(), details, None)


new_store: Callable[[], "FakeStore | MemoryStore"] = FakeStore
"""Makes the store of each unit or contract test that does not make one itself. This line chooses it for all of them."""


@cache
def _compiled() -> Api:
    """An API with its routes and validators; `serving` puts a registry to a copy of it."""
    return Api(contract(), list, bodies=Bodies(0, 0), timeout=0)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Served:
    """The API on a fake store. `client` speaks HTTP to it below the prefix v1alpha3."""

    client: httpx.AsyncClient
    store: Any
    registry: Registry
    api: Api

    async def make(self, path: str, **body: Any) -> dict[str, Any]:
        """POSTs a body that must be taken; answers the entity."""
        response = await self.client.post(path, json=body)
        assert response.is_success, response.text
        made: dict[str, Any] = response.json()
        return made


async def registry_on(
    store: FakeStore | MemoryStore,
    limits: Limits | None = None,
    *,
    outlasts: float = 0,
    observer: Observer | None = None,
) -> Registry:
    """A registry that is open; the call for that is not counted. It goes on trying for `outlasts` seconds of an outage."""
    registry = Registry(_port_of(store, RetryPolicy(outlasts, 5000, observer), observer), limits, observer)
    await registry.open()
    store.forget()
    return registry


def _port_of(store: "FakeStore | MemoryStore", retries: RetryPolicy, observer: Observer | None) -> Store:
    """The store port. A fake store is a gRPC channel to MLMD; a store in memory is the port itself."""
    if isinstance(store, MemoryStore):
        return store
    channel: Any = store
    return MetadataStore(channel, timeout=5000, retries=retries, observer=observer)


@asynccontextmanager
async def serving(
    store: FakeStore | MemoryStore | None = None,
    *,
    limits: Limits | None = None,
    outlasts: float = 0,
    seconds: float = 10,
    max_body: int = 2**20,
    watcher: Watcher = UNWATCHED,
    max_bodies: int = 2**26,
    max_in_flight: int = 512,
) -> AsyncIterator[Served]:
    """The whole API on a store that is empty unless it is given; a request may take so many `seconds`."""
    store = store or new_store()
    registry = await registry_on(store, limits, outlasts=outlasts, observer=watcher.observer)
    api = copy(_compiled())
    api._run = on_registry(lambda: registry, run)
    api._bodies, api._timeout = Bodies(max_body, max_bodies), seconds
    api._free = max_in_flight
    transport = httpx.ASGITransport(app=wrapped(api, AROUND_ALL, watcher.makers))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://test{API}") as client:
        yield Served(client, store, registry, api)
