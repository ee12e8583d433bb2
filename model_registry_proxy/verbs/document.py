"""The documents whose operations are bound to verbs: the registry's REST API, and its extensions."""

from pathlib import Path
from typing import NamedTuple

from model_registry_proxy.contract.bundling import bundled
from model_registry_proxy.contract.document import Contract

_REGISTRY, _EXTENSIONS = "model-registry.yaml", "extensions.yaml"
_FOLDERS = (
    Path(__file__).parents[1] / "_document",  # in an installed package
    Path(__file__).parents[2] / "openapi",
)


class Contracts(NamedTuple):
    """The documents that the server serves."""

    registry: Contract
    extensions: Contract

    def below(self, root: str) -> "Contracts":
        """The documents as clients see them if the server is below the path `root`."""
        return Contracts(*(each.below(root) for each in self))


def contracts() -> Contracts:
    """Reads all documents."""
    registry = registry_contract()
    return Contracts(registry, extensions_contract(registry))


def registry_contract() -> Contract:
    """Reads the document of Kubeflow's REST API."""
    return Contract(_text(_REGISTRY))


def extensions_contract(registry: Contract) -> Contract:
    """Reads the document of the extensions, which uses schemas of the registry's document."""
    return bundled(_text(_EXTENSIONS), {_REGISTRY: registry})


def _text(file: str) -> str:
    return next(path for folder in _FOLDERS if (path := folder / file).exists()).read_text("utf-8")
