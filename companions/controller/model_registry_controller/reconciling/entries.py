"""The entry of an object in the registry, an inference service: finds or makes it, and corrects what differs."""

import logging
from typing import Any

from model_registry_client import AsyncRegistry
from model_registry_client.bodies import below
from model_registry_client.entities import InferenceService, ServingEnvironment
from model_registry_client.errors import Conflict, NotFound
from model_registry_client.states import InferenceServiceState

from model_registry_controller.kserve.objects import KServeService
from model_registry_controller.problems import Problem
from model_registry_controller.registries.pool import OneRegistry

log = logging.getLogger(__name__)
URL = "url"
"""The custom property with the address of an InferenceService."""


async def find_by_id(registry: OneRegistry, client: AsyncRegistry, number: str) -> InferenceService:
    """Returns an entry by its id: from the list that was just read, else by a request. Raises `Problem` if there is none."""
    if listed := registry.take_listed(number):
        return listed
    try:
        return await client.get_inference_service(number)
    except NotFound as error:
        raise Problem(
            "UnknownInferenceService",
            f"The model registry at {registry.url} has no inference service with the id {number}. Correct the label, or"
            " remove it, and the controller makes an entry if the object has a label with the id of a registered model.",
            lasts=True,
        ) from error


async def find_or_make(
    registry: OneRegistry, client: AsyncRegistry, item: KServeService
) -> tuple[InferenceService, bool]:
    """Returns the entry of an object without an id, and whether it was made now, because the registry had none.

    Raises:
        Problem: The registry has no such model or version.
    """
    environment = await _environment(registry, client, item.key[0])
    if found := await client.find_inference_service(item.entry_name, serving_environment_id=environment):
        return found, False
    fields: dict[str, Any] = {
        "name": item.entry_name,
        "registered_model_id": item.model_id,
        "model_version_id": item.version_id or None,
        "runtime": item.runtime or None,
        "desired_state": InferenceServiceState.DEPLOYED,
        "custom_properties": {URL: item.url} if item.url else None,
    }
    try:
        made = await client.create(
            InferenceService, fields, below(InferenceService, serving_environment_id=environment)
        )
    except Conflict:  # another replica, or an earlier attempt
        if found := await client.find_inference_service(item.entry_name, serving_environment_id=environment):
            return found, False
        raise
    except NotFound as error:
        registry.environments.pop(item.key[0], None)  # in case it is the environment that is gone
        raise Problem(
            "UnknownModel",
            f"The model registry at {registry.url} refuses the labels: {error.message} Correct the ids of the model"
            " and the version.",
            lasts=True,
        ) from error
    log.info("Recorded", extra={"object": "/".join(item.key), "inference_service": made.id})
    return made, True


async def find_by_name(client: AsyncRegistry, item: KServeService) -> InferenceService | None:
    """Returns the entry that an object without an id label may have: another controller may have been stopped in between."""
    environment = await client.find_serving_environment(item.key[0])
    if not environment:
        return None
    return await client.find_inference_service(item.entry_name, serving_environment_id=environment.id)


async def correct(client: AsyncRegistry, entry: InferenceService, item: KServeService) -> InferenceService:
    """Changes the address and the version of an entry if they differ from the object. What people have set stays."""
    change: dict[str, Any] = {}
    if str(entry.custom_properties.get(URL) or "") != item.url:
        change["custom_properties"] = {**entry.custom_properties, URL: item.url}
    if item.version_id and (entry.model_version_id or "") != item.version_id:
        change["model_version_id"] = item.version_id
    if not change:
        return entry
    if entry.desired_state is InferenceServiceState.UNDEPLOYED:  # Kubeflow's server resets what a change leaves out
        change["desired_state"] = entry.desired_state
    try:
        return await client.update(InferenceService, entry.id, change)
    except NotFound as error:
        raise Problem(
            "UnknownVersion",
            f"The registry refuses the label with the id of the version: {error.message} Correct it.",
            lasts=True,
        ) from error


async def _environment(registry: OneRegistry, client: AsyncRegistry, namespace: str) -> str:
    """The id of the serving environment of a namespace. Environments are never deleted, so ids are remembered."""
    if known := registry.environments.get(namespace):
        return known
    found = await client.find_serving_environment(namespace)
    if not found:
        try:
            found = await client.create(ServingEnvironment, {"name": namespace})
        except Conflict:
            found = await client.find_serving_environment(namespace)
            if not found:
                raise
    registry.environments[namespace] = found.id
    return found.id
