"""What `ModelRegistryClient` answers, under the names of `model_registry.types`.

These are the entities of the explicit layer, but for `custom_properties`: `None` where there are none, as in Kubeflow's clients.
"""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from model_registry_client import entities
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.states import ArtifactState, ModelVersionState, ParameterType, RegisteredModelState

SupportedTypes: TypeAlias = PropertyValue
"""What metadata may hold. Kubeflow's clients take no dict."""
Metadata = Annotated[Any, BeforeValidator(lambda properties: properties or None)]


class RegisteredModel(entities.RegisteredModel):
    """A model under its name, whatever its versions."""

    custom_properties: Metadata = None


class ModelVersion(entities.ModelVersion):
    """One version of a registered model."""

    custom_properties: Metadata = None


class ModelArtifact(entities.ModelArtifact):
    """The files of a model version."""

    custom_properties: Metadata = None


__all__ = [
    "ArtifactState",
    "ModelArtifact",
    "ModelVersion",
    "ModelVersionState",
    "ParameterType",
    "RegisteredModel",
    "RegisteredModelState",
    "SupportedTypes",
]
