"""Messages of refusals: the field, what was wrong, what would work."""

from typing import Any

import jsonschema_rs
import pytest

from model_registry_proxy.contract.document import Contract
from model_registry_proxy.contract.explanations import explain, shortened, shown

DOCUMENT = """
components:
  schemas:
    Colour: {type: string, enum: [red, blue]}
    Even: {type: string, pattern: '^[02468]$', x-explained: must be an even digit}
    Circle:
      type: object
      required: [kind, radius]
      additionalProperties: false
      properties: {kind: {const: circle}, radius: {type: number, minimum: 0}}
    Square: {type: object, required: [kind], properties: {kind: {const: square}, side: {type: integer}}}
    Shape:
      oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]
      discriminator:
        propertyName: kind
        mapping: {circle: '#/components/schemas/Circle', square: '#/components/schemas/Square'}
    All:
      type: object
      properties:
        colour: {$ref: '#/components/schemas/Colour'}
        even: {$ref: '#/components/schemas/Even'}
        shape: {$ref: '#/components/schemas/Shape'}
        short: {type: string, maxLength: 3, minLength: 2}
        small: {type: number, exclusiveMaximum: 5, minimum: 1}
        flag: {type: boolean}
        either: {type: [string, 'null']}
        list: {type: array, items: {type: integer}}
"""
CONTRACT = Contract(DOCUMENT)
VALIDATOR = jsonschema_rs.Draft202012Validator(CONTRACT.standalone({"$ref": "#/components/schemas/All"}))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"colour": "green"}, "green is not a valid Colour; colour is one of red, blue."),
        ({"even": "3"}, 'even must be an even digit; got "3".'),
        ({"short": "long"}, 'short must have at most 3 characters; got "long".'),
        ({"short": "x"}, 'short must have at least 2 character(s); got "x".'),
        ({"small": 5}, "small must be below 5; got 5."),
        ({"small": 0}, "small must be at least 1; got 0."),
        ({"flag": "yes"}, 'flag must be a boolean; got "yes".'),
        ({"either": 5}, "either must be a string; got 5."),
        ({"list": {}}, "list must be an array; got {}."),
        ({"list": [1, "x"]}, 'list.1 must be a whole number; got "x".'),
        ({"shape": 5}, "shape must be an object; got 5."),
        ({"shape": {}}, "shape.kind must be one of circle, square; it is missing."),
        ({"shape": {"kind": "line"}}, 'shape.kind must be one of circle, square; got "line".'),
        ({"shape": {"kind": "circle"}}, "shape lacks radius."),
        ({"shape": {"kind": "circle", "radius": -1}}, "shape.radius must be at least 0; got -1."),
        ({"shape": {"kind": "circle", "radius": 1, "x": 1}}, 'shape has an unknown member "x".'),
        ({"shape": {"kind": "square", "side": 1.5}}, "shape.side must be a whole number; got 1.5."),
    ],
)
def test_a_refusal_names_the_place_what_was_wrong_and_what_would_work(body: Any, words: str) -> None:
    (error,) = VALIDATOR.iter_errors(body)
    assert explain(CONTRACT, error) == words


def test_a_place_may_be_given() -> None:
    validator = jsonschema_rs.Draft202012Validator({"type": "integer", "minimum": 1})
    (error,) = validator.iter_errors(0)
    assert explain(CONTRACT, error, place="pageSize") == "pageSize must be at least 1; got 0."
    assert explain(CONTRACT, error).startswith("The body must be at least 1")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        ("é", '"é"'),
        ({"a": [1]}, '{"a":[1]}'),
        (2**70, str(2**70)),
        ("\ud800", r"'\ud800'"),
    ],
)
def test_values_are_shown_as_json(value: Any, text: str) -> None:
    assert shown(value) == text


def test_long_values_are_cut() -> None:
    assert shown("x" * 100) == '"' + "x" * 58 + "…"
    assert len(shown(list(range(1000)))) == 60
    assert shortened("x" * 60) == "x" * 60
