"""The document of the extensions: the operations that clients know."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from tests.support.document import contract, extensions

Json = dict[str, Any]

CONTRACT = extensions()
DOCUMENT: Json = CONTRACT.content
COMPONENTS: Json = DOCUMENT["components"]

# Written down apart from the document: clients are generated from these names.
OPERATIONS = """
GET /whoami                                              getIdentity
GET /audit                                               getAuditRecords
GET /registered_models/{registeredmodelId}/aliases       getAliases
GET /registered_models/{registeredmodelId}/aliases/{alias} getAlias
PUT /registered_models/{registeredmodelId}/aliases/{alias} setAlias
DELETE /registered_models/{registeredmodelId}/aliases/{alias} deleteAlias
GET /registered_models/{registeredmodelId}/aliases/{alias}/version getAliasVersion
POST /registered_models/{registeredmodelId}/aliases/{alias}:rollback rollBackAlias
GET /registered_models/{registeredmodelId}/history       getAliasHistory
GET /registered_models/{registeredmodelId}/versions:resolve resolveModelVersion
GET /artifacts/{artifactId}/experiment_runs              getArtifactExperimentRuns
GET /artifacts/{artifactId}/versions                     getArtifactVersions
GET /experiment_runs/{experimentrunId}/metric_history    getExperimentRunMetricCurves
GET /experiment_runs/{experimentrunId}/metric_names      getExperimentRunMetricNames
GET /experiment_runs/{experimentrunId}/versions          getExperimentRunVersions
GET /facets/artifacts                                    getArtifactFacets
GET /facets/experiment_runs                              getExperimentRunFacets
GET /facets/experiments                                  getExperimentFacets
GET /facets/inference_services                           getInferenceServiceFacets
GET /facets/model_versions                               getModelVersionFacets
GET /facets/registered_models                            getRegisteredModelFacets
GET /facets/serving_environments                         getServingEnvironmentFacets
GET /inference_services/newest_serves                    getNewestServes
GET /changes                                             getChanges
GET /lineage                                             getLineage
POST /lineage/steps                                      createLineageStep
GET /model_versions/{modelversionId}/experiment_runs     getModelVersionExperimentRuns
"""

METHODS = ("get", "put", "post", "delete")
BY_ID: dict[str, Json] = {
    item[method]["operationId"]: item[method] | {"path": path, "method": method}
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
}
FAILURES_OF = {
    "get": set(),
    "put": {"408", "409", "412", "413", "422"},
    "post": {"408", "409", "412", "413"},
    "delete": {"409", "412"},
}
FAILURES_OF_CREATES = {"404", "408", "409", "413", "422"}
"""The statuses that only changes have."""
every_operation = pytest.mark.parametrize("name", list(BY_ID))


def validator(schema: Json) -> jsonschema_rs.Draft202012Validator:
    """A validator of one schema of the document."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": COMPONENTS})


def test_the_operations_are_there_by_method_path_and_id() -> None:
    expected = sorted(tuple(line.split()) for line in OPERATIONS.strip().splitlines())
    assert sorted((one.method, one.path, one.operation_id) for one in CONTRACT.operations) == expected


def test_what_both_documents_have_is_the_same_in_both() -> None:
    for section, named in COMPONENTS.items():
        for name in named.keys() & contract().content["components"].get(section, {}).keys():
            assert named[name] == contract().content["components"][section][name], name


def test_the_extensions_have_a_prefix_of_their_own() -> None:
    prefixes = [{server["url"] for server in each.content["servers"]} for each in (contract(), extensions())]
    assert not prefixes[0] & prefixes[1]


@every_operation
def test_every_operation_documents_the_statuses_that_it_answers(name: str) -> None:
    operation = BY_ID[name]
    method, success = operation["method"], success_of(operation)
    has_content, is_read, is_create = success != "204", method == "get", success == "201"
    is_page = has_content and "items" in example_of(operation)
    is_entity = has_content and not is_page
    named = {CONTRACT.resolve(parameter)["name"] for parameter in operation.get("parameters", ())}
    assert set(operation["responses"]) == (
        {success, "400", "401", "403", "405", "421", "500", "503"}
        | ({"404"} if "{" in operation["path"] or named & {"kind", "digest"} else set())
        | ({"304"} if is_entity and is_read else set())
        | (FAILURES_OF_CREATES if is_create else FAILURES_OF[method])
    )
    assert ("If-None-Match" in named) == (is_entity and is_read)
    assert ("If-Match" in named) == (not is_read and not is_create)
    if has_content:
        assert ("ETag" in CONTRACT.resolve(operation["responses"][success]).get("headers", {})) == is_entity


def success_of(operation: Json) -> str:
    """The status of an operation that succeeds."""
    return next(status for status in ("200", "201", "204") if status in operation["responses"])


def example_of(operation: Json) -> Json:
    """The example of the answer of an operation."""
    content: Json = CONTRACT.resolve(operation["responses"][success_of(operation)])["content"]["application/json"]
    example: Json = content["example"]
    return example


@pytest.mark.parametrize("name", [name for name in BY_ID if success_of(BY_ID[name]) != "204"])
def test_every_example_of_an_answer_is_valid(name: str) -> None:
    content = CONTRACT.resolve(BY_ID[name]["responses"][success_of(BY_ID[name])])["content"]["application/json"]
    validator(content["schema"]).validate(content["example"])


@pytest.mark.parametrize("name", list(COMPONENTS["parameters"]))
def test_every_parameter_is_explained_and_its_example_valid(name: str) -> None:
    parameter = COMPONENTS["parameters"][name]
    assert parameter["description"]
    if "example" in parameter:
        validator(parameter["schema"]).validate(parameter["example"])
