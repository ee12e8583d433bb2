"""The operation table: what each operationId of the document answers."""

from collections.abc import Callable, Mapping

from model_catalog.index.catalog import Catalog
from model_catalog.operations import older
from model_catalog.operations.models import (
    find_model_options,
    find_models,
    get_artifacts,
    get_model,
    get_performance_artifacts,
)
from model_catalog.operations.servers import find_server_options, find_servers, find_tools, get_server, get_tool
from model_catalog.operations.sources import find_labels, find_sources, get_source_status
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.http.api import Answer

Operation = Callable[[Catalog, Call], Answer]
"""Answers a checked request; raises `RegistryError` or `RefusedError`."""

OPERATIONS: Mapping[str, Operation] = {
    "findSources": find_sources,
    "getSourceStatus": get_source_status,
    "findLabels": find_labels,
    "findModels": find_models,
    "findModelsFilterOptions": find_model_options,
    "getModel": get_model,
    "getAllModelArtifacts": get_artifacts,
    "getAllModelPerformanceArtifacts": get_performance_artifacts,
    "findMCPServers": find_servers,
    "findMCPServersFilterOptions": find_server_options,
    "getMCPServer": get_server,
    "findMCPServerTools": find_tools,
    "getMCPServerTool": get_tool,
}
"""All but `previewCatalogSource`, which reads files and waits for them (`previewing.py`)."""
_OF_OLDER_VERSION: Mapping[str, Operation] = {
    **OPERATIONS,
    "findModels": older.find_models,
    "findSources": older.find_sources,
    "getMCPServerTool": older.get_bare_tool,
}


def answer(catalog: Catalog, call: Call, version: str) -> Answer:
    """The answer to a call of a version, `v1` or `v1alpha1`; raises `RegistryError` or `RefusedError`."""
    if version != older.VERSION:
        return OPERATIONS[call.operation_id](catalog, call)
    return _OF_OLDER_VERSION[call.operation_id](catalog, older.in_newer_words(call))
