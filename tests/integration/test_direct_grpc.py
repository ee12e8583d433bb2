"""Clients of MLMD's gRPC and of REST on one store: each sees what the other wrote, and neither breaks the other."""

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.mlmd_client import over_grpc, pb
from tests.support.patience import PATIENCE_SECONDS
from tests.support.processes import Database, Proxy
from tests.support.stores import proxy_on

Json = dict[str, Any]


class Both:
    """The REST API and the MLMD behind it."""

    def __init__(self, proxy: Proxy, client: httpx.Client) -> None:
        self.proxy, self.client = proxy, client
        self.mlmd = over_grpc(proxy)

    def post(self, path: str, **body: Any) -> Json:
        return self.client.post(path, json=body).raise_for_status().json()  # type: ignore[no-any-return]

    def patch(self, path: str, **body: Any) -> Json:
        return self.client.patch(path, json=body).raise_for_status().json()  # type: ignore[no-any-return]

    def get(self, path: str, **query: Any) -> Json:
        return self.client.get(path, params=query).raise_for_status().json()  # type: ignore[no-any-return]

    def status(self, path: str, **query: Any) -> int:
        return self.client.get(path, params=query).status_code

    def ids(self, path: str, **query: Any) -> list[str]:
        return [item["id"] for item in self.get(path, **query)["items"]]

    def context(self, entity: Json) -> Any:
        (node,) = self.mlmd.get_contexts_by_id([int(entity["id"])])
        return node

    def artifact(self, entity: Json) -> Any:
        (node,) = self.mlmd.get_artifacts_by_id([int(entity["id"])])
        return node

    def new_context(self, type_name: str, name: str, parent: str | int | None = None, **properties: str) -> str:
        """A context made over gRPC by the rules of the mapping, with its parent link."""
        node = pb.Context(type_id=self.mlmd.get_context_type(type_name).id, name=name)
        _set(node.properties, properties)
        (id_,) = self.mlmd.put_contexts([node])
        if parent is not None:
            self.mlmd.put_parent_contexts([pb.ParentContext(child_id=id_, parent_id=int(parent))])
        return str(id_)

    def new_artifact(self, type_name: str, name: str, context: str | int | None = None, **properties: Any) -> str:
        """The same for an artifact, with its attribution."""
        node = pb.Artifact(type_id=self.mlmd.get_artifact_type(type_name).id, name=name)
        _set(node.properties, properties)
        (id_,) = self.mlmd.put_artifacts([node])
        if context is not None:
            self.mlmd.put_attributions_and_associations([pb.Attribution(artifact_id=id_, context_id=int(context))], [])
        return str(id_)

    def rename(self, entity: Json, stored_name: str) -> None:
        node = self.context(entity)
        node.name = stored_name
        self.mlmd.put_contexts([node])

    def count(self, type_name: str) -> int:
        return len(self.mlmd.get_contexts_by_type(type_name))


def _set(properties: Any, values: Json) -> None:
    for key, value in values.items():
        kind = {str: "string_value", int: "int_value", float: "double_value"}[type(value)]
        setattr(properties[key], kind, value)


@pytest.fixture
def both(any_proxy: Proxy) -> Iterator[Both]:
    with httpx.Client(base_url=any_proxy.api, timeout=30) as client:
        yield Both(any_proxy, client)


def a_name() -> str:
    return f"n-{uuid.uuid4()}"


def a_model(both: Both) -> Json:
    return both.post("/registered_models", name=a_name(), owner="ann")


def a_version(both: Both, model: Json, name: str = "v1") -> Json:
    return both.post("/model_versions", name=name, registeredModelId=model["id"])


# --- what REST wrote ------------------------------------------------------------------------------


