"""`ModelRegistryClient`: the interface of `kubeflow.hub.ModelRegistryClient`, over the explicit layer."""

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
    """How KServe gets at the files of a model when it serves it.

    `storage_key`: the Kubernetes secret with the storage's credentials. `storage_path`: the path in the storage.
    `service_account_name`: the service account that may read the storage, instead of a secret.
    """

    storage_key: str | None = None
    storage_path: str | None = None
    service_account_name: str | None = None


class ModelRegistryClient:
    """Registers models, and finds them again.

    Args:
        base_url: Where the registry is, such as `https://registry.example.com` or `http://localhost`.
        port: Its port, unless the address has one; else 8080 for http, 443 otherwise.
        author: Who makes versions, and owns models, where nobody is named.
        is_secure: Whether the server's certificate is checked. By the address when it is not given: not for http.
        user_token: The bearer token; see `credentials.find_token` for where it is looked for otherwise. Needed when secure.
        custom_ca: A file with certificates in PEM form to trust instead of the system's.

    Raises:
        StoreError: Secure, and no token is found; or its file cannot be read.
        RegistryError: The registry does not answer, or not as one.
    """

    registry: Registry
    """The explicit layer below, with every operation."""

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
        """Registers a version of a model, and where its files are. The model is created with its first version.

        Args:
            name: The model's name.
            uri: Where the files are; they are not touched.
            version: The version's name, new to the model.
            model_format_name: The format, such as `onnx`, by which KServe chooses a runtime.
            model_format_version: The version of the format.
            author: Who made the version; else the client's author.
            owner: Who answers for a new model; else the client's author.
            version_description: What the version is, in words.
            metadata: Values of your own, by name, kept with the version. `None` among them is left out.
            storage_config: How KServe gets at the files.

        Returns:
            The model.

        Raises:
            StoreError: The model has a version of this name. Where an earlier call was cut off, so that the version has this
                content and no files, this call continues.
            InvalidValue: A value cannot be kept, such as an empty URI, a name that is too long, NaN or a list. Nothing is created.
            RegistryError: The server refuses a step or is away. The message says what exists by then; the same call again
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
        """Sends what was changed on a model, and answers it as it is now.

        Raises:
            TypeError: It is no registered model.
            StoreError: It has no id.
        """
        return self._update(entities.RegisteredModel, model)

    def update_model_version(self, model_version: AnyVersion) -> AnyVersion:
        """Sends what was changed on a version, and answers it as it is now.

        Raises:
            TypeError: It is no model version.
            StoreError: It has no id.
        """
        return self._update(entities.ModelVersion, model_version)

    def update_model_artifact(self, model_artifact: AnyArtifact) -> AnyArtifact:
        """Sends what was changed on a model artifact, and answers it as it is now.

        Raises:
            TypeError: It is no model artifact.
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
        """The model of this name.

        Raises:
            ValueError: There is none.
        """
        return _there(self.registry.find(RegisteredModel, _named(name)), f"Model {name!r} not found")

    def get_model_version(self, name: str, version: str) -> ModelVersion:
        """The version of this name of a model.

        Raises:
            StoreError: There is no such model.
            ValueError: The model has no such version.
        """
        found = self.registry.find(
            ModelVersion, _named(version), below(ModelVersion, registered_model_id=self._id(name))
        )
        return _there(found, f"Model version {version!r} not found for model {name!r}")

    def get_model_artifact(self, name: str, version: str) -> ModelArtifact:
        """The model artifact that was registered with a version.

        Raises:
            StoreError: There is no such model or version.
            ValueError: The version has no artifact of the model's name.
        """
        under = below(ModelVersion, registered_model_id=self._id(name))
        if not (found := self.registry.find(ModelVersion, _named(version), under)):
            raise StoreError(f"Version {version} does not exist")
        artifact = self.registry.find(ModelArtifact, name, below(ModelArtifact, model_version_id=found.id))
        return _there(artifact, f"Model artifact not found for model {name!r} version {version!r}")

    def list_models(self) -> Iterator[RegisteredModel]:
        """Goes through the models, archived ones included."""
        return self.registry.list(RegisteredModel)

    def list_model_versions(self, name: str) -> Iterator[ModelVersion]:
        """Goes through the versions of a model.

        Raises:
            StoreError: There is no such model; when the first is taken.
        """
        yield from self.registry.list(ModelVersion, below(ModelVersion, registered_model_id=self._id(name)))

    def experiment(self, name: str) -> OpenExperiment:
        """An experiment by its name, to start runs in. Beyond `kubeflow.hub`."""
        return self.registry.experiment(name, owner=self._author)

    def deployments_of(self, name: str) -> list[Deployment]:
        """Where the model of this name is deployed, and which version. Beyond `kubeflow.hub`.

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
