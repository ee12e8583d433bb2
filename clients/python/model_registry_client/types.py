"""The entities that `ModelRegistryClient` returns, with the names of `model_registry.types`.

They are the entities of the explicit layer with one difference: without custom properties, `custom_properties` is `None`, as in
Kubeflow's clients.
"""

from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator

from model_registry_client import entities
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.states import ArtifactState, ModelVersionState, ParameterType, RegisteredModelState

SupportedTypes: TypeAlias = PropertyValue
"""What metadata may hold. Kubeflow's clients do not accept a dict."""
Metadata = Annotated[Any, BeforeValidator(lambda properties: properties or None)]


class RegisteredModel(entities.RegisteredModel):
    """A model with its name. It has versions."""

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
