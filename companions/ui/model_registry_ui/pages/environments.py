"""Serving environments: the list of all, and the page of one with its services."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model_registry_client.entities import InferenceService, ServingEnvironment
from starlette.responses import Response

from model_registry_ui.cells import labels_of, properties_of
from model_registry_ui.facts import Fact, actions, facts
from model_registry_ui.lists.declaration import Column, Field, ListDeclaration
from model_registry_ui.lists.exporting import export
from model_registry_ui.lists.loading import load
from model_registry_ui.lists.view import view
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages.deployments import DEPLOYMENTS, ENVIRONMENT
from model_registry_ui.query import Preset

ENVIRONMENTS = ListDeclaration(
    kind=ServingEnvironment,
    one="environment",
    many="environments",
    row_page="environment",
    columns=(
        Column("name", "Name", "text", lambda one, _: one.name, is_sortable=True),
        Column("labels", "Labels", "labels", lambda one, _: labels_of(one.custom_properties), is_on_narrow=False),
        Column("externalId", "External id", "text", lambda one, _: one.external_id, is_preset=False),
        Column("id", "Id", "text", lambda one, _: one.id, is_sortable=True, is_preset=False),
        Column("created", "Created", "time", lambda one, _: one.created, is_sortable=True, is_on_narrow=False),
        Column("updated", "Updated", "time", lambda one, _: one.updated, is_sortable=True),
    ),
    fields=(Field("label", "Label"), Field("since", "Updated since", kind="date")),
    preset=Preset(state=""),
    csv_page="environments_csv",
)
IN_ENVIRONMENT = replace(
    DEPLOYMENTS,
    name="deployments in an environment",
    csv_page="environment_csv",
    columns=tuple(column for column in DEPLOYMENTS.columns if column is not ENVIRONMENT),
    fields=tuple(field for field in DEPLOYMENTS.fields if field.name != "environment"),
)
FACTS = (
    Fact("External id", "copy", lambda one, _: one.external_id),
    Fact("Id", "copy", lambda one, _: one.id),
    Fact("Created", "time", lambda one, _: one.created),
    Fact("Updated", "time", lambda one, _: one.updated),
)
LIST_ACTIONS = (("New environment", "environment_new"),)
ACTIONS = (("New deployment", "deployment_new"), ("Edit", "environment_edit"))


def crumbs(page: PageRequest) -> list[Crumb]:
    """The way to an environment."""
    return [Crumb("Deployments", page.url("deployments")), Crumb("Environments", page.url("environments"))]


def _services(page: PageRequest) -> str:
    """The path of the services of the environment of a page."""
    return f"{ServingEnvironment.collection}/{page.id}/{InferenceService.parents[0].below}"


async def show_all(page: PageRequest) -> Response:
    """The list of all environments."""
    context = {
        "list": view(page, ENVIRONMENTS, await load(page, ENVIRONMENTS)),
        "actions": await actions(page, LIST_ACTIONS),
    }
    way = crumbs(page)[:1]
    return await page.render("environments.html", "Environments", context, crumbs=way, section="deployments")


async def export_all(page: PageRequest) -> Response:
    """The list of all environments as CSV."""
    return await export(page, ENVIRONMENTS, "environments")


async def export_services(page: PageRequest) -> Response:
    """The services of an environment as CSV."""
    found = await page.api.get(ServingEnvironment, page.id)
    return await export(page, IN_ENVIRONMENT, f"{found.entity.name}-deployments", _services(page))


async def show(page: PageRequest) -> Response:
    """The page of one environment: its facts and its services."""
    environment = (await page.api.get(ServingEnvironment, page.id)).entity
    context: Mapping[str, Any] = {
        "environment": environment,
        "list": view(page, IN_ENVIRONMENT, await load(page, IN_ENVIRONMENT, _services(page))),
        "facts": list(facts(FACTS, environment)),
        "labels": labels_of(environment.custom_properties),
        "properties": properties_of(page, environment.custom_properties),
        "tool_properties": properties_of(page, environment.custom_properties, of_tools=True),
        "actions": [
            (words, page.url("deployment_new", "", {"environment": page.id}) if "new" in url else url)
            for words, url in await actions(page, ACTIONS, page.id)
        ],
    }
    return await page.render("environment.html", environment.name, context, crumbs=crumbs(page), section="deployments")
