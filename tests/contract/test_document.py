"""The document describes the API completely and correctly, and each fact once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.testing import MockRequest

from tests.support.document import content, openapi_core

Json = dict[str, Any]

DOCUMENT: Json = content()
SCHEMAS: Json = DOCUMENT["components"]["schemas"]

# Written down apart from the document: clients are generated from these names.
OPERATIONS = """
GET   /artifact                                                       findArtifact
GET   /artifacts                                                      getArtifacts
POST  /artifacts                                                      createArtifact
GET   /artifacts/{id}                                                 getArtifact
PATCH /artifacts/{id}                                                 updateArtifact
GET   /experiment                                                     findExperiment
GET   /experiment_run                                                 findExperimentRun
GET   /experiment_runs                                                getExperimentRuns
POST  /experiment_runs                                                createExperimentRun
GET   /experiment_runs/metric_history                                 getExperimentRunsMetricHistory
GET   /experiment_runs/{experimentrunId}                              getExperimentRun
PATCH /experiment_runs/{experimentrunId}                              updateExperimentRun
GET   /experiment_runs/{experimentrunId}/artifacts                    getExperimentRunArtifacts
POST  /experiment_runs/{experimentrunId}/artifacts                    upsertExperimentRunArtifact
GET   /experiment_runs/{experimentrunId}/metric_history               getExperimentRunMetricHistory
GET   /experiments                                                    getExperiments
POST  /experiments                                                    createExperiment
GET   /experiments/{experimentId}                                     getExperiment
PATCH /experiments/{experimentId}                                     updateExperiment
GET   /experiments/{experimentId}/experiment_runs                     getExperimentExperimentRuns
POST  /experiments/{experimentId}/experiment_runs                     createExperimentExperimentRun
GET   /inference_service                                              findInferenceService
GET   /inference_services                                             getInferenceServices
POST  /inference_services                                             createInferenceService
GET   /inference_services/{inferenceserviceId}                        getInferenceService
PATCH /inference_services/{inferenceserviceId}                        updateInferenceService
GET   /inference_services/{inferenceserviceId}/model                  getInferenceServiceModel
GET   /inference_services/{inferenceserviceId}/serves                 getInferenceServiceServes
POST  /inference_services/{inferenceserviceId}/serves                 createInferenceServiceServe
GET   /inference_services/{inferenceserviceId}/version                getInferenceServiceVersion
GET   /model_artifact                                                 findModelArtifact
GET   /model_artifacts                                                getModelArtifacts
POST  /model_artifacts                                                createModelArtifact
GET   /model_artifacts/{modelartifactId}                              getModelArtifact
PATCH /model_artifacts/{modelartifactId}                              updateModelArtifact
GET   /model_version                                                  findModelVersion
GET   /model_versions                                                 getModelVersions
POST  /model_versions                                                 createModelVersion
GET   /model_versions/{modelversionId}                                getModelVersion
PATCH /model_versions/{modelversionId}                                updateModelVersion
GET   /model_versions/{modelversionId}/artifacts                      getModelVersionArtifacts
POST  /model_versions/{modelversionId}/artifacts                      upsertModelVersionArtifact
GET   /registered_model                                               findRegisteredModel
GET   /registered_models                                              getRegisteredModels
POST  /registered_models                                              createRegisteredModel
GET   /registered_models/{registeredmodelId}                          getRegisteredModel
PATCH /registered_models/{registeredmodelId}                          updateRegisteredModel
GET   /registered_models/{registeredmodelId}/versions                 getRegisteredModelVersions
POST  /registered_models/{registeredmodelId}/versions                 createRegisteredModelVersion
GET   /serving_environment                                            findServingEnvironment
GET   /serving_environments                                           getServingEnvironments
POST  /serving_environments                                           createServingEnvironment
GET   /serving_environments/{servingenvironmentId}                    getServingEnvironment
PATCH /serving_environments/{servingenvironmentId}                    updateServingEnvironment
GET   /serving_environments/{servingenvironmentId}/inference_services getEnvironmentInferenceServices
POST  /serving_environments/{servingenvironmentId}/inference_services createEnvironmentInferenceService
"""

SCHEMA_NAMES = """
Artifact ArtifactCreate ArtifactList ArtifactState ArtifactTypeQueryParam ArtifactUpdate BaseArtifact BaseModel
BaseResource BaseResourceCreate BaseResourceDates BaseResourceList BaseResourceUpdate DataSet DataSetCreate
DataSetUpdate DocArtifact DocArtifactCreate DocArtifactUpdate Error ExecutionState Experiment ExperimentCreate
ExperimentList ExperimentRun ExperimentRunCreate ExperimentRunList ExperimentRunState ExperimentRunStatus
ExperimentRunUpdate ExperimentState ExperimentUpdate InferenceService InferenceServiceCreate InferenceServiceList
InferenceServiceState InferenceServiceUpdate MetadataBoolValue MetadataDoubleValue MetadataIntValue
MetadataProtoValue MetadataStringValue MetadataStructValue MetadataValue Metric MetricCreate MetricList MetricUpdate
ModelArtifact ModelArtifactCreate ModelArtifactList ModelArtifactUpdate ModelVersion ModelVersionCreate
ModelVersionList ModelVersionState ModelVersionUpdate OrderByField Parameter ParameterCreate ParameterType
ParameterUpdate RegisteredModel RegisteredModelCreate RegisteredModelList RegisteredModelState RegisteredModelUpdate
ServeModel ServeModelCreate ServeModelList ServeModelUpdate ServingEnvironment ServingEnvironmentCreate
ServingEnvironmentList ServingEnvironmentUpdate SortOrder
"""

# Ours: values that several schemas share.
SHARED_VALUES = "CustomProperties Described Double EpochMilliseconds ExternalId Id Name Text WholeNumber"

PARAMETER_NAMES = """
orderBy artifactType id name externalId parentResourceId filterQuery pageSize nextPageToken sortOrder stepIds
"""
RESPONSE_NAMES = """
ArtifactListResponse ArtifactResponse BadRequest Conflict ExperimentListResponse ExperimentResponse
ExperimentRunListResponse ExperimentRunResponse InferenceServiceListResponse InferenceServiceResponse
InternalServerError MetricListResponse ModelArtifactListResponse ModelArtifactResponse ModelVersionListResponse
ModelVersionResponse NotFound RegisteredModelListResponse RegisteredModelResponse ServeModelListResponse
ServeModelResponse ServiceUnavailable ServingEnvironmentListResponse ServingEnvironmentResponse Unauthorized
UnprocessableEntity
"""

# What the server fills in when a body leaves it out.
DEFAULTS = {
    ("createRegisteredModel", "state"): "LIVE",
    ("createModelVersion", "state"): "LIVE",
    ("createRegisteredModelVersion", "state"): "LIVE",
    ("createExperiment", "state"): "LIVE",
    ("createExperimentRun", "state"): "LIVE",
    ("createExperimentRun", "status"): "RUNNING",
    ("createExperimentExperimentRun", "state"): "LIVE",
    ("createExperimentExperimentRun", "status"): "RUNNING",
    ("createInferenceService", "desiredState"): "DEPLOYED",
    ("createEnvironmentInferenceService", "desiredState"): "DEPLOYED",
    ("createInferenceServiceServe", "lastKnownState"): "UNKNOWN",
    ("createModelArtifact", "state"): "UNKNOWN",
    ("createModelArtifact", "artifactType"): "model-artifact",
}
STRING = {"metadataType": "MetadataStringValue", "string_value": ""}

# The bodies that list the fields which the server sets, since `id` in them means an update.
UPSERTS = {
    "createExperimentExperimentRun",
    "createRegisteredModelVersion",
    "upsertExperimentRunArtifact",
    "upsertModelVersionArtifact",
}
SET_BY_THE_SERVER = {"id", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch", "experimentId", "experimentRunId"}
EXPERIMENT_PATHS = ("/experiment", "/experiments", "/experiment_run", "/experiment_runs")


def follow(reference: str) -> Json:
    """The object that one reference points to."""
    target: Json = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        target = target[part]
    return target


def resolve(node: Json) -> Json:
    """The shared parameter or response behind a reference; any other node as it is."""
    return follow(node["$ref"]) if "$ref" in node else node


def validator(schema: Json) -> jsonschema_rs.Draft202012Validator:
    """A validator of one schema of the document, as the server compiles it."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def objects(node: Any, where: str = "#") -> Iterator[tuple[str, Json]]:
    """Every object inside a part of the document, with its path; references are not followed."""
    if isinstance(node, dict):
        yield where, node
        for key, value in node.items():
            yield from objects(value, f"{where}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from objects(value, f"{where}/{index}")


def reach(schema: Json) -> Iterator[Json]:
    """A schema and all its parts; references are followed."""
    yield schema
    if "$ref" in schema:
        yield from reach(follow(schema["$ref"]))
    for branch in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from reach(branch)


def fields(schema: Json) -> set[str]:
    """The names of the properties that a schema declares anywhere in its composition."""
    return {name for part in reach(schema) for name in part.get("properties", ())}


def operations() -> Iterator[tuple[str, str, Json]]:
    """Every operation with its method and path."""
    for path, item in DOCUMENT["paths"].items():
        for method in ("get", "post", "put", "patch", "delete", "head", "options", "trace"):
            if method in item:
                yield method, path, item[method]


def body(operation: Json) -> Json:
    """The media type object of a request body."""
    content: Json = operation["requestBody"]["content"]["application/json"]
    return content


REFEREE = openapi_core()
BY_ID = {operation["operationId"]: (method, path, operation) for method, path, operation in operations()}
BODIES = {name: body(operation) for name, (_, _, operation) in BY_ID.items() if "requestBody" in operation}
every_operation = pytest.mark.parametrize("name", list(BY_ID))
every_body = pytest.mark.parametrize("name", list(BODIES))
every_schema = pytest.mark.parametrize("name", list(SCHEMAS))


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    openapi_spec_validator.validate(DOCUMENT)
    REFEREE.check_spec()


def test_all_56_operations_are_there_by_method_path_and_id() -> None:
    expected = sorted(tuple(line.split()) for line in OPERATIONS.strip().splitlines())
    found = sorted((method.upper(), path, operation["operationId"]) for method, path, operation in operations())
    assert len(expected) == 56
    assert found == expected


def test_operation_ids_are_unique() -> None:
    assert len(BY_ID) == len(list(operations()))


def test_all_76_schema_names_of_the_api_are_there_and_few_others() -> None:
    assert len(SCHEMA_NAMES.split()) == 76
    assert set(SCHEMAS) == {*SCHEMA_NAMES.split(), *SHARED_VALUES.split()}


def test_the_shared_parameters_and_responses_are_there() -> None:
    parameters, responses = DOCUMENT["components"]["parameters"], DOCUMENT["components"]["responses"]
    assert {*PARAMETER_NAMES.split()} <= set(parameters)
    assert {*RESPONSE_NAMES.split()} <= set(responses)
    assert all(parameter["name"] == key for key, parameter in parameters.items())


def test_path_parameters_are_those_of_the_path() -> None:
    for path, item in DOCUMENT["paths"].items():
        named = [resolve(parameter)["name"] for parameter in item.get("parameters", ())]
        assert named == [part[1:-1] for part in path.split("/") if part.startswith("{")], path


@every_operation
def test_every_operation_is_explained(name: str) -> None:
    _, _, operation = BY_ID[name]
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    assert operation["summary"]
    assert operation["description"]
    assert len(operation["tags"]) == 1
    assert set(operation["tags"]) <= tags


@every_operation
def test_every_operation_documents_the_statuses_that_it_answers(name: str) -> None:
    method, path, operation = BY_ID[name]
    expected = {"400", "401", "403", "405", "421", "500", "503"}
    expected |= {"200", "201"} if name.startswith("upsert") else {"201"} if method == "post" else {"200"}
    required = (
        {field for part in reach(BODIES[name]["schema"]) for field in part.get("required", ())}
        if name in BODIES
        else ()
    )
    if "{" in path or name.startswith("find") or any(field.endswith("Id") for field in required):
        expected |= {"404"}
    if name in BODIES:
        expected |= {"408", "409", "413", "422"}
    if method == "patch":
        expected |= {"412"}
    if method == "get" and not operation["responses"]["200"]["$ref"].endswith("ListResponse"):
        expected |= {"304"}
    assert set(operation["responses"]) == expected


@every_operation
def test_every_answer_is_json_of_its_kind(name: str) -> None:
    for status, response in BY_ID[name][2]["responses"].items():
        if status == "304":
            assert "content" not in resolve(response)
            continue
        content = resolve(response)["content"]
        assert list(content) == ["application/json"]
        is_error = content["application/json"]["schema"]["$ref"] == "#/components/schemas/Error"
        assert is_error == (status >= "400"), status


def test_answers_to_an_outage_say_when_to_retry_and_those_to_a_wrong_method_name_the_right_ones() -> None:
    responses = DOCUMENT["components"]["responses"]
    assert "Retry-After" in responses["ServiceUnavailable"]["headers"]
    assert "Allow" in responses["MethodNotAllowed"]["headers"]


@every_body
def test_every_request_example_is_valid(name: str) -> None:
    validator(BODIES[name]["schema"]).validate(BODIES[name]["example"])


@every_operation
def test_answers_of_single_entities_and_only_they_have_tags_and_take_conditions(name: str) -> None:
    method, _, operation = BY_ID[name]
    done = next(resolve(response) for status, response in operation["responses"].items() if status in ("200", "201"))
    is_single = "ETag" in done.get("headers", {})
    assert is_single == ("items" not in str(done["content"]["application/json"]["example"]))
    named = {resolve(parameter)["name"] for parameter in operation.get("parameters", ()) if "$ref" in parameter}
    assert ("If-Match" in named) == (method == "patch")
    assert ("If-None-Match" in named) == (method == "get" and is_single)


@pytest.mark.parametrize("name", sorted({*DOCUMENT["components"]["responses"]} - {"NotModified"}))
def test_every_response_example_is_valid(name: str) -> None:
    content = DOCUMENT["components"]["responses"][name]["content"]["application/json"]
    validator(content["schema"]).validate(content["example"])


@pytest.mark.parametrize("name", list(DOCUMENT["components"]["parameters"]))
def test_every_parameter_is_explained_and_its_example_valid(name: str) -> None:
    parameter = DOCUMENT["components"]["parameters"][name]
    assert parameter["description"]
    if "example" in parameter:
        validator(parameter["schema"]).validate(parameter["example"])


@every_body
def test_every_request_body_is_closed(name: str) -> None:
    schema, example = BODIES[name]["schema"], BODIES[name]["example"]
    assert schema["unevaluatedProperties"] is False
    assert not validator(schema).is_valid({**example, "ext_id": "x"})


@every_body
def test_only_upserts_take_what_the_server_sets(name: str) -> None:
    created_from = {"experimentId"} if "ExperimentRun" in name else set()
    listed = fields(BODIES[name]["schema"]) & SET_BY_THE_SERVER - created_from
    assert bool(listed) == (name in UPSERTS), listed


@every_body
def test_openapi_core_gives_the_same_verdict_on_bodies(name: str) -> None:
    """It ignores keywords next to a reference, and takes any schema name as a kind; the document must not depend on either."""
    method, path, _ = BY_ID[name]
    example = BODIES[name]["example"]
    foreign = {"metadataType": "MetadataProtoValue", "type": "t", "proto_value": "e30="}
    url = re.sub("{.*?}", "7", f"/api/model_registry/v1alpha3{path}")

    def is_accepted(value: Json) -> bool:
        sent = MockRequest(
            "http://localhost", method, url, data=json.dumps(value).encode(), content_type="application/json"
        )
        return not REFEREE.unmarshal_request(sent).errors

    assert is_accepted(example)
    assert not is_accepted({**example, "ext_id": "x"})
    assert not is_accepted({**example, "customProperties": {"x": foreign}})
    assert not is_accepted({**example, "artifactType": "Error"})


@pytest.mark.parametrize("prefix", ["v1alpha3", "v1"])
def test_openapi_core_finds_the_operations_of_each_prefix(prefix: str) -> None:
    for method, path, _ in operations():
        sent = MockRequest("http://localhost", method, re.sub("{.*?}", "7", f"/api/model_registry/{prefix}{path}"))
        missing = [error for error in REFEREE.unmarshal_request(sent).errors if isinstance(error, PathError)]
        assert bool(missing) == (prefix == "v1" and path.startswith(EXPERIMENT_PATHS)), path


def test_links_lead_to_operations_and_their_parameters() -> None:
    links = [node["links"] for _, node in objects(DOCUMENT["components"]["responses"]) if "links" in node]
    assert len(links) == 8
    for link in (link for group in links for link in group.values()):
        _, path, operation = BY_ID[link["operationId"]]
        known = {
            resolve(item)["name"]
            for item in (*DOCUMENT["paths"][path].get("parameters", ()), *operation.get("parameters", ()))
        }
        assert set(link["parameters"]) <= known
        assert {part[1:-1] for part in path.split("/") if part.startswith("{")} <= set(link["parameters"])
        assert set(link.get("requestBody", ())) <= fields(
            BODIES[link["operationId"]]["schema"] if "requestBody" in link else {}
        )
        assert link["description"]


def test_nothing_is_read_only_since_tools_take_that_for_forbidden() -> None:
    assert [place for place, node in objects(DOCUMENT) if "readOnly" in node or "writeOnly" in node] == []


def test_shared_schemas_of_entities_stay_open() -> None:
    closed = [place for place, node in objects(SCHEMAS) if "unevaluatedProperties" in node]
    assert closed == []
    closed = [place for place, node in objects(SCHEMAS) if node.get("additionalProperties") is False]
    assert all(place.startswith("#/Metadata") for place in closed), closed


def test_no_enum_has_a_default() -> None:
    assert [place for place, node in objects(DOCUMENT) if "enum" in node and "default" in node] == []


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name.endswith("Update")])
def test_no_change_reaches_a_default(name: str) -> None:
    with_default = [
        part
        for part in reach(SCHEMAS[name])
        for field in part.get("properties", {}).values()
        for part in reach(field)
        if "default" in part
    ]
    assert with_default == []


