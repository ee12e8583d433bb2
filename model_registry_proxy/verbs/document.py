"""The document of the registry's REST API, whose operations the operation table binds."""

from pathlib import Path

from model_registry_proxy.contract.document import Contract

_FILES = (
    Path(__file__).parents[1] / "_document" / "model-registry.yaml",  # in an installed package
    Path(__file__).parents[2] / "openapi" / "model-registry.yaml",
)


def registry_contract() -> Contract:
    """Reads the document."""
    return Contract(next(file for file in _FILES if file.exists()).read_text("utf-8"))
