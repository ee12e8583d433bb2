"""The page of one version, its artifacts, and code that uses it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model_registry_client.entities import Artifact, InferenceService, ModelArtifact, ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.api import Found
from model_registry_ui.artifact_kinds import kind_of
from model_registry_ui.catalog.origins import origin_of
from model_registry_ui.cells import Link, labels_of, properties_of
from model_registry_ui.deployments.actions import deploy
from model_registry_ui.deployments.meant import meant_services
from model_registry_ui.facts import Fact, Shown, actions, facts, link_by_name, state_action, tabs
from model_registry_ui.highlighting import highlighted
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import models
from model_registry_ui.pages.aliases import names_of
from model_registry_ui.snippets import Version, snippets

FACTS = (
    Fact("State", "state", lambda version, _: version.state or "LIVE"),
    Fact("Model", "link", lambda _, related: related["model"]),
    Fact("Aliases", "words", lambda _, related: related.get("aliases")),
    Fact("Author", "text", lambda version, _: version.author),
    Fact("External id", "copy", lambda version, _: version.external_id),
    Fact("Id", "copy", lambda version, _: version.id),
    Fact("Created", "time", lambda version, _: version.created),
    Fact("Updated", "time", lambda version, _: version.updated),
)
TABS = (
    ("Overview", "version"),
    ("Artifacts", "version_artifacts"),
    ("Use", "version_use"),
    ("Deployments", "version_deployments"),
    ("Lineage", "version_lineage"),
    ("History", "version_history"),
)
ACTIONS = (("Edit", "version_edit"), ("Properties", "version_properties"), ("Add artifact", "version_artifact_new"))
_MOST_NEIGHBOURS = 50
_MOST_ARTIFACTS = 100


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The other versions of the model, newest first. `older` and `newer` are the addresses next to this one.

    `compare` compares this one with the older one. `is_newest`: no other version is newer.
    """

    all: Sequence[Link]
    older: str = ""
    newer: str = ""
    compare: str = ""
    is_newest: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A version with its model."""

    found: Found[ModelVersion]
    model: RegisteredModel

    @property
    def version(self) -> ModelVersion:
        """The version."""
        return self.found.entity

    def crumbs(self, page: PageRequest, *, is_below: bool = False) -> list[Crumb]:
        """The way to the version, or to what is below it."""
        way = models.crumbs(page, self.model)
        return [*way, Crumb(self.version.name, page.url("version", self.version.id))] if is_below else way


async def opened(page: PageRequest) -> Opened:
    """Loads the version of a page's address and its model; raises `ApiError` and `Unreachable`."""
    found = await page.api.get(ModelVersion, page.id)
    model = await page.api.get(RegisteredModel, found.entity.registered_model_id)
    return Opened(found, model.entity)


async def show(page: PageRequest) -> Response:
    """The page of a version."""
    artifacts = asyncio.create_task(page.api.page(Artifact, _artifacts(page.id), pageSize=str(_MOST_ARTIFACTS)))
    try:
        found = await page.api.get(ModelVersion, page.id)
        version = found.entity
        model, aliases, neighbours, services = await asyncio.gather(
            page.api.get(RegisteredModel, version.registered_model_id),
            names_of(page, version.registered_model_id, version.id),
            _neighbours(page, version),
            _services(page, version),
        )
    finally:
        await asyncio.wait([artifacts])
    of = Opened(found, model.entity)
    running = [one for one in services if one.model_version_id or neighbours.is_newest]
    related = {"model": Link(of.model.name, page.url("model", of.model.id)), "aliases": aliases}
    offered = await actions(page, (*ACTIONS, *state_action("version", version)), version.id, of.model.id)
    by_name = link_by_name(page, "named_models", name=of.model.name, version=version.name)
    context = {
        "version": version,
        "model": of.model,
        "facts": [*facts(FACTS, version, related), *by_name],
        "labels": labels_of(version.custom_properties),
        "properties": properties_of(page, version.custom_properties),
        "tool_properties": properties_of(page, version.custom_properties, of_tools=True),
        "artifacts": [artifact_facts(page, one) for one in artifacts.result().items],
        "deployments": await meant_services(page, running, version),
        "neighbours": neighbours,
        "tabs": tabs(page, TABS, version.id, "version"),
        "actions": [deploy(page, of.model.id, version.id), *offered] if offered else [],
    }
    title = f"{version.name} of {of.model.name}"
    return await page.render(
        "version.html", title, context, crumbs=of.crumbs(page), here=version.name, section="models"
    )