def test_defaults_are_documented_where_the_server_fills_them_in() -> None:
    found = {
        (name, field): part["properties"][field]["default"]
        for name, content in BODIES.items()
        for part in reach(content["schema"])
        for field in part.get("properties", ())
        if "default" in part["properties"][field]
    }
    assert found == DEFAULTS


def declarations(schema: Json) -> dict[str, int]:
    """How often each property is declared with a shape of its own, over distinct parts of a composition.

    A default, and the type by which a required field rules null out, are no shapes.
    """
    parts = {id(part): part for part in reach(schema)}.values()
    declared: dict[str, int] = {}
    for part in parts:
        for field, shape in part.get("properties", {}).items():
            if set(shape) - {"default", "description", "type"}:
                declared[field] = declared.get(field, 0) + 1
    return declared


@pytest.mark.parametrize(
    "name", [name for name, schema in SCHEMAS.items() if f"{name}Update" in SCHEMAS and "oneOf" not in schema]
)
def test_every_field_of_an_entity_is_declared_once(name: str) -> None:
    assert {field: times for field, times in declarations(SCHEMAS[name]).items() if times > 1} == {}


@every_schema
def test_every_schema_and_every_property_is_explained(name: str) -> None:
    assert SCHEMAS[name]["description"]
    for place, node in objects(SCHEMAS[name], name):
        # A property may itself be called `properties`; none is today.
        for field, shape in node.get("properties", {}).items():
            assert "description" in shape or "description" in resolve(shape), f"{place}: {field}"


