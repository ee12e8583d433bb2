"""What speaks against running a version: it is archived, or the registry refuses its serves."""

from collections.abc import Iterator

from model_registry_client.entities import ModelVersion, RegisteredModel

from model_registry_ui.deployments import gated

_ARCHIVED = "ARCHIVED"


def warning(model: RegisteredModel | None, version: ModelVersion | None) -> str:
    """Returns sentences about a version and its model; an empty text if nothing speaks against it."""
    return " ".join(_sentences(model, version))


def _sentences(model: RegisteredModel | None, version: ModelVersion | None) -> Iterator[str]:
    if model and model.state == _ARCHIVED:
        yield f"The model {model.name} is archived."
    if version and version.state == _ARCHIVED:
        yield f"The version {version.name} is archived."
    if version and (refused := gated.warning(version.name, version.custom_properties)):
        yield refused
