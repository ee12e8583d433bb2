"""Kubeflow's SDK on a server with `--client-safe-integers`: what it could not read otherwise, it lists, gets and changes."""

import json
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from kubeflow.hub import ModelRegistryClient
from steps import unique

LARGEST, TRAINED_AT = 2**63 - 1, 1795766384
NUMBERS = {
    name: {"metadataType": "MetadataIntValue", "int_value": str(number)}
    for name, number in {"trained_at": TRAINED_AT, "largest": LARGEST, "smallest": -(2**63), "small": 7}.items()
}
SHOWN = {"trained_at": str(TRAINED_AT), "largest": str(LARGEST), "smallest": str(-(2**63)), "small": 7}


def large_numbers_are_listed_and_got(address: str) -> None:
    name = _made(address)
    client = ModelRegistryClient(address)
    (model,) = [model for model in client.list_models() if model.name == name]
    (version,) = client.list_model_versions(name)
    artifact = client.get_model_artifact(name, "1")
    assert model == client.get_model(name)
    assert version == client.get_model_version(name, "1")
    assert model.custom_properties == version.custom_properties == artifact.custom_properties == SHOWN


def a_change_of_something_else_leaves_large_numbers_as_they_are(address: str) -> None:
    name = _made(address)
    client = ModelRegistryClient(address)
    entities: Any = (
        (client.get_model(name), client.update_model, "registered_models"),
        (client.get_model_version(name, "1"), client.update_model_version, "model_versions"),
        (client.get_model_artifact(name, "1"), client.update_model_artifact, "model_artifacts"),
    )
    new = {"note": {"metadataType": "MetadataStringValue", "string_value": "x"}}
    for entity, update, collection in entities:
        entity.description = "changed"
        entity.custom_properties["note"] = "x"
        changed = update(entity)
        assert (changed.description, changed.custom_properties) == ("changed", {**SHOWN, "note": "x"})
        assert _stored(address, f"{collection}/{entity.id}")["customProperties"] == {**NUMBERS, **new}


def a_large_number_can_be_replaced_and_removed(address: str) -> None:
    name = _made(address)
    client = ModelRegistryClient(address)
    model = client.get_model(name)
    model.custom_properties = {"trained_at": "1795766385", "largest": 5}
    changed = client.update_model(model)
    assert changed.custom_properties == {"trained_at": "1795766385", "largest": 5}
    assert _stored(address, f"registered_models/{model.id}")["customProperties"] == {
        "trained_at": {"metadataType": "MetadataStringValue", "string_value": "1795766385"},
        "largest": {"metadataType": "MetadataIntValue", "int_value": "5"},
    }


def filters_see_the_stored_number(address: str) -> None:
    name = _made(address)
    for condition, count in (
        (f"trained_at >= {TRAINED_AT}", 1),
        (f"trained_at > {TRAINED_AT}", 0),
        (f"largest = {LARGEST}", 1),
    ):
        found = _stored(address, "registered_models?filterQuery=" + quote(f"name = '{name}' AND {condition}"))
        assert found["size"] == count


def _made(address: str) -> str:
    """A model with a version and files, all with large numbers, which this client refuses to write; answers its name."""
    name, held = unique("model"), {"customProperties": NUMBERS}
    model = _sent(address, "registered_models", {"name": name, **held})
    version = _sent(address, "model_versions", {"name": "1", "registeredModelId": model["id"], **held})
    files = {"artifactType": "model-artifact", "name": name, "uri": "s3://bucket/model", **held}
    _sent(address, f"model_versions/{version['id']}/artifacts", files)
    return name


def _sent(address: str, path: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Content-Type": "application/json", "X-Exact-Integers": "true"}
    content = json.dumps(body).encode() if body else None
    with urlopen(Request(f"{address}/api/model_registry/v1alpha3/{path}", content, headers)) as answer:  # noqa: S310
        return json.load(answer)


def _stored(address: str, path: str) -> Any:
    """What the server has, with numbers as they are stored."""
    return _sent(address, path)
