"""Deployments: which version of which model is deployed in which environment."""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

from model_registry_client._async.named_methods import AsyncNamedMethods
from model_registry_client._async.waiting import all_at_once
from model_registry_client.bodies import below, checked_new, what_exists
from model_registry_client.custom_properties import PropertyValue
from model_registry_client.deployment import Deployment
from model_registry_client.entities import (
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from model_registry_client.entity import Entity
from model_registry_client.errors import Invalid, NotFound, RegistryError
from model_registry_client.states import InferenceServiceState

E = TypeVar("E", bound=Entity)
CONCURRENTLY = 8


class AsyncDeployments:
    """The deployments of a registry. An argument may be a name or an entity."""

    def __init__(self, registry: AsyncNamedMethods) -> None:
        self._registry = registry

    async def of(self, model: RegisteredModel | str) -> list[Deployment]:
        """Returns the deployments of a model, oldest first. Raises `NotFound` if there is no model of this name."""
        registered = await self._one(RegisteredModel, model)
        return await self._with_details(await self._services(registered))

    async def all(self, environment: ServingEnvironment | str | None = None) -> list[Deployment]:
        """Returns all deployments, or those in an environment. Raises `NotFound` if there is no environment of this name."""
        under = None
        if environment is not None:
            found = await self._one(ServingEnvironment, environment)
            under = below(InferenceService, serving_environment_id=found.id)
        return await self._with_details([service async for service in self._registry.list(InferenceService, under)])

    async def deploy(
        self,
        model: RegisteredModel | str,
        environment: ServingEnvironment | str,
        *,
        version: ModelVersion | str | None = None,
        name: str | None = None,
        runtime: str | None = None,
        custom_properties: Mapping[str, PropertyValue] | None = None,
    ) -> Deployment:
        """Records that a model, or another version of it, should be deployed. A controller does the work; nothing is started here.

        Args:
            model: The model.
            environment: The environment. It is created if there is none of this name.
            version: The version. Without one, the deployment follows the newest version.
            name: The name of the inference service, new in the environment. The default is the name of the model.
            runtime: The serving runtime.
            custom_properties: Your own values by name, stored with the inference service.

        Raises:
            NotFound: There is no such model, or it has no such version.
            Conflict: Another model has an inference service of this name in the environment.
            InvalidValue: A value cannot be stored; nothing is created.
            RegistryError: The server refuses a step or does not respond. The message says what exists by then. The same call again
                continues.
        """
        given: dict[str, Any] = {
            "runtime": runtime,
            "desired_state": InferenceServiceState.DEPLOYED,
            "custom_properties": custom_properties,
        }
        if isinstance(environment, str):
            checked_new(ServingEnvironment, {"name": environment}, None)
        service_name = name or (model if isinstance(model, str) else model.name)
        checked = {**given, "name": service_name, "registered_model_id": "1"}
        shortest_id = "1" if isinstance(environment, str) else environment.id
        checked_new(InferenceService, checked, below(InferenceService, serving_environment_id=shortest_id))
        registered = await self._one(RegisteredModel, model)
        chosen = await self._version(registered, version)
        if isinstance(environment, str):
            environment = await self._registry.upsert(ServingEnvironment, {"name": environment})
        under, name = below(InferenceService, serving_environment_id=environment.id), name or registered.name
        given["model_version_id"] = chosen.id if chosen else None
        try:
            found = await self._registry.find(InferenceService, name, under)
            if found and found.registered_model_id == registered.id:
                changes = {key: value for key, value in given.items() if value is not None}
                service = await self._registry.update(found, fields=changes)
            else:
                fields = {**given, "name": name, "registered_model_id": registered.id}
                service = await self._registry.create(InferenceService, fields, under)
        except RegistryError as error:
            created = [f"the serving environment {environment.name!r} (id {environment.id})"]
            raise error.adding(what_exists(created)) from error.__cause__
        return (await self._with_details([service]))[0]

    async def undeploy(self, deployment: Deployment) -> Deployment:
        """Sets the desired state of a deployment to UNDEPLOYED. Returns the deployment. Raises `NotFound`."""
        changes = {"desired_state": InferenceServiceState.UNDEPLOYED}
        service = await self._registry.update(InferenceService, deployment.service.id, changes)
        return (await self._with_details([service]))[0]

    async def _services(self, model: RegisteredModel) -> list[InferenceService]:
        """Returns its inference services. A server without filters returns all, or refuses; so they are filtered here too."""
        try:
            found = self._registry.list(InferenceService, filter_query=f"registeredModelId = {model.id}")
            services = [service async for service in found]
        except Invalid:
            services = [service async for service in self._registry.list(InferenceService)]
        return [service for service in services if service.registered_model_id == model.id]

    async def _version(self, model: RegisteredModel, version: ModelVersion | str | None) -> ModelVersion | None:
        if not isinstance(version, str):
            return version
        found = await self._registry.find(ModelVersion, version, below(ModelVersion, registered_model_id=model.id))
        if found is None:
            raise NotFound(404, "Not Found", f"The model {model.name!r} has no version {version!r}.")
        return found

    async def _one(self, kind: type[E], entity: E | str) -> E:
        if not isinstance(entity, str):
            return entity
        found = await self._registry.find(kind, entity)
        if found is None:
            raise NotFound(404, "Not Found", f"There is no {kind.words} named {entity!r}.")
        return found

    async def _with_details(self, services: list[InferenceService]) -> list[Deployment]:
        """Returns the deployments for inference services. Each entity is read once, several at the same time."""
        models: dict[str, RegisteredModel] = {}
        environments: dict[str, ServingEnvironment] = {}
        versions: dict[str, ModelVersion | None] = {}
        serves: dict[str, ServeModel | None] = {}
        works = [
            *(partial(self._get, RegisteredModel, id_, models) for id_ in {s.registered_model_id for s in services}),
            *(
                partial(self._get, ServingEnvironment, id_, environments)
                for id_ in {s.serving_environment_id for s in services}
            ),
            *(partial(self._deployed, service, versions, serves) for service in services),
        ]
        await all_at_once(works, CONCURRENTLY)
        return [
            Deployment(
                models[service.registered_model_id],
                environments[service.serving_environment_id],
                service,
                versions[service.id],
                serves[service.id],
            )
            for service in services
        ]

    async def _get(self, kind: type[E], id_: str, found: dict[str, E]) -> None:
        found[id_] = await self._registry.get(kind, id_)

    async def _deployed(
        self, service: InferenceService, versions: dict[str, ModelVersion | None], serves: dict[str, ServeModel | None]
    ) -> None:
        try:
            versions[service.id] = await self._registry.get_deployed_version(service.id)
        except NotFound:
            versions[service.id] = None
        under, serves[service.id] = below(ServeModel, inference_service_id=service.id), None
        async for serve in self._registry.list(ServeModel, under, order_by="CREATE_TIME", descending=True, page_size=1):
            serves[service.id] = serve
            break
