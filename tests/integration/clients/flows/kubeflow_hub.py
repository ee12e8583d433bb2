"""Kubeflow's SDK: the whole of `kubeflow.hub.ModelRegistryClient`."""

from urllib.parse import urlsplit

import pytest
from kubeflow.hub import ModelRegistryClient, StorageConfig
from model_registry.exceptions import StoreError
from model_registry.types import ArtifactState, ModelVersionState, RegisteredModelState
from mr_openapi.exceptions import BadRequestException, NotFoundException
from steps import next_millisecond, unique


def a_model_is_registered_with_every_argument(address: str) -> None:
    client, name = ModelRegistryClient(address, author="tester"), unique("model")
    metadata = {"text": "b", "whole": 1, "fraction": 1 / 3, "yes": True, "label": ""}
    model = client.register_model(
        name,
        "s3://bucket/model",
        version="v1.0.0",
        model_format_name="pytorch",
        model_format_version="2.0",
        author="ada",
        owner="grace",
        version_description="the first",
        metadata=metadata,
        storage_config=StorageConfig(storage_key="secret", storage_path="a/b", service_account_name="robot"),
    )
    assert client.get_model(name) == model
    assert (model.name, model.owner) == (name, "grace")
    version = client.get_model_version(name, "v1.0.0")
    assert (version.author, version.description, version.custom_properties) == ("ada", "the first", metadata)
    artifact = client.get_model_artifact(name, "v1.0.0")
    assert (artifact.uri, artifact.model_format_name, artifact.model_format_version) == (
        "s3://bucket/model",
        "pytorch",
        "2.0",
    )
    assert (artifact.storage_key, artifact.storage_path, artifact.service_account_name) == ("secret", "a/b", "robot")


def a_model_is_registered_with_the_fewest_arguments(address: str) -> None:
    client, name = ModelRegistryClient(address), unique("model")
    model = client.register_model(name, "s3://bucket/model", version="1")
    assert (model.owner, model.description) == (None, None)
    version = client.get_model_version(name, "1")
    assert (version.author, version.description, version.custom_properties) == (None, None, None)
    artifact = client.get_model_artifact(name, "1")
    assert (artifact.model_format_name, artifact.model_format_version, artifact.storage_key) == (None, None, None)


def a_version_is_registered_once(address: str) -> None:
    client, name = ModelRegistryClient(address), unique("model")
    client.register_model(name, "s3://bucket/model", version="1")
    with pytest.raises(StoreError, match="already exists"):
        client.register_model(name, "s3://bucket/model", version="1")


def what_is_missing_is_an_error(address: str) -> None:
    client, name = ModelRegistryClient(address), unique("model")
    with pytest.raises(ValueError, match="not found"):
        client.get_model(name)
    for call in (client.get_model_version, client.get_model_artifact):
        with pytest.raises(StoreError, match="does not exist"):
            call(name, "1")
    with pytest.raises(StoreError, match="does not exist"):
        next(client.list_model_versions(name))
    client.register_model(name, "s3://bucket/model", version="1")
    with pytest.raises(ValueError, match="not found"):
        client.get_model_version(name, "2")
    with pytest.raises(StoreError, match="does not exist"):
        client.get_model_artifact(name, "2")


def updates_change_what_they_say_and_nothing_else(address: str) -> None:
    client, name = ModelRegistryClient(address, author="tester"), unique("model")
    client.register_model(name, "s3://bucket/model", version="1", metadata={"kept": 1})
    reads = (
        (lambda: client.get_model(name), client.update_model),
        (lambda: client.get_model_version(name, "1"), client.update_model_version),
        (lambda: client.get_model_artifact(name, "1"), client.update_model_artifact),
    )
    for read, update in reads:
        before = read()
        next_millisecond()
        after = update(before.model_copy(update={"description": "after"}))
        assert after.description == "after"
        changed = {"description", "last_update_time_since_epoch"}
        assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
        assert read() == after
        labelled = update(after.model_copy(update={"custom_properties": {"label": "", "n": 2}}))
        assert labelled.custom_properties == {"label": "", "n": 2}


def states_change_and_stay(address: str) -> None:
    client, name = ModelRegistryClient(address), unique("model")
    client.register_model(name, "s3://bucket/model", version="1")
    model = client.get_model(name)
    model.state = RegisteredModelState.ARCHIVED
    client.update_model(model)
    version = client.get_model_version(name, "1")
    version.state = ModelVersionState.ARCHIVED
    client.update_model_version(version)
    artifact = client.get_model_artifact(name, "1")
    artifact.state = ArtifactState.LIVE
    artifact.uri = "s3://elsewhere"
    client.update_model_artifact(artifact)
    assert client.get_model(name).state is RegisteredModelState.ARCHIVED
    assert client.get_model_version(name, "1").state is ModelVersionState.ARCHIVED
    assert client.get_model_artifact(name, "1").state is ArtifactState.LIVE
    assert client.get_model_artifact(name, "1").uri == "s3://elsewhere"


def an_update_takes_only_its_own_kind_and_what_was_registered(address: str) -> None:
    client, name = ModelRegistryClient(address), unique("model")
    model = client.register_model(name, "s3://bucket/model", version="1")
    version, artifact = client.get_model_version(name, "1"), client.get_model_artifact(name, "1")
    for update, wrong in (
        (client.update_model, version),
        (client.update_model_version, artifact),
        (client.update_model_artifact, model),
    ):
        with pytest.raises(TypeError, match="Expected"):
            update(wrong)
    with pytest.raises(StoreError, match="must have an ID"):
        client.update_model(model.model_copy(update={"id": None}))
    with pytest.raises(NotFoundException):
        client.update_model(model.model_copy(update={"id": "999999999"}))


def models_and_versions_are_listed(address: str) -> None:
    client, names = ModelRegistryClient(address), [unique("model") for _ in range(3)]
    for name in names:
        for version in ("1", "2:x"):
            client.register_model(name, "s3://bucket/model", version=version)
    assert [model.name for model in client.list_models() if model.name in names] == names
    assert [version.name for version in client.list_model_versions(names[1])] == ["1", "2:x"]


def a_name_that_is_too_long_is_refused_with_a_reason(address: str) -> None:
    client, name = ModelRegistryClient(address), unique("model")
    client.register_model(name, "s3://bucket/model", version="v" * 250)
    with pytest.raises(BadRequestException, match="255"):
        client.register_model(name, "s3://bucket/model", version="v" * 255)


def a_port_may_be_in_the_address_or_a_separate_argument(address: str) -> None:
    host, port = f"http://{urlsplit(address).hostname}", urlsplit(address).port
    for client in (
        ModelRegistryClient(address),
        ModelRegistryClient(address, 1),
        ModelRegistryClient(host, port),
        ModelRegistryClient(host, port=port, is_secure=False, user_token="token", author="ada"),
    ):
        assert client.register_model(unique("model"), "s3://bucket/model", version="1").id
