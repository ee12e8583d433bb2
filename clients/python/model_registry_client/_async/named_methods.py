"""The named methods, made from `entities.py` by `make client`. Change that, or `generate.py`."""

from collections.abc import AsyncIterator, Mapping

from model_registry_client._async.verbs import AsyncVerbs
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


class AsyncNamedMethods(AsyncVerbs):
    """Each verb on each entity, by name."""

    async def create_registered_model(
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
        """Creates a registered model. Raises `Conflict` where its name or external id is taken.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the model.
            state: Whether it is in use; LIVE when it is new.
            readme: The model card, as Markdown.
            maturity: How finished the model is.
            language: The languages that the model knows.
            tasks: What the model can do.
            provider: Who offers the model.
            logo: The address of a picture, often a data URI.
            license: The name of the licence.
            license_link: The address of the licence text.
            library_name: The library that the model was made with.
        """
        return await self.create(
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

    async def upsert_registered_model(
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
        """Changes the registered model of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the model.
            state: Whether it is in use; LIVE when it is new.
            readme: The model card, as Markdown.
            maturity: How finished the model is.
            language: The languages that the model knows.
            tasks: What the model can do.
            provider: Who offers the model.
            logo: The address of a picture, often a data URI.
            license: The name of the licence.
            license_link: The address of the licence text.
            library_name: The library that the model was made with.
        """
        return await self.upsert(
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

    async def find_registered_model(
        self,
        name: str | None = None,
        *,
        external_id: str | None = None,
    ) -> RegisteredModel | None:
        """Looks a registered model up; `None` when there is none.

        Args:
            name: Its name.
            external_id: What another system calls it, instead.
        """
        return await self.find(RegisteredModel, name, None, external_id)

    async def get_registered_model(
        self,
        id_: str,
    ) -> RegisteredModel:
        """Answers the registered model of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(RegisteredModel, id_)

    def list_registered_models(
        self,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[RegisteredModel]:
        """Goes through the registered models, fetching a page of them when it is needed.

        Args:
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            RegisteredModel, filter_query=filter_query, order_by=order_by, descending=descending, page_size=page_size
        )

    async def update_registered_model(
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
        """Changes a registered model: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            registered_model: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the model.
            state: Whether it is in use; LIVE when it is new.
            readme: The model card, as Markdown.
            maturity: How finished the model is.
            language: The languages that the model knows.
            tasks: What the model can do.
            provider: Who offers the model.
            logo: The address of a picture, often a data URI.
            license: The name of the licence.
            license_link: The address of the licence text.
            library_name: The library that the model was made with.
        """
        return await self.update_either(
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

    async def create_model_version(
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
        """Creates a model version. Raises `Conflict` where its name or external id is taken.

        Args:
            registered_model_id: The id of its model.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            author: Who made the version.
            state: Whether it is in use; LIVE when it is new.
        """
        return await self.create(
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

    async def upsert_model_version(
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
        """Changes the model version of this name (or this external id, without a name), or creates it.

        Args:
            registered_model_id: The id of its model.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            author: Who made the version.
            state: Whether it is in use; LIVE when it is new.
        """
        return await self.upsert(
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

    async def find_model_version(
        self,
        name: str | None = None,
        *,
        registered_model_id: str | None = None,
        external_id: str | None = None,
    ) -> ModelVersion | None:
        """Looks a model version up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            registered_model_id: The id of the registered model that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            ModelVersion, name, below(ModelVersion, registered_model_id=registered_model_id), external_id
        )

    async def get_model_version(
        self,
        id_: str,
    ) -> ModelVersion:
        """Answers the model version of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(ModelVersion, id_)

    def list_model_versions(
        self,
        registered_model_id: str | None = None,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[ModelVersion]:
        """Goes through the model versions, fetching a page of them when it is needed.

        Args:
            registered_model_id: Those below the registered model of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            ModelVersion,
            below(ModelVersion, registered_model_id=registered_model_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_model_version(
        self,
        model_version: ModelVersion | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        author: str | Unset | None = UNSET,
        state: ModelVersionState | str | Unset | None = UNSET,
    ) -> ModelVersion:
        """Changes a model version: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            model_version: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            author: Who made the version.
            state: Whether it is in use; LIVE when it is new.
        """
        return await self.update_either(
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

    async def find_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> Artifact | None:
        """Looks an artifact up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            Artifact,
            name,
            below(Artifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    async def get_artifact(
        self,
        id_: str,
    ) -> Artifact:
        """Answers the artifact of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(Artifact, id_)

    def list_artifacts(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[Artifact]:
        """Goes through the artifacts, fetching a page of them when it is needed.

        Args:
            model_version_id: Those below the model version of this id only.
            experiment_run_id: Those below the experiment run of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            Artifact,
            below(Artifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def create_model_artifact(
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
        """Creates a model artifact. Raises `Conflict` where its name or external id is taken.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the model lies.
            model_format_name: The format, such as onnx.
            model_format_version: The version of the format.
            storage_key: The name of the secret with the storage's credentials.
            storage_path: The path of the model in the storage.
            service_account_name: The service account that may read the storage.
            model_source_kind: What kind of source the model came from.
            model_source_class: The class of sources within the kind.
            model_source_group: The group of models within the class.
            model_source_id: The id of the model at its source.
            model_source_name: The name of the model at its source, for people.
        """
        return await self.create(
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

    async def upsert_model_artifact(
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
        """Changes the model artifact of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the model lies.
            model_format_name: The format, such as onnx.
            model_format_version: The version of the format.
            storage_key: The name of the secret with the storage's credentials.
            storage_path: The path of the model in the storage.
            service_account_name: The service account that may read the storage.
            model_source_kind: What kind of source the model came from.
            model_source_class: The class of sources within the kind.
            model_source_group: The group of models within the class.
            model_source_id: The id of the model at its source.
            model_source_name: The name of the model at its source, for people.
        """
        return await self.upsert(
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

    async def find_model_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> ModelArtifact | None:
        """Looks a model artifact up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            ModelArtifact,
            name,
            below(ModelArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    async def get_model_artifact(
        self,
        id_: str,
    ) -> ModelArtifact:
        """Answers the model artifact of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(ModelArtifact, id_)

    def list_model_artifacts(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[ModelArtifact]:
        """Goes through the model artifacts, fetching a page of them when it is needed.

        Args:
            model_version_id: Those below the model version of this id only.
            experiment_run_id: Those below the experiment run of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            ModelArtifact,
            below(ModelArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_model_artifact(
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
        """Changes a model artifact: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            model_artifact: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the model lies.
            model_format_name: The format, such as onnx.
            model_format_version: The version of the format.
            storage_key: The name of the secret with the storage's credentials.
            storage_path: The path of the model in the storage.
            service_account_name: The service account that may read the storage.
            model_source_kind: What kind of source the model came from.
            model_source_class: The class of sources within the kind.
            model_source_group: The group of models within the class.
            model_source_id: The id of the model at its source.
            model_source_name: The name of the model at its source, for people.
        """
        return await self.update_either(
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

    async def create_doc_artifact(
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
        """Creates a doc artifact. Raises `Conflict` where its name or external id is taken.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the document lies.
        """
        return await self.create(
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

    async def upsert_doc_artifact(
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
        """Changes the doc artifact of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the document lies.
        """
        return await self.upsert(
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

    async def find_doc_artifact(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> DocArtifact | None:
        """Looks a doc artifact up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            DocArtifact,
            name,
            below(DocArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    async def get_doc_artifact(
        self,
        id_: str,
    ) -> DocArtifact:
        """Answers the doc artifact of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(DocArtifact, id_)

    def list_doc_artifacts(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[DocArtifact]:
        """Goes through the doc artifacts, fetching a page of them when it is needed.

        Args:
            model_version_id: Those below the model version of this id only.
            experiment_run_id: Those below the experiment run of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            DocArtifact,
            below(DocArtifact, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_doc_artifact(
        self,
        doc_artifact: DocArtifact | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        state: ArtifactState | str | Unset | None = UNSET,
        uri: str | Unset | None = UNSET,
    ) -> DocArtifact:
        """Changes a doc artifact: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            doc_artifact: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the document lies.
        """
        return await self.update_either(
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

    async def create_dataset(
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
        """Creates a dataset. Raises `Conflict` where its name or external id is taken.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the data lie.
            digest: A checksum of the data.
            source_type: What kind of source the data come from.
            source: The source, or where to find it.
            schema: The shape of the data, in whatever notation suits.
            profile: Figures that sum the data up.
        """
        return await self.create(
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

    async def upsert_dataset(
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
        """Changes the dataset of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the data lie.
            digest: A checksum of the data.
            source_type: What kind of source the data come from.
            source: The source, or where to find it.
            schema: The shape of the data, in whatever notation suits.
            profile: Figures that sum the data up.
        """
        return await self.upsert(
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

    async def find_dataset(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> DataSet | None:
        """Looks a dataset up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            DataSet,
            name,
            below(DataSet, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    async def get_dataset(
        self,
        id_: str,
    ) -> DataSet:
        """Answers the dataset of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(DataSet, id_)

    def list_datasets(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[DataSet]:
        """Goes through the datasets, fetching a page of them when it is needed.

        Args:
            model_version_id: Those below the model version of this id only.
            experiment_run_id: Those below the experiment run of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            DataSet,
            below(DataSet, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_dataset(
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
        """Changes a dataset: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            dataset: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            uri: Where the data lie.
            digest: A checksum of the data.
            source_type: What kind of source the data come from.
            source: The source, or where to find it.
            schema: The shape of the data, in whatever notation suits.
            profile: Figures that sum the data up.
        """
        return await self.update_either(
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

    async def create_metric(
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
        """Records a metric; below a parent, one of the same name is changed.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            value: What was measured.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            timestamp: When it was measured, in milliseconds since 1970-01-01 UTC, as text.
            step: The step of training that it was measured at.
        """
        return await self.create(
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

    async def upsert_metric(
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
        """Changes the metric of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            value: What was measured.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            timestamp: When it was measured, in milliseconds since 1970-01-01 UTC, as text.
            step: The step of training that it was measured at.
        """
        return await self.upsert(
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

    async def find_metric(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> Metric | None:
        """Looks a metric up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            Metric,
            name,
            below(Metric, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    async def get_metric(
        self,
        id_: str,
    ) -> Metric:
        """Answers the metric of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(Metric, id_)

    def list_metrics(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[Metric]:
        """Goes through the metrics, fetching a page of them when it is needed.

        Args:
            model_version_id: Those below the model version of this id only.
            experiment_run_id: Those below the experiment run of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            Metric,
            below(Metric, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_metric(
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
        """Changes a metric: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            metric: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            value: What was measured.
            timestamp: When it was measured, in milliseconds since 1970-01-01 UTC, as text.
            step: The step of training that it was measured at.
        """
        return await self.update_either(
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

    async def create_parameter(
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
        """Records a parameter; below a parent, one of the same name is changed.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            value: The value, as text whatever its type.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            parameter_type: How the text is to be read.
        """
        return await self.create(
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

    async def upsert_parameter(
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
        """Changes the parameter of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            value: The value, as text whatever its type.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            parameter_type: How the text is to be read.
        """
        return await self.upsert(
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

    async def find_parameter(
        self,
        name: str | None = None,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        external_id: str | None = None,
    ) -> Parameter | None:
        """Looks a parameter up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            model_version_id: The id of the model version that it is below.
            experiment_run_id: The id of the experiment run that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            Parameter,
            name,
            below(Parameter, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            external_id,
        )

    async def get_parameter(
        self,
        id_: str,
    ) -> Parameter:
        """Answers the parameter of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(Parameter, id_)

    def list_parameters(
        self,
        *,
        model_version_id: str | None = None,
        experiment_run_id: str | None = None,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[Parameter]:
        """Goes through the parameters, fetching a page of them when it is needed.

        Args:
            model_version_id: Those below the model version of this id only.
            experiment_run_id: Those below the experiment run of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            Parameter,
            below(Parameter, model_version_id=model_version_id, experiment_run_id=experiment_run_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_parameter(
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
        """Changes a parameter: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            parameter: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            state: How far the thing behind the artifact has come.
            value: The value, as text whatever its type.
            parameter_type: How the text is to be read.
        """
        return await self.update_either(
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

    async def create_serving_environment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
    ) -> ServingEnvironment:
        """Creates a serving environment. Raises `Conflict` where its name or external id is taken.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
        """
        return await self.create(
            ServingEnvironment,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
            },
        )

    async def upsert_serving_environment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
    ) -> ServingEnvironment:
        """Changes the serving environment of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
        """
        return await self.upsert(
            ServingEnvironment,
            {
                "name": name,
                "description": description,
                "external_id": external_id,
                "custom_properties": custom_properties,
            },
        )

    async def find_serving_environment(
        self,
        name: str | None = None,
        *,
        external_id: str | None = None,
    ) -> ServingEnvironment | None:
        """Looks a serving environment up; `None` when there is none.

        Args:
            name: Its name.
            external_id: What another system calls it, instead.
        """
        return await self.find(ServingEnvironment, name, None, external_id)

    async def get_serving_environment(
        self,
        id_: str,
    ) -> ServingEnvironment:
        """Answers the serving environment of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(ServingEnvironment, id_)

    def list_serving_environments(
        self,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[ServingEnvironment]:
        """Goes through the serving environments, fetching a page of them when it is needed.

        Args:
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            ServingEnvironment, filter_query=filter_query, order_by=order_by, descending=descending, page_size=page_size
        )

    async def update_serving_environment(
        self,
        serving_environment: ServingEnvironment | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
    ) -> ServingEnvironment:
        """Changes a serving environment: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            serving_environment: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
        """
        return await self.update_either(
            ServingEnvironment,
            serving_environment,
            {"description": description, "external_id": external_id, "custom_properties": custom_properties},
        )

    async def create_inference_service(
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
        """Creates an inference service. Raises `Conflict` where its name or external id is taken.

        Args:
            serving_environment_id: The id of the environment it is deployed in.
            registered_model_id: The id of the model that is deployed.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            model_version_id: The id of the version that is deployed; without one, the newest of the model. Once set it stays set.
            runtime: The runtime that the model is deployed with.
            desired_state: What it is meant to be; DEPLOYED when it is new.
        """
        return await self.create(
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

    async def upsert_inference_service(
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
        """Changes the inference service of this name (or this external id, without a name), or creates it.

        Args:
            serving_environment_id: The id of the environment it is deployed in.
            registered_model_id: The id of the model that is deployed.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            model_version_id: The id of the version that is deployed; without one, the newest of the model. Once set it stays set.
            runtime: The runtime that the model is deployed with.
            desired_state: What it is meant to be; DEPLOYED when it is new.
        """
        return await self.upsert(
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

    async def find_inference_service(
        self,
        name: str | None = None,
        *,
        serving_environment_id: str | None = None,
        external_id: str | None = None,
    ) -> InferenceService | None:
        """Looks an inference service up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            serving_environment_id: The id of the serving environment that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            InferenceService, name, below(InferenceService, serving_environment_id=serving_environment_id), external_id
        )

    async def get_inference_service(
        self,
        id_: str,
    ) -> InferenceService:
        """Answers the inference service of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(InferenceService, id_)

    def list_inference_services(
        self,
        serving_environment_id: str | None = None,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[InferenceService]:
        """Goes through the inference services, fetching a page of them when it is needed.

        Args:
            serving_environment_id: Those below the serving environment of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            InferenceService,
            below(InferenceService, serving_environment_id=serving_environment_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_inference_service(
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
        """Changes an inference service: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            inference_service: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            model_version_id: The id of the version that is deployed; without one, the newest of the model. Once set it stays set.
            runtime: The runtime that the model is deployed with.
            desired_state: What it is meant to be; DEPLOYED when it is new.
        """
        return await self.update_either(
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

    async def create_serve(
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
        """Creates a serve. Raises `Conflict` where its name or external id is taken.

        Args:
            inference_service_id: The id of the inference service that it is below.
            model_version_id: The id of the version that is served.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            last_known_state: How it was last seen; UNKNOWN when it is new.
        """
        return await self.create(
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

    async def upsert_serve(
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
        """Changes the serve of this name (or this external id, without a name), or creates it.

        Args:
            inference_service_id: The id of the inference service that it is below.
            model_version_id: The id of the version that is served.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            last_known_state: How it was last seen; UNKNOWN when it is new.
        """
        return await self.upsert(
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

    async def find_serve(
        self,
        name: str | None = None,
        *,
        inference_service_id: str | None = None,
        external_id: str | None = None,
    ) -> ServeModel | None:
        """Looks a serve up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            inference_service_id: The id of the inference service that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(
            ServeModel, name, below(ServeModel, inference_service_id=inference_service_id), external_id
        )

    def list_serves(
        self,
        inference_service_id: str,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[ServeModel]:
        """Goes through the serves, fetching a page of them when it is needed.

        Args:
            inference_service_id: Those below the inference service of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            ServeModel,
            below(ServeModel, inference_service_id=inference_service_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def create_experiment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: ExperimentState | str | None = None,
    ) -> Experiment:
        """Creates an experiment. Raises `Conflict` where its name or external id is taken.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the experiment.
            state: Whether it is in use; LIVE when it is new.
        """
        return await self.create(
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

    async def upsert_experiment(
        self,
        name: str,
        *,
        description: str | None = None,
        external_id: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
        owner: str | None = None,
        state: ExperimentState | str | None = None,
    ) -> Experiment:
        """Changes the experiment of this name (or this external id, without a name), or creates it.

        Args:
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the experiment.
            state: Whether it is in use; LIVE when it is new.
        """
        return await self.upsert(
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

    async def find_experiment(
        self,
        name: str | None = None,
        *,
        external_id: str | None = None,
    ) -> Experiment | None:
        """Looks an experiment up; `None` when there is none.

        Args:
            name: Its name.
            external_id: What another system calls it, instead.
        """
        return await self.find(Experiment, name, None, external_id)

    async def get_experiment(
        self,
        id_: str,
    ) -> Experiment:
        """Answers the experiment of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(Experiment, id_)

    def list_experiments(
        self,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[Experiment]:
        """Goes through the experiments, fetching a page of them when it is needed.

        Args:
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            Experiment, filter_query=filter_query, order_by=order_by, descending=descending, page_size=page_size
        )

    async def update_experiment(
        self,
        experiment: Experiment | str,
        *,
        description: str | Unset | None = UNSET,
        external_id: str | Unset | None = UNSET,
        custom_properties: Mapping[str, PropertyValue] | Unset | None = UNSET,
        owner: str | Unset | None = UNSET,
        state: ExperimentState | str | Unset | None = UNSET,
    ) -> Experiment:
        """Changes an experiment: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            experiment: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the experiment.
            state: Whether it is in use; LIVE when it is new.
        """
        return await self.update_either(
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

    async def create_experiment_run(
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
        """Creates an experiment run. Raises `Conflict` where its name or external id is taken.

        Args:
            experiment_id: The id of its experiment.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the run.
            state: Whether it is in use; LIVE when it is new.
            status: How far it has come; RUNNING when it is new.
            start_time_since_epoch: When it began, in milliseconds since 1970-01-01 UTC, as text.
            end_time_since_epoch: When it ended, in milliseconds since 1970-01-01 UTC, as text.
        """
        return await self.create(
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

    async def upsert_experiment_run(
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
        """Changes the experiment run of this name (or this external id, without a name), or creates it.

        Args:
            experiment_id: The id of its experiment.
            name: Its name, which never changes: up to 255 bytes, the parent's id and a colon included where there is a parent.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the run.
            state: Whether it is in use; LIVE when it is new.
            status: How far it has come; RUNNING when it is new.
            start_time_since_epoch: When it began, in milliseconds since 1970-01-01 UTC, as text.
            end_time_since_epoch: When it ended, in milliseconds since 1970-01-01 UTC, as text.
        """
        return await self.upsert(
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

    async def find_experiment_run(
        self,
        name: str | None = None,
        *,
        experiment_id: str | None = None,
        external_id: str | None = None,
    ) -> ExperimentRun | None:
        """Looks an experiment run up; `None` when there is none.

        Args:
            name: Its name, with its parent.
            experiment_id: The id of the experiment that it is below.
            external_id: What another system calls it, instead.
        """
        return await self.find(ExperimentRun, name, below(ExperimentRun, experiment_id=experiment_id), external_id)

    async def get_experiment_run(
        self,
        id_: str,
    ) -> ExperimentRun:
        """Answers the experiment run of this id. Raises `NotFound`.

        Args:
            id_: Its id.
        """
        return await self.get(ExperimentRun, id_)

    def list_experiment_runs(
        self,
        experiment_id: str | None = None,
        *,
        filter_query: str | None = None,
        order_by: OrderBy | str | None = None,
        descending: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> AsyncIterator[ExperimentRun]:
        """Goes through the experiment runs, fetching a page of them when it is needed.

        Args:
            experiment_id: Those below the experiment of this id only.
            filter_query: What they must match, such as `state = "LIVE" AND accuracy > 0.9`.
            order_by: ID, CREATE_TIME or LAST_UPDATE_TIME; by id when it is not given.
            descending: Whether the last comes first.
            page_size: How many are fetched per request, up to 100 on older servers.
        """
        return self.list(
            ExperimentRun,
            below(ExperimentRun, experiment_id=experiment_id),
            filter_query=filter_query,
            order_by=order_by,
            descending=descending,
            page_size=page_size,
        )

    async def update_experiment_run(
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
        """Changes an experiment run: the fields that are given, and no others; `None` clears. Raises `NotFound`.

        Args:
            experiment_run: Its id, or the entity as it was read and changed since.
            description: What it is, in words for people.
            external_id: What another system calls it. Unique on the server.
            custom_properties: Values of your own by name: str, int of 64 bits, float, bool or dict. A change replaces them all.
            owner: Who answers for the run.
            state: Whether it is in use; LIVE when it is new.
            status: How far it has come; RUNNING when it is new.
            end_time_since_epoch: When it ended, in milliseconds since 1970-01-01 UTC, as text.
        """
        return await self.update_either(
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
