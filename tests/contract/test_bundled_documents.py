"""What holds for each document that uses parts of the registry's document: it is valid, whole and explained."""

from typing import Any, NamedTuple

import openapi_spec_validator
import pytest

from model_catalog.operations.document import catalog_contract
from model_registry_proxy.contract.document import Contract
from tests.support.document import extensions

DOCUMENTS = {"catalog": catalog_contract(), "extensions": extensions()}
METHODS = ("get", "put", "post", "patch", "delete")


class Named(NamedTuple):
    """An operation of a document, with the tags of that."""

    id: str
    operation: dict[str, Any]
    tags: set[str]


def operations() -> list[Named]:
    """All operations."""
    return [
        Named(item[method]["operationId"], item[method], {tag["name"] for tag in each.content["tags"]})
        for each in DOCUMENTS.values()
        for item in each.content["paths"].values()
        for method in METHODS
        if method in item
    ]


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_document_is_valid_openapi_3_1_by_itself(document: Contract) -> None:
    openapi_spec_validator.validate(document.content)
    assert "model-registry.yaml#" not in document.text


@pytest.mark.parametrize("named", operations(), ids=lambda named: named.id)
def test_every_operation_is_explained(named: Named) -> None:
    assert named.operation["summary"]
    assert named.operation["description"]
    assert set(named.operation["tags"]) <= named.tags
