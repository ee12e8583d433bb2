"""The document of MLflow's registry API: valid, explained, and with the operations that MLflow's clients know."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest

from model_registry_proxy.http.mlflow_errors import BEGINNINGS
from tests.support.document import contract, extensions, mlflow

Json = dict[str, Any]

CONTRACT = mlflow()
DOCUMENT: Json = CONTRACT.content
COMPONENTS: Json = DOCUMENT["components"]

# Written down apart from the document: MLflow's clients send these requests.
OPERATIONS = """
POST   /registered-models/create
GET    /registered-models/get
PATCH  /registered-models/update
POST   /registered-models/rename
DELETE /registered-models/delete
GET    /registered-models/search
GET    /registered-models/get-latest-versions
POST   /registered-models/get-latest-versions
POST   /registered-models/set-tag
DELETE /registered-models/delete-tag
GET    /registered-models/alias
POST   /registered-models/alias
DELETE /registered-models/alias
POST   /model-versions/create
GET    /model-versions/get
PATCH  /model-versions/update
DELETE /model-versions/delete
GET    /model-versions/search
POST   /model-versions/transition-stage
GET    /model-versions/get-download-uri
POST   /model-versions/set-tag
DELETE /model-versions/delete-tag
"""

BY_ID: dict[str, Json] = {
    operation["operationId"]: operation | {"path": path, "method": method}
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
every_operation = pytest.mark.parametrize("name", list(BY_ID))


def validator(schema: Json) -> jsonschema_rs.Draft202012Validator:
    """A validator of one schema of the document."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": COMPONENTS})


def test_the_document_is_valid_openapi_3_1_by_itself() -> None:
    openapi_spec_validator.validate(DOCUMENT)
    assert "model-registry.yaml#" not in CONTRACT.text


def test_the_operations_are_there_by_method_and_path() -> None:
    expected = sorted(tuple(line.split()) for line in OPERATIONS.strip().splitlines())
    assert sorted((one.method, one.path) for one in CONTRACT.operations) == expected


def test_the_document_has_prefixes_of_its_own_and_failures_below_them_have_its_shape() -> None:
    urls = [server["url"] for server in DOCUMENT["servers"]]
    assert tuple(f"{url}/" for url in urls) == BEGINNINGS
    others = {server["url"] for each in (contract(), extensions()) for server in each.content["servers"]}
    assert not others & set(urls)


@every_operation
def test_every_operation_is_explained_and_documents_its_statuses(name: str) -> None:
    operation = BY_ID[name]
    assert operation["summary"]
    assert operation["description"]
    assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
    always = {"200", "400", "401", "403", "404", "405", "421", "500", "503"}
    assert set(operation["responses"]) == always | ({"408", "413"} if "requestBody" in operation else set())


@every_operation
def test_every_example_of_an_answer_is_valid(name: str) -> None:
    content = CONTRACT.resolve(BY_ID[name]["responses"]["200"])["content"]["application/json"]
    validator(content["schema"]).validate(content["example"])


@every_operation
def test_bodies_take_fields_of_later_releases(name: str) -> None:
    body = BY_ID[name].get("requestBody")
    if body:
        schema = CONTRACT.resolve(body["content"]["application/json"]["schema"])
        assert "additionalProperties" not in schema
        assert "unevaluatedProperties" not in schema


@pytest.mark.parametrize("name", list(COMPONENTS["parameters"]))
def test_every_parameter_is_explained(name: str) -> None:
    assert COMPONENTS["parameters"][name]["description"]
