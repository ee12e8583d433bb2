"""Verbs on versions of models."""

import asyncio
import re

from converters import names
from converters.entities import ModelArtifact, ModelVersion
from converters.kinds import JsonObject
from converters.nodes import MAX_URI_BYTES
from model_registry_proxy.errors import BadRequest, RegistryError
from model_registry_proxy.mlflow.aliases import remove_aliases_of
from model_registry_proxy.mlflow.answers import shown_version
from model_registry_proxy.mlflow.asked import Asked
from model_registry_proxy.mlflow.changes import change
from model_registry_proxy.mlflow.deleting import delete_rows, every_version
from model_registry_proxy.mlflow.lookups import model_named, version_numbered
from model_registry_proxy.mlflow.next_numbers import with_next_number
from model_registry_proxy.mlflow.owners import owner
from model_registry_proxy.mlflow.properties import Fact, from_tags, text_property
from model_registry_proxy.mlflow.showing import version_of
from model_registry_proxy.mlflow.sources import sources_of
from model_registry_proxy.mlflow.stages import ACTIVE_STAGES, ARCHIVED, NO_STAGE, stage_named, stage_of
from model_registry_proxy.mlflow.version_numbers import MODEL_ID
from model_registry_proxy.registry.changed import note_changed
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.create import create, new_node
from model_registry_proxy.verbs.get import get
from model_registry_proxy.verbs.update import update

_OF_VERSION = re.compile("models:/([^/@]+)/([0-9]+)")
_FACTS = {"run_id": Fact.RUN, "run_link": Fact.RUN_LINK, "model_id": Fact.LOGGED_MODEL}
_FORMAT = "mlflow"
_LONGEST_ARTIFACT_NAME = names.MAX_BYTES - len("9223372036854775807:")


async def create_version(request: Request, asked: Asked) -> JsonObject:
    """Creates the next version of a model, and the artifact with the address of its files. Raises `NotFound`, `BadRequest`."""
    model, source = await model_named(request, asked["name"]), asked["source"]
    names.check_length("source", source, limit=MAX_URI_BYTES)
    uri = await _files_of(request, source)
    facts: dict[str, str] = {fact: asked[key] for key, fact in _FACTS.items() if asked.get(key)}
    if uri != source:
        facts[Fact.SOURCE] = source
    body = {
        MODEL_ID: model["id"],
        "state": "LIVE",
        "description": asked.get("description", ""),
        "customProperties": {
            **from_tags(asked.get("tags", ())),
            **{fact: text_property(text) for fact, text in facts.items()},
        },
        **owner(request, "author"),
    }
    row = await with_next_number(
        request, int(model["id"]), lambda number: create(request, ModelVersion, {"name": str(number), **body})
    )
    note_changed(ModelVersion, row["id"], row["name"], sorted({"name", *body} - {MODEL_ID}))
    await _put_files(request, model, row, uri, facts.get(Fact.RUN, ""))
    return {"model_version": shown_version(row, model["name"], {row["id"]: uri})}


async def get_version(request: Request, asked: Asked) -> JsonObject:
    """Returns a version. Raises `NotFound`."""
    return await version_of(request, *await version_numbered(request, asked["name"], asked["version"]))


async def update_version(request: Request, asked: Asked) -> JsonObject:
    """Changes the description of a version. Raises `NotFound`, `Forbidden`."""
    model, version = await version_numbered(request, asked["name"], asked["version"])
    changed = {"description": asked.get("description", "")}
    row = await update(request, ModelVersion, int(version["id"]), changed)
    note_changed(ModelVersion, row["id"], row["name"], list(changed))
    return await version_of(request, model, row)


async def delete_version(request: Request, asked: Asked) -> JsonObject:
    """Deletes a version. Raises `NotFound`, `Forbidden`."""
    model, version = await version_numbered(request, asked["name"], asked["version"])
    await request.access.check_change(ModelVersion, int(version["id"]))
    await remove_aliases_of(request, model, {int(version["id"])}, "The version was deleted.")
    await delete_rows(request, ModelVersion, [version])
    return {}


async def move_to_stage(request: Request, asked: Asked) -> JsonObject:
    """Moves a version to a stage, and the others of that stage to Archived if that is wanted. Raises `NotFound`, `BadRequest`."""
    model, version = await version_numbered(request, asked["name"], asked["version"])
    stage = stage_named(asked["stage"])
    others: list[JsonObject] = []
    if asked.get("archive_existing_versions"):
        if stage not in ACTIVE_STAGES:
            raise BadRequest(
                f"Model version transition cannot archive existing model versions because '{stage}' is not an Active stage. "
                f"Valid stages are {', '.join(ACTIVE_STAGES)}"
            )
        rows = await every_version(request, model)
        others = [row for row in rows if stage_of(row) == stage and row["id"] != version["id"]]
    await asyncio.gather(
        _put_stage(request, version, stage), *(_put_stage(request, other, ARCHIVED) for other in others)
    )
    return await version_of(request, model, await get(request, ModelVersion, int(version["id"])))


async def download_uri(request: Request, asked: Asked) -> JsonObject:
    """Returns the address of the files of a version. Raises `NotFound`."""
    _, version = await version_numbered(request, asked["name"], asked["version"])
    sources = await sources_of(request, [version])
    return {"artifact_uri": sources.get(version["id"], "")}


async def _put_stage(request: Request, version: JsonObject, stage: str) -> None:
    is_archived = stage == ARCHIVED
    state = {"state": "ARCHIVED" if is_archived else "LIVE"}
    await change(request, ModelVersion, version, state, {Fact.STAGE: NO_STAGE if is_archived else stage})


async def _files_of(request: Request, source: str) -> str:
    """Returns where the files of a source are: a source that names another version has the files of that one."""
    found = _OF_VERSION.fullmatch(source)
    if not found:
        return source
    try:
        _, version = await version_numbered(request, *found.groups())
    except RegistryError as error:
        raise BadRequest(
            f"Unable to fetch model from model URI source artifact location '{source}'. Error: {error.message}"
        ) from None
    return (await sources_of(request, [version])).get(version["id"], source)


async def _put_files(request: Request, model: JsonObject, version: JsonObject, uri: str, run: str) -> None:
    """Creates the model artifact of a new version, as Kubeflow's client does it: it has the name of the model."""
    name = model["name"] if len(model["name"].encode()) <= _LONGEST_ARTIFACT_NAME else _FORMAT
    body = {"name": name, "uri": uri, "modelFormatName": _FORMAT, "state": "LIVE"}
    if run:
        body |= {"modelSourceKind": _FORMAT, "modelSourceId": run}
    parent = await request.context(ModelVersion, int(version["id"]))
    await request.store.put_below(parent, [new_node(request, ModelArtifact, body, parent)])
