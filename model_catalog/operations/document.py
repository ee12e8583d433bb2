"""The document whose operations are bound here."""

from model_registry_proxy.contract.bundling import bundled
from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.files import document_text

_CATALOG, _REGISTRY = "model-catalog.yaml", "model-registry.yaml"


def catalog_contract() -> Contract:
    """Reads the document of the catalog, which uses schemas of the registry's document."""
    return bundled(document_text(_CATALOG), {_REGISTRY: Contract(document_text(_REGISTRY))})
