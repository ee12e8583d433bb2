"""The calls to MLMD that each operation makes, and which of them it makes one after the other. More calls are a defect.

The table is that of the design: get, list and find 1 call; create 2; a child 3 in 2 rounds; below a parent 2; PATCH 2. Rows that
take more give a reason. Parents are known: they have been read before, and `KnownContexts` remembers them.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio

from converters import names
from model_registry_proxy.contract.document import Described
from model_registry_proxy.security.bound import BOUND
from model_registry_proxy.verbs import namesakes
from model_registry_proxy.verbs.operations import OPERATIONS
from tests.support.aliases import an_alias
from tests.support.document import all_operations
from tests.support.fake_store import FakeStore, need_filters
from tests.support.serving import EXTENSIONS, MLFLOW, Served, registry_on, serving

Json = dict[str, Any]

CREATE = "PutContexts; GetContextsByID"
CREATE_CHILD = "PutContexts; GetContextsByID || PutParentContexts"
CREATE_ARTIFACT = "PutArtifacts; GetArtifactsByID"
ARTIFACT_BELOW = "PutLineageSubgraph; GetArtifactsByID"
EXECUTION_BELOW = "PutLineageSubgraph; GetExecutionsByID"
PATCH = "PutContexts; GetContextsByID"
PATCH_ARTIFACT = "PutArtifacts; GetArtifactsByID"
GET, GET_ARTIFACT = "GetContextsByID", "GetArtifactsByID"
BY_NAME, BY_EXTERNAL_ID = "GetContextByTypeAndName", "GetContextsByExternalIds"
LIST = "GetContexts"
MOVES = "GetExecutionsByContext"
CHILDREN = "GetChildrenContextsByContext"
"""Used instead of `LIST` below a parent that is known to have few children."""


@dataclass(frozen=True)
class Row:
    """One request and the calls it takes; `;` parts those that follow each other, `||` those at the same time."""

    operation: str
    calls: str
    body: Json = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    why: str = ""
    """The reason why an operation takes more calls than the design's table says."""
    plain: str = ""
    """The calls where MLMD has no filters, if they differ from the others by more than `INSTEAD` says."""
    about: dict[str, str] = field(default_factory=dict)
    """Which of the entities to use instead of the usual one."""

    def __str__(self) -> str:
        return " ".join([self.operation, *self.query, *self.body])


def of(kind: str, **fields: Any) -> Json:
    """The body of an artifact."""
    return {"artifactType": kind, **fields}


PINNED, METRIC, ALIASED = {"service": "pinned"}, {"artifact": "metric"}, {"model": "aliased"}
READS_FIRST = "custom properties and declared doubles share the property that keeps doubles exactly"
KEEPS_MARKS = "custom properties are replaced as a whole, and the hidden marks of the create are among them"
CHECKS_FIRST = "the version that is referred to must belong to the service's model, so the service is read first"
ENDS_AT_A_LIMIT = "the newest change is read first, as the end of the list, so that a row that moves is not shown twice"
TWO_ENTITIES = "the ids of the model and the version are read from the service"
KNOWN_METRIC = "a metric that was written before keeps what the body leaves out, so it is read first"
BY_LINKS = "MLMD has links between nodes, so what they lead to is read after them"
STANDALONE = "the name of a standalone artifact does not hold the id of a run that it was attached to later"
CHECKED_STEP = (
    "artifacts must exist, and no output may be what an input was made from; the answer has the store's times"
)
EACH_KIND = (
    "changes are in three tables; the newest row of each says what may still appear; rows behind a time take two calls"
)
LEADS_ON = "each step or run leads to artifacts that are not known before"
MAY_BE_UNFIT = (
    "the version may have a property that forbids to serve it, and the service has its model's id: one call gets both"
)

