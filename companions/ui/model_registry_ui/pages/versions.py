"""Versions: the list of all, and of one model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from model_registry_client.entities import ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.cells import Link, labels_of
from model_registry_ui.facts import actions, tabs
from model_registry_ui.lists import charting
from model_registry_ui.lists.declaration import STATES, Column, Field, ListDeclaration, Related
from model_registry_ui.lists.exporting import export
from model_registry_ui.lists.loading import load
from model_registry_ui.lists.view import view
from model_registry_ui.page_request import PageRequest
from model_registry_ui.pages import models
from model_registry_ui.pages.places import DEPLOYED_IN, come_later, places_of


async def models_of(page: PageRequest, versions: Sequence[Any]) -> Related:
    """Loads the models of versions, or of what else has a model, by their ids, as links."""
    found = await page.api.named(RegisteredModel, (version.registered_model_id for version in versions))
    return {id_: Link(model.name, page.url("model", id_)) for id_, model in found.items()}


MODEL = Column("model", "Model", "link", lambda version, related: related.get(version.registered_model_id))
OF_ALL = ListDeclaration(
    kind=ModelVersion,
    one="version",
    many="versions",
    row_page="version",
    columns=(
        Column("name", "Name", "text", lambda version, _: version.name, is_sortable=True),
        MODEL,
        Column("state", "State", "state", lambda version, _: version.state, is_on_narrow=False),
        Column("author", "Author", "text", lambda version, _: version.author, is_sortable=True, is_on_narrow=False),
        Column("labels", "Labels", "labels", lambda one, _: labels_of(one.custom_properties), is_on_narrow=False),
        Column("externalId", "External id", "text", lambda version, _: version.external_id, is_preset=False),
        Column("id", "Id", "text", lambda version, _: version.id, is_sortable=True, is_preset=False),
        Column("created", "Created", "time", lambda version, _: version.created, is_sortable=True, is_on_narrow=False),
        Column("updated", "Updated", "time", lambda version, _: version.updated, is_sortable=True),
    ),
    choices=(STATES,),
    fields=(
        Field("author", "Author"),
        Field("label", "Label"),
        Field("stage", "Stage"),
        Field("model", "Model", "name or id"),
        Field("since", "Updated since", kind="date"),
    ),
    related=models_of,
    csv_page="versions_csv",
    compare_page="compare_versions",
    bulk_page="versions_bulk",
    about="A version is one training of a model. It has files, properties and a state of its own.",
)
OF_MODEL = replace(
    OF_ALL,
    columns=(*OF_ALL.columns[:1], *OF_ALL.columns[2:5], DEPLOYED_IN, *OF_ALL.columns[5:]),
    fields=tuple(field for field in OF_ALL.fields if field.name != "model"),
    has_numbers=True,
    kept=charting.PARAMETERS,
    related=places_of,
    later=come_later,
    csv_page="model_versions_csv",
    name="versions of a model",
)
ACTIONS = (("Register version", "model_version_new"),)


async def show_all(page: PageRequest) -> Response:
    """The list of the versions of all models."""
    context = {"list": view(page, OF_ALL, await load(page, OF_ALL)), "actions": []}
    return await page.render("versions.html", "Versions", context, crumbs=models.crumbs(page), section="models")


async def export_all(page: PageRequest) -> Response:
    """The list of the versions of all models as CSV."""
    return await export(page, OF_ALL, "versions")


async def export_of_model(page: PageRequest) -> Response:
    """The list of the versions of a model as CSV."""
    model = (await page.api.get(RegisteredModel, page.id)).entity
    return await export(page, OF_MODEL, f"{model.name}-versions", f"{RegisteredModel.collection}/{page.id}/versions")


async def show_of_model(page: PageRequest) -> Response:
    """The list of the versions of a model."""
    found = await page.api.get(RegisteredModel, page.id)
    path = f"{RegisteredModel.collection}/{page.id}/versions"
    loaded = await load(page, OF_MODEL, path)
    context = {
        "chart": await charting.property_chart(page, path, loaded),
        "model": found.entity,
        "list": view(page, OF_MODEL, loaded),
        "tabs": tabs(page, models.TABS, page.id, "model_versions"),
        "actions": await actions(page, ACTIONS, page.id, page.id),
    }
    way = models.crumbs(page, found.entity)
    return await page.render("model_versions.html", "Versions", context, crumbs=way, section="models")
