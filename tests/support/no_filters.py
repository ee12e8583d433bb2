"""An MLMD store that refuses filters exactly as MLMD 1.21 does, made of one that has them."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc

from converters._generated import metadata_store_service_pb2 as service

REFUSAL = "filter_query is not supported - ZetaSQL dependency removed"
"""The words of MLMD 1.21."""

StoreCall = Callable[[bytes], tuple[bytes, bytes, int]]
_UNIMPLEMENTED: int = grpc.StatusCode.UNIMPLEMENTED.value[0]
_STARTS = ("starting_artifacts", "starting_executions", "starting_contexts")


def without_filters(methods: Mapping[str, StoreCall]) -> dict[str, StoreCall]:
    """Returns the methods of a store by name, each of which refuses a request with a filter."""
    return {name: _refusing(name, call) for name, call in methods.items()}


def _refusing(name: str, call: StoreCall) -> StoreCall:
    def refusing(request: bytes) -> tuple[bytes, bytes, int]:
        if _filters(getattr(service, f"{name}Request").FromString(request)):
            return b"", REFUSAL.encode(), _UNIMPLEMENTED
        return call(request)

    return refusing


def _filters(request: Any) -> bool:
    """Whether a request has a filter: in the options of its list, or as the start of its lineage."""
    options = getattr(request, "options", None)
    query = getattr(request, "lineage_subgraph_query_options", None)
    starts = [getattr(query, start) for start in _STARTS] if query else []
    return any(getattr(each, "filter_query", "") for each in (options, *starts))
