"""Where the versions of a model are meant to run, for the list of its versions."""

import asyncio
from collections.abc import Sequence
from typing import Any

from model_registry_client.entities import InferenceService, ServingEnvironment

from model_registry_ui.deployments.loading import newest_versions
from model_registry_ui.deployments.meant import UNDEPLOYED
from model_registry_ui.lists.declaration import Column, Related
from model_registry_ui.page_request import PageRequest

_MOST_SERVICES = "200"


async def come_later(page: PageRequest) -> bool:
    """Whether the page comes without the places, which take three further calls, and are loaded afterwards."""
    return not (page.parameter("later") or page.request.url.path.endswith(".csv"))


async def places_of(page: PageRequest, versions: Sequence[Any]) -> Related:
    """Loads the names of the environments in which each version of one model is meant to run, by the ids of the versions."""
    if await come_later(page):
        return {}
    model_id = versions[0].registered_model_id
    found, newest = await asyncio.gather(
        page.api.matching(InferenceService, f"registeredModelId = {model_id}", pageSize=_MOST_SERVICES),
        newest_versions(page.api, [model_id]),
    )
    meant = [one for one in found.items if one.desired_state != UNDEPLOYED]
    environments = await page.api.named(ServingEnvironment, (one.serving_environment_id for one in meant))
    places: dict[str, set[str]] = {}
    for service in meant:
        version_id = service.model_version_id or (newest[model_id].id if model_id in newest else "")
        environment = environments.get(service.serving_environment_id)
        places.setdefault(version_id, set()).add(environment.name if environment else service.serving_environment_id)
    return {id_: sorted(names) for id_, names in places.items()}


DEPLOYED_IN = Column(
    "deployed", "Deployed in", "words", lambda version, related: related.get(version.id), is_on_narrow=False
)