def test_grpc_users_see_what_rest_wrote(both: Both) -> None:
    custom = {"k": {"metadataType": "MetadataIntValue", "int_value": "7"}}
    model = both.post("/registered_models", name=a_name(), tasks=["a", "b"], customProperties=custom)
    version = both.post("/model_versions", name="v:1", registeredModelId=model["id"], author="bob")
    artifact = both.post(
        f"/model_versions/{version['id']}/artifacts",
        artifactType="model-artifact",
        name="weights",
        uri="s3://w",
        state="LIVE",
        externalId=a_name(),
    )
    mlmd = both.mlmd

    node = mlmd.get_context_by_type_and_name("kf.RegisteredModel", model["name"])
    assert (str(node.id), node.custom_properties["k"].int_value) == (model["id"], 7)
    assert list(node.properties["tasks"].struct_value["tasks"]) == ["a", "b"]
    child = mlmd.get_context_by_type_and_name("kf.ModelVersion", f"{model['id']}:v:1")
    assert child.properties["author"].string_value == "bob"
    assert child.properties["version"].string_value == "v:1"
    assert child.properties["model_name"].string_value == model["name"]
    assert [parent.id for parent in mlmd.get_parent_contexts_by_context(child.id)] == [node.id]
    (stored,) = mlmd.get_artifacts_by_context(child.id)
    assert (str(stored.id), stored.type, stored.name) == (
        artifact["id"],
        "kf.ModelArtifact",
        f"{version['id']}:weights",
    )
    assert (stored.uri, stored.state, stored.external_id) == ("s3://w", pb.Artifact.LIVE, artifact["externalId"])


# --- what gRPC changes ----------------------------------------------------------------------------


def test_rest_sees_a_context_changed_over_grpc(both: Both) -> None:
    model = a_model(both)
    node = both.context(model)
    node.properties["owner"].string_value = "eve"
    node.properties["state"].string_value = "ARCHIVED"
    node.custom_properties["n"].int_value = 3
    node.external_id = a_name()
    both.mlmd.put_contexts([node])

    seen = both.get(f"/registered_models/{model['id']}")
    assert (seen["owner"], seen["state"], seen["externalId"]) == ("eve", "ARCHIVED", node.external_id)
    assert seen["customProperties"] == {"n": {"metadataType": "MetadataIntValue", "int_value": "3"}}
    assert both.get("/registered_model", externalId=node.external_id) == seen
    assert both.ids("/registered_models", filterQuery=f'owner = "eve" AND name = "{model["name"]}"') == [model["id"]]


def test_rest_sees_an_artifact_changed_over_grpc(both: Both) -> None:
    version = a_version(both, a_model(both))
    artifact = both.post(
        f"/model_versions/{version['id']}/artifacts", artifactType="model-artifact", name="a", uri="s3://1"
    )
    node = both.artifact(artifact)
    node.uri = "s3://2"
    node.state = pb.Artifact.MARKED_FOR_DELETION
    node.properties["storage_key"].string_value = "key"
    node.custom_properties["f"].double_value = 0.25
    both.mlmd.put_artifacts([node])

    seen = both.get(f"/artifacts/{artifact['id']}")
    assert (seen["uri"], seen["state"], seen["storageKey"]) == ("s3://2", "MARKED_FOR_DELETION", "key")
    assert seen["customProperties"] == {"f": {"metadataType": "MetadataDoubleValue", "double_value": 0.25}}
    assert both.get(f"/model_versions/{version['id']}/artifacts")["items"] == [seen]


def test_properties_removed_over_grpc_are_gone_in_rest(both: Both) -> None:
    custom = {"k": {"metadataType": "MetadataStringValue", "string_value": "x"}}
    model = both.post("/registered_models", name=a_name(), owner="ann", customProperties=custom)
    node = both.context(model)
    del node.properties["owner"]
    del node.custom_properties["k"]
    both.mlmd.put_contexts([node])
    seen = both.get(f"/registered_models/{model['id']}")
    assert "owner" not in seen
    assert seen["customProperties"] == {}


