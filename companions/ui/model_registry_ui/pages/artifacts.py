"""Artifacts: the list of all and of one version, and the page of one."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from model_registry_client.entities import Artifact, ExperimentRun, ModelVersion, RegisteredModel
from starlette.responses import Response

from model_registry_ui.artifact_kinds import NAMES, kind_of
from model_registry_ui.catalog.origins import origin_of
from model_registry_ui.cells import Link, Outside, labels_of, properties_of
from model_registry_ui.facts import Shown, actions, tabs
from model_registry_ui.lists.declaration import Choice, Column, Field, ListDeclaration
from model_registry_ui.lists.loading import load
from model_registry_ui.lists.view import view
from model_registry_ui.page_request import Crumb, PageRequest
from model_registry_ui.pages import models
from model_registry_ui.pages import version as version_page
from model_registry_ui.pages.artifact_parents import come_later, parents_of, versions_of
from model_registry_ui.query import Preset
from model_registry_ui.uri_schemes import unusual_scheme

KINDS = Choice("artifactType", "Kind", tuple(NAMES.items()))
BELONGS_TO = Column("parent", "Belongs to", "link", lambda artifact, related: related.get(artifact.id))
ARTIFACTS = ListDeclaration(
    kind=Artifact,
    one="artifact",
    many="artifacts",
    row_page="artifact",
    columns=(
        Column("name", "Name", "text", lambda artifact, _: artifact.name, is_sortable=True),
        Column("kind", "Kind", "text", lambda artifact, _: kind_of(artifact)),
        Column("place", "URI or value", "place", lambda artifact, _: place_of(artifact)),
        BELONGS_TO,
        Column("state", "State", "state", lambda artifact, _: artifact.state, is_on_narrow=False),
        Column("externalId", "External id", "text", lambda artifact, _: artifact.external_id, is_preset=False),
        Column("id", "Id", "text", lambda artifact, _: artifact.id, is_sortable=True, is_preset=False),
        Column("created", "Created", "time", lambda artifact, _: artifact.created, is_sortable=True, is_preset=False),
        Column(
            "updated", "Updated", "time", lambda artifact, _: artifact.updated, is_sortable=True, is_on_narrow=False
        ),
    ),
    parameters=(KINDS,),
    fields=(Field("since", "Updated since", kind="date"),),
    preset=Preset(state=""),
    related=parents_of,
    later=come_later,
    about="An artifact is what a version or a run has: files of a model, a data set, a document, a metric or a parameter.",
)
OF_VERSION = replace(
    ARTIFACTS,
    columns=tuple(column for column in ARTIFACTS.columns if column is not BELONGS_TO),
    related=None,
    later=None,
    name="artifacts of a version",
)
_HIDDEN = ("custom_properties", "name", "description", "experiment_id", "experiment_run_id")
_CELLS: Mapping[str, str] = {
    "state": "state",
    "uri": "place",
    "source": "place",
    "value": "property",
    "step": "property",
    "timestamp": "time",
    "create_time_since_epoch": "time",
    "last_update_time_since_epoch": "time",
    "id": "copy",
    "external_id": "copy",
    "digest": "copy",
    "schema": "document",
    "profile": "document",
}
"""The cells of fields that are more than a text."""
_TITLES: Mapping[str, str] = {
    "create_time_since_epoch": "Created",
    "last_update_time_since_epoch": "Updated",
    "uri": "URI",
    "timestamp": "Measured",
    "model_format_name": "Format",
    "model_format_version": "Version of the format",
}


def place_of(artifact: Any) -> Any:
    """The address of an artifact, or its value."""
    uri = getattr(artifact, "uri", None)
    return Outside(uri) if uri else getattr(artifact, "value", None)


async def show_all(page: PageRequest) -> Response:
    """The list of all artifacts."""
    context = {"list": view(page, ARTIFACTS, await load(page, ARTIFACTS)), "actions": []}
    way = [Crumb("Models", page.url("models"))]
    return await page.render("artifacts.html", "Artifacts", context, crumbs=way, section="models")


async def show_of_version(page: PageRequest) -> Response:
    """The artifacts of a version."""
    of = await version_page.opened(page)
    loaded = await load(page, OF_VERSION, f"{ModelVersion.collection}/{page.id}/artifacts")
    context = {
        "version": of.version,
        "model": of.model,
        "list": view(page, OF_VERSION, loaded),
        "tabs": tabs(page, version_page.TABS, page.id, "version_artifacts"),
        "actions": await actions(page, (("Add artifact", "version_artifact_new"),), page.id, of.model.id),
    }
    title = f"Artifacts of {of.version.name} of {of.model.name}"
    way = of.crumbs(page, is_below=True)
    return await page.render("version_artifacts.html", title, context, crumbs=way, here="Artifacts", section="models")


async def show(page: PageRequest) -> Response:
    """The page of one artifact: every field of its kind."""
    found, versions = await asyncio.gather(page.api.get(Artifact, page.id), versions_of(page.api, page.id))
    artifact = found.entity
    wanted = [artifact.experiment_run_id] if artifact.experiment_run_id else []
    of_models, runs = await asyncio.gather(
        page.api.named(RegisteredModel, {one.registered_model_id for one in versions}),
        page.api.named(ExperimentRun, wanted),
    )
    context = {
        "versions": [
            Link(one.name, page.url("version", one.id), f"of {model.name}" if model else "")
            for one in versions
            for model in [of_models.get(one.registered_model_id)]
        ],
        "artifact": artifact,
        "kind": kind_of(artifact),
        "unusual_scheme": unusual_scheme(getattr(artifact, "uri", None)),
        "facts": list(_facts(page, artifact, runs)),
        "documents": [(fact.title, fact.value) for fact in _facts(page, artifact, runs) if fact.cell == "document"],
        "labels": labels_of(artifact.custom_properties),
        "properties": properties_of(page, artifact.custom_properties),
        "tool_properties": properties_of(page, artifact.custom_properties, of_tools=True),
        "actions": await actions(page, (("Edit", "artifact_edit"),), artifact.id),
    }
    run = runs.get(artifact.experiment_run_id or "")
    way, section = _way(page, versions, of_models, run)
    return await page.render("artifact.html", artifact.name or artifact.id, context, crumbs=way, section=section)


def _way(
    page: PageRequest, versions: Sequence[ModelVersion], of_models: Mapping[str, RegisteredModel], run: Any
) -> tuple[list[Crumb], str]:
    """The way to an artifact, and the entry of the navigation: over its only version, else its run, else all artifacts."""
    if len(versions) == 1 and (model := of_models.get(versions[0].registered_model_id)):
        version = versions[0]
        below = [Crumb(version.name, page.url("version", version.id))]
        return [
            *models.crumbs(page, model),
            *below,
            Crumb("Artifacts", page.url("version_artifacts", version.id)),
        ], "models"
    if run and not versions:
        return [Crumb("Experiments", page.url("experiments")), Crumb(run.name, page.url("run", run.id))], "experiments"
    return [Crumb("Models", page.url("models")), Crumb("Artifacts", page.url("artifacts"))], "models"


def _facts(page: PageRequest, artifact: Any, runs: Mapping[str, Any]) -> Iterator[Shown]:
    """The fields of the kind that have a value, and the run that the artifact is from."""
    for name in type(artifact).model_fields:
        value = getattr(artifact, name)
        if name in _HIDDEN or value in (None, ""):
            continue
        cell = _CELLS.get(name, "text")
        title = _TITLES.get(name, name.replace("_", " ").capitalize())
        yield Shown(title, cell, _pretty(value) if cell == "document" else value)
    if origin := origin_of(page, artifact):
        yield Shown("Catalog", "link", origin)
    if id_ := artifact.experiment_run_id:
        yield Shown("Run", "link", Link(runs[id_].name if id_ in runs else f"Run {id_}", page.url("run", id_)))


def _pretty(text: str) -> str:
    """JSON with line breaks; any other text as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
