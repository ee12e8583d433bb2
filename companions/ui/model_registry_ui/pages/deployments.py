"""Deployments: the lists of all, of a model, of a version and of an environment, with what was seen of each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from model_registry_client.entities import InferenceService, RegisteredModel
from starlette.responses import Response

from model_registry_ui.api import ApiError
from model_registry_ui.deployments.actions import deploy
from model_registry_ui.deployments.loading import Deployment, deployments, newest_versions
from model_registry_ui.deployments.seen import SeenCell, link, meant_version, seen_cell
from model_registry_ui.facts import actions, tabs
from model_registry_ui.lists.declaration import LABEL_OPERATIONS, Choice, Column, Field, ListDeclaration, Related
from model_registry_ui.lists.exporting import export
from model_registry_ui.lists.loading import load
from model_registry_ui.lists.view import view
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import models
from model_registry_ui.pages import version as version_page
from model_registry_ui.query import Preset

DRIFT, AS_MEANT, NEVER = "drift", "as-meant", "never"
SEEN = Choice("seen", "Seen", ((DRIFT, "With drift"), (AS_MEANT, "As meant"), (NEVER, "Never seen")))
MEANT = Choice("meant", "Meant", (("DEPLOYED", "Deployed"), ("UNDEPLOYED", "Undeployed"), ("all", "All")))


async def is_later(page: PageRequest) -> bool:
    """Whether the page comes without what was seen: where each service takes a call, it is loaded afterwards. A file has all."""
    is_wanted = page.parameter("later") or page.parameter(SEEN.name) or page.request.url.path.endswith(".csv")
    return not is_wanted and not await page.api.has_extensions()


async def related_to(page: PageRequest, services: Sequence[Any]) -> Related:
    """Loads what stands behind services: the cells of each one by its id."""
    found = await deployments(page.api, services, with_serves=not await is_later(page))
    return {id_: _cells(page, one) for id_, one in found.items()}


def _cells(page: PageRequest, one: Deployment) -> Mapping[str, Any]:
    service = one.service
    return {
        "environment": link(page, "environment", one.environment, service.serving_environment_id),
        "model": link(page, "model", one.model, service.registered_model_id),
        "version": meant_version(page, one),
        "seen": seen_cell(page, one),
    }


def _is_shown(service: Any, related: Related, own: Mapping[str, str]) -> bool:
    return own.get(SEEN.name, "") in {"", _kind(related[service.id]["seen"])}


def _kind(seen: SeenCell) -> str:
    if not seen.state:
        return NEVER if seen.is_asked else ""
    return DRIFT if seen.reasons else AS_MEANT


ENVIRONMENT = Column(
    "environment", "Environment", "link", lambda one, related: related[one.id]["environment"], is_on_narrow=False
)
MODEL = Column("model", "Model", "link", lambda one, related: related[one.id]["model"], is_on_narrow=False)
DEPLOYMENTS = ListDeclaration(
    kind=InferenceService,
    one="deployment",
    many="deployments",
    row_page="deployment",
    columns=(
        Column("name", "Service", "text", lambda service, _: service.name, is_sortable=True),
        ENVIRONMENT,
        MODEL,
        Column("version", "Version", "link", lambda one, related: related[one.id]["version"]),
        Column("runtime", "Runtime", "text", lambda one, _: one.runtime, is_sortable=True, is_on_narrow=False),
        Column(
            "meant",
            "Meant",
            "state",
            lambda one, _: one.desired_state or "DEPLOYED",
            is_sortable=True,
            is_on_narrow=False,
        ),
        Column("seen", "Seen", "seen", lambda one, related: related[one.id]["seen"]),
        Column("externalId", "External id", "text", lambda one, _: one.external_id, is_preset=False),
        Column("id", "Id", "text", lambda one, _: one.id, is_sortable=True, is_preset=False),
        Column("created", "Created", "time", lambda one, _: one.created, is_sortable=True, is_preset=False),
        Column("updated", "Updated", "time", lambda one, _: one.updated, is_sortable=True, is_on_narrow=False),
    ),
    choices=(MEANT,),
    fields=(
        Field("environment", "Environment", "name or id"),
        Field("model", "Model", "name or id"),
        Field("version", "Id of the version"),
        Field("since", "Updated since", kind="date"),
    ),
    on_page=(SEEN,),
    keeps=_is_shown,
    preset=Preset(state=""),
    related=related_to,
    later=is_later,
    empty="parts/no_deployments.html",
    csv_page="deployments_csv",
    bulk_page="deployments_bulk",
    operations=(("deploy", "Deploy"), ("undeploy", "Undeploy"), *LABEL_OPERATIONS),
)
OF_MODEL = replace(
    DEPLOYMENTS,
    name="deployments of a model",
    csv_page="model_deployments_csv",
    columns=tuple(column for column in DEPLOYMENTS.columns if column is not MODEL),
    fields=tuple(field for field in DEPLOYMENTS.fields if field.name != "model"),
)
OF_VERSION = replace(OF_MODEL, csv_page="")
_BAD_REQUEST = 400
LIST_ACTIONS = (("New deployment", "deployment_new"),)


def for_version(version: Any, *, is_newest: bool) -> str:
    """Returns the query of the services that are meant to run a version: those that name it, and those that follow the newest."""
    names = f"modelVersionId = {version.id}"
    follows = f"registeredModelId = {version.registered_model_id} AND modelVersionId IS NULL"
    return f"{names} OR ({follows})" if is_newest else names


async def show_all(page: PageRequest) -> Response:
    """The list of all deployments."""
    shown = view(page, DEPLOYMENTS, await load(page, DEPLOYMENTS))
    context = {"list": shown, "actions": await actions(page, LIST_ACTIONS)}
    return await page.render("deployments.html", "Deployments", context, section="deployments")


async def export_all(page: PageRequest) -> Response:
    """The list of all deployments as CSV."""
    return await export(page, DEPLOYMENTS, "deployments")


async def export_of_model(page: PageRequest) -> Response:
    """The deployments of a model as CSV."""
    found = await page.api.get(RegisteredModel, page.id)
    return await export(page, OF_MODEL, f"{found.entity.name}-deployments", within=f"registeredModelId = {page.id}")


async def show_of_model(page: PageRequest) -> Response:
    """The deployments of a model."""
    found = await page.api.get(RegisteredModel, page.id)
    loaded = await load(page, OF_MODEL, within=f"registeredModelId = {page.id}")
    context = {
        "note": "",
        "entity": found.entity,
        "what": "model",
        "heading": found.entity.name,
        "list": view(page, OF_MODEL, loaded),
        "tabs": tabs(page, models.TABS, page.id, "model_deployments"),
        "actions": await new_actions(page, page.id),
    }
    way = models.crumbs(page, found.entity)
    title = f"Deployments of {found.entity.name}"
    return await page.render(
        "entity_deployments.html", title, context, crumbs=way, here="Deployments", section="models"
    )


async def show_of_version(page: PageRequest) -> Response:
    """The deployments of a version."""
    of = await version_page.opened(page)
    note = ""
    newest = await newest_versions(page.api, [of.model.id])
    is_newest = of.version.id in {one.id for one in newest.values()}
    try:
        loaded = await load(page, OF_VERSION, within=for_version(of.version, is_newest=is_newest))
    except ApiError as error:
        if error.status != _BAD_REQUEST or not is_newest:
            raise
        note = "This registry cannot look for services that follow the newest version, so they are missing here."
        loaded = await load(page, OF_VERSION, within=f"modelVersionId = {of.version.id}")
    context = {
        "note": note,
        "entity": of.version,
        "what": "version",
        "heading": f"{of.version.name} of {of.model.name}",
        "list": view(page, OF_VERSION, loaded),
        "tabs": tabs(page, version_page.TABS, page.id, "version_deployments"),
        "actions": await new_actions(page, of.model.id, of.version.id),
    }
    title = f"Deployments of {of.version.name} of {of.model.name}"
    way = of.crumbs(page, is_below=True)
    return await page.render(
        "entity_deployments.html", title, context, crumbs=way, here="Deployments", section="models"
    )


async def new_actions(page: PageRequest, model_id: str, version_id: str = "") -> list[tuple[str, str]]:
    """Returns the action that deploys a model, or one version of it, where the user may do that."""
    return [deploy(page, model_id, version_id)] if await page.may_change(model_id) else []