ROWS = [
    Row("createRegisteredModel", CREATE, {"name": "new"}),
    Row("getRegisteredModel", GET),
    Row("findRegisteredModel", BY_NAME, query={"name": "model"}),
    Row("findRegisteredModel", BY_EXTERNAL_ID, query={"externalId": "model"}),
    Row("getRegisteredModels", LIST),
    Row("getRegisteredModels", LIST, query={"filterQuery": "owner = 'ann' AND team = 'x'"}),
    Row("getRegisteredModels", LIST, query={"orderBy": "CREATE_TIME"}),
    Row("getRegisteredModels", LIST, query={"orderBy": "LAST_UPDATE_TIME", "sortOrder": "DESC"}),
    Row("getRegisteredModels", f"{LIST}; {LIST}", query={"orderBy": "LAST_UPDATE_TIME"}, why=ENDS_AT_A_LIMIT),
    Row("updateRegisteredModel", PATCH, {"description": "new"}),
    Row("updateRegisteredModel", f"{GET}; {PATCH}", {"customProperties": {}}, why=KEEPS_MARKS),
    Row("updateRegisteredModel", GET, {}),
    Row("getRegisteredModelVersions", LIST),
    Row("getRegisteredModelVersions", LIST, query={"name": "version"}, plain=f"{BY_NAME}; GetParentContextsByContext"),
    Row("createRegisteredModelVersion", CREATE_CHILD, {"name": "new", "registeredModelId": "{model}"}),
    Row(
        "createRegisteredModelVersion",
        f"{GET}; {PATCH}",
        {"id": "{version}", "name": "version", "registeredModelId": "{model}", "author": "ann"},
        why="an id makes it an update, and the version must be below the model of the path",
    ),
    Row("createModelVersion", CREATE_CHILD, {"name": "new", "registeredModelId": "{model}"}),
    Row("getModelVersion", GET),
    Row("findModelVersion", BY_NAME, query={"name": "version", "parentResourceId": "{model}"}),
    Row("getModelVersions", LIST),
    Row("updateModelVersion", PATCH, {"author": "ann"}),
    Row("getModelVersionArtifacts", "GetArtifactsByContext"),
    Row("upsertModelVersionArtifact", ARTIFACT_BELOW, of("model-artifact", name="new")),
    Row("upsertModelVersionArtifact", ARTIFACT_BELOW, of("doc-artifact")),
    Row("upsertModelVersionArtifact", ARTIFACT_BELOW, of("dataset-artifact")),
    Row("upsertModelVersionArtifact", ARTIFACT_BELOW, of("parameter", name="new", value="1", parameterType="number")),
    Row("upsertModelVersionArtifact", ARTIFACT_BELOW, of("metric", name="new", value=1)),
    Row(
        "upsertModelVersionArtifact",
        "PutArtifacts; GetArtifactsByID || PutAttributionsAndAssociations",
        of("model-artifact", id="{artifact}", description="new"),
    ),
    Row(
        "upsertModelVersionArtifact",
        "GetArtifactsByID; GetArtifactsByID || PutAttributionsAndAssociations",
        of("model-artifact", id="{artifact}"),
    ),
    Row(
        "upsertModelVersionArtifact",
        "PutLineageSubgraph; GetArtifactByTypeAndName; GetArtifactsByID; PutArtifacts; "
        "GetArtifactsByID || PutAttributionsAndAssociations",
        of("metric", name="quality", value=2),
        why="an artifact of the same name is read only after the store refuses a second one; then as for the PATCH of a metric",
    ),
    Row("createArtifact", CREATE_ARTIFACT, of("doc-artifact", name="new")),
    Row("getArtifact", GET_ARTIFACT),
    Row("findArtifact", "GetArtifactsByContext", query={"name": "weights", "parentResourceId": "{version}"}),
    Row("findArtifact", "GetArtifactsByExternalIds", query={"externalId": "artifact"}),
    Row("getArtifacts", "GetArtifacts; GetLineageSubgraph", why=STANDALONE),
    Row("getArtifacts", "GetArtifacts", query={"artifactType": "metric"}),
    Row(
        "getArtifacts",
        "GetArtifacts; GetLineageSubgraph",
        query={"filterQuery": "experimentRunId = '{run}'"},
        why="an artifact may belong to several runs, and only its attributions name them",
    ),
    Row("updateArtifact", PATCH_ARTIFACT, of("model-artifact", description="new")),
    Row("createModelArtifact", CREATE_ARTIFACT, {"name": "new"}),
    Row("getModelArtifact", GET_ARTIFACT),
    Row("findModelArtifact", "GetArtifactsByContext", query={"name": "weights", "parentResourceId": "{version}"}),
    Row("getModelArtifacts", "GetArtifacts; GetLineageSubgraph", why=STANDALONE),
    Row("updateModelArtifact", PATCH_ARTIFACT, {"uri": "s3://new"}),
    Row("createServingEnvironment", CREATE, {"name": "new"}),
    Row("getServingEnvironment", GET),
    Row("findServingEnvironment", BY_NAME, query={"name": "environment"}),
    Row("getServingEnvironments", LIST),
    Row("updateServingEnvironment", PATCH, {"description": "new"}),
    Row("getEnvironmentInferenceServices", LIST),
    Row(
        "createEnvironmentInferenceService",
        CREATE_CHILD,
        {"name": "new", "registeredModelId": "{model}", "servingEnvironmentId": "{environment}"},
    ),
    Row(
        "createInferenceService",
        CREATE_CHILD,
        {"registeredModelId": "{model}", "servingEnvironmentId": "{environment}", "modelVersionId": "{version}"},
    ),
    Row("getInferenceService", GET),
    Row("findInferenceService", BY_NAME, query={"name": "service", "parentResourceId": "{environment}"}),
    Row("getInferenceServices", LIST),
    Row("updateInferenceService", PATCH, {"desiredState": "UNDEPLOYED"}),
    Row("updateInferenceService", f"{GET}; {PATCH}", {"modelVersionId": "{version}"}, why=CHECKS_FIRST, about=PINNED),
    Row("getInferenceServiceModel", f"{GET}; {GET}", why=TWO_ENTITIES),
    Row("getInferenceServiceVersion", f"{GET}; {LIST}", why=TWO_ENTITIES),
    Row("getInferenceServiceVersion", f"{GET}; {GET}", why=TWO_ENTITIES, about=PINNED),
    Row("getInferenceServiceServes", "GetExecutionsByContext"),
    Row("createInferenceServiceServe", f"{GET}; {EXECUTION_BELOW}", {"modelVersionId": "{version}"}, why=MAY_BE_UNFIT),
    Row("createExperiment", CREATE, {"name": "new"}),
    Row("getExperiment", GET),
    Row("findExperiment", BY_NAME, query={"name": "experiment"}),
    Row("getExperiments", LIST),
    Row("updateExperiment", PATCH, {"state": "ARCHIVED"}),
    Row("getExperimentExperimentRuns", LIST),
    Row("createExperimentExperimentRun", CREATE_CHILD, {"experimentId": "{experiment}"}),
    Row("createExperimentRun", CREATE_CHILD, {"name": "new", "experimentId": "{experiment}"}),
    Row("getExperimentRun", GET),
    Row("findExperimentRun", BY_NAME, query={"name": "run", "parentResourceId": "{experiment}"}),
    Row("getExperimentRuns", LIST),
    Row("updateExperimentRun", PATCH, {"status": "FINISHED"}),
    Row("getExperimentRunArtifacts", "GetArtifactsByContext"),
    Row("upsertExperimentRunArtifact", ARTIFACT_BELOW, of("model-artifact", name="new")),
    Row("upsertExperimentRunArtifact", ARTIFACT_BELOW, of("metric", name="new", value=0.1)),
    Row(
        "upsertExperimentRunArtifact",
        f"GetArtifactsByID; {ARTIFACT_BELOW}",
        of("metric", name="loss", value=0.1),
        why=KNOWN_METRIC,
    ),
    Row("getExperimentRunMetricHistory", "GetArtifactsByContext"),
    Row("getExperimentRunMetricHistory", "GetArtifactsByContext", query={"name": "loss", "stepIds": "1,2"}),
    Row("getExperimentRunsMetricHistory", "GetArtifacts"),
    Row("updateArtifact", PATCH_ARTIFACT, of("metric", step=2), about=METRIC),
    Row("updateArtifact", f"{GET_ARTIFACT}; {PATCH_ARTIFACT}", of("metric", value=2), why=READS_FIRST, about=METRIC),
    Row(
        "updateArtifact",
        f"{GET_ARTIFACT}; {PATCH_ARTIFACT}",
        of("metric", customProperties={}),
        why=READS_FIRST,
        about=METRIC,
    ),
    # The extensions.
    Row("getIdentity", ""),
    Row("getIdentity", GET, query={"model": "{model}"}),
    Row("getAuditRecords", GET, query={"kind": "registered_model", "id": "{model}"}),
    Row("getArtifactVersions", f"{GET_ARTIFACT}; GetLineageSubgraph; {GET}", why=BY_LINKS),
    Row("getArtifactExperimentRuns", f"{GET_ARTIFACT}; GetLineageSubgraph; {GET}", why=BY_LINKS),
    Row("getModelVersionExperimentRuns", f"GetArtifactsByContext; GetLineageSubgraph; {GET}", why=BY_LINKS),
    Row("getExperimentRunVersions", f"GetArtifactsByContext; GetLineageSubgraph; {GET}", why=BY_LINKS),
    Row("getExperimentRunMetricNames", "GetArtifactsByContext"),
    Row("getExperimentRunMetricCurves", "GetArtifactsByContext", query={"names": "loss"}),
    Row(
        "getExperimentRunMetricCurves", "GetArtifactsByContext", query={"names": "loss,accuracy"}
    ),  # one each, together
    Row(
        "createLineageStep",
        "GetArtifactsByID || GetEventsByArtifactIDs; PutExecution; GetExecutionsByID",
        {"kind": "new", "inputArtifactIds": ["{artifact}"], "outputArtifactIds": ["{metric}"]},
        why=CHECKED_STEP,
    ),
    Row(
        "getLineage",
        f"{GET}; GetArtifactsByContext; GetLineageSubgraph; {GET} || GetEventsByArtifactIDs; "
        f"GetEventsByExecutionIDs || GetExecutionsByID; {GET_ARTIFACT}; {GET}",
        query={"modelVersionId": "{version}", "direction": "up", "depth": "1"},
        why=LEADS_ON,
    ),
    Row(
        "getLineage",
        f"{GET_ARTIFACT}; GetLineageSubgraph; {GET}; {LIST} || GetExecutions; {GET}; {GET}",
        query={"artifactId": "{artifact}", "direction": "down", "depth": "0"},
        plain=f"{GET_ARTIFACT}; GetLineageSubgraph; {GET}; {LIST} || GetExecutionsByType; {GET}; {GET}",
        why=LEADS_ON,
    ),
    Row("getChanges", "; ".join(3 * [f"GetArtifacts || {LIST} || GetExecutions"]), why=EACH_KIND),
    Row(
        "getNewestServes",
        f"{GET}; GetExecutions; GetLineageSubgraph",
        query={"ids": "{service},{pinned}"},
        plain=f"{GET}; GetExecutionsByContext",
        why="services that are hidden or missing are left out; one call finds the serves, another what they belong to",
    ),
    Row("getAliases", LIST, about=ALIASED),
    Row("getAlias", BY_NAME, about=ALIASED),
    Row("getAliasVersion", f"{BY_NAME}; {GET}", why=BY_LINKS, about=ALIASED),
    Row("getAliasVersion", f"{MOVES}; {GET}", query={"at": "{later}"}, why=BY_LINKS, about=ALIASED),
    Row("getAliasHistory", MOVES, about=ALIASED),
    Row("getAliasHistory", MOVES, query={"alias": "production"}, about=ALIASED),
    Row(
        "setAlias",
        f"{GET}; {BY_NAME}; PutLineageSubgraph; {GET}",
        {"modelVersionId": "{third}"},
        why="the version and the alias are read first, and the time of the move afterwards; the move and its record are one call",
        about=ALIASED,
    ),
    Row("setAlias", f"{GET}; {BY_NAME}", {"modelVersionId": "{third}"}, about=ALIASED),  # it points there already
    Row(
        "rollBackAlias",
        f"{BY_NAME}; GetExecutionByTypeAndName; GetExecutionByTypeAndName; {GET}; PutLineageSubgraph; {GET}",
        {"reason": "incident 7"},
        why="two records say where to go back, however many there are; then as for any move",
        about=ALIASED,
    ),
    Row("deleteAlias", f"{BY_NAME}; PutLineageSubgraph; {GET}", why="as for any move", about=ALIASED),
    Row("resolveModelVersion", LIST, query={"range": "*"}, about=ALIASED),
    Row("getRegisteredModelFacets", LIST),
    Row("getRegisteredModelFacets", LIST, query={"filterQuery": "owner = 'ann'"}),
    Row("getModelVersionFacets", LIST),
    Row("getArtifactFacets", "GetArtifacts; GetLineageSubgraph", why=STANDALONE),
    Row("getArtifactFacets", "GetArtifacts", query={"artifactType": "metric"}),
    Row("getServingEnvironmentFacets", LIST),
    Row("getInferenceServiceFacets", LIST),
    Row("getExperimentFacets", LIST),
    Row("getExperimentRunFacets", LIST),
]

