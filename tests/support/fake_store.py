"""MLMD without a process: Google's C++ store on a database in memory, behind an object that has the methods of a gRPC channel.

It counts its calls. A test can make it fail, lose an answer, wait, or have columns of 32 bits. `MetadataStore` and all above it are
real then; see `serving`. A test that creates one is skipped where the ml-metadata wheel is missing.
"""

import enum
from collections.abc import Callable
from functools import cache
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.companion import clamped
from model_registry_proxy.engine import database
from tests.support.no_filters import without_filters
from tests.support.processes import need_engine
from tests.support.store_calls import StoreCalls

OUT_OF_RANGE = (
    "mysql_query failed: errno: Out of range value for column 'int_value' at row 1, "
    "error: Out of range value for column 'int_value' at row 1"
)
"""MLMD's words for a number that MariaDB refuses."""
_STATUS = {status.value[0]: status for status in grpc.StatusCode}


class Columns(enum.Enum):
    """What becomes of whole numbers beyond 32 bits: SQLite keeps them, MySQL refuses them, or clamps them if not strict."""

    KEEP = enum.auto()
    REFUSE = enum.auto()
    CLAMP = enum.auto()


def need_filters() -> None:
    """Skips the test that calls this where the ml-metadata that is installed cannot filter, as 1.21 cannot."""
    if not _can_filter():
        pytest.skip("the store of the ml-metadata that is installed cannot filter")


@cache
def _can_filter() -> bool:
    request = service.GetContextsRequest(options={"filter_query": "id = 0"})
    return FakeStore()._methods["GetContexts"](request.SerializeToString())[2] == 0


class FakeStore(StoreCalls):
    """Stands for a `grpc.aio.Channel` to an MLMD server whose store is empty. Without `filters` it refuses them as MLMD 1.21."""

    def __init__(self, columns: Columns = Columns.KEEP, *, filters: bool = True) -> None:
        super().__init__()
        self.columns = columns
        need_engine()
        binding = database._import_binding()
        config = mlmd.ConnectionConfig()
        config.fake_database.SetInParent()
        store = database.Store(binding, config)
        self._methods = {name: store.method(name) for name in database.service_methods() if hasattr(binding, name)}
        if not filters:
            self._methods = without_filters(self._methods)
        self.timeouts: list[float | None] = []

    # What `MetadataStore` sees.

    def unary_unary(
        self,
        path: str,
        request_serializer: Callable[[Any], bytes],
        response_deserializer: Callable[[bytes], Any],
    ) -> Callable[..., Any]:
        """See `grpc.aio.Channel.unary_unary`."""
        method = path.rpartition("/")[2]

        async def call(request: Any, *, timeout: float | None = None, metadata: Any = ()) -> Any:  # noqa: ASYNC109 (gRPC's)
            message = getattr(service, f"{method}Request").FromString(request_serializer(request))
            self.timeouts.append(timeout)
            async with self.arriving(method, message, metadata):
                return response_deserializer(self._answer(method, request_serializer(request)))

        return call

    def _answer(self, method: str, request: bytes) -> bytes:
        if self.columns is not Columns.KEEP and method.startswith("Put"):
            request = self._in_32_bits(method, request)
        answer, text, code = self._methods[method](request)
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

    # What tests do with it.

    def fail(
        self,
        method: str,
        code: grpc.StatusCode,
        details: str = "a test wants it",
        *,
        after: int = 0,
        is_done: bool = False,
    ) -> None:
        """Makes one call of `method` fail with this gRPC code; see `fail_with`."""
        self.fail_with(method, rpc_error(code, details), after=after, is_done=is_done)

    def forget(self) -> None:
        """Counts from zero again."""
        super().forget()
        self.timeouts.clear()

    def ask(self, method: str, **fields: Any) -> Any:
        """Makes a call of another program, which is not counted; returns MLMD's message."""
        request = getattr(service, f"{method}Request")(**fields)
        answer, text, code = self._methods[method](request.SerializeToString())
        if code:
            raise rpc_error(_STATUS[code], text.decode())
        return getattr(service, f"{method}Response").FromString(answer)


def rpc_error(code: grpc.StatusCode, details: str) -> AioRpcError:
    """Returns what a call on a real channel raises."""
    return AioRpcError(code, Metadata(), Metadata(), details, None)