async def show_use(page: PageRequest) -> Response:
    """Code that finds, loads and deploys the version."""
    of, found, prefix = await asyncio.gather(
        opened(page),
        page.api.page(ModelArtifact, _artifacts(page.id), artifactType="model-artifact"),
        page.api.prefix(),
    )
    artifacts = [one for one in found.items if isinstance(one, ModelArtifact)]
    named = next((one for one in artifacts if one.name == of.model.name), None)
    made = snippets(
        Version(
            server=page.options.public_address(page.request.scope),
            api=prefix,
            model_id=of.model.id,
            model=of.model.name,
            version_id=of.version.id,
            name=of.version.name,
            artifact=named or next(iter(artifacts), None),
            needs_token=page.options.ways != (),
        )
    )
    context = {
        "version": of.version,
        "model": of.model,
        "snippets": [(one, highlighted(one.code, one.language)) for one in made],
        "tabs": tabs(page, TABS, page.id, "version_use"),
    }
    title = f"Use {of.version.name} of {of.model.name}"
    return await page.render(
        "version_use.html", title, context, crumbs=of.crumbs(page, is_below=True), here="Use", section="models"
    )


@dataclass(frozen=True, slots=True)
class ShownArtifact:
    """An artifact of a version in short."""

    name: str
    url: str
    kind: str
    state: Any
    facts: Sequence[Shown]


ARTIFACT_FACTS = (
    Fact("URI", "place", lambda artifact, _: getattr(artifact, "uri", None)),
    Fact("Value", "property", lambda artifact, _: getattr(artifact, "value", None)),
    Fact("Format", "text", lambda artifact, _: format_of(artifact)),
    Fact("Storage key", "text", lambda artifact, _: getattr(artifact, "storage_key", None)),
    Fact("Storage path", "text", lambda artifact, _: getattr(artifact, "storage_path", None)),
    Fact("Catalog", "link", lambda _, related: related["origin"]),
    Fact("Service account", "text", lambda artifact, _: getattr(artifact, "service_account_name", None)),
)


def format_of(artifact: Any) -> str:
    """The format of the files with its version."""
    parts = (getattr(artifact, "model_format_name", None), getattr(artifact, "model_format_version", None))
    return " ".join(filter(None, parts))


def artifact_facts(page: PageRequest, artifact: Any) -> ShownArtifact:
    """Returns what the page of a version says about an artifact."""
    return ShownArtifact(
        artifact.name,
        page.url("artifact", artifact.id),
        kind_of(artifact),
        artifact.state,
        list(facts(ARTIFACT_FACTS, artifact, {"origin": origin_of(page, artifact)})),
    )


def _artifacts(id_: str) -> str:
    return f"{ModelVersion.collection}/{id_}/artifacts"


async def _neighbours(page: PageRequest, version: ModelVersion) -> Neighbours:
    """The newest versions of the model. One that is older than those has no neighbours here, only the list of all."""
    path = f"{RegisteredModel.collection}/{version.registered_model_id}/versions"
    found = await page.api.page(
        ModelVersion, path, orderBy="CREATE_TIME", sortOrder="DESC", pageSize=str(_MOST_NEIGHBOURS)
    )
    ids = [one.id for one in found.items]
    links = [Link(one.name, page.url("version", one.id)) for one in found.items]
    if version.id not in ids:
        return Neighbours(links)
    at = ids.index(version.id)
    newer, is_newest = links[at - 1].url if at else "", at == 0
    if at + 1 == len(ids):
        return Neighbours(links, newer=newer, is_newest=is_newest)
    compare = page.url("compare_versions", parameters=[("id", ids[at + 1]), ("id", version.id)])
    return Neighbours(links, links[at + 1].url, newer, compare, is_newest)


async def _services(page: PageRequest, version: ModelVersion) -> Sequence[InferenceService]:
    """The services that name this version, and those that follow the newest one of its model."""
    condition = f"modelVersionId = {version.id} OR (registeredModelId = {version.registered_model_id} AND modelVersionId IS NULL)"
    return (await page.api.matching(InferenceService, condition, pageSize="20")).items
