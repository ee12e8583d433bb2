"""Registration: all input is checked before the first request, and an interrupted one is continued."""

import math
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from model_registry_client import (
    InvalidValue,
    ModelRegistryClient,
    NotKept,
    RegisteredModel,
    Registry,
    RegistryError,
    StorageConfig,
)
from model_registry_client.exceptions import BadRequestException, StoreError
from model_registry_client.registration import Registration

from clients.python.tests.faults import Faults, through

Unique = Callable[[str], str]


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels - 1):
        found = {"a": found}
    return found


REFUSED: Mapping[str, Mapping[str, Any]] = {
    "no name": {"name": ""},
    "a name that is None": {"name": None},
    "a name that is too long": {"name": "m" * 256},
    "a name that is too long for its artifact": {"name": "m" * 254},
    "a name with NUL": {"name": "a\0b"},
    "a name like a struct": {"name": "mlmd-struct::x"},
    "no version": {"version": ""},
    "a version that is too long": {"version": "v" * 254},
    "a version that is too long in bytes": {"version": "\u00fc" * 127},
    "a version with NUL": {"version": "a\0b"},
    "a version with half a character": {"version": "\ud800"},
    "no URI": {"uri": ""},
    "a URI that is None": {"uri": None},
    "a URI that is too long": {"uri": "s3://" + "x" * 65_531},
    "a URI with NUL": {"uri": "s3://\0"},
    "an owner with NUL": {"owner": "\0"},
    "an author with NUL": {"author": "\0"},
    "a description with NUL": {"version_description": "\0"},
    "a format like a struct": {"model_format_name": "mlmd-struct::onnx"},
    "a format that is no text": {"model_format_name": 5},
    "a format's version with NUL": {"model_format_version": "\0"},
    "a storage path with NUL": {"storage_config": StorageConfig(storage_path="\0")},
    "NaN": {"metadata": {"x": math.nan}},
    "infinity": {"metadata": {"x": -math.inf}},
    "a list": {"metadata": {"x": [1]}},
    "an object": {"metadata": {"x": object()}},
    "2^63": {"metadata": {"x": 2**63}},
    "less than -2^63": {"metadata": {"x": -(2**63) - 1}},
    "1e60": {"metadata": {"x": 1e60}},
    "-1e61": {"metadata": {"x": -1e61}},
    "a text with NUL": {"metadata": {"x": "\0"}},
    "a text like a struct": {"metadata": {"x": "mlmd-struct::"}},
    "half a character": {"metadata": {"x": "\udfff"}},
    "a dict with NaN": {"metadata": {"x": {"a": math.nan}}},
    "a dict with a number that is no double": {"metadata": {"x": {"a": [10**400]}}},
    "a whole number of thousands of digits": {"metadata": {"x": -(10**5000)}},
    "a property's name that is no text": {"metadata": {1: "x"}},
    "a dict with half a character": {"metadata": {"x": {"a": "\ud800"}}},
    "a dict that is too deep": {"metadata": {"x": deep(31)}},
    "a dict that is far too deep": {"metadata": {"x": deep(100_000)}},
    "a property's name that is too long": {"metadata": {"x" * 256: 1}},
    "a property's name with NUL": {"metadata": {"\0": 1}},
    "the server's own property": {"metadata": {"__exact_doubles__": 1}},
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_request_is_sent_if_the_input_is_refused(server_url: str, unique: Unique, case: str) -> None:
    client, asked = recorded(server_url)
    arguments = {"name": unique("m"), "uri": "s3://x", "version": "1", **REFUSED[case]}
    with pytest.raises(InvalidValue):
        client.register_model(arguments.pop("name"), arguments.pop("uri"), **arguments)
    assert asked == []


@pytest.mark.filterwarnings("ignore::model_registry_client.LargeIntegerWarning")
def test_values_at_the_limits_are_registered(server_url: str, unique: Unique) -> None:
    client = ModelRegistryClient(server_url)
    metadata = {"": 1, "mlmd-struct::x": "x", "x" * 255: 2**63 - 1, "y": 9.9e59, "deep": deep(30)}
    client.register_model(unique("m"), "s3://" + "x" * 65_530, version="v" * 250, metadata=metadata)
    name = unique("m").ljust(250, "m")
    client.register_model(name, "s3://x", version="1")
    assert client.get_model_artifact(name, "1").uri == "s3://x"


def test_the_id_of_an_existing_model_counts_before_anything_is_created(server_url: str, unique: Unique) -> None:
    client, asked = recorded(server_url)
    name = unique("m")
    model = client.register_model(name, "s3://x", version="1")
    asked.clear()
    room = 255 - len(model.id) - 1
    with pytest.raises(BadRequestException, match="255 bytes") as refused:
        client.register_model(name, "s3://x", version="v" * (room + 1))
    assert (set(asked) - {"GET"}, refused.value.status) == (set(), 400)
    client.register_model(name, "s3://x", version="v" * room)


@pytest.mark.filterwarnings("ignore::model_registry_client.LargeIntegerWarning")
@pytest.mark.parametrize("status", [400, 403, 500, "request lost"])
def test_a_step_that_fails_says_what_exists_and_the_same_call_again_continues(
    server_url: str, registry: Registry, unique: Unique, status: str | int
) -> None:
    for step in (1, 2):
        faults, name = Faults(["passed"] * step + [status] * 99), unique("m")
        registration = registration_of(name)
        with through(faults, server_url) as shaky:
            with pytest.raises(RegistryError) as failure:
                registration.make(shaky, RegisteredModel)
            model = registry.find_registered_model(name)
            assert model
            message = str(failure.value)
            assert f"registered model {name!r} (id {model.id})" in message
            assert "same call again continues" in message
            if step == 2:
                version = registry.find_model_version("1", registered_model_id=model.id)
                assert version
                assert f"model version '1' (id {version.id})" in message
            faults._faults.clear()
            made = registration.make(shaky, RegisteredModel)
        assert made.model.id == model.id
        assert made.version.custom_properties == {"big": 1795766384, "x": 0.1}
        (files,) = registry.list_model_artifacts(model_version_id=made.version.id)
        assert (files.id, files.uri) == (made.files.id, "s3://x")


def test_a_version_with_other_content_is_not_continued(server_url: str, registry: Registry, unique: Unique) -> None:
    client, name = ModelRegistryClient(server_url), unique("m")
    model = registry.create_registered_model(name)
    registry.create_model_version(model.id, "1", description="of another client")
    with pytest.raises(StoreError, match=r"already exists.*without files but with other content"):
        client.register_model(name, "s3://x", version="1", version_description="mine")
    client.register_model(name, "s3://x", version="2")
    with pytest.raises(StoreError, match="already exists"):
        client.register_model(name, "s3://x", version="2")


def test_deploy_checks_all_input_before_the_first_request(server_url: str, unique: Unique) -> None:
    with through(faults := Faults(), server_url) as registry:
        model = registry.create_registered_model(unique("m"))
        faults.sent.clear()
        for wrong in ({"runtime": "\0"}, {"name": "x" * 254}, {"custom_properties": {"x": math.nan}}):
            with pytest.raises(InvalidValue):
                registry.deployments.deploy(model, unique("env"), **wrong)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue):
            registry.deployments.deploy(model, "e" * 256)
        assert faults.sent == []
        environment = unique("env")
        faults._faults = ["passed", 400]
        with pytest.raises(RegistryError, match=rf"serving environment '{environment}'.*same call again continues"):
            registry.deployments.deploy(model, environment)
        assert registry.deployments.deploy(model, environment).environment.name == environment


def test_a_run_is_checked_before_its_experiment_is_created(server_url: str, unique: Unique) -> None:
    with through(faults := Faults(), server_url) as registry:
        for run in (
            registry.experiment(unique("e")).start_run("x" * 254),
            registry.experiment(unique("e")).start_run(custom_properties={"x": math.nan}),
            registry.experiment("e" * 256).start_run(),
        ):
            with pytest.raises(InvalidValue):
                run.begin()
        assert [each for each in faults.sent if each.startswith("POST")] == []


def test_the_error_can_be_pickled() -> None:
    error = pickle.loads(pickle.dumps(NotKept("too long")))  # noqa: S301 (our own)
    assert (str(error), error.status) == ("too long", 400)


def recorded(url: str) -> tuple[ModelRegistryClient, list[str]]:
    client, asked = ModelRegistryClient(url), list[str]()
    client.registry._transport._http.event_hooks["request"].append(lambda request: asked.append(request.method))
    return client, asked


def registration_of(name: str) -> Registration:
    return Registration(
        model={"name": name},
        version={"name": "1", "custom_properties": {"big": 1795766384, "x": 0.1}},
        files={"name": name, "uri": "s3://x"},
    )
