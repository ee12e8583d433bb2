"""What artifacts belong to: the run that each names, and the versions that have it, which take a call for each artifact."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from model_registry_client.entities import Artifact, ExperimentRun, ModelVersion, RegisteredModel

from model_registry_ui.api import Api, ApiError
from model_registry_ui.cells import Link
from model_registry_ui.lists.declaration import Related
from model_registry_ui.page_request import PageRequest

MOST_ASKED = 50
"""How many artifacts of a page are asked for their versions."""


async def come_later(page: PageRequest) -> bool:
    """Whether the page comes without the versions of its artifacts, which are loaded afterwards."""
    return not page.parameter("later") and await page.api.has_extensions()


async def parents_of(page: PageRequest, artifacts: Sequence[Any]) -> Related:
    """Loads what the artifacts of a page belong to: a link by the id of each. One of a run needs no call of its own."""
    run_ids = {one.experiment_run_id for one in artifacts if one.experiment_run_id}
    others = [] if await come_later(page) else [one.id for one in artifacts if not one.experiment_run_id]
    runs, versions = await asyncio.gather(
        page.api.named(ExperimentRun, run_ids), _versions_of_each(page.api, others[:MOST_ASKED])
    )
    models = await page.api.named(RegisteredModel, _model_ids(versions.values()))
    links = {id_: _to_versions(page, found, models) for id_, found in versions.items() if found}
    return links | {one.id: _to_run(page, one, runs) for one in artifacts if one.experiment_run_id}


async def versions_of(api: Api, id_: str) -> list[ModelVersion]:
    """Returns the versions that have an artifact; none where the server has no extension that says so."""
    answer = await api.extension(f"{Artifact.collection}/{id_}/versions") if id_.isdigit() else None
    return [ModelVersion.from_wire(one) for one in answer["items"]] if answer else []


async def _versions_of_each(api: Api, ids: Sequence[str]) -> Mapping[str, Sequence[ModelVersion]]:
    return dict(zip(ids, await asyncio.gather(*(_if_there(api, id_) for id_ in ids)), strict=True))


async def _if_there(api: Api, id_: str) -> Sequence[ModelVersion]:
    """The versions of an artifact; none if it is hidden, since the list was read before."""
    try:
        return await versions_of(api, id_)
    except ApiError as error:
        if error.is_missing:
            return ()
        raise


def _model_ids(of_artifacts: Iterable[Sequence[ModelVersion]]) -> set[str]:
    return {version.registered_model_id for versions in of_artifacts for version in versions[:1]}


def _to_versions(page: PageRequest, versions: Sequence[ModelVersion], models: Mapping[str, RegisteredModel]) -> Link:
    """A link to the first version, which names its model and how many others there are."""
    first, more = versions[0], len(versions) - 1
    model = models.get(first.registered_model_id)
    notes = [f"of {model.name}" if model else "", f"and {more} more" if more else ""]
    return Link(first.name, page.url("version", first.id), ", ".join(filter(None, notes)))


def _to_run(page: PageRequest, artifact: Any, runs: Mapping[str, ExperimentRun]) -> Link:
    id_ = artifact.experiment_run_id
    return Link(runs[id_].name if id_ in runs else id_, page.url("run", id_), "run")
