"""A document that uses parts of another one: it becomes whole, and parts of the same name are noticed."""

import pytest

from model_registry_proxy.contract.bundling import bundled
from model_registry_proxy.contract.document import Contract

OTHERS = {
    "other.yaml": Contract("""
components:
  schemas:
    Book: {type: object, properties: {id: {$ref: '#/components/schemas/Id'}, next: {$ref: '#/components/schemas/Book'}}}
    Id: {type: string}
    Unused: {type: string}
  responses:
    Missing: {content: {application/json: {schema: {$ref: '#/components/schemas/Id'}}}}
""")
}


def test_components_that_are_referred_to_are_copied_with_all_that_they_refer_to() -> None:
    found = bundled("a: [{$ref: 'other.yaml#/components/schemas/Book'}]", OTHERS).content
    assert found["a"] == [{"$ref": "#/components/schemas/Book"}]
    assert found["components"] == {
        "schemas": {key: OTHERS["other.yaml"].content["components"]["schemas"][key] for key in ("Book", "Id")}
    }


def test_a_component_that_is_only_a_reference_becomes_the_component_itself() -> None:
    text = """
a: {$ref: 'other.yaml#/components/schemas/Id'}
b: {$ref: '#/components/responses/Missing'}
components: {responses: {Missing: {$ref: 'other.yaml#/components/responses/Missing'}}}
"""
    found = bundled(text, OTHERS).content
    assert found["components"]["responses"] == OTHERS["other.yaml"].content["components"]["responses"]
    assert found["components"]["schemas"] == {"Id": {"type": "string"}}
    assert found["b"] == {"$ref": "#/components/responses/Missing"}


def test_the_other_document_stays_as_it_is_and_the_text_is_the_whole_document() -> None:
    before = OTHERS["other.yaml"].text
    made = bundled("a: {$ref: 'other.yaml#/components/schemas/Book'}", OTHERS)
    assert Contract(made.text).content == made.content
    assert OTHERS["other.yaml"].content == Contract(before).content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{a: {$ref: 'other.yaml#/components/schemas/Id'}, components: {schemas: {Id: {type: integer}}}}",
            "Two documents have a component schemas/Id.",
        ),
        ("a: {$ref: 'other.yaml#/info'}", "other.yaml#/info is no component."),
        ("a: {$ref: 'other.yaml#/components/schemas/Book/properties'}", "is no component."),
    ],
)
def test_what_cannot_be_copied_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bundled(text, OTHERS)