BY_NAME_ONLY = "MLflow's clients name models, and versions by their numbers: these are looked up first"
COPIES = "other readers of the store look at copies of the model's name in its versions"
COMPLETED = "the versions are deleted first, so that a deletion that was cut off is completed by the next one"
WITH_NEWEST = "the answer has the newest versions of the model, with the addresses of their files"
FILES = "GetArtifactsByContext || GetContexts"
"""Finds the artifact of one version, whose URI is the address of its files, and the aliases of its model."""
ONLY_FILES = "GetArtifactsByContext"
OF_MANY = "GetArtifacts || GetContexts; GetLineageSubgraph"
"""The same for several versions."""
WHOLE_MODEL = f"{LIST}; GetArtifactsByContext || {GET}"
"""The newest versions of a model that has one stage only, and its aliases with the versions that they point to."""
NEWEST = f"{LIST}; {FILES}"
MOVE = "PutLineageSubgraph; GetContextsByID"
NUMBERED = f"{BY_NAME}; {BY_NAME}"
CHURN, ONE = {"name": "churn"}, {"name": "churn", "version": "1"}

MLFLOW_ROWS = [
    Row("mlflowCreateRegisteredModel", CREATE, {"name": "new"}),
    Row("mlflowGetRegisteredModel", f"{BY_NAME}; {WHOLE_MODEL}", query=CHURN, why=WITH_NEWEST),
    Row(
        "mlflowUpdateRegisteredModel",
        f"{BY_NAME}; {PATCH}; {WHOLE_MODEL}",
        {**CHURN, "description": "d"},
        why=WITH_NEWEST,
    ),
    Row(
        "mlflowRenameRegisteredModel",
        f"{BY_NAME}; PutContexts; {LIST}; {PATCH}; {WHOLE_MODEL}",
        {"name": "renamed", "new_name": "new"},
        why=COPIES,
    ),
    Row(
        "mlflowDeleteRegisteredModel",
        f"{BY_NAME}; {LIST}; {LIST}; {BY_NAME}; {MOVE}; PutContexts; PutContexts",
        {"name": "deleted"},
        why=COMPLETED,
    ),
    Row(
        "mlflowSearchRegisteredModels",
        f"{LIST}; {WHOLE_MODEL}",
        query={"filter": "name LIKE 'churn%'"},
        why=WITH_NEWEST,
    ),
    Row("mlflowGetLatestVersions", f"{BY_NAME}; {NEWEST}", query=CHURN, why=WITH_NEWEST),
    Row("mlflowPostLatestVersions", f"{BY_NAME}; {NEWEST}", CHURN, why=WITH_NEWEST),
    Row("mlflowSetRegisteredModelTag", f"{BY_NAME}; PutContexts", {**CHURN, "key": "k", "value": "v"}),
    Row("mlflowDeleteRegisteredModelTag", f"{BY_NAME}; PutContexts", {**CHURN, "key": "k"}),
    Row(
        "mlflowCreateModelVersion",
        f"{BY_NAME}; {CREATE_CHILD}; PutLineageSubgraph",
        {**CHURN, "source": "s3://new"},
        why=BY_NAME_ONLY,
    ),
    Row("mlflowGetModelVersion", f"{NUMBERED}; {FILES}", query=ONE, why=BY_NAME_ONLY),
    Row("mlflowUpdateModelVersion", f"{NUMBERED}; {PATCH}; {FILES}", {**ONE, "description": "d"}, why=BY_NAME_ONLY),
    Row(
        "mlflowDeleteModelVersion",
        f"{NUMBERED}; {LIST}; PutContexts",
        {"name": "churn", "version": "2"},
        why=BY_NAME_ONLY,
    ),
    Row(
        "mlflowSearchModelVersions",
        f"{BY_NAME}; {LIST}; {OF_MANY}",
        query={"filter": "name = 'churn'"},
        why=BY_NAME_ONLY,
        plain=f"{BY_NAME}; {LIST}; GetArtifactsByContext || {LIST}",
    ),
    Row(
        "mlflowTransitionModelVersionStage",
        f"{NUMBERED}; {PATCH}; {FILES}",
        {**ONE, "stage": "Staging"},
        why=BY_NAME_ONLY,
    ),
    Row("mlflowGetModelVersionDownloadUri", f"{NUMBERED}; {ONLY_FILES}", query=ONE, why=BY_NAME_ONLY),
    Row(
        "mlflowGetModelVersionByAlias",
        f"{BY_NAME}; {BY_NAME}; {FILES} || {GET}",
        query={**CHURN, "alias": "champion"},
        plain=f"{BY_NAME}; {BY_NAME}; GetArtifactsByContext || {GET} || {LIST}",
        why=BY_NAME_ONLY,
    ),
    Row(
        "mlflowGetModelVersionByAlias",
        f"{NUMBERED}; {FILES}",
        query={**CHURN, "alias": "1"},
        why=BY_NAME_ONLY,
    ),
    Row(
        "mlflowSetRegisteredModelAlias",
        f"{NUMBERED}; {GET}; {BY_NAME}; {MOVE}",
        {**ONE, "alias": "new"},
        why=BY_NAME_ONLY,
    ),
    Row("mlflowDeleteRegisteredModelAlias", f"{BY_NAME}; {BY_NAME}", {**CHURN, "alias": "none"}),
    Row("mlflowSetModelVersionTag", f"{NUMBERED}; PutContexts", {**ONE, "key": "k", "value": "v"}, why=BY_NAME_ONLY),
    Row("mlflowDeleteModelVersionTag", f"{NUMBERED}; PutContexts", {**ONE, "key": "k"}, why=BY_NAME_ONLY),
]
"""The operations of MLflow's registry API. Each request names its model, so a look-up comes first."""

