"""The tables agree: the document, the operations and the entities name the same things; failures have one shape."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from converters._generated import metadata_store_pb2 as mlmd
from converters.entities import ARTIFACT_BY_TYPE, ENTITIES, Artifact, ExperimentRun, MetricHistory
from converters.entity import Entity, Field, Id, Kind, Stored
from converters.values import RULES
from model_registry_proxy import errors
from model_registry_proxy.errors import RegistryError, StoreError
from model_registry_proxy.mlflow.operations import MLFLOW
from model_registry_proxy.mlmd import port
from model_registry_proxy.security.bound import BOUND
from model_registry_proxy.verbs.extensions import EXTENSIONS
from model_registry_proxy.verbs.operations import OPERATIONS
from tests.support.document import all_operations, contract, extensions, mlflow
from tests.support.serving import serving

Json = dict[str, Any]
DESCRIBED = all_operations()
SCHEMAS: Json = contract().content["components"]["schemas"]

WITHOUT_A_LINE = {
    "id",
    "name",
    "externalId",
    "customProperties",
    "createTimeSinceEpoch",
    "lastUpdateTimeSinceEpoch",
    "artifactType",
}
"""Fields of every entity; `entities.py` does not list them."""
NEVER_SHOWN = {Stored.COPY_OF_NAME, Stored.COPY_OF_PARENT_NAME, Stored.OF_PARENT}
NEVER_CHANGED = {Stored.IN_NAME, Stored.BY_ATTRIBUTION}
FIXED: dict[type[Entity], set[str]] = {ExperimentRun: {"startTimeSinceEpoch"}}
"""Fields that only a create may have."""
FORM_OF: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer", "format": "int64"},
    float: {"type": "number", "format": "double"},
    bool: {"type": "boolean"},
    list[str]: {"type": "array"},
}
every_entity = pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.__name__)


def properties(name: str) -> Json:
    """The properties of a schema and of all its parts, with references resolved; the outermost declaration counts."""
    found: Json = {}
    for branch in contract().branches({"$ref": f"#/components/schemas/{name}"}):
        for key, schema in branch.get("properties", {}).items():
            found[key] = {**schema, **found.get(key, {})}
    return found


def schema_of(entity: type[Entity]) -> str:
    """The schema of an entity in answers; a history row has the schema of a metric."""
    return "Metric" if entity is MetricHistory else entity.__name__


def shown(entity: type[Entity]) -> dict[str, Field]:
    """The fields that REST shows."""
    return {field.rest: field for field in entity.fields.values() if field.place not in NEVER_SHOWN}


def test_every_operation_is_bound_and_nothing_else_is() -> None:
    for table, document in ((OPERATIONS, contract()), (EXTENSIONS, extensions()), (MLFLOW, mlflow())):
        assert set(table) == {described.operation_id for described in document.operations}
    assert len(BOUND) == len(OPERATIONS) + len(EXTENSIONS) + len(MLFLOW), (
        "an operationId names one operation of all documents"
    )


@pytest.mark.parametrize("name", list(BOUND))
def test_an_operation_lies_where_its_table_row_says(name: str) -> None:
    operation, path = BOUND[name], DESCRIBED[name].path
    ids = re.findall("{(.*?)}", path)
    if operation.under:
        assert ids[0] == operation.under.__name__.lower() + "Id"
        assert not path.endswith("}")
    elif ids:
        assert ids[0] in (operation.entity.__name__.lower() + "Id", "id")
    if name.startswith(("get", "find")):
        assert DESCRIBED[name].method == "GET"


@every_entity
def test_an_entity_and_its_schema_have_the_same_fields(entity: type[Entity]) -> None:
    in_document = set(properties(schema_of(entity))) - WITHOUT_A_LINE
    assert in_document == set(shown(entity))


@every_entity
def test_the_types_of_fields_agree(entity: type[Entity]) -> None:
    schemas = properties(schema_of(entity))
    for field in shown(entity).values():
        if field.type is Id:
            assert schemas[field.rest]["$ref"] == "#/components/schemas/Id"
            continue
        form = without_null(resolved(schemas[field.rest]))
        assert {key: form.get(key) for key in FORM_OF[field.type]} == FORM_OF[field.type], field.rest
        if field.type == list[str]:
            assert resolved(form["items"])["type"] == "string"


def without_null(schema: Json) -> Json:
    """A schema without the part that makes null equal to absence."""
    kinds = schema.get("type")
    return {**schema, "type": kinds[0]} if isinstance(kinds, list) and kinds[1:] == ["null"] else schema


def resolved(schema: Json) -> Json:
    """A schema with the one that it refers to; keywords next to the reference count more."""
    return {**resolved(contract().target(schema["$ref"])), **schema} if "$ref" in schema else schema


@every_entity
def test_fields_that_a_change_may_have_are_those_that_the_entity_itself_keeps(entity: type[Entity]) -> None:
    update = set(properties(f"{schema_of(entity)}Update")) - WITHOUT_A_LINE
    create = set(properties(f"{schema_of(entity)}Create")) - WITHOUT_A_LINE
    own = {name for name, field in shown(entity).items() if field.place not in NEVER_CHANGED}
    assert update <= own
    fixed = {name for name in own - update if not entity.fields[name].references}
    assert fixed == FIXED.get(entity, set())
    given = {name for name, field in shown(entity).items() if field.place is not Stored.BY_ATTRIBUTION}
    assert create == given


@every_entity
def test_references_are_ids_and_ids_are_references(entity: type[Entity]) -> None:
    for field in shown(entity).values():
        assert (field.type is Id) == (field.references is not None or field.place is Stored.BY_ATTRIBUTION)


def test_every_type_of_field_has_a_rule_for_both_ways() -> None:
    assert set(FORM_OF) | {Id, Stored.KEPT_WHEN_EMPTY} == set(RULES)


@pytest.mark.parametrize(
    ("schema", "enum"), [("ArtifactState", mlmd.Artifact.State), ("ExecutionState", mlmd.Execution.State)]
)
def test_states_kept_in_columns_are_those_of_mlmd(schema: str, enum: Any) -> None:
    assert set(SCHEMAS[schema]["enum"]) == {*enum.keys(), None}


NEED_WORDS = ("pattern", "anyOf")


def test_rules_that_no_general_sentence_explains_have_one_of_their_own() -> None:
    def objects(node: Any) -> Iterator[Json]:
        if isinstance(node, dict):
            yield node
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from objects(child)

    used = [SCHEMAS, contract().content["components"]["parameters"]]
    lacking = [n for n in objects(used) if any(key in n for key in NEED_WORDS) and "x-explained" not in n]
    assert [node for node in lacking if node != {"type": "string"} and "propertyName" not in node] == []


def test_artifact_types_are_the_same_in_document_and_table() -> None:
    assert SCHEMAS["ArtifactTypeQueryParam"]["enum"] == list(SCHEMAS["Artifact"]["discriminator"]["mapping"])
    assert set(SCHEMAS["ArtifactTypeQueryParam"]["enum"]) == set(ARTIFACT_BY_TYPE)
    for name, entity in ARTIFACT_BY_TYPE.items():
        assert SCHEMAS["Artifact"]["discriminator"]["mapping"][name].endswith("/" + entity.__name__)


def test_only_artifacts_have_variants() -> None:
    for entity in ENTITIES:
        assert entity.variants() == (entity,)
    assert set(Artifact.variants()) == {entity for entity in ENTITIES if entity.kind is Kind.ARTIFACT} - {MetricHistory}


# Failures.

OUTAGE, FAILURE = port.Unavailable("a secret of the store"), StoreError("a secret of the store")
MODELS = "/registered_models"
FAILURES: dict[str, tuple[HTTPStatus, str, str, Json]] = {
    "unknown field": (HTTPStatus.BAD_REQUEST, "POST", MODELS, {"json": {"name": "x", "ext_id": "1"}}),
    "not JSON": (HTTPStatus.BAD_REQUEST, "POST", MODELS, {"content": b"{"}),
    "an array": (HTTPStatus.BAD_REQUEST, "POST", MODELS, {"json": []}),
    "bad query": (HTTPStatus.BAD_REQUEST, "GET", MODELS, {"params": {"pageSize": "ten"}}),
    "bad filter": (HTTPStatus.BAD_REQUEST, "GET", MODELS, {"params": {"filterQuery": "name ="}}),
    "bad token": (HTTPStatus.BAD_REQUEST, "GET", MODELS, {"params": {"nextPageToken": "x"}}),
    "bad id": (HTTPStatus.BAD_REQUEST, "GET", MODELS + "/one", {}),
    "what the store cannot keep": (HTTPStatus.BAD_REQUEST, "POST", MODELS, {"json": {"name": "é" * 200}}),
    "missing field": (HTTPStatus.UNPROCESSABLE_ENTITY, "POST", MODELS, {"json": {}}),
    "no such entity": (HTTPStatus.NOT_FOUND, "GET", MODELS + "/999", {}),
    "no such path": (HTTPStatus.NOT_FOUND, "GET", "/models", {}),
    "trailing slash": (HTTPStatus.NOT_FOUND, "GET", MODELS + "/", {}),
    "wrong method": (HTTPStatus.METHOD_NOT_ALLOWED, "DELETE", MODELS, {}),
    "name taken": (HTTPStatus.CONFLICT, "POST", MODELS, {"json": {"name": "taken"}}),
    "too large": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "POST", MODELS, {"content": b" " * 5000}),
    "store fails": (HTTPStatus.INTERNAL_SERVER_ERROR, "GET", MODELS + "/1", {"extensions": {"fails": FAILURE}}),
    "store is gone": (HTTPStatus.SERVICE_UNAVAILABLE, "GET", MODELS + "/1", {"extensions": {"fails": OUTAGE}}),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_every_failure_has_the_same_shape(case: str) -> None:
    status, method, path, options = FAILURES[case]
    async with serving(max_body=4096) as served:
        await served.make("/registered_models", name="taken")
        if fails := options.get("extensions", {}).get("fails"):
            served.store.fail("get", fails)
        response = await served.client.request(method, path, **options)
    assert response.status_code == status
    assert_is_an_error(response)
    assert "secret" not in response.text


def assert_is_an_error(response: httpx.Response) -> None:
    """Checks the shape of all failures: a JSON object with the reason phrase and a message."""
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
    body = response.json()
    assert set(body) == {"code", "message"}
    phrase = {422: "Bad Request", 413: "Request Entity Too Large"}.get(response.status_code)
    assert body["code"] == (phrase or HTTPStatus(response.status_code).phrase)
    assert body["message"]


async def test_an_outage_says_when_to_try_again_and_a_wrong_method_says_which_methods_exist() -> None:
    async with serving() as served:
        served.store.fail("get", OUTAGE)
        assert (await served.client.get("/registered_models/1")).headers["retry-after"] == "1"
        response = await served.client.delete("/registered_models/1")
        assert response.headers["allow"] == "GET, PATCH"


async def test_a_request_that_takes_too_long_is_an_outage() -> None:
    async with serving(seconds=0.05) as served:
        gate = served.store.hold("get")
        response = await served.client.get("/registered_models/1")
        gate.open()
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert_is_an_error(response)


def kinds_of(error: type[RegistryError]) -> Iterator[type[RegistryError]]:
    """An error and all its subclasses."""
    yield error
    for below in error.__subclasses__():
        yield from kinds_of(below)


def test_every_status_that_is_answered_is_documented() -> None:
    everywhere = {HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}
    somewhere = {status for described in DESCRIBED.values() for status in described.statuses}
    for described in DESCRIBED.values():
        assert everywhere <= described.statuses
    for error in set(kinds_of(RegistryError)):
        assert error.status in somewhere, error


def test_the_tree_of_errors_is_drawn_in_full() -> None:
    drawing = f"{errors.__doc__} {port.__doc__}"
    for error in kinds_of(RegistryError):
        assert re.search(rf"\b{error.__name__}\b", drawing), error
