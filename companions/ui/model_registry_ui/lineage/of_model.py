"""The lineage of a model: its newest versions with the runs that they name, the data of these runs, and where they are deployed."""

import asyncio

from model_registry_client.entities import ModelVersion, RegisteredModel, ServingEnvironment

from model_registry_ui.lineage import questions
from model_registry_ui.lineage.nodes import Nodes
from model_registry_ui.lineage.of_version import Gathered, add_data, add_services
from model_registry_ui.page_request import PageRequest

MOST_VERSIONS = 12


async def of_model(page: PageRequest, model: RegisteredModel) -> Gathered:
    """Gathers the lineage of a model, in at most 6 calls; raises `ApiError` and `Unreachable`.

    It has no artifacts of versions, since each version would take a call: the versions lead to their own lineage.
    """
    api, refused = page.api, list[str]()
    path = f"{RegisteredModel.collection}/{model.id}/versions"
    found, services = await asyncio.gather(
        api.page(ModelVersion, path, orderBy="CREATE_TIME", sortOrder="DESC", pageSize=str(MOST_VERSIONS)),
        questions.or_nothing(questions.services_of(api, f"registeredModelId = {model.id}"), (), refused),
    )
    deployed = {one.model_version_id for one in services if one.model_version_id}
    older = await api.named(ModelVersion, deployed - {version.id for version in found.items})
    versions = [*found.items, *older.values()]
    run_ids = dict.fromkeys(filter(None, map(questions.run_named_by, versions)))
    runs, data, environments = await asyncio.gather(
        questions.runs_named(api, run_ids),
        questions.or_nothing(questions.data_sets_of(api, run_ids), (), refused),
        api.named(ServingEnvironment, (one.serving_environment_id for one in services)),
    )
    nodes = Nodes(page)
    keys = {id_: nodes.run(runs[id_]) for id_ in run_ids if id_ in runs}
    add_data(nodes, keys, data)
    newest = next(iter(found.items), None)
    for version in versions:
        key = nodes.version(version, page="version_lineage")
        nodes.link(keys.get(questions.run_named_by(version), ""), key)
        own = [
            one
            for one in services
            if one.model_version_id == version.id or (not one.model_version_id and version is newest)
        ]
        add_services(nodes, key, own, environments)
    return Gathered(nodes.lineage, refused)
