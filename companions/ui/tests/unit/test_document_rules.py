"""The rules of forms are those of the document, whatever way it writes them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from model_registry_client.entities import ENTITIES
from model_registry_ui.document_rules import fields_of

DOCUMENT = yaml.safe_load((Path(__file__).parents[4] / "openapi" / "model-registry.yaml").read_text("utf-8"))
MODEL = fields_of(DOCUMENT, "RegisteredModelCreate")


def test_a_name_is_required_and_has_limits() -> None:
    name = MODEL["name"]
    assert (name.is_required, name.shortest, name.longest, name.type) == (True, 1, 255, "string")
    assert name.description == "Required, and not null."


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("name", "", "must have a value"),
        ("name", "x", None),
        ("name", "é" * 127 + "x", None),
        ("name", "é" * 128, "is too long by 1 bytes; 255 are possible"),
        ("name", "a\0", 'must not hold a NUL character or begin with "mlmd-struct::"'),
        ("description", "mlmd-struct::", 'must not hold a NUL character or begin with "mlmd-struct::"'),
        ("description", "", None),
        ("state", "GONE", "must be one of: LIVE, ARCHIVED"),
        ("state", "ARCHIVED", None),
        ("externalId", "x" * 256, "is too long by 1 bytes; 255 are possible"),
    ],
)
def test_a_text_is_refused_as_the_server_does_it(field: str, text: str, problem: str | None) -> None:
    assert MODEL[field].problem(text) == problem


def test_the_bytes_before_a_name_count() -> None:
    assert MODEL["name"].problem("x" * 254, prefix=2) == "is too long by 1 bytes; 253 are possible"


def test_an_id_has_no_line_feed_at_its_end() -> None:
    rules = fields_of(DOCUMENT, "ModelVersionCreate")["registeredModelId"]
    assert rules.problem("7") is None
    assert rules.problem("7\n") == "must be a whole number of up to 64 bits in decimal, as text"


def test_choices_and_presets_are_read() -> None:
    assert (MODEL["state"].choices, MODEL["state"].preset) == (("LIVE", "ARCHIVED"), "LIVE")
    assert MODEL["tasks"].type == "array"


@pytest.mark.parametrize("entity", [one for one in ENTITIES if one.__name__ not in {"Artifact", "Metric", "Parameter"}])
def test_every_field_of_every_entity_has_rules(entity: Any) -> None:
    assert {alias for _, alias in entity.creatable()} <= {*fields_of(DOCUMENT, f"{entity.__name__}Create")}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"components": {"schemas": {"X": {"$ref": "#/components/schemas/X"}}}},
        {"components": {"schemas": {"X": [1]}}},
        {"components": {"schemas": {"X": {"properties": 5, "allOf": 7, "required": "name"}}}},
    ],
)
def test_a_document_without_such_a_schema_has_no_rules(document: Any) -> None:
    assert fields_of(document, "X") == {}


def test_a_pattern_that_cannot_be_read_is_left_out() -> None:
    document = {"components": {"schemas": {"X": {"properties": {"a": {"pattern": "(", "maxLength": "x"}, "b": True}}}}}
    rules = fields_of(document, "X")
    assert rules["a"].problem("anything") is None
    assert rules["b"].problem("anything") is None
