"""What is meant to run a model or a version: services that are not undeployed, with names of environments and versions."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from model_registry_client.entities import InferenceService, ModelVersion, ServingEnvironment

from model_registry_ui.cells import Link
from model_registry_ui.deployments.seen import NEWEST, PINNED, link
from model_registry_ui.page_request import PageRequest

UNDEPLOYED = "UNDEPLOYED"


@dataclass(frozen=True, slots=True)
class MeantService:
    """A service, the address of its page, where it is, and the version that it is meant to run."""

    service: InferenceService
    url: str
    environment: Link | None
    version: Link


async def meant_services(
    page: PageRequest, services: Sequence[InferenceService], newest: ModelVersion | None
) -> list[MeantService]:
    """Returns the services that are meant to run something, in at most 2 calls.

    Args:
        page: The request.
        services: Services of one model.
        newest: The newest version of the model.
    """
    meant = [one for one in services if one.desired_state != UNDEPLOYED]
    pinned = [one.model_version_id for one in meant if one.model_version_id]
    known = {newest.id: newest} if newest else {}
    environments, versions = await asyncio.gather(
        page.api.named(ServingEnvironment, (one.serving_environment_id for one in meant)),
        page.api.named(ModelVersion, (id_ for id_ in pinned if id_ not in known)),
    )
    known |= versions

    def version_of(service: InferenceService) -> Link:
        note = PINNED if service.model_version_id else NEWEST
        found = known.get(service.model_version_id) if service.model_version_id else newest
        if found is None:
            return Link(f"version {service.model_version_id}" if service.model_version_id else "the newest version")
        return Link(found.name, page.url("version", found.id), note)

    return [
        MeantService(
            one,
            page.url("deployment", one.id),
            link(page, "environment", environments.get(one.serving_environment_id), one.serving_environment_id),
            version_of(one),
        )
        for one in meant
    ]
