"""Registered models: the list of all, and the page of one."""

import asyncio
from collections.abc import Sequence
from typing import Any

from model_registry_client.entities import InferenceService, ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.cells import Link, Named, Outside, labels_of, properties_of
from model_registry_ui.deployments.actions import with_deploy
from model_registry_ui.deployments.meant import meant_services
from model_registry_ui.facts import Fact, actions, facts, link_by_name, state_action, tabs
from model_registry_ui.lists.declaration import STATES, Column, Field, ListDeclaration, Related
from model_registry_ui.lists.exporting import export
from model_registry_ui.lists.loading import load
from model_registry_ui.lists.view import view
from model_registry_ui.markdown import cards
from model_registry_ui.page_request import Crumb, PageRequest

_MOST_VERSIONS = 1000
"""Versions that are read to find the latest ones of a page of models."""


async def latest_comes_later(page: PageRequest) -> bool:
    """Whether the page comes without the latest versions: they take a second list, so they are loaded afterwards."""
    return not (page.parameter("later") or page.request.url.path.endswith(".csv"))


async def latest_of(page: PageRequest, found: Sequence[Any]) -> Related:
    """Loads the latest version of each model of a page, in one call; nothing for a page that loads them later."""
    if await latest_comes_later(page):
        return {}
    query = f"registeredModelId IN ({', '.join(model.id for model in found)})"
    newest_first = {"orderBy": "CREATE_TIME", "sortOrder": "DESC", "pageSize": str(_MOST_VERSIONS)}
    versions = (await page.api.matching(ModelVersion, query, **newest_first)).items
    return {one.registered_model_id: Link(one.name, page.url("version", one.id)) for one in reversed(versions)}


MODELS = ListDeclaration(
    kind=RegisteredModel,
    one="model",
    many="models",
    row_page="model",
    columns=(
        Column("name", "Name", "text", lambda model, _: model.name, is_sortable=True),
        Column("state", "State", "state", lambda model, _: model.state),
        Column("latest", "Latest version", "link", lambda model, related: related.get(model.id), is_on_narrow=False),
        Column("labels", "Labels", "labels", lambda model, _: labels_of(model.custom_properties), is_on_narrow=False),
        Column("owner", "Owner", "text", lambda model, _: model.owner, is_sortable=True, is_on_narrow=False),
        Column("tasks", "Tasks", "words", lambda model, _: model.tasks, is_preset=False),
        Column("language", "Language", "words", lambda model, _: model.language, is_preset=False),
        Column("provider", "Provider", "text", lambda model, _: model.provider, is_sortable=True, is_preset=False),
        Column("license", "License", "text", lambda model, _: model.license, is_sortable=True, is_preset=False),
        Column("externalId", "External id", "text", lambda model, _: model.external_id, is_preset=False),
        Column("id", "Id", "text", lambda model, _: model.id, is_sortable=True, is_preset=False, is_number=True),
        Column("created", "Created", "time", lambda model, _: model.created, is_sortable=True, is_preset=False),
        Column("updated", "Updated", "time", lambda model, _: model.updated, is_sortable=True),
    ),
    choices=(STATES,),
    fields=(
        Field("owner", "Owner"),
        Field("label", "Label"),
        Field("stage", "Stage"),
        Field("task", "Task"),
        Field("since", "Updated since", kind="date"),
    ),
    empty="parts/no_models.html",
    bulk_page="models_bulk",
    csv_page="models_csv",
    related=latest_of,
    later=latest_comes_later,
)
FACTS = (
    Fact("State", "state", lambda model, _: model.state or "LIVE"),
    Fact("Owner", "text", lambda model, _: model.owner),
    Fact("Maturity", "text", lambda model, _: model.maturity),
    Fact("Tasks", "words", lambda model, _: model.tasks),
    Fact("Language", "words", lambda model, _: model.language),
    Fact("Provider", "text", lambda model, _: model.provider),
    Fact("License", "outside", lambda model, _: license_of(model)),
    Fact("Library", "text", lambda model, _: model.library_name),
    Fact("External id", "copy", lambda model, _: model.external_id),
    Fact("Id", "copy", lambda model, _: model.id),
    Fact("Created", "time", lambda model, _: model.created),
    Fact("Updated", "time", lambda model, _: model.updated),
)
TABS = (
    ("Overview", "model"),
    ("Versions", "model_versions"),
    ("Aliases", "model_aliases"),
    ("Deployments", "model_deployments"),
    ("Lineage", "model_lineage"),
    ("History", "model_history"),
)
ACTIONS = (
    ("Register version", "model_version_new"),
    ("Edit", "model_edit"),
    ("Properties", "model_properties"),
)
CHOOSING = "field-sought-model"
"""The field of the form that registers in which a model that exists is looked for."""
LIST_ACTIONS = (("Register model", "model_new"),)
_NEWEST = 5


def license_of(model: Any) -> Outside | None:
    """The licence of a model with the address of its text."""
    if not (model.license or model.license_link):
        return None
    return Outside(model.license or model.license_link, model.license_link or "")


def id_of(page: PageRequest) -> str:
    """The id in the address of a page, as a number in a query: 0, which nothing has, where it is no number."""
    return page.id if page.id.isascii() and page.id.isdigit() else "0"


async def show_all(page: PageRequest) -> Response:
    """The list of all models."""
    loaded = await load(page, MODELS)
    offered = await actions(page, LIST_ACTIONS)
    if offered:  # the same form: there a model that exists is chosen
        offered.append(("Register version", f"{page.url('model_new')}#{CHOOSING}"))
    context = {"list": view(page, MODELS, loaded), "actions": offered}
    return await page.render("models.html", "Models", context, section="models")


async def export_all(page: PageRequest) -> Response:
    """The list of all models as CSV."""
    return await export(page, MODELS, "models")


async def show(page: PageRequest) -> Response:
    """The page of one model, with its newest versions."""
    found, versions, services = await asyncio.gather(
        page.api.get(RegisteredModel, page.id),
        page.api.page(
            ModelVersion,
            f"{RegisteredModel.collection}/{page.id}/versions",
            orderBy="CREATE_TIME",
            sortOrder="DESC",
            pageSize=str(_NEWEST),
        ),
        page.api.matching(InferenceService, f"registeredModelId = {id_of(page)}", pageSize="20"),
    )
    model = found.entity
    context = {
        "model": model,
        "facts": [*facts(FACTS, model), *link_by_name(page, "named_models", name=model.name)],
        "labels": labels_of(model.custom_properties),
        "properties": properties_of(page, model.custom_properties),
        "tool_properties": properties_of(page, model.custom_properties, of_tools=True),
        "versions": [
            Named(version.name, page.url("version", version.id), version.description or "")
            for version in versions.items
        ],
        "entities": versions.items,
        "has_more": bool(versions.next_token),
        "card": await cards().html(model.readme) if model.readme else None,
        "deployments": await meant_services(page, services.items, next(iter(versions.items), None)),
        "tabs": tabs(page, TABS, model.id, "model"),
        "actions": with_deploy(
            page, await actions(page, (*ACTIONS, *state_action("model", model)), model.id, model.id), model.id
        ),
    }
    return await page.render("model.html", model.name, context, crumbs=crumbs(page), section="models")


def crumbs(page: PageRequest, model: Any = None) -> list[Crumb]:
    """The way to a model, or to what is below it."""
    way = [Crumb("Models", page.url("models"))]
    return [*way, Crumb(model.name, page.url("model", model.id))] if model else way