def test_experiments_are_only_under_v1alpha3() -> None:
    assert [server["url"] for server in DOCUMENT["servers"]] == [
        "/api/model_registry/v1alpha3",
        "/api/model_registry/v1",
    ]
    for path, item in DOCUMENT["paths"].items():
        urls = [server["url"] for server in item.get("servers", ())]
        is_experimental = path.startswith(EXPERIMENT_PATHS)
        assert urls == (["/api/model_registry/v1alpha3"] if is_experimental else []), path


def test_a_token_may_be_sent_and_may_be_left_out() -> None:
    assert DOCUMENT["security"] == [{}, {"Bearer": []}, {"Gateway": []}]
    assert all("security" not in operation for _, _, operation in operations())


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "discriminator" in schema])
def test_a_discriminator_names_each_kind_by_the_constant_of_its_schema(name: str) -> None:
    schema = SCHEMAS[name]
    property_name, mapping = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
    assert [branch["$ref"] for branch in schema["oneOf"]] == list(mapping.values())
    for value, reference in mapping.items():
        shapes = [
            part["properties"][property_name]
            for part in reach({"$ref": reference})
            if property_name in part.get("properties", {})
        ]
        constants = {constant for shape in shapes for constant in shape.get("enum", [shape.get("const")])}
        assert constants - {None} == {value}


