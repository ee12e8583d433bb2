"""`ModelRegistryClient`: the interface of `kubeflow.hub.ModelRegistryClient`, on top of the explicit layer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from model_registry_client import entities
from model_registry_client._sync.experiments import OpenExperiment
from model_registry_client._sync.registry import Registry
from model_registry_client.bodies import below
from model_registry_client.credentials import find_token
from model_registry_client.deployment import Deployment
from model_registry_client.entity import Entity
from model_registry_client.errors import InvalidValue, NotFound
from model_registry_client.exceptions import StoreError
from model_registry_client.registration import AlreadyRegistered, Registration
from model_registry_client.states import ArtifactState
from model_registry_client.types import ModelArtifact, ModelVersion, RegisteredModel, SupportedTypes

E = TypeVar("E", bound=Entity)
AnyModel = TypeVar("AnyModel", bound=entities.RegisteredModel)
AnyVersion = TypeVar("AnyVersion", bound=entities.ModelVersion)
AnyArtifact = TypeVar("AnyArtifact", bound=entities.ModelArtifact)


@dataclass
class StorageConfig:
    """How KServe accesses the files of a model.

    Attributes:
        storage_key: The Kubernetes secret with the credentials of the storage.
        storage_path: The path in the storage.
        service_account_name: The service account that may read the storage, instead of a secret.
    """

    storage_key: str | None = None
    storage_path: str | None = None
    service_account_name: str | None = None


class ModelRegistryClient:
    """Registers models and finds them.

    Args:
        base_url: The address of the registry, such as `https://registry.example.com` or `http://localhost`.
        port: The port if the address has none. Without both it is 8080 for http and 443 for https.
        author: The default author of versions and owner of models.
        is_secure: Whether the server's certificate is checked and a token is required. The default is true for https only.
        user_token: The Bearer token. `credentials.find_token` lists the other sources. Required if secure.
        custom_ca: A file with PEM certificates to trust instead of the system's.

    Raises:
        StoreError: It is secure and there is no token, or the file of the token cannot be read.
        RegistryError: The registry does not respond, or the response is not that of a registry.
    """

    registry: Registry
    """The explicit layer, with every operation."""

    def __init__(
        self,
        base_url: str,
        port: int | None = None,
        *,
        author: str | None = None,
        is_secure: bool | None = None,
        user_token: str | None = None,
        custom_ca: str | None = None,
    ) -> None:
        self._author = author
        try:
            find_token(user_token)
        except InvalidValue as error:
            raise StoreError(str(error)) from error
        self.registry = Registry(base_url, port, is_secure=is_secure, token=user_token, custom_ca=custom_ca)
        must_be_secure = is_secure if is_secure is not None else self.registry.url.startswith("https://")
        if must_be_secure and not self.registry.has_token:
            raise StoreError(
                "A secure connection needs a user token: give user_token, or use http:// or is_secure=False."
            )
        next(self.registry.list_registered_models(page_size=1), None)

    def close(self) -> None:
        """Closes the connections."""
        self.registry.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def register_model(
        self,
        name: str,
        uri: str,
        *,
        version: str,
        model_format_name: str | None = None,
        model_format_version: str | None = None,
        author: str | None = None,
        owner: str | None = None,
        version_description: str | None = None,
        metadata: Mapping[str, SupportedTypes] | None = None,
        storage_config: StorageConfig | None = None,
    ) -> RegisteredModel:
        """Registers a version of a model and the location of its files. Creates the model with its first version.

        Args:
            name: The name of the model.
            uri: The URI of the files. The files are not read or changed.
            version: The name of the version. The model must not have one of this name.
            model_format_name: The name of the format, such as `onnx`. KServe chooses a runtime by it.
            model_format_version: The version of the format.
            author: The author of the version. The default is the client's author.
            owner: The owner of a new model. The default is the client's author.
            version_description: The description of the version.
            metadata: Your own values by name, stored as custom properties of the version. A value of `None` is left out.
            storage_config: How KServe accesses the files.

        Returns:
            The model.

        Raises:
            StoreError: The model has a version of this name. If an earlier call was interrupted and the version has this
                content and no files, this call continues instead.
            InvalidValue: A value cannot be stored, such as an empty URI, a long name, NaN or a list. Nothing is created.
            RegistryError: The server refuses a step or does not respond. The message says what exists by then. The same call again
                continues.
        """
        storage = storage_config or StorageConfig()
        registration = Registration(
            model={"name": name, "owner": owner or self._author},
            version={
                "name": version,
                "author": author or self._author,
                "description": version_description,
                "custom_properties": {key: value for key, value in (metadata or {}).items() if value is not None},
            },
            files={
                "name": name,
                "uri": uri,
                "state": ArtifactState.UNKNOWN,
                "model_format_name": model_format_name,
                "model_format_version": model_format_version,
                "storage_key": storage.storage_key,
                "storage_path": storage.storage_path,
                "service_account_name": storage.service_account_name,
            },
        )
        try:
            return registration.make(self.registry, RegisteredModel).model
        except AlreadyRegistered as error:
            raise StoreError(f"Version {version} already exists: {error}") from error

    def update_model(self, model: AnyModel) -> AnyModel:
        """Sends the changes of a model. Returns the model as stored.

        Raises:
            TypeError: It is not a registered model.
            StoreError: It has no id.
        """
        return self._update(entities.RegisteredModel, model)

    def update_model_version(self, model_version: AnyVersion) -> AnyVersion:
        """Sends the changes of a version. Returns the version as stored.

        Raises:
            TypeError: It is not a model version.
            StoreError: It has no id.
        """
        return self._update(entities.ModelVersion, model_version)

    def update_model_artifact(self, model_artifact: AnyArtifact) -> AnyArtifact:
        """Sends the changes of a model artifact. Returns the artifact as stored.

        Raises:
            TypeError: It is not a model artifact.
            StoreError: It has no id.
        """
        return self._update(entities.ModelArtifact, model_artifact)

    def _update(self, kind: type[Entity], entity: E) -> E:
        if not isinstance(entity, kind):
            raise TypeError(f"Expected {kind.__name__}, got {type(entity).__name__}.")
        if not entity.id:
            raise StoreError(f"A {kind.words} must have an ID to be updated; read it first.")
        return self.registry.update(entity)

    def get_model(self, name: str) -> RegisteredModel:
        """Returns the model of this name.

        Raises:
            ValueError: There is no such model.
        """
        return _there(self.registry.find(RegisteredModel, _named(name)), f"Model {name!r} not found")

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """Returns a version of a model, both by name.

        Raises:
            StoreError: There is no such model.
            ValueError: The model has no such version.
        """
        found = self.registry.find(
            ModelVersion, _named(version), below(ModelVersion, registered_model_id=self._id(name))
        )
        return _there(found, f"Model version {version!r} not found for model {name!r}")

    def get_model_artifact(self, name: str, version: str) -> ModelArtifact:
        """Returns the model artifact that was registered with a version.

        Raises:
            StoreError: There is no such model or version.
            ValueError: The version has no model artifact with the name of the model.
        """
        under = below(ModelVersion, registered_model_id=self._id(name))
        if not (found := self.registry.find(ModelVersion, _named(version), under)):
            raise StoreError(f"Version {version} does not exist")
        artifact = self.registry.find(ModelArtifact, name, below(ModelArtifact, model_version_id=found.id))
        return _there(artifact, f"Model artifact not found for model {name!r} version {version!r}")

    def list_models(self) -> Iterator[RegisteredModel]:
        """Iterates over all models, archived ones included. Pages are fetched when they are needed."""
        return self.registry.list(RegisteredModel)

    def list_model_versions(self, name: str) -> Iterator[ModelVersion]:
        """Iterates over the versions of a model. Pages are fetched when they are needed.

        Raises:
            StoreError: There is no such model. This is raised when the first version is requested.
        """
        yield from self.registry.list(ModelVersion, below(ModelVersion, registered_model_id=self._id(name)))

    def experiment(self, name: str) -> OpenExperiment:
        """Returns an experiment by name, to start runs in. `kubeflow.hub` has no such method."""
        return self.registry.experiment(name, owner=self._author)

    def deployments_of(self, name: str) -> list[Deployment]:
        """Returns the deployments of the model of this name. `kubeflow.hub` has no such method.

        Raises:
            ValueError: There is no such model.
        """
        return self.registry.deployments_of(name)

    def _id(self, name: str) -> str:
        if not (model := self.registry.find(RegisteredModel, _named(name))):
            raise StoreError(f"Model {name} does not exist")
        return model.id


def _named(name: str) -> str:
    if not name:
        raise InvalidValue("The name must not be empty.")
    return name


def _there(found: E | None, otherwise: str) -> E:
    if found is None:
        raise NotFound(404, "Not Found", otherwise)
    return found
