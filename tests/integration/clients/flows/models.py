"""Models, versions and artifacts, through `model_registry`: what holds with the first release that has them and the newest."""

import asyncio
import json
import threading
from itertools import islice
from typing import Any

import httpx
import pytest
from model_registry import ModelRegistry
from model_registry.exceptions import StoreError
from model_registry.types import (
    ArtifactState,
    DocArtifact,
    ListOptions,
    ModelArtifact,
    ModelVersion,
    ModelVersionState,
    Pager,
    RegisteredModel,
    RegisteredModelState,
)
from mr_openapi.exceptions import ApiException, BadRequestException
from steps import artifact_of, connect, next_millisecond, read_all, register, registered, run, unique, version_of

AWKWARD_NAMES = ("model:latest", ":", "a/b/c", "100%", "a+b&c=d?e#f", 'the "best" \\ one', "it's", "Zoë 模型 🦊", "a_c")


def a_model_is_registered_with_every_argument(address: str) -> None:
    registry, name = connect(address), unique("model")
    source = {f"model_source_{word}": f"the {word}" for word in ("kind", "class", "group", "id", "name")}
    storage = {"storage_key": "secret", "storage_path": "a/b", "service_account_name": "robot"}
    model = registry.register_model(
        name,
        "s3://bucket/key?endpoint=e&defaultRegion=r",
        version="1.0.0",
        model_format_name="onnx",
        model_format_version="1.15",
        author="ada",
        owner="grace",
        version_description="the first",
        metadata={"text": "b", "whole": 1, "fraction": 0.5, "yes": True, "no": False, "label": ""},
        **storage,
        **source,
    )
    assert registered(registry, name) == model
    assert (model.owner, model.state, model.description) == ("grace", RegisteredModelState.LIVE, None)
    assert model.create_time_since_epoch == model.last_update_time_since_epoch

    version = version_of(registry, name, "1.0.0")
    assert (version.author, version.description, version.state) == ("ada", "the first", ModelVersionState.LIVE)
    assert version.registered_model_id == model.id
    metadata = {"text": "b", "whole": 1, "fraction": 0.5, "yes": True, "no": False, "label": ""}
    assert version.custom_properties == metadata
    assert {key: type(value) for key, value in version.custom_properties.items()} == {
        key: type(value) for key, value in metadata.items()
    }

    artifact = artifact_of(registry, name, "1.0.0")
    assert (artifact.name, artifact.uri) == (name, "s3://bucket/key?endpoint=e&defaultRegion=r")
    assert (artifact.model_format_name, artifact.model_format_version) == ("onnx", "1.15")
    assert artifact.state is ArtifactState.UNKNOWN
    for field, value in {**source, **storage}.items():
        assert getattr(artifact, field) == value


def the_author_of_the_client_is_the_default_author_and_owner(address: str) -> None:
    registry, name = connect(address), unique("model")
    assert register(registry, name).owner == "tester"
    assert version_of(registry, name).author == "tester"


def metadata_comes_back_exactly(address: str) -> None:
    registry, name = connect(address), unique("model")
    metadata = {
        "third": 1 / 3,
        "sum": 0.1 + 0.2,
        "tiny": 5e-324,
        "huge": -9.87654321e59,
        "whole as float": 3.0,
        "most": 999_999_999,  # the client itself refuses more digits
        "least": -999_999_999,
        "nothing": 0,
        "": "a property without a name",
        'a.b:c/d `e` "f"': 'quotes " and \\ backslashes',
        "prose": "line\nline\ttab 模型 🦊",
        "long": "x" * 60_000,
    }
    register(registry, name, metadata=metadata)
    stored = version_of(registry, name).custom_properties
    assert stored == metadata
    assert isinstance(stored["whole as float"], float)


def a_struct_that_another_client_wrote_reads_as_base64(address: str) -> None:
    registry, name = connect(address), unique("model")
    struct = {"metadataType": "MetadataStructValue", "struct_value": "eyJhIjpbMSwyXX0="}
    body = {"name": name, "customProperties": {"struct": struct}}
    httpx.post(f"{address}/api/model_registry/v1/registered_models", json=body, trust_env=False).raise_for_status()
    encoded = registered(registry, name).custom_properties["struct"]
    assert encoded == "eyJhIjpbMSwyXX0="