# What the rules of the text mean, case by case.
WRONG_AND_RIGHT: list[tuple[str, list[Any], list[Any]]] = [
    (
        "Text",
        ["", "a\nb\n", "Äé😀", "x mlmd-struct::", None],
        ["a\0b", "\0", "mlmd-struct::", "mlmd-struct::x", "mlmd-struct::\n", 1],
    ),
    ("Name", ["a", "a:b", "é" * 255], ["", "a" * 256, "\0", "mlmd-struct::x"]),
    ("ExternalId", ["", "a" * 255], ["a" * 256, "a\0"]),
    (
        "Id",
        ["1", "0", "-1", "+1", "01", "9223372036854775807", "-9223372036854775808", "0" * 30 + "7"],
        ["", "+", "x", "1.0", " 1", "9223372036854775808", "-9223372036854775809", "9" * 20, "\u0661", 1],
    ),
    ("Double", [0, -0.0, 1e59, -1e59, 10**59, 5e-324], [1e60, -1e60, 10**60, "1", True]),
    (
        "CustomProperties",
        [{}, {"": STRING}, {"a" * 255: STRING}],
        [{"__exact_doubles__": STRING}, {"a" * 256: STRING}, {"a\0": STRING}, {"a": None}, []],
    ),
    (
        "MetadataValue",
        [
            STRING,
            {"metadataType": "MetadataIntValue", "int_value": "-9223372036854775808"},
            {"metadataType": "MetadataDoubleValue", "double_value": 1},
            {"metadataType": "MetadataBoolValue", "bool_value": False},
            {"metadataType": "MetadataStructValue", "struct_value": "e30="},
        ],
        [
            {**STRING, "more": 1},
            {"metadataType": "MetadataStringValue"},
            {"metadataType": "MetadataIntValue", "int_value": 1},
            {"metadataType": "MetadataStructValue", "struct_value": ""},
            {"metadataType": "MetadataStructValue", "struct_value": "e30"},
            {"metadataType": "MetadataProtoValue", "type": "t", "proto_value": "e30="},
            {"string_value": "x"},
            {"metadataType": "metadatastringvalue", "string_value": "x"},
        ],
    ),
]


