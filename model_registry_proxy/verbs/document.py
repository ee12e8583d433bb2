"""The documents whose operations are bound to verbs: the registry's REST API, its extensions, and MLflow's registry API."""

from typing import NamedTuple

from model_registry_proxy.contract.bundling import bundled
from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.files import document_text

_REGISTRY, _EXTENSIONS, _MLFLOW = "model-registry.yaml", "extensions.yaml", "mlflow-registry.yaml"


class Contracts(NamedTuple):
    """The documents that the server serves."""

    registry: Contract
    extensions: Contract
    mlflow: Contract


def contracts() -> Contracts:
    """Reads all documents."""
    registry = registry_contract()
    return Contracts(registry, extensions_contract(registry), mlflow_contract(registry))


def registry_contract() -> Contract:
    """Reads the document of Kubeflow's REST API."""
    return Contract(document_text(_REGISTRY))


def extensions_contract(registry: Contract) -> Contract:
    """Reads the document of the extensions, which uses schemas of the registry's document."""
    return bundled(document_text(_EXTENSIONS), {_REGISTRY: registry})


def mlflow_contract(registry: Contract) -> Contract:
    """Reads the document of MLflow's registry API."""
    return bundled(document_text(_MLFLOW), {_REGISTRY: registry})
