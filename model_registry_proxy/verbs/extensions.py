"""The operation table of the extensions: what each operationId of their document does."""

from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus

from converters.entities import (
    Artifact,
    Experiment,
    ExperimentRun,
    InferenceService,
    Metric,
    MetricHistory,
    ModelVersion,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from converters.entity import Entity
from converters.extension_entities import Step
from model_registry_proxy.contract.routes import Call
from model_registry_proxy.registry.registry import ChangeCheck
from model_registry_proxy.registry.request import Request
from model_registry_proxy.verbs import metric_curves, shared_artifacts
from model_registry_proxy.verbs.aliases.archiving import check_archiving
from model_registry_proxy.verbs.aliases.bindings import ALIAS_OPERATIONS
from model_registry_proxy.verbs.audit import audit
from model_registry_proxy.verbs.audit_records import kind_word
from model_registry_proxy.verbs.changes.feed import changes
from model_registry_proxy.verbs.facets import facets
from model_registry_proxy.verbs.identity import identity
from model_registry_proxy.verbs.lineage.recording import record
from model_registry_proxy.verbs.lineage.starts import lineage
from model_registry_proxy.verbs.newest import newest
from model_registry_proxy.verbs.operations import Answer, Operation, once, question


async def _identity(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await identity(request, operation.entity, call.query)


async def _newest(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await newest(request, operation.entity, call.query)


async def _of_artifact(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await shared_artifacts.of_artifact(
        request, operation.entity, call.query, *_parent(operation, call)
    )


async def _sharing(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await shared_artifacts.sharing(request, operation.entity, *_parent(operation, call))


async def _metric_names(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await metric_curves.names(request, operation.entity, _parent(operation, call))


async def _curves(request: Request, operation: Operation, call: Call) -> Answer:
    parent = _parent(operation, call)
    return HTTPStatus.OK, await request.shared(
        question(call), lambda: metric_curves.curves(request, operation.entity, call.query, parent)
    )


@once
async def _record_step(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.CREATED, await record(request, operation.entity, call.body)


async def _lineage(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await request.shared(question(call), lambda: lineage(request, call.query))


async def _changes(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await changes(request, call.query)


async def _facets(request: Request, operation: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await request.shared(question(call), lambda: facets(request, operation.entity, call.query))


async def _audit(request: Request, _: Operation, call: Call) -> Answer:
    return HTTPStatus.OK, await audit(request, AUDITED, call.query)


def _parent(operation: Operation, call: Call) -> tuple[type[Entity], int]:
    """The entity that the path names first, and its id."""
    assert operation.under  # noqa: S101 (the table says so)
    return operation.under, call.ids[0]


AUDITED: Mapping[str, type[Entity]] = {
    kind_word(entity.words): entity
    for entity in (
        RegisteredModel,
        ModelVersion,
        Artifact,
        ServingEnvironment,
        InferenceService,
        ServeModel,
        Experiment,
        ExperimentRun,
    )
}
"""The entities whose audit records may be asked for, by their `kind`."""

EXTENSIONS: Mapping[str, Operation] = {
    "getIdentity": Operation(_identity, RegisteredModel, needs_role=False),
    "getAuditRecords": Operation(_audit, RegisteredModel),
    "getArtifactVersions": Operation(_of_artifact, ModelVersion, under=Artifact),
    "getArtifactExperimentRuns": Operation(_of_artifact, ExperimentRun, under=Artifact),
    "getModelVersionExperimentRuns": Operation(_sharing, ExperimentRun, under=ModelVersion),
    "getExperimentRunVersions": Operation(_sharing, ModelVersion, under=ExperimentRun),
    "getExperimentRunMetricNames": Operation(_metric_names, Metric, under=ExperimentRun),
    "getExperimentRunMetricCurves": Operation(_curves, MetricHistory, under=ExperimentRun),
    "createLineageStep": Operation(_record_step, Step),
    "getLineage": Operation(_lineage, ModelVersion),
    "getChanges": Operation(_changes, RegisteredModel),
    "getNewestServes": Operation(_newest, ServeModel),
    "getRegisteredModelFacets": Operation(_facets, RegisteredModel),
    "getModelVersionFacets": Operation(_facets, ModelVersion),
    "getArtifactFacets": Operation(_facets, Artifact),
    "getServingEnvironmentFacets": Operation(_facets, ServingEnvironment),
    "getInferenceServiceFacets": Operation(_facets, InferenceService),
    "getExperimentFacets": Operation(_facets, Experiment),
    "getExperimentRunFacets": Operation(_facets, ExperimentRun),
    **ALIAS_OPERATIONS,
}

CHECKS: Mapping[str, Mapping[type[Entity], Sequence[ChangeCheck]]] = {"aliases": {ModelVersion: (check_archiving,)}}
"""What the extensions, by their names, check before entities change."""


def checks_of(extensions: Collection[str]) -> Mapping[type[Entity], Sequence[ChangeCheck]]:
    """Returns the checks of the extensions that are on."""
    found: dict[type[Entity], tuple[ChangeCheck, ...]] = {}
    for name in sorted(CHECKS.keys() & set(extensions)):
        for entity, checks in CHECKS[name].items():
            found[entity] = (*found.get(entity, ()), *checks)
    return found
