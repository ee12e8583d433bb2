"""Steps that flows share."""

import time
import uuid
from typing import Any

from model_registry import ModelRegistry
from model_registry.types import ModelArtifact, ModelVersion, RegisteredModel


def connect(address: str) -> ModelRegistry:
    """A client of the registry at a URL."""
    return ModelRegistry(address, author="tester")


def unique(word: str) -> str:
    """A name that no other flow uses."""
    return f"{word}-{uuid.uuid4()}"


def register(registry: ModelRegistry, name: str, version: str = "v1", **arguments: Any) -> RegisteredModel:
    """Registers a version with the least that the client asks for."""
    given = {"uri": "s3://bucket/model", "model_format_name": "onnx", "model_format_version": "1", **arguments}
    return registry.register_model(name, version=version, **given)


def registered(registry: ModelRegistry, name: str) -> RegisteredModel:
    """The model, which must be there."""
    model = registry.get_registered_model(name)
    assert model
    return model


def version_of(registry: ModelRegistry, name: str, version: str = "v1") -> ModelVersion:
    """The version, which must be there."""
    found = registry.get_model_version(name, version)
    assert found
    return found


def artifact_of(registry: ModelRegistry, name: str, version: str = "v1") -> ModelArtifact:
    """The model artifact, which must be there."""
    found = registry.get_model_artifact(name, version)
    assert found
    return found


def run(registry: ModelRegistry, coroutine: Any) -> Any:
    """Runs a call of the asynchronous API below the client."""
    return registry.async_runner(coroutine)


def read_all(pager: Any) -> tuple[list[Any], list[str]]:
    """Reads all items of a pager, and the token that came with each page."""
    items, tokens = [], []
    for item in pager:
        items.append(item)
        if not tokens or pager.options.next_page_token != tokens[-1]:
            tokens.append(pager.options.next_page_token)
    return items, tokens


def next_millisecond() -> None:
    """Waits until the clock, which the store reads in milliseconds, has moved on."""
    start = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == start:
        time.sleep(0.0005)
