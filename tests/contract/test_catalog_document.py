"""The document of the catalog: the operations that clients know, each of them bound."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from model_catalog.operations.document import catalog_contract
from model_catalog.operations.operations import OPERATIONS as BOUND
from model_registry_proxy.contract.routes import Router

Json = dict[str, Any]

CONTRACT = catalog_contract()
DOCUMENT: Json = CONTRACT.content
COMPONENTS: Json = DOCUMENT["components"]
MODELS = ("/api/model_catalog/v1", "/api/model_catalog/v1alpha1")
SERVERS = ("/api/mcp_catalog/v1", "/api/mcp_catalog/v1alpha1")
# Written down apart from the document: clients are generated from these names.
OPERATIONS = """
GET  /labels                                                          findLabels
GET  /mcp_servers                                                     findMCPServers
GET  /mcp_servers/filter_options                                      findMCPServersFilterOptions
GET  /mcp_servers/{server_id}                                         getMCPServer
GET  /mcp_servers/{server_id}/tools                                   findMCPServerTools
GET  /mcp_servers/{server_id}/tools/{tool_name}                       getMCPServerTool
GET  /models                                                          findModels
GET  /models/filter_options                                           findModelsFilterOptions
GET  /sources                                                         findSources
POST /sources/preview                                                 previewCatalogSource
GET  /sources/{source_id}/models/{model_name}                         getModel
GET  /sources/{source_id}/models/{model_name}/artifacts               getAllModelArtifacts
GET  /sources/{source_id}/models/{model_name}/artifacts/performance   getAllModelPerformanceArtifacts
GET  /sources/{source_id}/status                                      getSourceStatus
"""
PARAMETERS = """
findLabels assetType pageSize orderBy sortOrder nextPageToken
findMCPServers name q sourceLabel filterQuery namedQuery includeTools toolLimit pageSize orderBy sortOrder nextPageToken
getMCPServer includeTools toolLimit
findMCPServerTools filterQuery pageSize orderBy sortOrder nextPageToken
findModels recommendations targetRPS latencyProperty rpsProperty hardwareCountProperty hardwareTypeProperty source q sourceLabel \
filterQuery pageSize orderBy sortOrder nextPageToken
findSources name assetType pageSize orderBy sortOrder nextPageToken
previewCatalogSource pageSize nextPageToken filterStatus includeFailures
getAllModelArtifacts artifactType artifact_type filterQuery pageSize orderBy sortOrder nextPageToken
getAllModelPerformanceArtifacts targetRPS recommendations rpsProperty latencyProperty hardwareCountProperty hardwareTypeProperty \
filterQuery pageSize orderBy sortOrder nextPageToken
"""
BY_ID: dict[str, Json] = {
    operation["operationId"]: operation
    for item in DOCUMENT["paths"].values()
    for method, operation in item.items()
    if method in ("get", "post")
}
every_operation = pytest.mark.parametrize("name", list(BY_ID))


def test_the_operations_are_there_by_method_path_and_id() -> None:
    expected = sorted(tuple(line.split()) for line in OPERATIONS.strip().splitlines())
    assert sorted((one.method, one.path, one.operation_id) for one in CONTRACT.operations) == expected


def test_the_parameters_of_queries_are_those_that_clients_send() -> None:
    expected = {name: set(rest) for name, *rest in (line.split() for line in PARAMETERS.strip().splitlines())}
    found = {
        one.operation_id: {each["name"] for each in one.parameters if each["in"] == "query"}
        for one in CONTRACT.operations
    }
    assert {name: parameters for name, parameters in found.items() if parameters} == expected


def test_both_versions_of_both_catalogs_are_served() -> None:
    for one in CONTRACT.operations:
        assert one.prefixes == (SERVERS if one.path.startswith("/mcp_servers") else MODELS)
    assert set(Router(CONTRACT).prefixes) == {*MODELS, *SERVERS}


def test_every_operation_is_bound_or_reads_files() -> None:
    assert BY_ID.keys() == BOUND.keys() | {"previewCatalogSource"}


def test_nothing_changes_anything() -> None:
    assert CONTRACT.is_read_only


@every_operation
def test_every_operation_documents_the_statuses_that_it_answers(name: str) -> None:
    statuses = set(BY_ID[name]["responses"])
    assert {"200", "400", "401", "403", "405", "421", "500", "503"} <= statuses
    assert ("304" in statuses) is (name != "previewCatalogSource")
    assert {"408", "413", "422"} <= statuses or name != "previewCatalogSource"


def test_the_examples_fit_their_schemas() -> None:
    for name, response in COMPONENTS["responses"].items():
        for media in response.get("content", {}).values():
            schema = {**media["schema"], "components": COMPONENTS}
            if "example" in media:
                jsonschema_rs.Draft202012Validator(schema).validate(media["example"])
            else:
                assert name