@pytest.mark.parametrize(("name", "right", "wrong"), WRONG_AND_RIGHT, ids=[case[0] for case in WRONG_AND_RIGHT])
def test_right_values_are_valid_and_wrong_ones_are_not(name: str, right: list[Any], wrong: list[Any]) -> None:
    accepts = validator(SCHEMAS[name]).is_valid
    assert [value for value in right if not accepts(value)] == []
    assert [value for value in wrong if accepts(value)] == []


@pytest.mark.parametrize(
    ("parameter", "right", "wrong"),
    [
        ("parentResourceId", ["", "7", "+7"], ["x", " ", "9223372036854775808"]),
        ("stepIds", ["", "1", " 1 , 2 ", ",,1,", "-3"], ["x", "1 2", "1;2", "1.5"]),
        ("pageSize", [1, 1000, 2147483647], [0, -1, 2147483648, "1"]),
        ("orderBy", ["ID"], ["", "id", "NAME"]),
        ("sortOrder", ["ASC", "DESC"], ["", "asc"]),
        ("artifactType", ["metric"], ["", "Metric", "model"]),
    ],
)
def test_right_parameters_are_valid_and_wrong_ones_are_not(parameter: str, right: list[Any], wrong: list[Any]) -> None:
    accepts = validator(DOCUMENT["components"]["parameters"][parameter]["schema"]).is_valid
    assert [value for value in right if not accepts(value)] == []
    assert [value for value in wrong if accepts(value)] == []