def test_a_patch_keeps_other_fields_that_were_changed_over_grpc_before_it(both: Both) -> None:
    model = a_model(both)
    node = both.context(model)
    node.properties["owner"].string_value = "eve"
    node.custom_properties["n"].int_value = 3
    both.mlmd.put_contexts([node])
    seen = both.patch(f"/registered_models/{model['id']}", description="d")
    assert (seen["owner"], seen["description"]) == ("eve", "d")
    assert seen["customProperties"]["n"]["int_value"] == "3"


# --- what gRPC creates ----------------------------------------------------------------------------


def test_a_model_with_version_and_artifact_made_over_grpc_is_served(both: Both) -> None:
    name = a_name()
    model = both.new_context("kf.RegisteredModel", name, owner="eve", state="LIVE")
    version = both.new_context("kf.ModelVersion", f"{model}:v:2", model, author="eve")
    artifact = both.new_artifact("kf.ModelArtifact", f"{version}:weights", version, model_format_name="onnx")

    assert both.get("/registered_model", name=name)["id"] == model
    assert both.get(f"/registered_models/{model}")["owner"] == "eve"
    seen = both.get("/model_version", name="v:2", parentResourceId=model)
    assert (seen["id"], seen["name"], seen["registeredModelId"], seen["author"]) == (version, "v:2", model, "eve")
    assert both.ids(f"/registered_models/{model}/versions") == [version]
    assert both.ids(f"/registered_models/{model}/versions", name="v:2") == [version]
    found = both.get("/artifact", name="weights", parentResourceId=version)
    assert (found["id"], found["modelFormatName"], found["uri"]) == (artifact, "onnx", "")
    assert both.get(f"/model_artifacts/{artifact}") == found
    assert both.ids(f"/model_versions/{version}/artifacts") == [artifact]
    assert both.client.post("/registered_models", json={"name": name}).status_code == httpx.codes.CONFLICT
    taken = {"name": "v:2", "registeredModelId": model}
    assert both.client.post("/model_versions", json=taken).status_code == httpx.codes.CONFLICT
    assert both.post("/model_versions", name="v:3", registeredModelId=model)["registeredModelId"] == model
    made = both.post(f"/model_versions/{version}/artifacts", artifactType="doc-artifact", name="card")
    assert both.ids(f"/model_versions/{version}/artifacts") == [artifact, made["id"]]


def test_a_service_with_a_serve_made_over_grpc_is_served(both: Both) -> None:
    model = a_model(both)
    version = a_version(both, model)
    environment = both.new_context("kf.ServingEnvironment", a_name())
    node = pb.Context(type_id=both.mlmd.get_context_type("kf.InferenceService").id, name=f"{environment}:svc")
    node.properties["registered_model_id"].int_value = int(model["id"])
    node.properties["serving_environment_id"].int_value = int(environment)
    (service,) = both.mlmd.put_contexts([node])
    both.mlmd.put_parent_contexts([pb.ParentContext(child_id=service, parent_id=int(environment))])
    execution = pb.Execution(type_id=both.mlmd.get_execution_type("kf.ServeModel").id, name=f"{service}:serve")
    execution.properties["model_version_id"].int_value = int(version["id"])
    execution.last_known_state = pb.Execution.RUNNING
    (serve,) = both.mlmd.put_executions([execution])
    both.mlmd.put_attributions_and_associations([], [pb.Association(execution_id=serve, context_id=service)])

    seen = both.get("/inference_service", name="svc", parentResourceId=environment)
    assert (seen["id"], seen["registeredModelId"], seen["servingEnvironmentId"]) == (
        str(service),
        model["id"],
        environment,
    )
    assert both.ids(f"/serving_environments/{environment}/inference_services") == [str(service)]
    assert both.get(f"/inference_services/{service}/version") == version
    (row,) = both.get(f"/inference_services/{service}/serves")["items"]
    assert (row["id"], row["name"], row["modelVersionId"]) == (str(serve), "serve", version["id"])
    assert row["lastKnownState"] == "RUNNING"


