"""What lineages ask the API. Each question is one call, however many entities it is about."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from model_registry_client.entities import (
    Artifact,
    DataSet,
    DocArtifact,
    ExperimentRun,
    InferenceService,
    ModelArtifact,
    ModelVersion,
)

from model_registry_ui.api import Api, ApiError

RUN_OF_VERSION = "experiment_run_id"
"""The custom property of a version that names its run."""
MOST_ARTIFACTS, MOST_RUNS, MOST_SERVICES, MOST_VERSIONS = 1000, 50, 50, 50
SHOWN = (ModelArtifact, DataSet, DocArtifact)
"""The kinds of artifacts that have a node. Metrics and parameters have none."""
_REFUSED = (400, 404)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shared:
    """An entity and the ids of the artifacts that it shares with another one."""

    entity: ModelVersion | ExperimentRun
    artifact_ids: Sequence[str]


async def or_nothing(question: Awaitable[T], nothing: T, refused: list[str]) -> T:
    """Returns the answer; `nothing` where the server does not know such a question, with its words added to `refused`."""
    try:
        return await question
    except ApiError as error:
        if error.status not in _REFUSED:
            raise
        refused.append(error.message)
        return nothing


async def artifacts_of(api: Api, path: str) -> Sequence[Artifact]:
    """Returns the artifacts below a path that have a node: at most the newest 1,000 are looked at."""
    found = await api.page(Artifact, path, pageSize=str(MOST_ARTIFACTS))
    return [one for one in found.items if isinstance(one, SHOWN)]


async def runs_sharing(api: Api, version_id: str, artifact_ids: Sequence[str]) -> Sequence[Shared]:
    """Returns the runs that share artifacts with a version. Without the extension these runs have only their ids.

    A server without experiments has none.
    """
    answer = await api.extension(f"{ModelVersion.collection}/{version_id}/experiment_runs")
    if answer is not None:
        return [Shared(ExperimentRun.from_wire(one["experimentRun"]), one["artifactIds"]) for one in answer["items"]]
    if not artifact_ids or not await api.has_experiments():
        return ()
    query = f"id IN ({', '.join(artifact_ids)}) AND experimentRunId > 0"
    found = await api.page(Artifact, filterQuery=query, pageSize=str(MOST_ARTIFACTS))
    return [Shared(ExperimentRun(id=one.experiment_run_id), [one.id]) for one in found.items if one.experiment_run_id]


async def runs_named(api: Api, ids: Iterable[str]) -> dict[str, ExperimentRun]:
    """Returns runs by their ids; none where the server has no experiments."""
    return await api.named(ExperimentRun, ids) if await api.has_experiments() else {}


async def versions_sharing(api: Api, run_id: str) -> Sequence[Shared]:
    """Returns the versions that share artifacts with a run; none without the extension."""
    answer = await api.extension(f"{ExperimentRun.collection}/{run_id}/versions")
    items = answer["items"] if answer else ()
    return [Shared(ModelVersion.from_wire(one["modelVersion"]), one["artifactIds"]) for one in items]


async def versions_naming(api: Api, run_id: str) -> Sequence[ModelVersion]:
    """Returns the versions whose property `experiment_run_id` is a run."""
    query = f'{RUN_OF_VERSION} = {run_id} OR {RUN_OF_VERSION} = "{run_id}"'
    return (await api.page(ModelVersion, filterQuery=query, pageSize=str(MOST_VERSIONS))).items


async def data_sets_of(api: Api, run_ids: Iterable[str]) -> Sequence[Artifact]:
    """Returns the data sets of runs."""
    wanted = sorted(run_ids)[:MOST_RUNS]
    if not wanted or not await api.has_experiments():
        return ()
    query = f"experimentRunId IN ({', '.join(wanted)})"
    found = await api.page(Artifact, artifactType="dataset-artifact", filterQuery=query, pageSize=str(MOST_ARTIFACTS))
    return found.items


async def services_of(api: Api, condition: str, simpler: str = "") -> Sequence[InferenceService]:
    """Returns the services that match a query, those that changed last first.

    Where the server does not understand it, the simpler query is asked, if there is one.
    """
    try:
        found = await api.page(
            InferenceService,
            filterQuery=condition,
            orderBy="LAST_UPDATE_TIME",
            sortOrder="DESC",
            pageSize=str(MOST_SERVICES),
        )
    except ApiError as error:
        if error.status not in _REFUSED or not simpler:
            raise
        return await services_of(api, simpler)
    return found.items


def run_named_by(version: ModelVersion) -> str:
    """Returns the id of the run that a version names; an empty text if it names none."""
    named: Mapping[str, object] = version.custom_properties
    written = str(named.get(RUN_OF_VERSION, ""))
    return written if written.isascii() and written.isdigit() else ""
