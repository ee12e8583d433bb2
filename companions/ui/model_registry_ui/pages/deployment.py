"""The page of one deployment: what is meant, what was seen, the serves as a time line, and the YAML for KServe."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from model_registry_client.entities import InferenceService, ModelArtifact, ModelVersion, ServeModel
from starlette.responses import Response

from model_registry_ui.api import Found
from model_registry_ui.cells import Link, labels_of, properties_of
from model_registry_ui.deployments import warnings
from model_registry_ui.deployments.loading import Deployment, deployments, serves_of, state_of
from model_registry_ui.deployments.seen import link, meant_version, seen_cell
from model_registry_ui.facts import Fact, actions, facts, link_by_name, tabs
from model_registry_ui.highlighting import highlighted
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.snippets import Snippet, Version, snippets

FACTS = (
    Fact("Environment", "link", lambda _, related: related["environment"]),
    Fact("Model", "link", lambda _, related: related["model"]),
    Fact("Runtime", "text", lambda service, _: service.runtime),
    Fact("External id", "copy", lambda service, _: service.external_id),
    Fact("Id", "copy", lambda service, _: service.id),
    Fact("Created", "time", lambda service, _: service.created),
    Fact("Updated", "time", lambda service, _: service.updated),
)
TABS = (("Overview", "deployment"), ("History", "deployment_history"))
UNDEPLOY = "Undeploy"
ACTIONS = (
    ("Deploy another version", "deployment_version"),
    (UNDEPLOY, "deployment_state"),
    ("Record a serve", "deployment_serve"),
    ("Edit", "deployment_edit"),
)
MOST_SERVES = 50


@dataclass(frozen=True, slots=True)
class Moment:
    """A serve in the time line. `is_other` says that its version is not the one that is meant now."""

    name: str
    state: str
    at: datetime | None
    version: Link
    description: str = ""
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A deployment with the mark that changes it, its newest serves, and their versions by id."""

    found: Found[InferenceService]
    deployment: Deployment
    serves: Sequence[ServeModel]
    versions: Mapping[str, ModelVersion]

    @property
    def service(self) -> InferenceService:
        """The service."""
        return self.found.entity

    @property
    def name(self) -> str:
        """The name of the service, for people."""
        return self.service.name or "without a name"


def crumbs(page: PageRequest, service: Any = None) -> list[Crumb]:
    """The way to a deployment, or to what is below it."""
    way = [Crumb("Deployments", page.url("deployments"))]
    name = service.name or "without a name" if service else ""
    return [*way, Crumb(name, page.url("deployment", service.id))] if service else way


async def opened(page: PageRequest) -> Opened:
    """Loads the deployment of a page's address; raises `ApiError` and `Unreachable`."""
    found = await page.api.get(InferenceService, page.id)
    loaded, serves = await asyncio.gather(
        deployments(page.api, [found.entity], with_serves=False), serves_of(page.api, page.id, MOST_SERVES)
    )
    versions = await page.api.named(ModelVersion, {serve.model_version_id for serve in serves})
    newest = next(iter(serves), None)
    served = versions.get(newest.model_version_id) if newest else None
    deployment = replace(loaded[found.entity.id], serve=newest, served=served, is_asked=True)
    return Opened(found, deployment, serves, versions)


async def show(page: PageRequest) -> Response:
    """The page of a deployment."""
    of = await opened(page)
    service, deployment = of.service, of.deployment
    yaml = await _yaml(page, deployment)
    related = {
        "environment": link(page, "environment", deployment.environment, service.serving_environment_id),
        "model": link(page, "model", deployment.model, service.registered_model_id),
    }
    environment = deployment.environment
    by_name = link_by_name(
        page, "named_deployments", environment=environment.name if environment else "", service=service.name
    )
    context = {
        "service": service,
        "name": of.name,
        "meant": meant_version(page, deployment),
        "is_pinned": deployment.is_pinned,
        "warning": warnings.warning(deployment.model, deployment.version) if deployment.meant.is_deployed else "",
        "seen": seen_cell(page, deployment),
        "moments": moments(page, of),
        "most_serves": MOST_SERVES,
        "yaml": yaml and highlighted(yaml.code, yaml.language),
        "facts": [*facts(FACTS, service, related), *by_name],
        "labels": labels_of(service.custom_properties),
        "properties": properties_of(page, service.custom_properties),
        "tool_properties": properties_of(page, service.custom_properties, of_tools=True),
        "tabs": tabs(page, TABS, service.id, "deployment"),
        "actions": [
            ("Deploy" if words == UNDEPLOY and not deployment.meant.is_deployed else words, url)
            for words, url in await actions(page, ACTIONS, service.id, service.registered_model_id)
        ],
    }
    return await page.render("deployment.html", of.name, context, crumbs=crumbs(page), section="deployments")


def moments(page: PageRequest, of: Opened) -> list[Moment]:
    """Returns the serves of a deployment for its time line, newest first."""
    meant = of.deployment.meant.version_id

    def moment(serve: ServeModel) -> Moment:
        version = of.versions.get(serve.model_version_id)
        words = version.name if version else f"version {serve.model_version_id}"
        return Moment(
            serve.name,
            state_of(serve),
            serve.created,
            Link(words, page.url("version", serve.model_version_id)),
            serve.description or "",
            bool(meant) and serve.model_version_id != meant,
        )

    return [moment(serve) for serve in of.serves]


async def _yaml(page: PageRequest, deployment: Deployment) -> Snippet | None:
    """The KServe YAML of the version that is meant; `None` without one."""
    model, version, service = deployment.model, deployment.version, deployment.service
    if model is None or version is None:
        return None
    path = f"{ModelVersion.collection}/{version.id}/artifacts"
    found, prefix = await asyncio.gather(
        page.api.page(ModelArtifact, path, artifactType="model-artifact", pageSize="20"), page.api.prefix()
    )
    artifacts = [one for one in found.items if isinstance(one, ModelArtifact)]
    of = Version(
        server=page.options.public_address(page.request.scope),
        api=prefix,
        model_id=model.id,
        model=model.name,
        version_id=version.id,
        name=version.name,
        artifact=next((one for one in artifacts if one.name == model.name), next(iter(artifacts), None)),
        service=service.name,
        runtime=service.runtime or "",
    )
    return next(one for one in snippets(of) if one.key == "kserve")