def test_a_run_with_metrics_made_over_grpc_is_served_and_goes_on(both: Both) -> None:
    experiment = both.new_context("kf.Experiment", a_name(), state="LIVE")
    run = both.new_context("kf.ExperimentRun", f"{experiment}:run", experiment, status="RUNNING")
    metric = both.new_artifact("kf.Metric", f"{run}:loss", run, value=0.5, step=1, timestamp="1")
    row = both.new_artifact("kf.MetricHistory", f"{run}:loss__1700000000000", run, value=0.5, step=1, timestamp="1")

    seen = both.get("/experiment_run", name="run", parentResourceId=experiment)
    assert (seen["id"], seen["experimentId"], seen["status"]) == (run, experiment, "RUNNING")
    assert both.ids(f"/experiments/{experiment}/experiment_runs") == [run]
    assert both.ids(f"/experiment_runs/{run}/artifacts") == [metric]
    assert both.get(f"/artifacts/{metric}")["experimentRunId"] == run
    assert both.ids(f"/experiment_runs/{run}/metric_history", name="loss") == [row]
    written = both.post(f"/experiment_runs/{run}/artifacts", artifactType="metric", name="loss", value=0.25, step=2)
    assert (written["id"], written["value"]) == (metric, 0.25)
    history = both.get(f"/experiment_runs/{run}/metric_history")["items"]
    assert [item["value"] for item in history] == [0.5, 0.25]


# --- renames --------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_read", [True, False], ids=["read-before", "not-read"])
def test_a_model_renamed_over_grpc_is_shown_and_gets_new_versions(both: Both, is_read: bool) -> None:
    model = a_model(both)
    a_version(both, model)
    new = a_name()
    both.rename(model, new)
    models = both.count("kf.RegisteredModel")
    if is_read:
        assert both.get(f"/registered_models/{model['id']}")["name"] == new
        assert both.get("/registered_model", name=new)["id"] == model["id"]
        assert both.status("/registered_model", name=model["name"]) == httpx.codes.NOT_FOUND
    version = a_version(both, model, "v2")
    assert version["registeredModelId"] == model["id"]
    (parent,) = both.mlmd.get_parent_contexts_by_context(int(version["id"]))
    assert str(parent.id) == model["id"]
    assert version["id"] in both.ids(f"/registered_models/{model['id']}/versions")
    assert both.count("kf.RegisteredModel") == models


@pytest.mark.parametrize("is_read", [True, False], ids=["read-before", "not-read"])
def test_a_version_renamed_over_grpc_is_shown_and_gets_new_artifacts(both: Both, is_read: bool) -> None:
    """The proxy remembers the old name. MLMD would look the parent up by it, and create a parent if there is none."""
    model = a_model(both)
    version = a_version(both, model)
    first = both.post(f"/model_versions/{version['id']}/artifacts", artifactType="doc-artifact", name="first")
    both.rename(version, f"{model['id']}:renamed")
    versions = both.count("kf.ModelVersion")
    if is_read:
        assert both.get(f"/model_versions/{version['id']}")["name"] == "renamed"
        assert both.get("/model_version", name="renamed", parentResourceId=model["id"])["id"] == version["id"]
        old = {"name": "v1", "parentResourceId": model["id"]}
        assert both.status("/model_version", **old) == httpx.codes.NOT_FOUND
    second = both.post(f"/model_versions/{version['id']}/artifacts", artifactType="model-artifact", name="second")
    assert both.ids(f"/model_versions/{version['id']}/artifacts") == [first["id"], second["id"]]
    assert [str(c.id) for c in both.mlmd.get_contexts_by_artifact(int(second["id"]))] == [version["id"]]
    assert both.count("kf.ModelVersion") == versions
    assert both.ids(f"/registered_models/{model['id']}/versions") == [version["id"]]