def a_number_that_is_not_one_is_refused_and_leaves_nothing(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name)
    for value in (float("nan"), float("inf")):
        with pytest.raises(BadRequestException):
            register(registry, name, "v2", metadata={"value": value})
    assert registry.get_model_version(name, "v2") is None


def a_version_is_registered_once(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name)
    with pytest.raises(StoreError, match="already exists"):
        register(registry, name, uri="s3://elsewhere")
    assert artifact_of(registry, name).uri == "s3://bucket/model"
    assert [version.name for version in registry.get_model_versions(name)] == ["v1"]


def a_second_version_joins_the_model_that_is_there(address: str) -> None:
    registry, name = connect(address), unique("model")
    first = register(registry, name, owner="ada")
    second = register(registry, name, "v2", owner="grace")
    assert second == first
    assert [version.name for version in registry.get_model_versions(name)] == ["v1", "v2"]


def versions_of_different_models_may_share_a_name(address: str) -> None:
    registry, names = connect(address), (unique("model"), unique("model"))
    for name in names:
        register(registry, name, uri=f"s3://{name}")
    assert [artifact_of(registry, name).uri for name in names] == [f"s3://{name}" for name in names]


def what_is_missing_reads_as_none(address: str) -> None:
    registry, name = connect(address), unique("model")
    assert registry.get_registered_model(name) is None
    with pytest.raises(StoreError, match="does not exist"):
        registry.get_model_version(name, "v1")
    with pytest.raises(StoreError, match="does not exist"):
        registry.get_model_versions(name)
    model = register(registry, name)
    assert registry.get_model_version(name, "v2") is None
    with pytest.raises(StoreError, match="does not exist"):
        registry.get_model_artifact(name, "v2")

    bare = run(registry, registry._api.upsert_model_version(ModelVersion(name="bare"), model.id))
    assert registry.get_model_artifact(name, "bare") is None
    assert run(registry, registry._api.get_model_artifacts(bare.id)) == []
    for by_id in ("get_registered_model_by_id", "get_model_version_by_id", "get_model_artifact_by_id"):
        for id_ in ("999999999", "0", "-1"):
            assert run(registry, getattr(registry._api, by_id)(id_)) is None
    for by_params in (
        "get_registered_model_by_params",
        "get_model_version_by_params",
        "get_model_artifact_by_params",
    ):
        assert run(registry, getattr(registry._api, by_params)(external_id=unique("missing"))) is None


def an_id_of_another_kind_of_thing_reads_as_none(address: str) -> None:
    registry, name = connect(address), unique("model")
    model = register(registry, name)
    version = version_of(registry, name)
    assert run(registry, registry._api.get_registered_model_by_id(version.id)) is None
    assert run(registry, registry._api.get_model_version_by_id(model.id)) is None


def updates_change_what_they_say_and_nothing_else(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name, metadata={"kept": 1}, version_description="before", storage_key="secret")
    for before in (registered(registry, name), version_of(registry, name), artifact_of(registry, name)):
        next_millisecond()
        after = registry.update(before.model_copy(update={"description": "after"}))
        changed = {"description", "last_update_time_since_epoch"}
        assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
        assert after.description == "after"
        assert int(after.last_update_time_since_epoch) > int(before.last_update_time_since_epoch)
    assert registered(registry, name).description == "after"
    assert version_of(registry, name).description == "after"
    assert artifact_of(registry, name).description == "after"