AT_MOST = {
    "get": 1,
    "find": 1,
    "create": 3,
    "upsert": 3,
    "update": 2,
    "mlflow": 2,
    "set": 2,
    "roll": 2,
    "delete": 2,
    "resolve": 1,
}
"""The design's numbers by the first word of the operation."""


async def a_world(served: Served) -> dict[str, str]:
    """Creates one entity of each kind; returns their ids."""
    make = served.make
    ids = {}
    ids["model"] = (await make("/registered_models", name="model", externalId="model"))["id"]
    ids["version"] = (await make("/model_versions", name="version", registeredModelId=ids["model"]))["id"]
    below_version = f"/model_versions/{ids['version']}/artifacts"
    artifact = await make(below_version, **of("model-artifact", name="weights", externalId="artifact"))
    ids["metric"] = (await make(below_version, **of("metric", name="quality", value=1)))["id"]
    ids["artifact"] = artifact["id"]
    await make("/model_artifacts", name="standalone")
    ids["environment"] = (await make("/serving_environments", name="environment"))["id"]
    service = {"name": "service", "registeredModelId": ids["model"], "servingEnvironmentId": ids["environment"]}
    ids["service"] = (await make("/inference_services", **service))["id"]
    pinned = await make("/inference_services", **{**service, "name": "pinned", "modelVersionId": ids["version"]})
    ids["pinned"] = pinned["id"]
    ids["experiment"] = (await make("/experiments", name="experiment"))["id"]
    ids["run"] = (await make("/experiment_runs", name="run", experimentId=ids["experiment"]))["id"]
    below_run = f"/experiment_runs/{ids['run']}/artifacts"
    await make(below_run, **of("metric", name="loss", value=1, step=1))
    ids["data"] = (await make(below_version, **of("dataset-artifact", name="data")))["id"]
    await make(below_run, **of("dataset-artifact", id=ids["data"]))
    step = {"kind": "training", "inputArtifactIds": [ids["data"]], "outputArtifactIds": [ids["artifact"]]}
    await make(f"{EXTENSIONS}/lineage/steps", **step)
    await make(f"/inference_services/{ids['service']}/serves", modelVersionId=ids["version"])
    return {**ids, **await an_alias(served)}


