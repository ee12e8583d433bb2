"""Checks of requests by the document: their order, their messages, and the calls that valid requests become."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_proxy.contract.body_schemas import BodyValidator
from model_registry_proxy.contract.routes import Call, Router
from model_registry_proxy.errors import BadRequest, MethodNotAllowed, MissingField, NotFound, RegistryError
from tests.support.document import contract
from tests.support.serving import API

Json = dict[str, Any]
ROUTER = Router(contract())
BODIES = {d.operation_id: BodyValidator(contract(), d.body) for d in contract().operations if d.body}
CREATE_MODEL, UPDATE_MODEL = BODIES["createRegisteredModel"], BODIES["updateRegisteredModel"]
ARTIFACT = BODIES["createArtifact"]


def call(method: str, path: str, query: str | bytes = b"", body: bytes = b"") -> Call:
    """The call that a request becomes."""
    route, ids = ROUTER.find(method, API + path)
    return route.call(ids, query.encode() if isinstance(query, str) else query, body)


def refusal(check: Any, body: Any) -> RegistryError:
    """Why a body is refused."""
    with pytest.raises(RegistryError) as refused:
        check(body)
    return refused.value


# The order of the checks.


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ext_id": 1}, 'json: unknown field "ext_id"'),
        ({"name": 5, "ext_id": 1}, 'json: unknown field "ext_id"'),
        ({"state": "GONE", "ext_id": 1}, 'json: unknown field "ext_id"'),
        ({"name": 5}, "name must be a string; got 5."),
        ({"state": "GONE"}, "GONE is not a valid RegisteredModelState; state is one of LIVE, ARCHIVED."),
        ({"owner": 5}, "owner must be a string; got 5."),
        ({}, "required field 'name' is zero value."),
        ({"name": ""}, "required field 'name' is zero value."),
        ({"name": None}, "required field 'name' is zero value."),
        (None, "required field 'name' is zero value."),
    ],
)
def test_unknown_fields_come_first_then_types_then_missing_fields(body: Any, message: str) -> None:
    error = refusal(CREATE_MODEL, body)
    assert error.message == message
    assert isinstance(error, MissingField if message.startswith("required") else BadRequest)


def test_of_several_missing_fields_one_is_named() -> None:
    assert refusal(BODIES["createModelVersion"], {}).message == "required field 'name' is zero value."
    body = {"name": "v", "registeredModelId": ""}
    assert refusal(BODIES["createModelVersion"], body).message == "required field 'registeredModelId' is zero value."


@pytest.mark.parametrize("body", [[], 5, "x", True, [{"name": "a"}]])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    assert refusal(CREATE_MODEL, body).message.startswith("The body must be a JSON object; got ")


@pytest.mark.parametrize("field", ["id", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch"])
def test_fields_that_the_server_sets_are_unknown_to_creates_and_changes(field: str) -> None:
    for check in (CREATE_MODEL, UPDATE_MODEL):
        assert refusal(check, {"name": "x", field: "1"}).message.startswith('json: unknown field "')


@pytest.mark.parametrize("field", ["name ", "", "na_me", "\u017ftate", "to\u212aen"])
def test_a_name_that_differs_by_more_than_case_is_unknown(field: str) -> None:
    assert refusal(CREATE_MODEL, {"name": "x", field: "x"}).message == f'json: unknown field "{field}"'


@pytest.mark.parametrize("kind", [None, 5, "", "Metric", "model_artifact", [], {}])
def test_an_artifact_must_have_a_type(kind: Any) -> None:
    error = refusal(ARTIFACT, {"artifactType": kind, "name": "x", "bad": 1})
    assert error.message.startswith(
        "artifactType must be one of model-artifact, doc-artifact, dataset-artifact, metric, "
    )


def test_an_artifact_has_the_fields_of_its_type() -> None:
    assert ARTIFACT({"artifactType": "metric", "value": 1})["value"] == 1
    body = {"artifactType": "doc-artifact", "value": 1}
    assert refusal(ARTIFACT, body).message == 'json: unknown field "value"'


def custom(**value: Any) -> Json:
    """A body with one custom property."""
    return {"name": "x", "customProperties": {"p": value}}


@pytest.mark.parametrize(
    "body",
    [
        custom(metadataType="MetadataIntValue", int_value=5),
        custom(metadataType="MetadataIntValue", int_value="5.0"),
        custom(metadataType="MetadataIntValue", int_value=str(2**63)),
        custom(metadataType="MetadataIntValue", int_value=str(-(2**63) - 1)),
        custom(metadataType="MetadataIntValue"),
        custom(metadataType="MetadataDoubleValue", double_value="5"),
        custom(metadataType="MetadataDoubleValue", double_value=1e60),
        custom(metadataType="MetadataBoolValue", bool_value=1),
        custom(metadataType="MetadataStringValue", string_value="mlmd-struct::x"),
        custom(metadataType="MetadataStringValue", string_value="a\0"),
        custom(metadataType="MetadataStringValue", string_value="x", more=1),
        custom(metadataType="MetadataStructValue", struct_value="{}"),
        custom(metadataType="MetadataProtoValue", type="t", proto_value="e30="),
        custom(metadataType="Error", code="x", message="x"),
        custom(string_value="x"),
        {"name": "x", "customProperties": {"p": None}},
        {
            "name": "x",
            "customProperties": {"__exact_doubles__": {"metadataType": "MetadataBoolValue", "bool_value": True}},
        },
        {"name": "x", "customProperties": {"k" * 256: {"metadataType": "MetadataBoolValue", "bool_value": True}}},
        {"name": "x", "customProperties": []},
    ],
)
def test_a_bad_custom_property_is_refused_by_its_place(body: Json) -> None:
    error = refusal(CREATE_MODEL, body)
    assert isinstance(error, BadRequest)
    assert error.message.startswith(("customProperties", "MetadataProtoValue", "Error is not"))
    assert "customProperties" in error.message


# What comes out.


def test_nulls_count_as_absent() -> None:
    body = CREATE_MODEL({"name": "x", "description": None, "state": None, "customProperties": None})
    assert body == {"name": "x", "state": "LIVE"}
    assert UPDATE_MODEL({"description": None, "customProperties": None}) == {}


def test_a_null_that_is_no_field_is_unknown() -> None:
    with pytest.raises(BadRequest, match='unknown field "ext_id"'):
        UPDATE_MODEL({"ext_id": None})


def test_the_body_null_lacks_required_fields_and_is_refused_without_them_too() -> None:
    with pytest.raises(MissingField, match="name"):
        call("POST", "/registered_models", body=b"null")
    with pytest.raises(BadRequest, match="must be a JSON object; got null"):
        call("PATCH", "/registered_models/1", body=b"null")


@pytest.mark.parametrize(
    ("operation", "body", "defaults"),
    [
        ("createRegisteredModel", {"name": "x"}, {"state": "LIVE"}),
        ("createModelVersion", {"name": "x", "registeredModelId": "1"}, {"state": "LIVE"}),
        ("createExperimentRun", {"experimentId": "1"}, {"state": "LIVE", "status": "RUNNING"}),
        (
            "createInferenceService",
            {"registeredModelId": "1", "servingEnvironmentId": "1"},
            {"desiredState": "DEPLOYED"},
        ),
        ("createInferenceServiceServe", {"modelVersionId": "1"}, {"lastKnownState": "UNKNOWN"}),
        ("createModelArtifact", {}, {"state": "UNKNOWN", "artifactType": "model-artifact"}),
        ("createArtifact", {"artifactType": "model-artifact"}, {}),
    ],
)
def test_creates_fill_in_defaults_and_keep_values_that_are_sent(operation: str, body: Json, defaults: Json) -> None:
    assert BODIES[operation](dict(body)) == {**body, **defaults}
    said = {
        key: "ARCHIVED" for key in defaults if key == "state" and "Model" in operation and "Artifact" not in operation
    }
    assert BODIES[operation]({**body, **said}) == {**body, **defaults, **said}


@pytest.mark.parametrize("operation", [name for name in BODIES if name.startswith("update")])
def test_changes_have_no_defaults(operation: str) -> None:
    body = {"artifactType": "metric"} if operation == "updateArtifact" else {}
    assert BODIES[operation](dict(body)) == body


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["name", "state", "customProperties", "value", "step", "language", "artifactType", "registeredModelId", "id", "x"]
)
CUSTOM_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "metadataType": st.sampled_from(["MetadataIntValue", "MetadataStructValue", "?"]),
        "int_value": JSON_VALUES,
    },
)


@given(st.sampled_from(list(BODIES)), JSON_VALUES | st.dictionaries(KEYS, JSON_VALUES | CUSTOM_VALUES, max_size=5))
def test_any_json_is_accepted_or_refused_with_a_message(operation: str, body: Any) -> None:
    try:
        assert isinstance(BODIES[operation](body), dict)
    except RegistryError as error:
        assert error.message  # noqa: PT017 (either way is right)


# Paths.


@pytest.mark.parametrize(
    ("text", "id_"),
    [("1", 1), ("01", 1), ("+1", 1), ("-0", 0), ("-1", -1), (str(2**63 - 1), 2**63 - 1), ("0" * 5000 + "1", 1)],
)
def test_an_id_is_a_whole_number_however_written(text: str, id_: int) -> None:
    assert call("GET", f"/registered_models/{text}").ids == (id_,)


@pytest.mark.parametrize("text", ["1x", "one", "1.0", " 1", "--1", "+-1", "+", "-", "٣", "1\0", "1_0", "0x1", "²"])
def test_an_id_that_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match=r"^An id in the path must be a whole number; got "):
        call("GET", f"/registered_models/{text}")


@pytest.mark.parametrize("text", [str(2**63), "-" + str(2**63 + 1), "9" * 30, "9" * 5000])
def test_an_id_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match=r"^An id in the path must fit into 64 bits; got "):
        call("GET", f"/registered_models/{text}")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/models",
        "/registered_models/",
        "/registered_models//versions",
        "/registered_models/1/x",
        "//artifacts",
    ],
)
def test_an_unknown_path_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        ROUTER.find("GET", API + path)


@pytest.mark.parametrize(
    "path", ["/", "", "/api", "/api/model_registry/v2/artifacts", "/other/model_registry/v1alpha3/artifacts"]
)
def test_a_path_below_no_prefix_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        ROUTER.find("GET", path)


def test_a_fixed_segment_goes_before_an_id() -> None:
    route, ids = ROUTER.find("GET", API + "/experiment_runs/metric_history")
    assert (route.described.operation_id, ids) == ("getExperimentRunsMetricHistory", [])


@pytest.mark.parametrize("method", ["DELETE", "PUT", "HEAD", "OPTIONS", "get"])
def test_the_answer_to_a_wrong_method_names_the_right_ones(method: str) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        ROUTER.find(method, API + "/registered_models")
    assert refused.value.headers == {"allow": "GET, POST"}


@pytest.mark.parametrize(
    ("path", "allowed", "advice"),
    [
        ("/registered_models/1", "GET, PATCH", 'archive it by PATCH {"state": "ARCHIVED"}.'),
        ("/model_versions/1", "GET, PATCH", 'archive it by PATCH {"state": "ARCHIVED"}.'),
        ("/experiments/1", "GET, PATCH", 'archive it by PATCH {"state": "ARCHIVED"}.'),
        ("/experiment_runs/1", "GET, PATCH", 'archive it by PATCH {"state": "ARCHIVED"}.'),
        ("/inference_services/1", "GET, PATCH", 'by PATCH {"desiredState": "UNDEPLOYED"}.'),
        ("/artifacts/1", "GET, PATCH", 'mark it as deleted by PATCH {"artifactType": "...", "state": "DELETED"}.'),
        ("/model_artifacts/1", "GET, PATCH", 'mark it as deleted by PATCH {"state": "DELETED"}.'),
        ("/serving_environments/1", "GET, PATCH", "and this kind has no state to archive it by."),
        ("/registered_models", "GET, POST", 'PATCH {"state": "ARCHIVED"} on the path of one archives it, where'),
    ],
)
def test_the_answer_to_delete_says_how_to_archive(path: str, allowed: str, advice: str) -> None:
    with pytest.raises(MethodNotAllowed) as refused:
        ROUTER.find("DELETE", API + path)
    assert refused.value.headers == {"allow": allowed}
    assert refused.value.message.startswith(f"DELETE is not allowed here; use {allowed}. Entities are never deleted,")
    assert advice in refused.value.message


def test_every_path_of_the_api_refuses_to_delete() -> None:
    for described in contract().operations:
        path = "/".join("1" if part.startswith("{") else part for part in described.path.split("/"))
        with pytest.raises(MethodNotAllowed, match=r"never deleted, only archived"):
            ROUTER.find("DELETE", described.prefixes[0] + path)
    with pytest.raises(NotFound):
        ROUTER.find("DELETE", API + "/registered_models/1/nothing")


def test_other_wrong_methods_get_no_advice_on_deleting() -> None:
    with pytest.raises(MethodNotAllowed, match=r"^PUT is not allowed here; use GET, PATCH\.$"):
        ROUTER.find("PUT", API + "/registered_models/1")


def test_every_operation_is_found_below_each_of_its_prefixes() -> None:
    for described in contract().operations:
        for prefix in described.prefixes:
            path = "/".join("1" if part.startswith("{") else part for part in described.path.split("/"))
            assert ROUTER.find(described.method, prefix + path)[0].described == described


# Queries.


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("pageSize=10", {"pageSize": 10}),
        ("pageSize=%31%30", {"pageSize": 10}),
        ("pageSize=%2B10", {"pageSize": 10}),
        ("pageSize=0010", {"pageSize": 10}),
        ("pageSize=1&pageSize=ten", {"pageSize": 1}),
        ("unknown=%zz&pageSize=1", {"pageSize": 1}),
        ("page%53ize=1", {"pageSize": 1}),
        ("&&pageSize=1&", {"pageSize": 1}),
        ("orderBy=ID&sortOrder=DESC", {"orderBy": "ID", "sortOrder": "DESC"}),
        ("filterQuery=a+%3D+1%2B1", {"filterQuery": "a = 1+1"}),
        ("filterQuery=a=b=c", {"filterQuery": "a=b=c"}),
        ("filterQuery=%F0%9F%A6%9C", {"filterQuery": "🦜"}),
        ("filterQuery=a;b", {"filterQuery": "a;b"}),
        ("filterQuery", {}),
        ("filterQuery=&filterQuery=x", {}),
    ],
)
def test_a_query_is_decoded(query: str, expected: Json) -> None:
    assert call("GET", "/registered_models", query).query == expected


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("pageSize=ten", 'pageSize must be a whole number; got "ten".'),
        ("pageSize=", 'pageSize must be a whole number; got "".'),
        ("pageSize=--5", 'pageSize must be a whole number; got "--5".'),
        ("pageSize=%2B-5", 'pageSize must be a whole number; got "+-5".'),
        ("pageSize=1.0", "whole number"),
        ("pageSize=%D9%A3", "whole number"),
        ("pageSize=0", "pageSize must be at least 1; got 0."),
        ("pageSize=-1", "pageSize must be at least 1; got -1."),
        ("pageSize=2147483648", "pageSize must be at most 2147483647"),
        ("pageSize=99999999999999999999", "pageSize must fit into 64 bits"),
        ("orderBy=", "is not a valid OrderByField; orderBy is one of CREATE_TIME, LAST_UPDATE_TIME, ID."),
        ("orderBy=id", "id is not a valid OrderByField"),
        ("sortOrder=up", "up is not a valid SortOrder; sortOrder is one of ASC, DESC."),
        ("filterQuery=%", "filterQuery has a percent sign without two hexadecimal digits"),
        ("filterQuery=%4", "filterQuery has a percent sign"),
        ("filterQuery=%-1", "filterQuery has a percent sign"),
        ("filterQuery=%00", "filterQuery holds a NUL character."),
        ("filterQuery=%ff", "filterQuery is not UTF-8."),
        ("%=1", "The query has a percent sign"),
    ],
)
def test_a_bad_query_is_refused_by_its_name(query: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        call("GET", "/registered_models", query)
    assert words in refused.value.message


@given(st.binary(max_size=40))
def test_no_query_breaks_it(query: bytes) -> None:
    with suppress(BadRequest):
        call("GET", "/registered_models", b"filterQuery=" + query)


def test_a_body_is_read_only_if_the_operation_has_one() -> None:
    assert call("GET", "/registered_models/1", body=b"nonsense").body == {}
    made = call("POST", "/registered_models", body=json.dumps({"name": "x"}).encode())
    assert made == Call("createRegisteredModel", (), {}, {"name": "x", "state": "LIVE"})


@pytest.mark.parametrize("rest", ['"name": "m"', '"name": ""', '"description": "no name"'])
def test_many_wrong_members_are_refused_quickly(rest: str) -> None:
    members = ", ".join(f'"k{number}": {{}}' for number in range(20_000))
    body = f'{{{rest}, "customProperties": {{{members}}}}}'.encode()
    began = time.process_time()
    with pytest.raises(BadRequest, match="customProperties"):
        ROUTER.find("POST", "/api/model_registry/v1alpha3/registered_models")[0].call([], b"", body)
    assert time.process_time() - began < 3