def an_update_from_a_bare_object_keeps_what_it_does_not_hold(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name, owner="ada", author="grace", metadata={"kept": "yes"})
    artifact = artifact_of(registry, name)
    updated = registry.update(ModelArtifact(id=artifact.id, uri="s3://new", description="bare"))
    assert (updated.uri, updated.description) == ("s3://new", "bare")
    assert (updated.name, updated.model_format_name, updated.model_format_version) == (name, "onnx", "1")

    version = version_of(registry, name)
    updated = registry.update(ModelVersion(id=version.id, name="another name", description="bare"))
    assert (updated.name, updated.author, updated.custom_properties) == ("v1", "grace", {"kept": "yes"})

    model = registered(registry, name)
    updated = registry.update(RegisteredModel(id=model.id, name="another name", description="bare"))
    assert (updated.name, updated.owner) == (name, "ada")


def an_update_without_an_id_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match="must have an ID"):
        connect(address).update(RegisteredModel(name="never registered"))


def labels_with_empty_values_survive(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name)
    for read in (registered, version_of, artifact_of):
        labelled = read(registry, name)
        labelled.custom_properties = {"label": "", "another": ""}
        registry.update(labelled)
        assert read(registry, name).custom_properties == {"label": "", "another": ""}


def custom_properties_are_replaced_as_a_whole(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name, metadata={"a": 1, "b": 2.5})
    version = version_of(registry, name)
    version.custom_properties = {"b": 1 / 3, "c": True}
    assert registry.update(version).custom_properties == {"b": 1 / 3, "c": True}
    assert version_of(registry, name).custom_properties == {"b": 1 / 3, "c": True}


def what_is_archived_stays_archived_until_it_is_restored(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name)
    for read, states in ((registered, RegisteredModelState), (version_of, ModelVersionState)):
        thing = read(registry, name)
        thing.state = states.ARCHIVED
        assert registry.update(thing).state is states.ARCHIVED
        thing = read(registry, name)
        thing.description = "in the archive"
        assert registry.update(thing).state is states.ARCHIVED
    register(registry, name, "v2")
    assert [version.name for version in registry.get_model_versions(name)] == ["v1", "v2"]
    for read, states in ((registered, RegisteredModelState), (version_of, ModelVersionState)):
        thing = read(registry, name)
        thing.state = states.LIVE
        registry.update(thing)
        assert read(registry, name).state is states.LIVE


def an_artifact_has_a_state_that_updates_keep(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, name)
    for state in ArtifactState:
        artifact = artifact_of(registry, name)
        artifact.state = state
        assert registry.update(artifact).state is state
        artifact = artifact_of(registry, name)
        artifact.uri = f"s3://{state.value}"
        assert registry.update(artifact).state is state


def awkward_names_are_found_again(address: str) -> None:
    registry, prefix = connect(address), unique("model")
    for awkward in AWKWARD_NAMES:
        name = f"{prefix} {awkward}"
        model = register(registry, name, awkward, uri="s3://" + awkward)
        assert registered(registry, name) == model
        assert version_of(registry, name, awkward).name == awkward
        assert artifact_of(registry, name, awkward).uri == "s3://" + awkward
    assert registry.get_registered_model(f"{prefix} abc") is None, "an underscore is not a wildcard"


def names_that_differ_in_case_or_accents_are_different(address: str) -> None:
    registry, name = connect(address), unique("model")
    register(registry, f"{name} e", "v1")
    for other in ("E", "é"):
        assert registry.get_registered_model(f"{name} {other}") is None
    assert registry.get_model_version(f"{name} e", "V1") is None


def a_version_name_may_have_250_characters_but_not_255(address: str) -> None:
    registry, name = connect(address), unique("model")
    fits = "Lorem ipsum: " + "dolor sit amet, " * 14 + "consectetuer."
    assert len(fits) == 250
    register(registry, name, fits)
    assert version_of(registry, name, fits).name == fits
    assert artifact_of(registry, name, fits).uri == "s3://bucket/model"
    with pytest.raises(BadRequestException) as refused:
        register(registry, name, fits + "12345")
    problem = json.loads(refused.value.body)
    assert problem["code"] == "Bad Request"
    assert "name" in problem["message"]
    assert "255" in problem["message"]
    assert [version.name for version in registry.get_model_versions(name)] == [fits]