def test_metrics_of_a_run_renamed_over_grpc_stay_in_it(both: Both) -> None:
    experiment = both.post("/experiments", name=a_name())
    run = both.post("/experiment_runs", name="run", experimentId=experiment["id"])
    metric = {"artifactType": "metric", "name": "loss"}
    first = both.post(f"/experiment_runs/{run['id']}/artifacts", **metric, value=1.0)
    both.rename(run, f"{experiment['id']}:renamed")
    runs = both.count("kf.ExperimentRun")
    assert both.post(f"/experiment_runs/{run['id']}/artifacts", **metric, value=2.0)["id"] == first["id"]
    history = both.get(f"/experiment_runs/{run['id']}/metric_history")["items"]
    assert [row["value"] for row in history] == [1.0, 2.0]
    assert both.count("kf.ExperimentRun") == runs


def test_serves_of_a_service_renamed_over_grpc_stay_in_it(both: Both) -> None:
    model = a_model(both)
    version = a_version(both, model)
    environment = both.post("/serving_environments", name=a_name())
    service = both.post(
        "/inference_services", name="s", registeredModelId=model["id"], servingEnvironmentId=environment["id"]
    )
    both.rename(service, f"{environment['id']}:renamed")
    services = both.count("kf.InferenceService")
    serve = both.post(f"/inference_services/{service['id']}/serves", modelVersionId=version["id"])
    assert both.ids(f"/inference_services/{service['id']}/serves") == [serve["id"]]
    assert both.count("kf.InferenceService") == services


def test_an_old_name_used_again_does_not_draw_artifacts_to_the_new_version(both: Both) -> None:
    model = a_model(both)
    first = a_version(both, model)
    both.rename(first, f"{model['id']}:renamed")
    second = a_version(both, model, "v1")
    assert second["id"] != first["id"]
    for version in (first, second):
        made = both.post(f"/model_versions/{version['id']}/artifacts", artifactType="doc-artifact", name="card")
        assert both.ids(f"/model_versions/{version['id']}/artifacts") == [made["id"]]
        assert [str(c.id) for c in both.mlmd.get_contexts_by_artifact(int(made["id"]))] == [version["id"]]


def test_an_old_name_used_again_over_grpc_does_not_keep_artifacts_from_their_version(both: Both) -> None:
    """The version that has the old name now may get them too: MLMD finds it by the remembered name, and cannot undo a link."""
    model = a_model(both)
    first = a_version(both, model)
    both.rename(first, f"{model['id']}:renamed")
    both.new_context("kf.ModelVersion", f"{model['id']}:v1", model["id"])
    made = both.post(f"/model_versions/{first['id']}/artifacts", artifactType="doc-artifact", name="card")
    assert both.ids(f"/model_versions/{first['id']}/artifacts") == [made["id"]]
    again = both.post(f"/model_versions/{first['id']}/artifacts", artifactType="doc-artifact", name="again")
    assert [str(c.id) for c in both.mlmd.get_contexts_by_artifact(int(again["id"]))] == [first["id"]]


# --- what REST has no words for -------------------------------------------------------------------


