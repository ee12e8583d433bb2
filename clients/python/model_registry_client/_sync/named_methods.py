# Generated from _async/named_methods.py by `make client`.
"""The named methods, generated from `entities.py` by `make client`. Edit that file, or `method_sources.py`."""

from collections.abc import Iterator, Mapping

from model_registry_client._sync.verbs import Verbs
from model_registry_client.bodies import below
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.entities import (
    Artifact,
    DataSet,
    DocArtifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    Metric,
    ModelArtifact,
    ModelVersion,
    Parameter,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from model_registry_client.entity import UNSET, Unset
from model_registry_client.questions import PAGE_SIZE
from model_registry_client.states import (
    ArtifactState,
    ExecutionState,
    ExperimentRunState,
    ExperimentRunStatus,
    ExperimentState,
    InferenceServiceState,
    ModelVersionState,
    OrderBy,
    ParameterType,
    RegisteredModelState,
)


class NamedMethods(Verbs):
    """A method for each verb on each entity.

    Every method may also raise `Unreachable`, if the server does not respond, and other kinds of `ApiError`.
    """

    def create_registered_model(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: RegisteredModelState | str | None = None,
        readme: str | None = None,
        maturity: str | None = None,
        language: list[str] | None = None,
        tasks: list[str] | None = None,
        provider: str | None = None,
        logo: str | None = None,
        license: str | None = None,
        license_link: str | None = None,
        library_name: str | None = None,
    ) -> RegisteredModel:
        """Creates a registered model.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the model.
            state: Whether it is in use; LIVE for a new one.
            readme: The model card, as Markdown.
            maturity: The maturity of the model.
            language: The languages that the model supports.
            tasks: What the model can do.
            provider: The provider of the model.
            logo: The URL of a picture, often a data URI.
            license: The name of the licence.
            license_link: The URL of the licence text.
            library_name: The library that made the model.

        Raises:
            Conflict: The name or the external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the registered model was created.
        """
        return self.create(
            RegisteredModel,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
                "readme": readme,
                "maturity": maturity,
                "language": language,
                "tasks": tasks,
                "provider": provider,
                "logo": logo,
                "license": license,
                "license_link": license_link,
                "library_name": library_name,
            },
        )

    def upsert_registered_model(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: RegisteredModelState | str | None = None,
        readme: str | None = None,
        maturity: str | None = None,
        language: list[str] | None = None,
        tasks: list[str] | None = None,
        provider: str | None = None,
        logo: str | None = None,
        license: str | None = None,
        license_link: str | None = None,
        library_name: str | None = None,
    ) -> RegisteredModel:
        """Updates the registered model of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the model.
            state: Whether it is in use; LIVE for a new one.
            readme: The model card, as Markdown.
            maturity: The maturity of the model.
            language: The languages that the model supports.
            tasks: What the model can do.
            provider: The provider of the model.
            logo: The URL of a picture, often a data URI.
            license: The name of the licence.
            license_link: The URL of the licence text.
            library_name: The library that made the model.

        Raises:
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the registered model was created.
        """
        return self.upsert(
            RegisteredModel,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
                "readme": readme,
                "maturity": maturity,
                "language": language,
                "tasks": tasks,
                "provider": provider,
                "logo": logo,
                "license": license,
                "license_link": license_link,
                "library_name": library_name,
            },
        )

    def find_registered_model(
        self,
        name: str | None = None,
        *,
        external_id: str | None = None,
    ) -> RegisteredModel | None:
        """Finds a registered model by name or external id. Returns `None` if there is none.

        Args:
            name: The name.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one registered model.
        """
        return self.find(RegisteredModel, name, None, external_id)

    def get_registered_model(
        self,
        id_: str,
    ) -> RegisteredModel:
        """Returns the registered model of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such registered model.
            InvalidValue: The id is not a whole number.
        """
        return self.get(RegisteredModel, id_)

    def list_registered_models(
        self,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[RegisteredModel]:
        """Iterates over the registered models. Pages are fetched when they are needed.

        Args:
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            RegisteredModel, filter_query=filter_query, order_by=order_by, descending=descending, page_size=page_size
        )

    def update_registered_model(
        self,
        registered_model: RegisteredModel | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        owner: str | Unset | None = UNSET,
        state: RegisteredModelState | str | Unset | None = UNSET,
        readme: str | Unset | None = UNSET,
        maturity: str | Unset | None = UNSET,
        language: list[str] | Unset | None = UNSET,
        tasks: list[str] | Unset | None = UNSET,
        provider: str | Unset | None = UNSET,
        logo: str | Unset | None = UNSET,
        license: str | Unset | None = UNSET,
        license_link: str | Unset | None = UNSET,
        library_name: str | Unset | None = UNSET,
    ) -> RegisteredModel:
        """Updates the given fields of a registered model and no others. `None` clears a field.

        Args:
            registered_model: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the model.
            state: Whether it is in use; LIVE for a new one.
            readme: The model card, as Markdown.
            maturity: The maturity of the model.
            language: The languages that the model supports.
            tasks: What the model can do.
            provider: The provider of the model.
            logo: The URL of a picture, often a data URI.
            license: The name of the licence.
            license_link: The URL of the licence text.
            library_name: The library that made the model.

        Raises:
            NotFound: There is no such registered model.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            RegisteredModel,
            registered_model,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
                "readme": readme,
                "maturity": maturity,
                "language": language,
                "tasks": tasks,
                "provider": provider,
                "logo": logo,
                "license": license,
                "license_link": license_link,
                "library_name": library_name,
            },
        )

    def create_model_version(
        self,
        registered_model_id: str,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        author: str | None = None,
        state: ModelVersionState | str | None = None,
    ) -> ModelVersion:
        """Creates a model version.

        Args:
            registered_model_id: The id of the registered model.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            author: The author of the version.
            state: Whether it is in use; LIVE for a new one.

        Raises:
            Conflict: The name or the external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the model version was created.
        """
        return self.create(
            ModelVersion,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "author": author,
                "state": state,
            },
            below(ModelVersion, registered_model_id=registered_model_id),
        )

    def upsert_model_version(
        self,
        registered_model_id: str,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        author: str | None = None,
        state: ModelVersionState | str | None = None,
    ) -> ModelVersion:
        """Updates the model version of this name (without a name, of this external id), or creates it.

        Args:
            registered_model_id: The id of the registered model.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            author: The author of the version.
            state: Whether it is in use; LIVE for a new one.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the model version was created.
        """
        return self.upsert(
            ModelVersion,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "author": author,
                "state": state,
            },
            below(ModelVersion, registered_model_id=registered_model_id),
        )

    def find_model_version(
        self,
        name: str | None = None,
        *,
        registered_model_id: str | None = None,
        external_id: str | None = None,
    ) -> ModelVersion | None:
        """Finds a model version by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            registered_model_id: The id of the registered model that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one model version.
        """
        return self.find(ModelVersion, name, below(ModelVersion, registered_model_id=registered_model_id), external_id)

    def get_model_version(
        self,
        id_: str,
    ) -> ModelVersion:
        """Returns the model version of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such model version.
            InvalidValue: The id is not a whole number.
        """
        return self.get(ModelVersion, id_)

    def list_model_versions(
        self,
        registered_model_id: str | None = None,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[ModelVersion]:
        """Iterates over the model versions. Pages are fetched when they are needed.

        Args:
            registered_model_id: Only those below the registered model of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            ModelVersion,
            below(ModelVersion, registered_model_id=registered_model_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_model_version(
        self,
        model_version: ModelVersion | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        author: str | Unset | None = UNSET,
        state: ModelVersionState | str | Unset | None = UNSET,
    ) -> ModelVersion:
        """Updates the given fields of a model version and no others. `None` clears a field.

        Args:
            model_version: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            author: The author of the version.
            state: Whether it is in use; LIVE for a new one.

        Raises:
            NotFound: There is no such model version.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            ModelVersion,
            model_version,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "author": author,
                "state": state,
            },
        )

    def find_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> Artifact | None:
        """Finds an artifact by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one artifact.
        """
        return self.find(
            Artifact,
            name,
            below(Artifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    def get_artifact(
        self,
        id_: str,
    ) -> Artifact:
        """Returns the artifact of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such artifact.
            InvalidValue: The id is not a whole number.
        """
        return self.get(Artifact, id_)

    def list_artifacts(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[Artifact]:
        """Iterates over the artifacts. Pages are fetched when they are needed.

        Args:
            model_version_id: Only those below the model version of this id.
            experiment_run_id: Only those below the experiment run of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            Artifact,
            below(Artifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def create_model_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        uri: str | None = None,
        model_format_name: str | None = None,
        model_format_version: str | None = None,
        storage_key: str | None = None,
        storage_path: str | None = None,
        service_account_name: str | None = None,
        model_source_kind: str | None = None,
        model_source_class: str | None = None,
        model_source_group: str | None = None,
        model_source_id: str | None = None,
        model_source_name: str | None = None,
    ) -> ModelArtifact:
        """Creates a model artifact.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the files.
            model_format_name: The name of the format, such as onnx.
            model_format_version: The version of the format.
            storage_key: The name of the Kubernetes secret with the credentials of the storage.
            storage_path: The path of the model in the storage.
            service_account_name: The service account that may read the storage.
            model_source_kind: The kind of the model's source.
            model_source_class: The class of the source within its kind.
            model_source_group: The group of models within the class of the source.
            model_source_id: The id of the model at its source.
            model_source_name: The name of the model at its source, for people.

        Raises:
            Conflict: The name or the external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the model artifact was created.
        """
        return self.create(
            ModelArtifact,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
                "model_format_name": model_format_name,
                "model_format_version": model_format_version,
                "storage_key": storage_key,
                "storage_path": storage_path,
                "service_account_name": service_account_name,
                "model_source_kind": model_source_kind,
                "model_source_class": model_source_class,
                "model_source_group": model_source_group,
                "model_source_id": model_source_id,
                "model_source_name": model_source_name,
            },
            below(ModelArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def upsert_model_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        uri: str | None = None,
        model_format_name: str | None = None,
        model_format_version: str | None = None,
        storage_key: str | None = None,
        storage_path: str | None = None,
        service_account_name: str | None = None,
        model_source_kind: str | None = None,
        model_source_class: str | None = None,
        model_source_group: str | None = None,
        model_source_id: str | None = None,
        model_source_name: str | None = None,
    ) -> ModelArtifact:
        """Updates the model artifact of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the files.
            model_format_name: The name of the format, such as onnx.
            model_format_version: The version of the format.
            storage_key: The name of the Kubernetes secret with the credentials of the storage.
            storage_path: The path of the model in the storage.
            service_account_name: The service account that may read the storage.
            model_source_kind: The kind of the model's source.
            model_source_class: The class of the source within its kind.
            model_source_group: The group of models within the class of the source.
            model_source_id: The id of the model at its source.
            model_source_name: The name of the model at its source, for people.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the model artifact was created.
        """
        return self.upsert(
            ModelArtifact,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
                "model_format_name": model_format_name,
                "model_format_version": model_format_version,
                "storage_key": storage_key,
                "storage_path": storage_path,
                "service_account_name": service_account_name,
                "model_source_kind": model_source_kind,
                "model_source_class": model_source_class,
                "model_source_group": model_source_group,
                "model_source_id": model_source_id,
                "model_source_name": model_source_name,
            },
            below(ModelArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def find_model_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> ModelArtifact | None:
        """Finds a model artifact by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one model artifact.
        """
        return self.find(
            ModelArtifact,
            name,
            below(ModelArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    def get_model_artifact(
        self,
        id_: str,
    ) -> ModelArtifact:
        """Returns the model artifact of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such model artifact.
            InvalidValue: The id is not a whole number.
        """
        return self.get(ModelArtifact, id_)

    def list_model_artifacts(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[ModelArtifact]:
        """Iterates over the model artifacts. Pages are fetched when they are needed.

        Args:
            model_version_id: Only those below the model version of this id.
            experiment_run_id: Only those below the experiment run of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            ModelArtifact,
            below(ModelArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_model_artifact(
        self,
        model_artifact: ModelArtifact | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        state: ArtifactState | str | Unset | None = UNSET,
        uri: str | Unset | None = UNSET,
        model_format_name: str | Unset | None = UNSET,
        model_format_version: str | Unset | None = UNSET,
        storage_key: str | Unset | None = UNSET,
        storage_path: str | Unset | None = UNSET,
        service_account_name: str | Unset | None = UNSET,
        model_source_kind: str | Unset | None = UNSET,
        model_source_class: str | Unset | None = UNSET,
        model_source_group: str | Unset | None = UNSET,
        model_source_id: str | Unset | None = UNSET,
        model_source_name: str | Unset | None = UNSET,
    ) -> ModelArtifact:
        """Updates the given fields of a model artifact and no others. `None` clears a field.

        Args:
            model_artifact: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the files.
            model_format_name: The name of the format, such as onnx.
            model_format_version: The version of the format.
            storage_key: The name of the Kubernetes secret with the credentials of the storage.
            storage_path: The path of the model in the storage.
            service_account_name: The service account that may read the storage.
            model_source_kind: The kind of the model's source.
            model_source_class: The class of the source within its kind.
            model_source_group: The group of models within the class of the source.
            model_source_id: The id of the model at its source.
            model_source_name: The name of the model at its source, for people.

        Raises:
            NotFound: There is no such model artifact.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            ModelArtifact,
            model_artifact,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
                "model_format_name": model_format_name,
                "model_format_version": model_format_version,
                "storage_key": storage_key,
                "storage_path": storage_path,
                "service_account_name": service_account_name,
                "model_source_kind": model_source_kind,
                "model_source_class": model_source_class,
                "model_source_group": model_source_group,
                "model_source_id": model_source_id,
                "model_source_name": model_source_name,
            },
        )

    def create_doc_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        uri: str | None = None,
    ) -> DocArtifact:
        """Creates a doc artifact.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the document.

        Raises:
            Conflict: The name or the external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the doc artifact was created.
        """
        return self.create(
            DocArtifact,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
            },
            below(DocArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def upsert_doc_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        uri: str | None = None,
    ) -> DocArtifact:
        """Updates the doc artifact of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the document.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the doc artifact was created.
        """
        return self.upsert(
            DocArtifact,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
            },
            below(DocArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def find_doc_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> DocArtifact | None:
        """Finds a doc artifact by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one doc artifact.
        """
        return self.find(
            DocArtifact,
            name,
            below(DocArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    def get_doc_artifact(
        self,
        id_: str,
    ) -> DocArtifact:
        """Returns the doc artifact of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such doc artifact.
            InvalidValue: The id is not a whole number.
        """
        return self.get(DocArtifact, id_)

    def list_doc_artifacts(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[DocArtifact]:
        """Iterates over the doc artifacts. Pages are fetched when they are needed.

        Args:
            model_version_id: Only those below the model version of this id.
            experiment_run_id: Only those below the experiment run of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            DocArtifact,
            below(DocArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_doc_artifact(
        self,
        doc_artifact: DocArtifact | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        state: ArtifactState | str | Unset | None = UNSET,
        uri: str | Unset | None = UNSET,
    ) -> DocArtifact:
        """Updates the given fields of a doc artifact and no others. `None` clears a field.

        Args:
            doc_artifact: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the document.

        Raises:
            NotFound: There is no such doc artifact.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            DocArtifact,
            doc_artifact,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
            },
        )

    def create_dataset(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        uri: str | None = None,
        digest: str | None = None,
        source_type: str | None = None,
        source: str | None = None,
        schema: str | None = None,
        profile: str | None = None,
    ) -> DataSet:
        """Creates a dataset.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the data.
            digest: A checksum of the data.
            source_type: The kind of the data's source.
            source: The source of the data, or its address.
            schema: The schema of the data, in any notation.
            profile: A summary of the data, such as the number of rows.

        Raises:
            Conflict: The name or the external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the dataset was created.
        """
        return self.create(
            DataSet,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
                "digest": digest,
                "source_type": source_type,
                "source": source,
                "schema": schema,
                "profile": profile,
            },
            below(DataSet, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def upsert_dataset(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        uri: str | None = None,
        digest: str | None = None,
        source_type: str | None = None,
        source: str | None = None,
        schema: str | None = None,
        profile: str | None = None,
    ) -> DataSet:
        """Updates the dataset of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the data.
            digest: A checksum of the data.
            source_type: The kind of the data's source.
            source: The source of the data, or its address.
            schema: The schema of the data, in any notation.
            profile: A summary of the data, such as the number of rows.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the dataset was created.
        """
        return self.upsert(
            DataSet,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
                "digest": digest,
                "source_type": source_type,
                "source": source,
                "schema": schema,
                "profile": profile,
            },
            below(DataSet, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def find_dataset(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> DataSet | None:
        """Finds a dataset by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one dataset.
        """
        return self.find(
            DataSet,
            name,
            below(DataSet, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    def get_dataset(
        self,
        id_: str,
    ) -> DataSet:
        """Returns the dataset of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such dataset.
            InvalidValue: The id is not a whole number.
        """
        return self.get(DataSet, id_)

    def list_datasets(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[DataSet]:
        """Iterates over the datasets. Pages are fetched when they are needed.

        Args:
            model_version_id: Only those below the model version of this id.
            experiment_run_id: Only those below the experiment run of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            DataSet,
            below(DataSet, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_dataset(
        self,
        dataset: DataSet | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        state: ArtifactState | str | Unset | None = UNSET,
        uri: str | Unset | None = UNSET,
        digest: str | Unset | None = UNSET,
        source_type: str | Unset | None = UNSET,
        source: str | Unset | None = UNSET,
        schema: str | Unset | None = UNSET,
        profile: str | Unset | None = UNSET,
    ) -> DataSet:
        """Updates the given fields of a dataset and no others. `None` clears a field.

        Args:
            dataset: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            uri: The URI of the data.
            digest: A checksum of the data.
            source_type: The kind of the data's source.
            source: The source of the data, or its address.
            schema: The schema of the data, in any notation.
            profile: A summary of the data, such as the number of rows.

        Raises:
            NotFound: There is no such dataset.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            DataSet,
            dataset,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "uri": uri,
                "digest": digest,
                "source_type": source_type,
                "source": source,
                "schema": schema,
                "profile": profile,
            },
        )

    def create_metric(
        self,
        name: str,
        value: float,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        timestamp: str | None = None,
        step: int | None = None,
    ) -> Metric:
        """Creates a metric. Below a parent, it updates the one of the same name.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            value: The measured value.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            timestamp: Time of the measurement, in milliseconds since 1970-01-01 UTC, as text.
            step: The training step of the measurement.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the metric was created.
        """
        return self.create(
            Metric,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "value": value,
                "timestamp": timestamp,
                "step": step,
            },
            below(Metric, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def upsert_metric(
        self,
        name: str,
        value: float,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        timestamp: str | None = None,
        step: int | None = None,
    ) -> Metric:
        """Updates the metric of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            value: The measured value.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            timestamp: Time of the measurement, in milliseconds since 1970-01-01 UTC, as text.
            step: The training step of the measurement.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the metric was created.
        """
        return self.upsert(
            Metric,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "value": value,
                "timestamp": timestamp,
                "step": step,
            },
            below(Metric, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def find_metric(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> Metric | None:
        """Finds a metric by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one metric.
        """
        return self.find(
            Metric,
            name,
            below(Metric, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    def get_metric(
        self,
        id_: str,
    ) -> Metric:
        """Returns the metric of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such metric.
            InvalidValue: The id is not a whole number.
        """
        return self.get(Metric, id_)

    def list_metrics(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[Metric]:
        """Iterates over the metrics. Pages are fetched when they are needed.

        Args:
            model_version_id: Only those below the model version of this id.
            experiment_run_id: Only those below the experiment run of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            Metric,
            below(Metric, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_metric(
        self,
        metric: Metric | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        state: ArtifactState | str | Unset | None = UNSET,
        value: float | Unset | None = UNSET,
        timestamp: str | Unset | None = UNSET,
        step: int | Unset | None = UNSET,
    ) -> Metric:
        """Updates the given fields of a metric and no others. `None` clears a field.

        Args:
            metric: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            value: The measured value.
            timestamp: Time of the measurement, in milliseconds since 1970-01-01 UTC, as text.
            step: The training step of the measurement.

        Raises:
            NotFound: There is no such metric.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            Metric,
            metric,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "value": value,
                "timestamp": timestamp,
                "step": step,
            },
        )

    def create_parameter(
        self,
        name: str,
        value: str,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        parameter_type: ParameterType | str | None = None,
    ) -> Parameter:
        """Creates a parameter. Below a parent, it updates the one of the same name.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            value: The value as text, for every type.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            parameter_type: The type of the value.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the parameter was created.
        """
        return self.create(
            Parameter,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "value": value,
                "parameter_type": parameter_type,
            },
            below(Parameter, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def upsert_parameter(
        self,
        name: str,
        value: str,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        state: ArtifactState | str | None = None,
        parameter_type: ParameterType | str | None = None,
    ) -> Parameter:
        """Updates the parameter of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            value: The value as text, for every type.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            parameter_type: The type of the value.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the parameter was created.
        """
        return self.upsert(
            Parameter,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "value": value,
                "parameter_type": parameter_type,
            },
            below(Parameter, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
        )

    def find_parameter(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> Parameter | None:
        """Finds a parameter by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            model_version_id: The id of the model version that is its parent.
            experiment_run_id: The id of the experiment run that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one parameter.
        """
        return self.find(
            Parameter,
            name,
            below(Parameter, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    def get_parameter(
        self,
        id_: str,
    ) -> Parameter:
        """Returns the parameter of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such parameter.
            InvalidValue: The id is not a whole number.
        """
        return self.get(Parameter, id_)

    def list_parameters(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[Parameter]:
        """Iterates over the parameters. Pages are fetched when they are needed.

        Args:
            model_version_id: Only those below the model version of this id.
            experiment_run_id: Only those below the experiment run of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            Parameter,
            below(Parameter, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_parameter(
        self,
        parameter: Parameter | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        state: ArtifactState | str | Unset | None = UNSET,
        value: str | Unset | None = UNSET,
        parameter_type: ParameterType | str | Unset | None = UNSET,
    ) -> Parameter:
        """Updates the given fields of a parameter and no others. `None` clears a field.

        Args:
            parameter: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            state: The state of the object that the artifact describes.
            value: The value as text, for every type.
            parameter_type: The type of the value.

        Raises:
            NotFound: There is no such parameter.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            Parameter,
            parameter,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "state": state,
                "value": value,
                "parameter_type": parameter_type,
            },
        )

    def create_serving_environment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
    ) -> ServingEnvironment:
        """Creates a serving environment.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.

        Raises:
            Conflict: The name or the external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the serving environment was created.
        """
        return self.create(
            ServingEnvironment,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
            },
        )

    def upsert_serving_environment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
    ) -> ServingEnvironment:
        """Updates the serving environment of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.

        Raises:
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the serving environment was created.
        """
        return self.upsert(
            ServingEnvironment,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
            },
        )

    def find_serving_environment(
        self,
        name: str | None = None,
        *,
        external_id: str | None = None,
    ) -> ServingEnvironment | None:
        """Finds a serving environment by name or external id. Returns `None` if there is none.

        Args:
            name: The name.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one serving environment.
        """
        return self.find(ServingEnvironment, name, None, external_id)

    def get_serving_environment(
        self,
        id_: str,
    ) -> ServingEnvironment:
        """Returns the serving environment of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such serving environment.
            InvalidValue: The id is not a whole number.
        """
        return self.get(ServingEnvironment, id_)

    def list_serving_environments(
        self,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[ServingEnvironment]:
        """Iterates over the serving environments. Pages are fetched when they are needed.

        Args:
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            ServingEnvironment, filter_query=filter_query, order_by=order_by, descending=descending, page_size=page_size
        )

    def update_serving_environment(
        self,
        serving_environment: ServingEnvironment | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
    ) -> ServingEnvironment:
        """Updates the given fields of a serving environment and no others. `None` clears a field.

        Args:
            serving_environment: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.

        Raises:
            NotFound: There is no such serving environment.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            ServingEnvironment,
            serving_environment,
            {"description": description, "external_id": external_id, "custom_properties": custom_properties},
        )

    def create_inference_service(
        self,
        serving_environment_id: str,
        registered_model_id: str,
        name: str | None = None,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        model_version_id: str | None = None,
        runtime: str | None = None,
        desired_state: InferenceServiceState | str | None = None,
    ) -> InferenceService:
        """Creates an inference service.

        Args:
            serving_environment_id: The id of the serving environment.
            registered_model_id: The id of the deployed model.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            model_version_id: The id of the deployed version; without one, the newest version of the model. It cannot be cleared.
            runtime: The serving runtime of the model.
            desired_state: The desired state; DEPLOYED for a new one.

        Raises:
            Conflict: The name or the external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the inference service was created.
        """
        return self.create(
            InferenceService,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "registered_model_id": registered_model_id,
                "model_version_id": model_version_id,
                "runtime": runtime,
                "desired_state": desired_state,
            },
            below(InferenceService, serving_environment_id=serving_environment_id),
        )

    def upsert_inference_service(
        self,
        serving_environment_id: str,
        registered_model_id: str,
        name: str | None = None,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        model_version_id: str | None = None,
        runtime: str | None = None,
        desired_state: InferenceServiceState | str | None = None,
    ) -> InferenceService:
        """Updates the inference service of this name (without a name, of this external id), or creates it.

        Args:
            serving_environment_id: The id of the serving environment.
            registered_model_id: The id of the deployed model.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            model_version_id: The id of the deployed version; without one, the newest version of the model. It cannot be cleared.
            runtime: The serving runtime of the model.
            desired_state: The desired state; DEPLOYED for a new one.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the inference service was created.
        """
        return self.upsert(
            InferenceService,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "registered_model_id": registered_model_id,
                "model_version_id": model_version_id,
                "runtime": runtime,
                "desired_state": desired_state,
            },
            below(InferenceService, serving_environment_id=serving_environment_id),
        )

    def find_inference_service(
        self,
        name: str | None = None,
        *,
        serving_environment_id: str | None = None,
        external_id: str | None = None,
    ) -> InferenceService | None:
        """Finds an inference service by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            serving_environment_id: The id of the serving environment that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one inference service.
        """
        return self.find(
            InferenceService, name, below(InferenceService, serving_environment_id=serving_environment_id), external_id
        )

    def get_inference_service(
        self,
        id_: str,
    ) -> InferenceService:
        """Returns the inference service of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such inference service.
            InvalidValue: The id is not a whole number.
        """
        return self.get(InferenceService, id_)

    def list_inference_services(
        self,
        serving_environment_id: str | None = None,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[InferenceService]:
        """Iterates over the inference services. Pages are fetched when they are needed.

        Args:
            serving_environment_id: Only those below the serving environment of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            InferenceService,
            below(InferenceService, serving_environment_id=serving_environment_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_inference_service(
        self,
        inference_service: InferenceService | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        model_version_id: str | Unset | None = UNSET,
        runtime: str | Unset | None = UNSET,
        desired_state: InferenceServiceState | str | Unset | None = UNSET,
    ) -> InferenceService:
        """Updates the given fields of an inference service and no others. `None` clears a field.

        Args:
            inference_service: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            model_version_id: The id of the deployed version; without one, the newest version of the model. It cannot be cleared.
            runtime: The serving runtime of the model.
            desired_state: The desired state; DEPLOYED for a new one.

        Raises:
            NotFound: There is no such inference service.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            InferenceService,
            inference_service,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "model_version_id": model_version_id,
                "runtime": runtime,
                "desired_state": desired_state,
            },
        )

    def create_serve(
        self,
        inference_service_id: str,
        model_version_id: str,
        name: str | None = None,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        last_known_state: ExecutionState | str | None = None,
    ) -> ServeModel:
        """Creates a serve.

        Args:
            inference_service_id: The id of the inference service that is its parent.
            model_version_id: The id of the served version.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            last_known_state: The last known state; UNKNOWN for a new one.

        Raises:
            Conflict: The name or the external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the serve was created.
        """
        return self.create(
            ServeModel,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "model_version_id": model_version_id,
                "last_known_state": last_known_state,
            },
            below(ServeModel, inference_service_id=inference_service_id),
        )

    def upsert_serve(
        self,
        inference_service_id: str,
        model_version_id: str,
        name: str | None = None,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        last_known_state: ExecutionState | str | None = None,
    ) -> ServeModel:
        """Updates the serve of this name (without a name, of this external id), or creates it.

        Args:
            inference_service_id: The id of the inference service that is its parent.
            model_version_id: The id of the served version.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            last_known_state: The last known state; UNKNOWN for a new one.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the serve was created.
        """
        return self.upsert(
            ServeModel,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "model_version_id": model_version_id,
                "last_known_state": last_known_state,
            },
            below(ServeModel, inference_service_id=inference_service_id),
        )

    def find_serve(
        self,
        name: str | None = None,
        *,
        inference_service_id: str | None = None,
        external_id: str | None = None,
    ) -> ServeModel | None:
        """Finds a serve by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            inference_service_id: The id of the inference service that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one serve.
        """
        return self.find(ServeModel, name, below(ServeModel, inference_service_id=inference_service_id), external_id)

    def list_serves(
        self,
        inference_service_id: str,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[ServeModel]:
        """Iterates over the serves. Pages are fetched when they are needed.

        Args:
            inference_service_id: Only those below the inference service of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            ServeModel,
            below(ServeModel, inference_service_id=inference_service_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def create_experiment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: ExperimentState | str | None = None,
    ) -> Experiment:
        """Creates an experiment.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the experiment.
            state: Whether it is in use; LIVE for a new one.

        Raises:
            Conflict: The name or the external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the experiment was created.
        """
        return self.create(
            Experiment,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
            },
        )

    def upsert_experiment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: ExperimentState | str | None = None,
    ) -> Experiment:
        """Updates the experiment of this name (without a name, of this external id), or creates it.

        Args:
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the experiment.
            state: Whether it is in use; LIVE for a new one.

        Raises:
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the experiment was created.
        """
        return self.upsert(
            Experiment,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
            },
        )

    def find_experiment(
        self,
        name: str | None = None,
        *,
        external_id: str | None = None,
    ) -> Experiment | None:
        """Finds an experiment by name or external id. Returns `None` if there is none.

        Args:
            name: The name.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one experiment.
        """
        return self.find(Experiment, name, None, external_id)

    def get_experiment(
        self,
        id_: str,
    ) -> Experiment:
        """Returns the experiment of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such experiment.
            InvalidValue: The id is not a whole number.
        """
        return self.get(Experiment, id_)

    def list_experiments(
        self,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[Experiment]:
        """Iterates over the experiments. Pages are fetched when they are needed.

        Args:
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            Experiment, filter_query=filter_query, order_by=order_by, descending=descending, page_size=page_size
        )

    def update_experiment(
        self,
        experiment: Experiment | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        owner: str | Unset | None = UNSET,
        state: ExperimentState | str | Unset | None = UNSET,
    ) -> Experiment:
        """Updates the given fields of an experiment and no others. `None` clears a field.

        Args:
            experiment: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the experiment.
            state: Whether it is in use; LIVE for a new one.

        Raises:
            NotFound: There is no such experiment.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            Experiment,
            experiment,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
            },
        )

    def create_experiment_run(
        self,
        experiment_id: str,
        name: str | None = None,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: ExperimentRunState | str | None = None,
        status: ExperimentRunStatus | str | None = None,
        start_time_since_epoch: str | None = None,
        end_time_since_epoch: str | None = None,
    ) -> ExperimentRun:
        """Creates an experiment run.

        Args:
            experiment_id: The id of the experiment.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the run.
            state: Whether it is in use; LIVE for a new one.
            status: The progress of the run; RUNNING for a new one.
            start_time_since_epoch: Time of the start, in milliseconds since 1970-01-01 UTC, as text.
            end_time_since_epoch: Time of the end, in milliseconds since 1970-01-01 UTC, as text.

        Raises:
            Conflict: The name or the external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value; nothing was sent.
            UnknownOutcome: The server did not respond, and it is unknown whether the experiment run was created.
        """
        return self.create(
            ExperimentRun,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
                "status": status,
                "start_time_since_epoch": start_time_since_epoch,
                "end_time_since_epoch": end_time_since_epoch,
            },
            below(ExperimentRun, experiment_id=experiment_id),
        )

    def upsert_experiment_run(
        self,
        experiment_id: str,
        name: str | None = None,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: ExperimentRunState | str | None = None,
        status: ExperimentRunStatus | str | None = None,
        start_time_since_epoch: str | None = None,
        end_time_since_epoch: str | None = None,
    ) -> ExperimentRun:
        """Updates the experiment run of this name (without a name, of this external id), or creates it.

        Args:
            experiment_id: The id of the experiment.
            name: The name. It never changes. Up to 255 bytes; below a parent, its id and a colon count too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the run.
            state: Whether it is in use; LIVE for a new one.
            status: The progress of the run; RUNNING for a new one.
            start_time_since_epoch: Time of the start, in milliseconds since 1970-01-01 UTC, as text.
            end_time_since_epoch: Time of the end, in milliseconds since 1970-01-01 UTC, as text.

        Raises:
            Conflict: The external id is taken.
            NotFound: The parent does not exist.
            Invalid: The server refuses a value.
            InvalidValue: There is neither a name nor an external id, or the API cannot express a value.
            UnknownOutcome: The server did not respond, and it is unknown whether the experiment run was created.
        """
        return self.upsert(
            ExperimentRun,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
                "status": status,
                "start_time_since_epoch": start_time_since_epoch,
                "end_time_since_epoch": end_time_since_epoch,
            },
            below(ExperimentRun, experiment_id=experiment_id),
        )

    def find_experiment_run(
        self,
        name: str | None = None,
        *,
        experiment_id: str | None = None,
        external_id: str | None = None,
    ) -> ExperimentRun | None:
        """Finds an experiment run by name or external id. Returns `None` if there is none.

        Args:
            name: The name. It needs the parent too.
            experiment_id: The id of the experiment that is its parent.
            external_id: The id in another system, instead of a name.

        Raises:
            InvalidValue: The arguments do not identify one experiment run.
        """
        return self.find(ExperimentRun, name, below(ExperimentRun, experiment_id=experiment_id), external_id)

    def get_experiment_run(
        self,
        id_: str,
    ) -> ExperimentRun:
        """Returns the experiment run of this id.

        Args:
            id_: The id.

        Raises:
            NotFound: There is no such experiment run.
            InvalidValue: The id is not a whole number.
        """
        return self.get(ExperimentRun, id_)

    def list_experiment_runs(
        self,
        experiment_id: str | None = None,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> Iterator[ExperimentRun]:
        """Iterates over the experiment runs. Pages are fetched when they are needed.

        Args:
            experiment_id: Only those below the experiment of this id.
            filter_query: Only those that match this filter, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME. The default is ID.
            descending: Whether the highest comes first.
            page_size: Entities per request. Older servers return at most 100.

        Raises:
            Invalid: The server refuses the filter. This is raised when the first item is requested.
        """
        return self.list(
            ExperimentRun,
            below(ExperimentRun, experiment_id=experiment_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    def update_experiment_run(
        self,
        experiment_run: ExperimentRun | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        owner: str | Unset | None = UNSET,
        state: ExperimentRunState | str | Unset | None = UNSET,
        status: ExperimentRunStatus | str | Unset | None = UNSET,
        end_time_since_epoch: str | Unset | None = UNSET,
    ) -> ExperimentRun:
        """Updates the given fields of an experiment run and no others. `None` clears a field.

        Args:
            experiment_run: The id; or an entity that was read, whose own changes are sent too.
            description: A description for people.
            external_id: The id in another system. Unique on the server.
            custom_properties: Your own values by name: str, int of 64 bits, float, bool or dict. An update replaces all of them.
            owner: The person or team that is responsible for the run.
            state: Whether it is in use; LIVE for a new one.
            status: The progress of the run; RUNNING for a new one.
            end_time_since_epoch: Time of the end, in milliseconds since 1970-01-01 UTC, as text.

        Raises:
            NotFound: There is no such experiment run.
            Conflict: The external id is taken.
            Invalid: The server refuses a value.
            InvalidValue: The API cannot express a value, or a field cannot be cleared; nothing was sent.
        """
        return self.update_either(
            ExperimentRun,
            experiment_run,
            {
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
                "owner": owner,
                "state": state,
                "status": status,
                "end_time_since_epoch": end_time_since_epoch,
            },
        )