def a_refusal_carries_its_status_and_reason_and_a_body_in_json(address: str) -> None:
    registry, name = connect(address), unique("model")
    model = register(registry, name)
    with pytest.raises(ApiException) as taken:
        run(registry, registry._api.upsert_registered_model(RegisteredModel(name=name)))
    assert (taken.value.status, taken.value.reason) == (409, "Conflict")
    assert json.loads(taken.value.body)["code"] == "Conflict"
    assert name in json.loads(taken.value.body)["message"]
    with pytest.raises(ApiException) as taken:
        run(registry, registry._api.upsert_model_version(ModelVersion(name="v1"), model.id))
    assert taken.value.status == 409
    with pytest.raises(ApiException) as orphan:
        run(registry, registry._api.upsert_model_version(ModelVersion(name="v1"), "999999999"))
    assert (orphan.value.status, orphan.value.reason) == (404, "Not Found")
    with pytest.raises(ApiException) as gone:
        registry.update(RegisteredModel(id="999999999", name="missing"))
    assert gone.value.status == 404
    with pytest.raises(BadRequestException) as nonsense:
        run(registry, registry._api.get_artifacts(filter_query="name = "))
    assert json.loads(nonsense.value.body)["code"] == "Bad Request"


def external_ids_find_what_they_name(address: str) -> None:
    registry, name = connect(address), unique("model")
    api = registry._api
    key = unique("key")
    model = run(registry, api.upsert_registered_model(RegisteredModel(name=name, external_id=f"{key}-model")))
    version = ModelVersion(name="v1", external_id=f"{key}-version")
    version = run(registry, api.upsert_model_version(version, model.id))
    artifact = ModelArtifact(name="weights", uri="s3://b", external_id=f"{key}-artifact")
    artifact = run(registry, api.upsert_model_version_artifact(artifact, version.id))
    assert run(registry, api.get_registered_model_by_params(external_id=f"{key}-model")) == model
    assert run(registry, api.get_model_version_by_params(external_id=f"{key}-version")) == version
    assert run(registry, api.get_model_artifact_by_params(external_id=f"{key}-artifact")) == artifact
    with pytest.raises(ApiException) as taken:
        run(registry, api.upsert_registered_model(RegisteredModel(name=unique("model"), external_id=f"{key}-model")))
    assert taken.value.status == 409
    assert registry.update(model.model_copy(update={"description": "d"})).external_id == f"{key}-model"


def a_standalone_artifact_keeps_its_id_when_it_is_attached(address: str) -> None:
    registry, name = connect(address), unique("model")
    api = registry._api
    standalone = run(registry, api.upsert_model_artifact(ModelArtifact(uri="s3://standalone")))
    assert standalone.id
    assert standalone.name
    register(registry, name)
    version = version_of(registry, name)
    attached = run(registry, api.upsert_model_version_artifact(standalone, version.id))
    assert (attached.id, attached.name, attached.uri) == (standalone.id, standalone.name, "s3://standalone")
    ids = [artifact.id for artifact in run(registry, api.get_model_artifacts(version.id))]
    assert ids == [standalone.id, artifact_of(registry, name).id]
    assert run(registry, api.get_model_artifact_by_id(standalone.id)) == attached


def the_artifacts_of_a_version_are_listed_by_kind(address: str) -> None:
    registry, name = connect(address), unique("model")
    api = registry._api
    register(registry, name)
    version = version_of(registry, name)
    doc = DocArtifact(name="card", uri="https://card", custom_properties={"label": ""})
    doc = run(registry, api.upsert_model_version_artifact(doc, version.id))
    assert doc.custom_properties == {"label": ""}
    weights = artifact_of(registry, name)
    assert run(registry, api.get_model_version_artifacts(version.id)) == [weights, doc]
    assert run(registry, api.get_model_artifacts(version.id)) == [weights]
    only = run(registry, api.get_artifacts(filter_query=f"name = '{name}'", artifact_type="model-artifact"))
    assert only == [weights]
    assert run(registry, api.get_artifacts(filter_query=f"name = '{name}'", artifact_type="doc-artifact")) == []