def test_nodes_of_foreign_types_are_not_shown(both: Both) -> None:
    own = f"own.{uuid.uuid4().hex}"
    both.mlmd.put_artifact_type(pb.ArtifactType(name=own, properties={"p": pb.STRING}))
    both.mlmd.put_context_type(pb.ContextType(name=own))
    both.mlmd.put_execution_type(pb.ExecutionType(name=own))
    model = a_model(both)
    version = a_version(both, model)
    mine = both.post(f"/model_versions/{version['id']}/artifacts", artifactType="doc-artifact", name="card")
    foreign = both.new_artifact(own, f"{version['id']}:card", version["id"], p="x")
    context = both.new_context(own, f"{model['id']}:v1", model["id"])
    standalone = both.new_artifact(own, a_name())
    execution = pb.Execution(type_id=both.mlmd.get_execution_type(own).id, name=a_name())
    (run,) = both.mlmd.put_executions([execution])
    both.mlmd.put_attributions_and_associations([], [pb.Association(execution_id=run, context_id=int(version["id"]))])

    assert both.ids(f"/model_versions/{version['id']}/artifacts") == [mine["id"]]
    assert both.ids(f"/registered_models/{model['id']}/versions") == [version["id"]]
    assert both.get("/artifact", name="card", parentResourceId=version["id"])["id"] == mine["id"]
    assert both.get("/model_version", name="v1", parentResourceId=model["id"])["id"] == version["id"]
    assert not {foreign, standalone} & set(both.ids("/artifacts", pageSize=1000))
    filtered = both.ids(f"/model_versions/{version['id']}/artifacts", filterQuery='name = "card"')
    assert filtered == [mine["id"]]
    for path in (f"/artifacts/{foreign}", f"/model_artifacts/{foreign}", f"/model_versions/{context}"):
        assert both.status(path) == httpx.codes.NOT_FOUND
    body = {"artifactType": "doc-artifact", "description": "d"}
    assert both.client.patch(f"/artifacts/{foreign}", json=body).status_code == httpx.codes.NOT_FOUND
    under = both.client.post(f"/model_versions/{context}/artifacts", json={"artifactType": "doc-artifact"})
    assert under.status_code == httpx.codes.NOT_FOUND


def test_an_artifact_of_ours_below_a_foreign_context_is_served(both: Both) -> None:
    own = f"own.{uuid.uuid4().hex}"
    both.mlmd.put_context_type(pb.ContextType(name=own))
    context = both.new_context(own, a_name())
    artifact = both.new_artifact("kf.DocArtifact", f"{context}:card", context)
    seen = both.get(f"/artifacts/{artifact}")
    assert (seen["name"], seen["artifactType"]) == ("card", "doc-artifact")
    assert "experimentRunId" not in seen
    assert artifact in both.ids("/artifacts", filterQuery='name = "card"', pageSize=1000)


def test_a_proto_value_is_left_out_and_survives_a_change_of_other_fields(both: Both) -> None:
    model = a_model(both)
    node = both.context(model)
    node.custom_properties["proto"].proto_value.Pack(pb.Event(artifact_id=1))
    node.custom_properties["n"].int_value = 3
    both.mlmd.put_contexts([node])
    shown = {"n": {"metadataType": "MetadataIntValue", "int_value": "3"}}
    assert both.get(f"/registered_models/{model['id']}")["customProperties"] == shown
    assert both.ids("/registered_models", filterQuery=f'name = "{model["name"]}"') == [model["id"]]
    assert both.get("/registered_model", name=model["name"])["customProperties"] == shown
    assert both.patch(f"/registered_models/{model['id']}", description="d")["customProperties"] == shown
    assert both.context(model).custom_properties["proto"].proto_value.type_url.endswith("ml_metadata.Event")


@pytest.mark.parametrize("new_name", ["no-prefix", "not an id:v1", "²:v1"])
def test_the_parent_of_a_child_whose_name_has_lost_its_prefix_is_read_from_its_link(both: Both, new_name: str) -> None:
    name = f"{new_name}-{uuid.uuid4()}"
    model = a_model(both)
    environment = both.post("/serving_environments", name=a_name())
    experiment = both.post("/experiments", name=a_name())
    body = {"registeredModelId": model["id"], "servingEnvironmentId": environment["id"]}
    version = a_version(both, model)
    for path, parent_id, entity in (
        ("/model_versions", "registeredModelId", version),
        ("/inference_services", "servingEnvironmentId", both.post("/inference_services", name="s", **body)),
        ("/experiment_runs", "experimentId", both.post("/experiment_runs", name="r", experimentId=experiment["id"])),
    ):
        both.rename(entity, name)
        seen = both.get(f"{path}/{entity['id']}")
        assert seen["name"] == name.rpartition(":")[2]
        assert seen[parent_id] == entity[parent_id]
        assert seen in both.get(path, orderBy="CREATE_TIME", sortOrder="DESC", pageSize=50)["items"]
        assert both.patch(f"{path}/{entity['id']}", description="d")[parent_id] == entity[parent_id]
    assert both.ids(f"/registered_models/{model['id']}/versions") == [version["id"]]
    made = both.post(f"/model_versions/{version['id']}/artifacts", artifactType="doc-artifact", name="card")
    assert both.ids(f"/model_versions/{version['id']}/artifacts") == [made["id"]]
    deployed = both.post("/inference_services", name="t", modelVersionId=version["id"], **body)
    assert both.get(f"/inference_services/{deployed['id']}/version")["id"] == version["id"]


