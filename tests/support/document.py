"""The OpenAPI document, parsed once in a test process. Tests must not change what these functions return."""

from functools import cache
from typing import Any

from openapi_core import OpenAPI

from model_registry_proxy.contract.document import Contract, Described
from model_registry_proxy.verbs.document import extensions_contract, mlflow_contract, registry_contract


@cache
def contract() -> Contract:
    """The document as the server reads it."""
    return registry_contract()


@cache
def extensions() -> Contract:
    """The document of the extensions as the server reads it."""
    return extensions_contract(contract())


@cache
def mlflow() -> Contract:
    """The document of MLflow's registry API as the server reads it."""
    return mlflow_contract(contract())


@cache
def all_operations() -> dict[str, Described]:
    """The operations of all documents by their ids."""
    return {one.operation_id: one for document in (contract(), extensions(), mlflow()) for one in document.operations}


@cache
def openapi_core() -> OpenAPI:
    """The document in openapi-core, which judges independently of the server. Building it validates the document."""
    return OpenAPI.from_dict(contract().content)


def content() -> dict[str, Any]:
    """The document as parsed from YAML."""
    return contract().content