def artifacts_are_paged(address: str) -> None:
    registry, name = connect(address), unique("model")
    api = registry._api
    register(registry, name)
    version = version_of(registry, name)
    for number in range(6):
        artifact = ModelArtifact(name=f"shard {number}", uri=f"s3://{number}")
        run(registry, api.upsert_model_version_artifact(artifact, version.id))
    pager = Pager(lambda options: run(registry, api.get_model_version_artifacts(version.id, options))).page_size(3)
    assert [artifact.name for artifact in pager] == [name, *(f"shard {number}" for number in range(6))]
    options = ListOptions(limit=2, is_asc=False)
    assert [a.name for a in run(registry, api.get_model_artifacts(version.id, options))] == ["shard 5", "shard 4"]
    assert options.next_page_token


def twenty_one_versions_take_three_pages_of_ten(address: str) -> None:
    registry, name = connect(address), unique("model")
    _versions(registry, name, 21)
    found, tokens = read_all(registry.get_model_versions(name).page_size(10))
    assert len(found) == 21
    assert len(set(tokens)) == len(tokens) == 3
    assert tokens[2] == ""


def every_order_has_all_pages_in_both_directions(address: str) -> None:
    registry, name = connect(address), unique("model")
    made = _versions(registry, name, 7)
    for version in reversed(made):
        next_millisecond()
        registry.update(version.model_copy(update={"description": "touched"}))
    names = [version.name for version in made]
    pager = registry.get_model_versions(name)
    for size in (1, 3, 7, 100):
        for order, expected in (
            (pager.order_by_id, names),
            (pager.order_by_creation_time, names),
            (pager.order_by_update_time, names[::-1]),
        ):
            assert [version.name for version in order().ascending().page_size(size)] == expected
            assert [version.name for version in order().descending().page_size(size)] == expected[::-1]


def the_newest_version_comes_first_when_only_the_direction_is_asked_for(address: str) -> None:
    registry, name = connect(address), unique("model")
    _versions(registry, name, 3)
    assert next(registry.get_model_versions(name).descending().page_size(1)).name == "v2"


def a_pager_starts_again(address: str) -> None:
    registry, name = connect(address), unique("model")
    _versions(registry, name, 6)
    pager = registry.get_model_versions(name).page_size(5)
    begun = list(islice(pager, 3))
    pager.restart()
    assert list(pager)[:3] == begun
    assert len(list(pager.restart())) == 6


def a_page_that_is_exactly_full_is_the_last(address: str) -> None:
    registry, name = connect(address), unique("model")
    _versions(registry, name, 6)
    found, tokens = read_all(registry.get_model_versions(name).page_size(3))
    assert len(found) == 6
    assert len(tokens) == 2
    assert tokens[1] == ""


def threads_register_versions_of_one_model_at_once(address: str) -> None:
    name = unique("model")
    register(connect(address), name, "v0")
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            register(connect(address), name, f"v{number}", metadata={"number": number})
        except BaseException as failure:  # noqa: BLE001 (raised below)
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    registry = connect(address)
    assert {version.name for version in registry.get_model_versions(name)} == {f"v{number}" for number in range(7)}
    assert [version_of(registry, name, f"v{n}").custom_properties for n in range(1, 7)] == [
        {"number": n} for n in range(1, 7)
    ]


def it_works_inside_a_running_event_loop(address: str) -> None:
    async def notebook() -> Any:
        registry, name = connect(address), unique("model")
        model = register(registry, name)
        assert registry.get_registered_model(name) == model
        return await registry._api.get_model_version_by_params(model.id, "v1")

    assert asyncio.run(notebook()).name == "v1"


def _versions(registry: ModelRegistry, name: str, count: int) -> list[ModelVersion]:
    """A model with versions v0, v1 and so on, each made in a millisecond of its own."""
    model = run(registry, registry._api.upsert_registered_model(RegisteredModel(name=name)))
    made = []
    for number in range(count):
        next_millisecond()
        made.append(run(registry, registry._api.upsert_model_version(ModelVersion(name=f"v{number}"), model.id)))
    return made
