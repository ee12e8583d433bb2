"""Custom properties of files."""

from typing import Any

import pytest

from model_catalog.reading.checks import FieldError, loose_text
from model_catalog.reading.custom_properties import custom_properties


def text(value: str) -> dict[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": value}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"metadataType": "MetadataStringValue", "string_value": "x"}, text("x")),
        ({"metadataType": "MetadataStringValue"}, text("")),
        (
            {"metadataType": "MetadataIntValue", "int_value": "+7"},
            {"metadataType": "MetadataIntValue", "int_value": "7"},
        ),
        (
            {"metadataType": "MetadataIntValue", "int_value": "-2147483648"},
            {"metadataType": "MetadataIntValue", "int_value": "-2147483648"},
        ),
        ({"metadataType": "MetadataIntValue", "int_value": "2147483648"}, text("2147483648")),
        ({"metadataType": "MetadataIntValue", "int_value": "seven"}, text("seven")),
        ({"metadataType": "MetadataIntValue", "int_value": "9" * 5000}, text("9" * 5000)),
        (
            {"metadataType": "MetadataDoubleValue", "double_value": 3},
            {"metadataType": "MetadataDoubleValue", "double_value": 3.0},
        ),
        (
            {"metadataType": "MetadataBoolValue", "bool_value": False},
            {"metadataType": "MetadataBoolValue", "bool_value": False},
        ),
        (
            {"metadataType": "MetadataStructValue", "struct_value": "eA==", "x": 1},
            text('{"metadataType":"MetadataStructValue","struct_value":"eA=="}'),
        ),
        ({"metadataType": "Other", "string_value": "x"}, text("")),
        ({"string_value": "x"}, text("")),
        ({"metadataType": 5}, text("")),
        (None, text("")),
    ],
)
def test_a_property_is_shown_by_its_kind_or_as_a_text(given: Any, shown: Any) -> None:
    assert custom_properties({"p": given}) == {"p": shown}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (5, "has 'p', which is the number 5; write such as {metadataType: MetadataStringValue"),
        ({"metadataType": "MetadataStringValue", "string_value": 5}, "has 'p', whose string_value must be a text"),
        (
            {"metadataType": "MetadataIntValue", "int_value": 5},
            'whose int_value must be a text, but is the number 5; put it in quotes: "5"',
        ),
        (
            {"metadataType": "MetadataDoubleValue", "double_value": "1.5"},
            "whose double_value must be a number without quotes",
        ),
        ({"metadataType": "MetadataDoubleValue"}, "whose double_value must be a number without quotes, but is nothing"),
        ({"metadataType": "MetadataBoolValue", "bool_value": 1}, "whose bool_value must be true or false"),
        ({"metadataType": "MetadataStructValue", "struct_value": {}}, "whose struct_value must be a text"),
    ],
)
def test_a_value_of_a_wrong_kind_is_refused(given: Any, words: str) -> None:
    with pytest.raises(FieldError) as caught:
        custom_properties({"p": given})
    assert words in str(caught.value)


def test_numbers_may_stand_for_texts_where_files_are_read_loosely() -> None:
    given = {"metadataType": "MetadataIntValue", "int_value": 5}
    assert custom_properties({"p": given}, loose_text) == {"p": {"metadataType": "MetadataIntValue", "int_value": "5"}}
