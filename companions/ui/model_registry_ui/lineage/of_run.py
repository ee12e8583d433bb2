"""The lineage of one run: its data sets, its files, the versions that were made of them, and where these are deployed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from model_registry_client.entities import (
    DataSet,
    ExperimentRun,
    InferenceService,
    ModelVersion,
    RegisteredModel,
    ServingEnvironment,
)

from model_registry_ui.api import Api
from model_registry_ui.deployments.loading import newest_versions
from model_registry_ui.lineage import questions
from model_registry_ui.lineage.nodes import Nodes
from model_registry_ui.lineage.of_version import Gathered, add_services
from model_registry_ui.page_request import PageRequest


async def of_run(page: PageRequest, run: ExperimentRun) -> Gathered:
    """Gathers the lineage of a run, in at most 7 calls; raises `ApiError` and `Unreachable`."""
    api, refused = page.api, list[str]()
    artifacts, shared, naming = await asyncio.gather(
        questions.artifacts_of(api, f"{ExperimentRun.collection}/{run.id}/artifacts"),
        questions.or_nothing(questions.versions_sharing(api, run.id), (), refused),
        questions.or_nothing(questions.versions_naming(api, run.id), (), refused),
    )
    versions = {one.entity.id: one.entity for one in shared if isinstance(one.entity, ModelVersion)}
    versions |= {version.id: version for version in naming}
    models, newest, services = await asyncio.gather(
        api.named(RegisteredModel, (one.registered_model_id for one in versions.values())),
        newest_versions(api, {one.registered_model_id for one in versions.values()}),
        questions.or_nothing(running(api, versions), (), refused) if versions else _none(),
    )
    environments = await api.named(ServingEnvironment, (one.serving_environment_id for one in services))
    nodes = Nodes(page)
    key = nodes.run(run)
    in_versions: dict[str, list[str]] = {}
    for id_, version in versions.items():
        model = models.get(version.registered_model_id)
        after = nodes.version(version, model.name if model else "", "version_lineage")
        nodes.link(key, after)
        for one in shared:
            if one.entity.id == id_:
                for artifact_id in one.artifact_ids:
                    in_versions.setdefault(artifact_id, []).append(after)
        newest_id = newest[version.registered_model_id].id if version.registered_model_id in newest else ""
        own = [
            one
            for one in services
            if one.model_version_id == id_
            or (
                not one.model_version_id and id_ == newest_id and one.registered_model_id == version.registered_model_id
            )
        ]
        add_services(nodes, after, own, environments)
    for artifact in artifacts:
        made = nodes.artifact(artifact)
        if isinstance(artifact, DataSet):
            nodes.link(made, key)
            continue
        for before in in_versions.get(artifact.id) or [key]:
            nodes.link(before, made)
    return Gathered(nodes.lineage, refused)


async def running(api: Api, versions: Mapping[str, ModelVersion]) -> Sequence[InferenceService]:
    """Returns the services that name one of some versions, or follow the newest version of their models."""
    models = {version.registered_model_id for version in versions.values()}
    names = f"modelVersionId IN ({_ids(versions)})"
    follows = f"registeredModelId IN ({_ids(models)}) AND modelVersionId IS NULL"
    return await questions.services_of(api, f"{names} OR ({follows})", names)


def _ids(ids: Iterable[str]) -> str:
    return ", ".join(sorted(ids))


async def _none() -> tuple[()]:
    return ()