def test_a_child_without_prefix_and_link_does_not_break_reads(tmp_path: Path, database: Callable[[], Database]) -> None:
    """Its parent is stored nowhere, so the answer lacks it: no answer from a proxy that checks its answers with the document.

    That is why it does not share a store with other tests, which list all there is.
    """
    with (
        proxy_on("embedded-sqlite", tmp_path, database) as proxy,
        httpx.Client(base_url=proxy.api, timeout=30) as client,
    ):
        both = Both(proxy, client)
        for type_name, path in (
            ("kf.ModelVersion", "/model_versions"),
            ("kf.InferenceService", "/inference_services"),
            ("kf.ExperimentRun", "/experiment_runs"),
        ):
            id_ = both.new_context(type_name, "lonely")
            seen = both.get(f"{path}/{id_}")
            assert seen["name"] == "lonely"
            assert both.get(path)["items"] == [seen]
            assert both.ids(path, filterQuery='name = "lonely"') == [id_]
        (service,) = both.ids("/inference_services")
        for what in ("model", "version"):
            assert both.status(f"/inference_services/{service}/{what}") == 404


def test_artifacts_without_a_name_or_without_a_prefix_are_served(both: Both) -> None:
    version = a_version(both, a_model(both))
    type_id = both.mlmd.get_artifact_type("kf.ModelArtifact").id
    name = a_name()
    ids = both.mlmd.put_artifacts([pb.Artifact(type_id=type_id), pb.Artifact(type_id=type_id, name=name)])
    both.mlmd.put_attributions_and_associations(
        [pb.Attribution(artifact_id=id_, context_id=int(version["id"])) for id_ in ids], []
    )
    items = both.get(f"/model_versions/{version['id']}/artifacts")["items"]
    assert [(item["id"], item.get("name")) for item in items] == [(str(ids[0]), None), (str(ids[1]), name)]
    assert both.get("/artifact", name=name, parentResourceId=version["id"])["id"] == str(ids[1])


# --- an engine that a client brings down ----------------------------------------------------------


def test_the_embedded_engine_comes_back_after_a_request_that_kills_it(
    tmp_path: Path, database: Callable[[], Database]
) -> None:
    """A value without a kind fails a CHECK in MLMD's C++, which ends its process."""
    with (
        proxy_on("embedded-sqlite", tmp_path, database) as proxy,
        httpx.Client(base_url=proxy.api, timeout=30) as client,
    ):
        both = Both(proxy, client)
        model = a_model(both)
        node = both.context(model)
        node.custom_properties["nothing"].Clear()
        with pytest.raises(Exception, match=r"(?i)closed|unavailable|connection|reset"):
            both.mlmd.put_contexts([node])
        end = time.monotonic() + PATIENCE_SECONDS
        while (answer := client.get(f"/registered_models/{model['id']}")).status_code != httpx.codes.OK:
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            assert time.monotonic() < end, "the engine has not come back"
            time.sleep(0.05)
        assert answer.json() == model
        assert a_version(both, model)["registeredModelId"] == model["id"]
        assert str(both.mlmd.get_contexts_by_id([int(model["id"])])[0].id) == model["id"]
