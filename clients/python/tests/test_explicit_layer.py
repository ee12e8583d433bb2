"""Every verb on every entity, against a real server."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from model_registry_client import (
    AsyncRegistry,
    DataSet,
    DocArtifact,
    Entity,
    Experiment,
    ExperimentRun,
    ExperimentRunStatus,
    InferenceService,
    InferenceServiceState,
    InvalidValue,
    Metric,
    ModelArtifact,
    ModelVersion,
    NotFound,
    Parameter,
    RegisteredModel,
    RegisteredModelState,
    Registry,
    ServeModel,
    ServingEnvironment,
)
from model_registry_client.bodies import below
from model_registry_client.entities import ENTITIES, Artifact

Unique = Callable[[str], str]
PROPERTIES: Mapping[str, Any] = {
    "text": "ä \U0001f600",
    "empty": "",
    "whole": 2**53 + 1,
    "big": -(2**63),
    "exact": 0.1 + 0.2,
    "tiny": 1e-20,
    "one": 1.0,
    "yes": True,
    "no": False,
    "struct": {"a": [1, {"b": None}], "metadataType": "mine"},
    "nothing": {},
}
FILLED: Mapping[type[Entity], Mapping[str, Any]] = {
    RegisteredModel: {"owner": "ann", "language": ["en", "de"], "tasks": ["classification"], "license": "MIT"},
    ModelVersion: {"author": "bob"},
    ModelArtifact: {"uri": "s3://a/b", "model_format_name": "onnx", "state": "LIVE"},
    DocArtifact: {"uri": "s3://a/doc"},
    DataSet: {"uri": "s3://a/data", "digest": "abc", "schema": "{}", "profile": "p"},
    Metric: {"value": 1 / 3, "step": 7, "timestamp": "1700000000000"},
    Parameter: {"value": "0.1", "parameter_type": "number"},
    ServingEnvironment: {},
    InferenceService: {"runtime": "triton"},
    ServeModel: {"last_known_state": "RUNNING"},
    Experiment: {"owner": "cem"},
    ExperimentRun: {"owner": "dee", "start_time_since_epoch": "1700000000000"},
}


class Parents:
    """A parent of each kind."""

    def __init__(self, registry: Registry, unique: Unique) -> None:
        model = registry.create_registered_model(unique("parent"))
        version = registry.create_model_version(model.id, "1")
        environment = registry.create_serving_environment(unique("environment"))
        service = registry.create_inference_service(environment.id, model.id, unique("service"))
        experiment = registry.create_experiment(unique("experiment"))
        self.ids = {
            "registered_model_id": model.id,
            "model_version_id": version.id,
            "serving_environment_id": environment.id,
            "inference_service_id": service.id,
            "experiment_id": experiment.id,
        }

    def below(self, entity: type[Entity]) -> Any:
        """Returns the parent of an entity in a test."""
        return below(entity, **{k: v for k, v in self.ids.items() if k in {p.argument for p in entity.parents}})

    def fields(self, entity: type[Entity]) -> dict[str, Any]:
        """Returns values for the fields of an entity."""
        needed = {name: self.ids[name] for name in entity.required if name in self.ids}
        return {**FILLED[entity], **needed, "description": "words", "custom_properties": dict(PROPERTIES)}


@pytest.fixture
def parents(registry: Registry, unique: Unique) -> Parents:
    """A parent of each kind, made for a test."""
    return Parents(registry, unique)


EACH = pytest.mark.parametrize("entity", [e for e in ENTITIES if e is not Artifact], ids=lambda entity: entity.__name__)


def assert_holds(found: Entity, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        assert getattr(found, name) == value, name
        if name == "custom_properties":
            assert {key: type(item) for key, item in found.custom_properties.items()} == {
                key: type(item) for key, item in value.items()
            }


@EACH
def test_every_verb_works_on_an_entity(
    registry: Registry, parents: Parents, unique: Unique, entity: type[Entity]
) -> None:
    under, fields = parents.below(entity), parents.fields(entity) | {"name": unique("x"), "external_id": unique("e")}
    created = registry.create(entity, fields, under)
    assert type(created) is entity
    assert_holds(created, fields)
    assert created.created
    assert abs((created.created - datetime.now(UTC)).total_seconds()) < 60
    assert registry.find(entity, fields["name"], under) == created
    if entity.finder:
        assert registry.find(entity, external_id=fields["external_id"]) == created
    assert created in list(registry.list(entity, under))
    assert registry.find(entity, unique("none"), under) is None
    if entity.collection:
        assert registry.get(entity, created.id) == created
        changed = registry.update(entity, created.id, {"description": "other"})
        assert_holds(changed, fields | {"description": "other"})
        assert not registry.update(entity, created.id, {"description": None}).description
        again = registry.upsert(entity, fields | {"description": "third", "custom_properties": {"n": 1}}, under)
        assert (again.id, again.description, again.custom_properties) == (created.id, "third", {"n": 1})


@EACH
async def test_every_verb_works_on_an_entity_with_asyncio(
    async_registry: AsyncRegistry, registry: Registry, parents: Parents, unique: Unique, entity: type[Entity]
) -> None:
    under, fields = parents.below(entity), parents.fields(entity) | {"name": unique("x"), "external_id": unique("e")}
    created = await async_registry.create(entity, fields, under)
    assert_holds(created, fields)
    assert await async_registry.find(entity, fields["name"], under) == created
    assert created in [item async for item in async_registry.list(entity, under)]
    if entity.collection:
        assert await async_registry.get(entity, created.id) == created
        assert_holds(
            await async_registry.update(entity, created.id, {"description": "other"}), {"description": "other"}
        )
        again = await async_registry.upsert(entity, fields, under)
        assert (again.id, again.description) == (created.id, "words")


@pytest.mark.parametrize("entity", [e for e in FILLED if "name" not in e.required], ids=lambda entity: entity.__name__)
def test_an_entity_without_a_name_gets_one(registry: Registry, parents: Parents, entity: type[Entity]) -> None:
    under, fields = parents.below(entity), parents.fields(entity)
    first, second = registry.create(entity, fields, under), registry.create(entity, fields, under)
    assert first.name != second.name
    assert registry.find(entity, first.name, under) == first


def test_named_methods_do_what_they_say(registry: Registry, unique: Unique) -> None:
    model = registry.create_registered_model(unique("m"), owner="ann", tasks=["a"])
    version = registry.create_model_version(model.id, "1", author="bob", custom_properties={"accuracy": 0.9})
    artifact = registry.create_model_artifact("files", model_version_id=version.id, uri="s3://x")
    assert registry.find_registered_model(model.name) == model
    assert registry.find_model_version("1", registered_model_id=model.id) == version
    assert registry.find_model_artifact("files", model_version_id=version.id) == artifact
    assert registry.get_artifact(artifact.id) == registry.get_model_artifact(artifact.id) == artifact
    assert [v.name for v in registry.list_model_versions(model.id)] == ["1"]
    assert [a.name for a in registry.list_artifacts(model_version_id=version.id)] == ["files"]
    archived = registry.update_registered_model(model, state="ARCHIVED")
    assert archived.state is RegisteredModelState.ARCHIVED
    assert archived.owner == "ann"
    renamed = registry.update_registered_model(model.id, owner="eve")
    assert (renamed.state, renamed.owner, renamed.tasks) == (RegisteredModelState.ARCHIVED, "eve", ["a"])


def test_a_changed_entity_sends_only_its_changes(registry: Registry, unique: Unique) -> None:
    model = registry.create_registered_model(unique("m"), owner="ann", description="a", custom_properties={"n": 1})
    stale = registry.get_registered_model(model.id)
    registry.update_registered_model(model.id, owner="eve", custom_properties={"n": 2})
    stale.description = "b"
    updated = registry.update_registered_model(stale)
    assert (updated.owner, updated.description, updated.custom_properties) == ("eve", "b", {"n": 2})
    updated.custom_properties["m"] = "x"
    updated.description = None
    again = registry.update_registered_model(updated)
    assert (again.description or None, again.custom_properties) == (None, {"n": 2, "m": "x"})


def test_an_entity_that_has_all_values_is_not_updated(registry: Registry, unique: Unique) -> None:
    fields = {"name": unique("m"), "owner": "ann", "custom_properties": dict(PROPERTIES)}
    model = registry.create(RegisteredModel, fields)
    asked: list[str] = []
    registry._transport._http.event_hooks["request"].append(lambda request: asked.append(request.method))
    assert registry.upsert(RegisteredModel, fields) == model
    assert registry.update_registered_model(model) == model
    assert asked == ["GET", "GET"]
    registry.upsert(RegisteredModel, fields | {"owner": "eve"})
    assert asked[-1] == "PATCH"


def test_standalone_artifacts_are_created_and_attached(registry: Registry, parents: Parents, unique: Unique) -> None:
    name = unique("standalone")
    artifact = registry.create_doc_artifact(name, uri="s3://x")
    attached = registry.attach_artifact(artifact, model_version_id=parents.ids["model_version_id"])
    assert attached.id == artifact.id
    assert registry.find_doc_artifact(name, model_version_id=parents.ids["model_version_id"]) == attached


def test_artifacts_of_one_name_and_different_kinds_are_distinguished(
    registry: Registry, parents: Parents, unique: Unique
) -> None:
    name, version = unique("same"), parents.ids["model_version_id"]
    doc = registry.create_doc_artifact(name, model_version_id=version)
    model = registry.create_model_artifact(name, model_version_id=version, uri="s3://x")
    assert registry.find_doc_artifact(name, model_version_id=version) == doc
    assert registry.find_model_artifact(name, model_version_id=version) == model
    assert registry.find_dataset(name, model_version_id=version) is None
    with pytest.raises(NotFound):
        registry.get_model_artifact(doc.id)


def test_runs_keep_the_history_of_their_metrics(registry: Registry, parents: Parents, unique: Unique) -> None:
    run = registry.create_experiment_run(parents.ids["experiment_id"], unique("run"))
    for step in range(3):
        registry.create_metric("loss", 1 / (step + 1), experiment_run_id=run.id, step=step)
    registry.create_metric("loss2", 5.0, experiment_run_id=run.id, step=1)
    history = list(registry.list_metric_history(run.id, name="loss"))
    assert [(row.step, row.value) for row in history] == [(0, 1.0), (1, 0.5), (2, 1 / 3)]
    assert [row.value for row in registry.list_metric_history(run.id, name="loss", step_ids=[1, 2])] == [0.5, 1 / 3]
    assert {m.name: m.value for m in registry.list_metrics(experiment_run_id=run.id)} == {"loss": 1 / 3, "loss2": 5.0}
    finished = registry.update_experiment_run(run, status="FINISHED", end_time_since_epoch="9999999999999")
    assert finished.status is ExperimentRunStatus.FINISHED
    kept = registry.update_experiment_run(run.id, description="x")
    assert kept.status is ExperimentRunStatus.FINISHED


def test_inference_services_return_their_model_and_version(
    registry: Registry, parents: Parents, unique: Unique
) -> None:
    ids = parents.ids
    service = registry.create_inference_service(
        ids["serving_environment_id"], ids["registered_model_id"], unique("s"), model_version_id=ids["model_version_id"]
    )
    assert registry.get_deployed_model(service.id).id == ids["registered_model_id"]
    assert registry.get_deployed_version(service.id).id == ids["model_version_id"]
    assert registry.update_inference_service(service, desired_state="UNDEPLOYED").desired_state is (
        InferenceServiceState.UNDEPLOYED
    )
    serve = registry.create_serve(service.id, ids["model_version_id"], "first", last_known_state="RUNNING")
    assert registry.upsert_serve(service.id, ids["model_version_id"], "first", last_known_state="RUNNING") == serve
    with pytest.raises(InvalidValue, match="cannot change it"):
        registry.upsert_serve(service.id, ids["model_version_id"], "first", last_known_state="FAILED")


def test_lists_are_fetched_page_by_page(registry: Registry, parents: Parents) -> None:
    model_id = registry.create_registered_model(
        f"pages-{parents.ids['experiment_id']}-{parents.ids['model_version_id']}"
    ).id
    for number in range(7):
        registry.create_model_version(model_id, str(number), custom_properties={"n": number})
    asked: list[str] = []
    registry._transport._http.event_hooks["request"].append(lambda request: asked.append(str(request.url)))
    versions = registry.list_model_versions(model_id, page_size=3, order_by="CREATE_TIME", descending=True)
    assert not asked
    assert [next(versions).name for _ in range(3)] == ["6", "5", "4"]
    assert len(asked) == 1
    assert [version.name for version in versions] == ["3", "2", "1", "0"]
    assert len(asked) == 3
    found = registry.list_model_versions(model_id, filter_query="n >= 2 AND n < 4")
    assert [version.name for version in found] == ["2", "3"]
