"""The lineage of one version: its runs with their data sets, its artifacts, and the services that are meant to run it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from model_registry_client.entities import (
    Artifact,
    DataSet,
    ExperimentRun,
    InferenceService,
    ModelArtifact,
    ModelVersion,
    RegisteredModel,
    ServingEnvironment,
)

from model_registry_ui.charts.lineage import Lineage
from model_registry_ui.deployments.loading import newest_versions
from model_registry_ui.lineage import questions
from model_registry_ui.lineage.nodes import Nodes
from model_registry_ui.lineage.steps import add_steps, recorded_above
from model_registry_ui.page_request import PageRequest


@dataclass(frozen=True, slots=True)
class Gathered:
    """A lineage, and what the server refused to say for it, in its own words."""

    lineage: Lineage
    refused: Sequence[str] = field(default_factory=tuple)


async def of_version(page: PageRequest, version: ModelVersion, model: RegisteredModel) -> Gathered:
    """Gathers the lineage of a version, in at most 9 calls; raises `ApiError` and `Unreachable`."""
    api, refused = page.api, list[str]()
    path = f"{ModelVersion.collection}/{version.id}/artifacts"
    artifacts, services, newest, recorded = await asyncio.gather(
        questions.artifacts_of(api, path),
        questions.or_nothing(services_for(page, version), (), refused),
        newest_versions(api, [version.registered_model_id]),
        recorded_above(api, version.id),
    )
    is_newest = version.id in {one.id for one in newest.values()}
    ids = [artifact.id for artifact in artifacts]
    shared = await questions.or_nothing(questions.runs_sharing(api, version.id, ids), (), refused)
    found = {one.entity.id: one.entity for one in shared if isinstance(one.entity, ExperimentRun)}
    named = questions.run_named_by(version)
    unknown = [id_ for id_ in {named, *found} if id_ and not getattr(found.get(id_), "name", "")]
    runs, data, environments = await asyncio.gather(
        questions.runs_named(api, unknown),
        questions.or_nothing(questions.data_sets_of(api, filter(None, {named, *found})), (), refused),
        api.named(ServingEnvironment, (one.serving_environment_id for one in services)),
    )
    nodes = Nodes(page)
    _runs(nodes, nodes.version(version, model.name), {**found, **runs}, data)
    running = [one for one in services if one.model_version_id or is_newest]
    of_runs = {artifact.id for artifact in data}
    _artifacts(nodes, nodes.version(version), [one for one in artifacts if one.id not in of_runs])
    add_services(nodes, _before_services(nodes, version, artifacts), running, environments)
    add_steps(nodes, recorded)
    return Gathered(nodes.lineage, refused)


async def services_for(page: PageRequest, version: ModelVersion) -> Sequence[InferenceService]:
    """Returns the services that name a version, and those that follow the newest version of its model."""
    follows = f"registeredModelId = {version.registered_model_id} AND modelVersionId IS NULL"
    names = f"modelVersionId = {version.id}"
    return await questions.services_of(page.api, f"{names} OR ({follows})", names)


def add_data(nodes: Nodes, run_keys: dict[str, str], data: Sequence[Artifact]) -> None:
    """Adds the data sets of runs, in the order of the runs, whose nodes have these keys by id: so lines cross seldom."""
    for run_id, key in run_keys.items():
        for artifact in data:
            if artifact.experiment_run_id == run_id:
                nodes.link(nodes.artifact(artifact), key)


def add_services(
    nodes: Nodes, before: str, services: Sequence[InferenceService], environments: dict[str, ServingEnvironment]
) -> None:
    """Adds services behind a node."""
    for service in services:
        environment = environments.get(service.serving_environment_id)
        nodes.link(before, nodes.service(service, environment.name if environment else ""))


def _runs(nodes: Nodes, version: str, runs: dict[str, ExperimentRun], data: Sequence[Artifact]) -> None:
    keys = {id_: nodes.run(run) for id_, run in runs.items() if run.name}
    add_data(nodes, keys, data)
    for key in keys.values():
        nodes.link(key, version)


def _artifacts(nodes: Nodes, version: str, artifacts: Sequence[Artifact]) -> None:
    for artifact in artifacts:
        key = nodes.artifact(artifact)
        if isinstance(artifact, DataSet):
            nodes.link(key, version)
            continue
        nodes.link(version, key)
        if isinstance(artifact, ModelArtifact):
            nodes.link(nodes.source(artifact), version)


def _before_services(nodes: Nodes, version: ModelVersion, artifacts: Sequence[Artifact]) -> str:
    """What services run: the files of the version, where there is no doubt which ones."""
    files = [artifact for artifact in artifacts if isinstance(artifact, ModelArtifact)]
    return nodes.artifact(files[0]) if len(files) == 1 else nodes.version(version)
