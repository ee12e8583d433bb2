"""The errors of the explicit layer, against a real server."""

from collections.abc import Callable

import pytest
from model_registry_client import (
    Conflict,
    Invalid,
    InvalidValue,
    NotFound,
    RegisteredModel,
    Registry,
)

Unique = Callable[[str], str]


def test_errors_say_what_happened(registry: Registry, unique: Unique) -> None:
    model = registry.create_registered_model(unique("m"))
    with pytest.raises(Conflict) as taken:
        registry.create_registered_model(model.name)
    assert (taken.value.status, taken.value.code) == (409, "Conflict")
    assert "POST /registered_models" in str(taken.value)
    with pytest.raises(NotFound) as missing:
        registry.get_registered_model("999999999")
    assert missing.value.status == 404
    with pytest.raises(Invalid, match="255"):
        registry.create_registered_model("x" * 300)
    with pytest.raises(InvalidValue, match="whole number"):
        registry.get_registered_model("fraud")
    with pytest.raises(InvalidValue, match="registered_model_id"):
        registry.find_model_version("1")
    with pytest.raises(InvalidValue, match="cannot be changed"):
        registry.update(RegisteredModel, model.id, {"name": "other"})
    with pytest.raises(InvalidValue, match="no field 'colour'"):
        registry.create(RegisteredModel, {"name": "x", "colour": "red"})
    for value in (float("nan"), [1], None, 2**63, {"a": float("inf")}, {"a": {1}}):
        with pytest.raises(InvalidValue, match="'p'"):
            registry.create_registered_model(unique("m"), custom_properties={"p": value})  # type: ignore[dict-item]
    with pytest.raises(InvalidValue, match="finite"):
        registry.create_metric("m", float("nan"))


def test_an_empty_name_is_refused_and_no_name_is_generated(registry: Registry) -> None:
    before = len(list(registry.list_registered_models()))
    with pytest.raises(InvalidValue, match="must not be empty"):
        registry.create_registered_model("")
    assert len(list(registry.list_registered_models())) == before
