"""The operation table: what each operationId of the document does."""

import functools
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from converters.entities import (
    Artifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    MetricHistory,
    ModelArtifact,
    ModelVersion,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from converters.entity import Entity
from converters.whole_numbers import whole_number
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.errors import BadRequest
from model_registry_proxy.registry.request import Request, variant
from model_registry_proxy.verbs import deployed_model, metric_history
from model_registry_proxy.verbs.attach import attach
from model_registry_proxy.verbs.create import create
from model_registry_proxy.verbs.find import find
from model_registry_proxy.verbs.get import get
from model_registry_proxy.verbs.list import list_
from model_registry_proxy.verbs.replays import note_key, note_replay
from model_registry_proxy.verbs.update import update

Answer = tuple[HTTPStatus, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A verb, the entity it is about, and the entity that the path puts it under.

    `needs_role`: only users with some role may ask; otherwise every user with a valid identity may. `only_reads`: it changes
    nothing, whatever its method is.
    """

    verb: "Verb"
    entity: type[Entity]
    under: type[Entity] | None = None
    needs_role: bool = True
    only_reads: bool = False


Verb = Callable[[Request, Operation, Call], Awaitable[Answer]]


def once(verb: Verb) -> Verb:
    """Makes a verb that creates honour `Idempotency-Key`."""

    @functools.wraps(verb)
    async def with_key(request: Request, operation: Operation, call: Call) -> Answer:
        note_key(request, call)
        answer = await verb(request, operation, call)
        note_replay(request, call)
        return answer

    return with_key


@once
async def _create(request: Request, operation: Operation, call: Call) -> Answer:
    body = call.body
    entity = variant(operation.entity, body)
    if operation.under is None:
        return HTTPStatus.CREATED, await create(request, entity, body)
    parent = await request.parent(operation.under, call.ids[0], entity)
    if entity.parent_id:
        body[entity.parent_id] = str(parent.id)  # the path wins
    if "id" in body:
        return HTTPStatus.CREATED, await _update_below(request, operation, body)
    return HTTPStatus.CREATED, await create(request, entity, body, parent)


async def _update_below(request: Request, operation: Operation, body: dict[str, Any]) -> Any:
    """An `id` in the body of a nested create names the entity to update; it must be below the path's parent."""
    entity, id_ = operation.entity, whole_number(body["id"], "id")
    stored = await get(request, entity, id_)
    if entity.parent_id and entity.parent and stored.get(entity.parent_id) != body[entity.parent_id]:
        raise BadRequest(f"The {entity.words} {id_} is not below {entity.parent.words} {body[entity.parent_id]}.")
    return await update(request, entity, id_, {key: value for key, value in body.items() if key != entity.parent_id})


def question(call: Call) -> Hashable:
    """Returns what makes two reads equal."""
    return call.operation_id, call.ids, frozenset(call.query.items())


async def _find(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await request.shared(question(call), lambda: find(request, operation.entity, call.query))


async def _get(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await get(request, operation.entity, call.ids[0])


async def _list(request: Request, operation: Operation, call: Call) -> Answer:
    under = (operation.under, call.ids[0]) if operation.under else None
    return HTTPStatus.OK, await request.shared(
        question(call), lambda: list_(request, operation.entity, call.query, under)
    )


async def _update(request: Request, operation: Operation, call: Call) -> Answer:
    entity = variant(operation.entity, call.body)
    return HTTPStatus.OK, await update(request, entity, call.ids[0], call.body, call.condition)


@once
async def _attach(request: Request, operation: Operation, call: Call) -> Answer:
    assert operation.under  # noqa: S101 (the table says so)
    parent = await request.parent(operation.under, call.ids[0], variant(operation.entity, call.body))
    return await attach(request, operation.entity, call.body, parent)


async def _history(request: Request, operation: Operation, call: Call) -> Answer:
    under = (operation.under, call.ids[0]) if operation.under else None
    return HTTPStatus.OK, await metric_history.list_history(request, operation.entity, call.query, under)


async def _deployed_model(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await deployed_model.model(request, call.ids[0])


async def _deployed_version(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await deployed_model.version(request, call.ids[0])


OPERATIONS: Mapping[str, Operation] = {
    "findRegisteredModel": Operation(_find, RegisteredModel),
    "getRegisteredModels": Operation(_list, RegisteredModel),
    "createRegisteredModel": Operation(_create, RegisteredModel),
    "getRegisteredModel": Operation(_get, RegisteredModel),
    "updateRegisteredModel": Operation(_update, RegisteredModel),
    "getRegisteredModelVersions": Operation(_list, ModelVersion, under=RegisteredModel),
    "createRegisteredModelVersion": Operation(_create, ModelVersion, under=RegisteredModel),
    "findModelVersion": Operation(_find, ModelVersion),
    "getModelVersions": Operation(_list, ModelVersion),
    "createModelVersion": Operation(_create, ModelVersion),
    "getModelVersion": Operation(_get, ModelVersion),
    "updateModelVersion": Operation(_update, ModelVersion),
    "getModelVersionArtifacts": Operation(_list, Artifact, under=ModelVersion),
    "upsertModelVersionArtifact": Operation(_attach, Artifact, under=ModelVersion),
    "findArtifact": Operation(_find, Artifact),
    "getArtifacts": Operation(_list, Artifact),
    "createArtifact": Operation(_create, Artifact),
    "getArtifact": Operation(_get, Artifact),
    "updateArtifact": Operation(_update, Artifact),
    "findModelArtifact": Operation(_find, ModelArtifact),
    "getModelArtifacts": Operation(_list, ModelArtifact),
    "createModelArtifact": Operation(_create, ModelArtifact),
    "getModelArtifact": Operation(_get, ModelArtifact),
    "updateModelArtifact": Operation(_update, ModelArtifact),
    "findServingEnvironment": Operation(_find, ServingEnvironment),
    "getServingEnvironments": Operation(_list, ServingEnvironment),
    "createServingEnvironment": Operation(_create, ServingEnvironment),
    "getServingEnvironment": Operation(_get, ServingEnvironment),
    "updateServingEnvironment": Operation(_update, ServingEnvironment),
    "getEnvironmentInferenceServices": Operation(_list, InferenceService, under=ServingEnvironment),
    "createEnvironmentInferenceService": Operation(_create, InferenceService, under=ServingEnvironment),
    "findInferenceService": Operation(_find, InferenceService),
    "getInferenceServices": Operation(_list, InferenceService),
    "createInferenceService": Operation(_create, InferenceService),
    "getInferenceService": Operation(_get, InferenceService),
    "updateInferenceService": Operation(_update, InferenceService),
    "getInferenceServiceModel": Operation(_deployed_model, InferenceService),
    "getInferenceServiceVersion": Operation(_deployed_version, InferenceService),
    "getInferenceServiceServes": Operation(_list, ServeModel, under=InferenceService),
    "createInferenceServiceServe": Operation(_create, ServeModel, under=InferenceService),
    "findExperiment": Operation(_find, Experiment),
    "getExperiments": Operation(_list, Experiment),
    "createExperiment": Operation(_create, Experiment),
    "getExperiment": Operation(_get, Experiment),
    "updateExperiment": Operation(_update, Experiment),
    "getExperimentExperimentRuns": Operation(_list, ExperimentRun, under=Experiment),
    "createExperimentExperimentRun": Operation(_create, ExperimentRun, under=Experiment),
    "findExperimentRun": Operation(_find, ExperimentRun),
    "getExperimentRuns": Operation(_list, ExperimentRun),
    "createExperimentRun": Operation(_create, ExperimentRun),
    "getExperimentRun": Operation(_get, ExperimentRun),
    "updateExperimentRun": Operation(_update, ExperimentRun),
    "getExperimentRunArtifacts": Operation(_list, Artifact, under=ExperimentRun),
    "upsertExperimentRunArtifact": Operation(_attach, Artifact, under=ExperimentRun),
    "getExperimentRunMetricHistory": Operation(_history, MetricHistory, under=ExperimentRun),
    "getExperimentRunsMetricHistory": Operation(_history, MetricHistory),
}
