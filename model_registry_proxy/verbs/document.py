"""The documents whose operations are bound to verbs: the registry's REST API, its extensions, and MLflow's registry API."""

from collections.abc import Collection
from typing import NamedTuple

from model_registry_proxy.contract.bundling import bundled
from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.files import document_text

MLFLOW = "mlflow"
_REGISTRY, _EXTENSIONS, _MLFLOW = "model-registry.yaml", "extensions.yaml", "mlflow-registry.yaml"


class Contracts(NamedTuple):
    """The documents that the server serves."""

    registry: Contract
    extensions: Contract
    mlflow: Contract

    @property
    def switches(self) -> frozenset[str]:
        """The names of what can be switched off."""
        return self.extensions.extensions | {MLFLOW}

    def served(self, chosen: Collection[str]) -> dict[str, Contract]:
        """What is left with these switches on, by names for programs; the main document is the first."""
        found = {"api": self.registry, "extensions": self.extensions.with_extensions(chosen)}
        return {**found, MLFLOW: self.mlflow.with_extensions(chosen)} if MLFLOW in chosen else found


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
