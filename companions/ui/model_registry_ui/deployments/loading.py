"""Loads what stands behind the ids of services: models, environments, versions, and the newest serves, each kind in one call."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model_registry_client.entities import (
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)

from model_registry_ui.api import Api, ApiError
from model_registry_ui.deployments.drift import Drift, Meant, Seen, drifts

NEWEST_SERVES = "/inference_services/newest_serves"
MOST_AT_ONCE = 200
"""How many services one call of the extension answers for."""
MOST_ASKED = 50
"""How many services are asked for their newest serve, where the server has no answer for many at once."""
_MOST_NEWEST, _MOST_QUESTIONS = "200", 2
_NEWEST_FIRST: Mapping[str, str] = {"orderBy": "CREATE_TIME", "sortOrder": "DESC"}
_UNDEPLOYED = "UNDEPLOYED"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A service with what stands behind its ids. What is hidden or does not exist is `None`.

    Attributes:
        service: The service.
        model: Its model.
        environment: Where it is.
        version: The version that it is meant to run.
        serve: Its newest serve.
        served: The version of this serve.
        is_asked: Whether its serves were asked for.
    """

    service: InferenceService
    model: RegisteredModel | None = None
    environment: ServingEnvironment | None = None
    version: ModelVersion | None = None
    serve: ServeModel | None = None
    served: ModelVersion | None = None
    is_asked: bool = False

    @property
    def is_pinned(self) -> bool:
        """Whether it names a version; else it follows the newest one."""
        return bool(self.service.model_version_id)

    @property
    def meant(self) -> Meant:
        """What it is meant to do."""
        version_id = self.service.model_version_id or (self.version.id if self.version else "")
        return Meant(self.service.desired_state != _UNDEPLOYED, version_id)

    @property
    def drifts(self) -> tuple[Drift, ...]:
        """Why it is not what it is meant to be."""
        seen = Seen(self.serve.model_version_id, state_of(self.serve)) if self.serve else None
        return drifts(self.meant, seen)

    @property
    def reasons(self) -> list[str]:
        """The same in sentences."""
        meant, seen = (one.name if one else "" for one in (self.version, self.served))
        return [one.words(meant=meant, seen=seen) for one in self.drifts]


def state_of(serve: ServeModel) -> str:
    """Returns the last known state of a serve as the word of the API."""
    return serve.last_known_state.value if serve.last_known_state else "UNKNOWN"


async def deployments(
    api: Api, services: Sequence[InferenceService], *, with_serves: bool = True
) -> dict[str, Deployment]:
    """Loads services with what stands behind them.

    Args:
        api: The API of the page.
        services: The services.
        with_serves: Whether the newest serves are asked for.

    Returns:
        The deployments by the ids of the services.

    Raises:
        ApiError: The API refuses.
        Unreachable: The registry does not answer.
    """
    models, environments, versions, newest, serves = await asyncio.gather(
        api.named(RegisteredModel, (one.registered_model_id for one in services)),
        api.named(ServingEnvironment, (one.serving_environment_id for one in services)),
        api.named(ModelVersion, (one.model_version_id or "" for one in services)),
        newest_versions(api, {one.registered_model_id for one in services if not one.model_version_id}),
        newest_serves(api, [one.id for one in services]) if with_serves else _nothing(),
    )
    known = {**versions, **{version.id: version for version in newest.values()}}
    known |= await api.named(ModelVersion, {one.model_version_id for one in serves.values() if one} - set(known))

    def deployment(service: InferenceService) -> Deployment:
        serve = serves.get(service.id)
        version = known.get(service.model_version_id or "")
        return Deployment(
            service,
            models.get(service.registered_model_id),
            environments.get(service.serving_environment_id),
            version if service.model_version_id else newest.get(service.registered_model_id),
            serve,
            known.get(serve.model_version_id) if serve else None,
            service.id in serves,
        )

    return {service.id: deployment(service) for service in services}


async def newest_versions(api: Api, model_ids: Iterable[str]) -> dict[str, ModelVersion]:
    """Returns the newest versions of models by the ids of the models.

    One call reads the newest 200 versions of all these models, and a second one those of the models that the first has missed.
    A model whose newest one is older still is left out. So is every model of several where the server does not understand
    the question.
    """
    wanted = {id_ for id_ in model_ids if id_.isascii() and id_.isdigit()}
    if len(wanted) == 1:
        path = f"{RegisteredModel.collection}/{next(iter(wanted))}/versions"
        versions = (await api.page(ModelVersion, path, **_NEWEST_FIRST, pageSize="1")).items
        return {version.registered_model_id: version for version in versions}
    found: dict[str, ModelVersion] = {}
    for _ in range(_MOST_QUESTIONS):
        if not (missing := sorted(wanted - set(found))):
            break
        query = f"registeredModelId IN ({', '.join(missing)})"
        page = await api.matching(ModelVersion, query, **_NEWEST_FIRST, pageSize=_MOST_NEWEST)
        found |= {version.registered_model_id: version for version in reversed(page.items)}
        if not page.next_token:
            break
    return found


async def newest_serves(api: Api, ids: Sequence[str]) -> Mapping[str, ServeModel | None]:
    """Returns the newest serves by the ids of their services; `None` for a service that was never seen.

    It is one call for 200 services where the server has the extension. Elsewhere each service takes a call, and only the first 50
    are asked.
    """
    if not ids:
        return {}
    if await api.has_extensions():
        parts = [ids[at : at + MOST_AT_ONCE] for at in range(0, len(ids), MOST_AT_ONCE)]
        answers = await asyncio.gather(*(api.extension(NEWEST_SERVES, ids=",".join(part)) for part in parts))
        items = [item for answer in answers if answer for item in answer["items"]]
        found = {item["inferenceServiceId"]: ServeModel.from_wire(item["serve"]) for item in items}
        return {id_: found.get(id_) for id_ in ids}
    asked = ids[:MOST_ASKED]
    pages = await asyncio.gather(*(serves_of(api, id_, 1) for id_ in asked))
    return {id_: serves[0] if serves else None for id_, serves in zip(asked, pages, strict=True)}


async def serves_of(api: Api, id_: str, count: int) -> Sequence[ServeModel]:
    """Returns the newest serves of a service, newest first; none if the service does not exist any more."""
    path = f"{InferenceService.collection}/{id_}/serves"
    try:
        found = await api.page(ServeModel, path, orderBy="CREATE_TIME", sortOrder="DESC", pageSize=str(count))
    except ApiError as error:
        if error.is_missing:
            return ()
        raise
    return found.items


async def _nothing() -> Mapping[str, ServeModel | None]:
    return {}
