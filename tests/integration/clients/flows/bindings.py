"""The generated bindings below `model_registry`: what has no call of its own in the client above them."""

from typing import Any

import mr_openapi
import pytest
from model_registry import ModelRegistry
from mr_openapi import (
    ArtifactCreate,
    ArtifactUpdate,
    DocArtifactCreate,
    DocArtifactUpdate,
    ExecutionState,
    InferenceService,
    InferenceServiceCreate,
    InferenceServiceState,
    InferenceServiceUpdate,
    MetadataValue,
    ModelRegistryServiceApi,
    ModelVersion,
    ServeModelCreate,
    ServingEnvironmentCreate,
    ServingEnvironmentUpdate,
)
from mr_openapi.exceptions import ApiException
from steps import connect, register, run, unique, version_of


def inference_services_are_made_found_listed_and_changed(address: str) -> None:
    registry, name = connect(address), unique("model")
    model = register(registry, name)
    version = version_of(registry, name)
    properties = _properties(url="http://old")
    environment = _call(registry, "create_serving_environment", ServingEnvironmentCreate(name=name))
    new = InferenceServiceCreate(
        name="isvc/uid",
        registeredModelId=model.id,
        servingEnvironmentId=environment.id,
        modelVersionId=version.id,
        runtime="ovms",
        customProperties=properties,
    )
    service = _deploy(registry, new)
    assert (service.name, service.runtime, service.custom_properties) == ("isvc/uid", "ovms", properties)
    assert service.desired_state is InferenceServiceState.DEPLOYED
    found = _call(registry, "find_inference_service", name="isvc/uid", parent_resource_id=environment.id)
    assert found == service == _call(registry, "get_inference_service", service.id)
    undeployed = InferenceServiceUpdate(desiredState=InferenceServiceState.UNDEPLOYED)
    assert _call(registry, "update_inference_service", service.id, undeployed).runtime == "ovms"
    assert _call(registry, "get_inference_service_model", service.id).id == model.id
    assert _call(registry, "get_inference_service_version", service.id).id == version.id

    nested = InferenceServiceCreate(registeredModelId=model.id, servingEnvironmentId=environment.id)
    nested = _call(registry, "create_environment_inference_service", environment.id, nested)
    listed = _call(registry, "get_environment_inference_services", environment.id)
    assert [item.id for item in listed.items] == [service.id, nested.id]
    assert listed.size == 2
    listed = _call(registry, "get_inference_services", filter_query=f"servingEnvironmentId = {environment.id}")
    assert [item.desired_state.value for item in listed.items] == ["UNDEPLOYED", "DEPLOYED"]


def serves_are_recorded(address: str) -> None:
    registry, name = connect(address), unique("model")
    model = register(registry, name)
    version = version_of(registry, name)
    environment = _call(registry, "create_serving_environment", ServingEnvironmentCreate(name=name))
    new = InferenceServiceCreate(name="isvc", registeredModelId=model.id, servingEnvironmentId=environment.id)
    service = _deploy(registry, new)
    assert _call(registry, "get_inference_service_serves", service.id).items == []
    made = []
    for state in ExecutionState:
        new = ServeModelCreate(modelVersionId=version.id, lastKnownState=state)
        made.append(_call(registry, "create_inference_service_serve", service.id, new))
    assert [serve.last_known_state for serve in made] == list(ExecutionState)
    listed = _call(registry, "get_inference_service_serves", service.id, page_size="5")
    assert listed.items == made[:5]
    assert (listed.size, listed.page_size, bool(listed.next_page_token)) == (5, 5, True)


def serving_environments_are_made_found_listed_and_changed(address: str) -> None:
    registry, name = connect(address), unique("environment")
    new = ServingEnvironmentCreate(name=name, externalId=name, description="before")
    made = _call(registry, "create_serving_environment", new)
    for found in (
        _call(registry, "find_serving_environment", name=name),
        _call(registry, "find_serving_environment", external_id=name),
        _call(registry, "get_serving_environment", made.id),
    ):
        assert found == made
    changed = ServingEnvironmentUpdate(customProperties=_properties(label=""))
    changed = _call(registry, "update_serving_environment", made.id, changed)
    assert (changed.description, changed.external_id) == ("before", name)
    listed = _call(registry, "get_serving_environments", filter_query=f"name = '{name}' AND label = ''")
    assert listed.items == [changed]
    with pytest.raises(ApiException) as taken:
        _call(registry, "create_serving_environment", ServingEnvironmentCreate(name=name))
    assert taken.value.status == 409


def versions_and_artifacts_are_reached_by_every_path(address: str) -> None:
    registry, name = connect(address), unique("model")
    model = register(registry, name)
    nested = ModelVersion(name="nested", registeredModelId=model.id, externalId=name)
    version = _call(registry, "create_registered_model_version", model.id, nested)
    found = _call(registry, "find_model_version", external_id=name)
    assert found == version == _call(registry, "get_model_version", version.id)
    listed = _call(registry, "get_model_versions", filter_query=f"registeredModelId = {model.id}", sort_order="DESC")
    assert [item.name for item in listed.items] == ["nested", "v1"]
    assert _call(registry, "get_registered_model_versions", model.id, name="nested").items == [version]

    document = ArtifactCreate(DocArtifactCreate(name="card", uri="https://c", artifactType="doc-artifact"))
    document = _call(registry, "create_artifact", document).actual_instance
    change = ArtifactUpdate(DocArtifactUpdate(artifactType="doc-artifact", description="new", state="LIVE"))
    changed = _call(registry, "update_artifact", document.id, change).actual_instance
    assert (changed.uri, changed.description, changed.state.value) == ("https://c", "new", "LIVE")
    assert _call(registry, "get_artifact", document.id).actual_instance == changed
    attached = _call(registry, "upsert_model_version_artifact", version.id, mr_openapi.Artifact(changed))
    assert attached.actual_instance.id == document.id
    found = _call(registry, "find_artifact", name="card", parent_resource_id=version.id).actual_instance
    assert found.id == document.id


def _deploy(registry: ModelRegistry, new: InferenceServiceCreate) -> InferenceService:
    """Creates one. The bindings of v1alpha3 wait for a 200, which no server answers, and so return nothing for the 201."""
    made = _call(registry, "create_inference_service", new)
    found = _call(registry, "find_inference_service", name=new.name, parent_resource_id=new.serving_environment_id)
    assert made in (None, found)
    return found


def _properties(**texts: str) -> dict[str, MetadataValue]:
    return {
        name: MetadataValue.from_dict({"metadataType": "MetadataStringValue", "string_value": text})
        for name, text in texts.items()
    }


def _call(registry: ModelRegistry, operation: str, *arguments: Any, **query: Any) -> Any:
    async def call() -> Any:
        client: ModelRegistryServiceApi
        async with registry._api.get_client() as client:
            return await getattr(client, operation)(*arguments, **query)

    return run(registry, call())