async def models_of_mlflow(served: Served) -> None:
    """Creates models with two versions each, as MLflow's clients do."""
    for name in ("churn", "renamed", "deleted"):
        await served.make(f"{MLFLOW}/registered-models/create", name=name)
        for _ in range(2):
            await served.make(f"{MLFLOW}/model-versions/create", name=name, source="s3://models")
        await served.make(f"{MLFLOW}/registered-models/alias", name=name, alias="champion", version="1")


PATH_IDS = {
    "id": "artifact",
    "artifactId": "artifact",
    "modelartifactId": "artifact",
    "registeredmodelId": "model",
    "modelversionId": "version",
    "servingenvironmentId": "environment",
    "inferenceserviceId": "service",
    "experimentId": "experiment",
    "experimentrunId": "run",
    "alias": "alias",
}
"""The name of an id in the document's paths, and in these tests."""


def url_of(operation: Described, ids: dict[str, str]) -> str:
    """The address of an operation with these ids in its path."""
    return f"http://test{operation.prefixes[0]}{operation.path.format_map(ids)}"


async def calls_of(served: Served, row: Row, ids: dict[str, str]) -> str:
    """Sends the request of a row and returns the calls that it made."""
    operation = all_operations()[row.operation]
    path = url_of(operation, {key: ids[row.about.get(ours, ours)] for key, ours in PATH_IDS.items()})
    fill = {"{" + key + "}": id_ for key, id_ in ids.items()} | {"new": names.made_up()}
    query = {key: filled(value, fill) for key, value in row.query.items()}
    body = {key: filled_in(value, fill) for key, value in row.body.items()}
    served.store.forget()
    response = await served.client.request(
        operation.method, path, params=query, json=body if operation.body is not None else None
    )
    assert response.is_success, response.text
    return served.store.rounds


