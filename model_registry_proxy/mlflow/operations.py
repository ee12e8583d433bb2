"""The operation table of MLflow's registry API: what each operationId of its document does."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from converters.entities import ModelVersion, RegisteredModel
from converters.kinds import JsonObject
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.mlflow import aliases, model_versions, registered_models, searches, tags
from model_registry_proxy.mlflow.asked import Asked, asked_by
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs.operations import Answer, Operation, Verb

_Answering = Callable[[Request, Asked], Awaitable[JsonObject]]


def _verb(answer: _Answering) -> Verb:
    """Returns a verb that answers 200 with what `answer` returns."""

    async def run(request: Request, _: Operation, call: Call) -> Answer:
        return HTTPStatus.OK, await answer(request, asked_by(call))

    return run


def _read(answer: _Answering) -> Verb:
    """Returns a verb that does the same for reads: equal ones that wait at the same time share one answer."""

    async def run(request: Request, _: Operation, call: Call) -> Answer:
        asked = asked_by(call)
        return HTTPStatus.OK, await request.shared(
            (call.operation_id, repr(sorted(asked.items()))), lambda: answer(request, asked)
        )

    return run


MLFLOW: Mapping[str, Operation] = {
    "mlflowCreateRegisteredModel": Operation(_verb(registered_models.create_model), RegisteredModel),
    "mlflowGetRegisteredModel": Operation(_read(registered_models.get_model), RegisteredModel),
    "mlflowUpdateRegisteredModel": Operation(_verb(registered_models.update_model), RegisteredModel),
    "mlflowRenameRegisteredModel": Operation(_verb(registered_models.rename_model), RegisteredModel),
    "mlflowDeleteRegisteredModel": Operation(_verb(registered_models.delete_model), RegisteredModel),
    "mlflowSearchRegisteredModels": Operation(_read(searches.search_models), RegisteredModel),
    "mlflowGetLatestVersions": Operation(_read(registered_models.latest), ModelVersion),
    "mlflowPostLatestVersions": Operation(_read(registered_models.latest), ModelVersion, only_reads=True),
    "mlflowSetRegisteredModelTag": Operation(_verb(tags.set_model_tag), RegisteredModel),
    "mlflowDeleteRegisteredModelTag": Operation(_verb(tags.delete_model_tag), RegisteredModel),
    "mlflowSetRegisteredModelAlias": Operation(_verb(aliases.point), RegisteredModel),
    "mlflowDeleteRegisteredModelAlias": Operation(_verb(aliases.remove), RegisteredModel),
    "mlflowGetModelVersionByAlias": Operation(_read(aliases.version_at), ModelVersion),
    "mlflowCreateModelVersion": Operation(_verb(model_versions.create_version), ModelVersion),
    "mlflowGetModelVersion": Operation(_read(model_versions.get_version), ModelVersion),
    "mlflowUpdateModelVersion": Operation(_verb(model_versions.update_version), ModelVersion),
    "mlflowDeleteModelVersion": Operation(_verb(model_versions.delete_version), ModelVersion),
    "mlflowSearchModelVersions": Operation(_read(searches.search_versions), ModelVersion),
    "mlflowTransitionModelVersionStage": Operation(_verb(model_versions.move_to_stage), ModelVersion),
    "mlflowGetModelVersionDownloadUri": Operation(_read(model_versions.download_uri), ModelVersion),
    "mlflowSetModelVersionTag": Operation(_verb(tags.set_version_tag), ModelVersion),
    "mlflowDeleteModelVersionTag": Operation(_verb(tags.delete_version_tag), ModelVersion),
}