def filled_in(value: Any, values: dict[str, str]) -> Any:
    """The same for the texts in a value of a body."""
    if isinstance(value, list):
        return [filled_in(each, values) for each in value]
    return filled(value, values) if isinstance(value, str) else value


def filled(text: str, values: dict[str, str]) -> str:
    """A text with ids in the place of their names, and a new name for `new`."""
    for name, id_ in values.items():
        text = text.replace(name, id_)
    return text


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[True, False], ids=["filters", "no-filters"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Served, dict[str, str]]]:
    """One set of entities for all rows, on MLMD with filters and without; each row creates new names.

    No other client attaches anything later.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(namesakes, "TRUSTED_SECONDS", 3600.0)
        async with serving(FakeStore(filters=request.param)) as served:
            ids = await a_world(served)
            await models_of_mlflow(served)
            yield served, ids


INSTEAD = {
    CHILDREN: LIST,
    "GetContextsByType": LIST,
    "GetArtifactsByType": "GetArtifacts",
    "GetContextsByArtifact": "GetLineageSubgraph",
}
"""Calls that are made instead of those in the table: of `LIST` where it pays, of others where MLMD has no filters."""


def as_in_the_table(calls: str) -> str:
    """The calls by their names in the table. Without filters each artifact of a list takes its own call, several at a time."""
    rounds = [
        " || ".join(dict.fromkeys(INSTEAD.get(call, call) for call in each.split(" || "))) for each in calls.split("; ")
    ]
    many = "GetLineageSubgraph"
    return "; ".join(each for number, each in enumerate(rounds) if each != many or rounds[number - 1] != many)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("row", [*ROWS, *MLFLOW_ROWS], ids=str)
async def test_an_operation_takes_these_calls(row: Row, world: tuple[Served, dict[str, str]]) -> None:
    served, ids = world
    has_filters = served.registry.store.filters  # type: ignore[attr-defined]
    expected = row.calls if has_filters else row.plain or row.calls
    assert as_in_the_table(await calls_of(served, row, ids)) == expected


def test_the_table_has_every_operation() -> None:
    assert {row.operation for row in (*ROWS, *MLFLOW_ROWS)} == set(BOUND)


@pytest.mark.parametrize("row", [*ROWS, *MLFLOW_ROWS], ids=str)
def test_the_table_gives_a_reason_for_each_row_that_exceeds_the_design(row: Row) -> None:
    limit = next(limit for word, limit in AT_MOST.items() if row.operation.startswith(word))
    if row.operation.startswith("update") and not row.body:
        limit = 1
    calls = row.calls.replace("||", ";").count(";") + 1
    rounds = row.calls.count(";") + 1
    assert bool(row.why) == (calls > limit or rounds > min(limit, 2))


async def test_starting_takes_two_calls_for_the_types_and_the_question_whether_mlmd_filters() -> None:
    store = FakeStore()
    registry = await registry_on(store)
    await registry.open()
    assert store.rounds == "PutTypes; GetContexts"


async def test_a_page_of_250_takes_three_calls() -> None:
    need_filters()
    async with serving(FakeStore()) as served:
        store, type_id = served.store, served.registry.type_id(OPERATIONS["getRegisteredModels"].entity)
        store.ask("PutContexts", contexts=[{"type_id": type_id, "name": f"m{i}"} for i in range(250)])
        page = (await served.client.get("/registered_models", params={"pageSize": 1000})).json()
        assert (page["size"], page["nextPageToken"]) == (250, "")
        assert store.counts == {LIST: 3}


async def test_a_small_page_asks_for_no_more_than_it_shows() -> None:
    need_filters()
    async with serving(FakeStore()) as served:
        await a_world(served)
        served.store.forget()
        await served.client.get("/artifacts", params={"pageSize": 1})
        (call,) = served.store.calls
        assert call.request.options.max_result_size == 1


async def test_a_parent_that_is_not_known_yet_is_read_once_and_at_the_same_time_as_the_list() -> None:
    need_filters()
    store = FakeStore()
    async with serving(store) as served:
        ids = await a_world(served)
    async with serving(store) as restarted:
        row = Row("getRegisteredModelVersions", "")
        assert await calls_of(restarted, row, ids) == f"{LIST} || {GET}"
        assert await calls_of(restarted, row, ids) == CHILDREN, "a parent that is known to have few children"


async def test_a_standalone_artifact_takes_a_second_call_for_its_run() -> None:
    need_filters()
    async with serving(FakeStore()) as served:
        id_ = (await served.make("/model_artifacts", name="standalone"))["id"]
        row = Row("getModelArtifact", "", about={"artifact": "standalone"})
        assert await calls_of(served, row, dict.fromkeys([*PATH_IDS.values(), "standalone"], id_)) == (
            f"{GET_ARTIFACT}; GetLineageSubgraph"
        )


async def test_references_that_are_not_known_yet_are_read_together() -> None:
    store = FakeStore()
    async with serving(store) as served:
        ids = await a_world(served)
    body = {"registeredModelId": ids["model"], "servingEnvironmentId": ids["environment"]}
    async with serving(store) as restarted:
        row = Row("createInferenceService", "", {**body, "modelVersionId": ids["version"]})
        assert await calls_of(restarted, row, ids) == f"{GET}; {GET}; {CREATE_CHILD}"
