"""Custom properties become rows of a form and come back with their kinds; what cannot be stored has an error at its row."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_client.custom_properties import to_wire
from model_registry_ui.properties import (
    Kind,
    PropertyRow,
    RowError,
    from_rows,
    is_set_by_tools,
    labels,
    number,
    rows_of_form,
    shown,
    to_rows,
    with_label,
    without_label,
)

readable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
names = readable.filter(bool)
values = st.one_of(
    readable,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(-1e59, 1e59, allow_nan=False),
    st.dictionaries(readable, st.none() | readable | st.integers(-(2**53), 2**53), max_size=3),
)
maps = st.dictionaries(names, values, max_size=4).map(to_wire)
TEXT = {"metadataType": "MetadataStringValue", "string_value": "a\r\nb"}
UNKNOWN = {"metadataType": "MetadataProtoValue", "type": "t", "proto_value": "AA=="}


def struct(content: Any) -> dict[str, Any]:
    return {
        "metadataType": "MetadataStructValue",
        "struct_value": base64.b64encode(json.dumps(content).encode()).decode(),
    }


@given(maps)
def test_properties_come_back_from_their_rows(properties: dict[str, Any]) -> None:
    read = from_rows(to_rows(properties), properties)
    assert (read.errors, read.properties) == ((), properties)


@given(maps)
def test_rows_that_were_typed_give_the_same_values(properties: dict[str, Any]) -> None:
    rows = to_rows(properties)
    values = [
        row.value.replace("\r\n", "\n").replace("\r", "\n") for row in rows
    ]  # as a text field of a browser has them
    sent = [value.replace("\n", "\r\n") for value in values]
    typed = from_rows([PropertyRow(row.name, row.kind, value) for row, value in zip(rows, sent, strict=True)])
    again = to_rows(typed.properties)
    assert [row.kind for row in again] == [row.kind for row in rows]
    assert [row.value for row in again] == values


@pytest.mark.parametrize("value", [TEXT, UNKNOWN, {"metadataType": "MetadataStructValue", "struct_value": {"a": 1}}])
def test_what_is_not_edited_stays_as_it_was(value: dict[str, Any]) -> None:
    (row,) = to_rows({"a": value})
    sent = PropertyRow(row.name, row.kind, row.value.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert from_rows([sent], {"a": value}).properties == {"a": value}


def test_the_kind_is_that_of_the_row_and_is_never_guessed() -> None:
    rows = [
        PropertyRow("a", Kind.TEXT, "1.10"),
        PropertyRow("b", Kind.WHOLE, " 7 "),
        PropertyRow("c", Kind.DECIMAL, "7"),
    ]
    assert from_rows(rows).properties == {
        "a": {"metadataType": "MetadataStringValue", "string_value": "1.10"},
        "b": {"metadataType": "MetadataIntValue", "int_value": "7"},
        "c": {"metadataType": "MetadataDoubleValue", "double_value": 7.0},
    }


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (
            Kind.WHOLE,
            "9223372036854775808",
            "must be a whole number between -9223372036854775808 and 9223372036854775807",
        ),
        (Kind.WHOLE, "1.0", "must be a whole number"),
        (Kind.WHOLE, "1" * 5000, "must be a whole number"),
        (Kind.WHOLE, "٣", "must be a whole number"),
        (Kind.DECIMAL, "nan", "must be a number with a decimal point"),
        (Kind.DECIMAL, "0,5", "must be a number with a decimal point"),
        (Kind.DECIMAL, "1e60", "must be nearer to zero than 1e60"),
        (Kind.DECIMAL, "-1e999", "must be nearer to zero than 1e60"),
        (Kind.YES_NO, "true", "must be yes or no"),
        (Kind.JSON, "[1]", "must be a JSON object"),
        (Kind.JSON, '{"a": }', "must be JSON: Expecting value in line 1, column 7"),
        (Kind.JSON, '{"a": NaN}', "holds NaN"),
        (Kind.JSON, '{"a": 9007199254740993}', "holds 9007199254740993, which is stored rounded"),
        (Kind.JSON, '{"a": 1, "a": 2}', 'has "a" twice'),
        (Kind.JSON, '{"a":' * 31 + "1" + "}" * 31, "must have at most 30 levels"),
        (Kind.JSON, '{"a":' * 100_000, "must be JSON"),
        (Kind.JSON, '{"a": "\\ud800"}', "must be JSON that can be written as UTF-8"),
        (Kind.TEXT, "mlmd-struct::x", "must not begin with"),
        (Kind.TEXT, "a\0b", "must not hold a NUL character"),
        (Kind.OTHER, "{}", "must be one of: text, whole number, decimal, yes or no, JSON object"),
        ("number", "5", "must be one of"),
    ],
)
def test_a_value_that_cannot_be_stored_has_an_error_at_its_row(kind: str, value: str, message: str) -> None:
    read = from_rows([PropertyRow("first", Kind.TEXT, ""), PropertyRow("a", kind, value)])
    assert list(read.properties) == ["first"]
    (error,) = read.errors
    assert error.row == 1
    assert error.message.startswith(message)
    assert error.field == ("kind" if kind == "number" else "value")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "must have a name, since there is a value"),
        ("first", "must have another name: a row above has this one"),
        ("__exact_doubles__", "must have another name, since the server keeps this one for itself"),
        ("é" * 128, "must have at most 255 bytes of UTF-8; it has 256"),
        ("a\0", "must not hold a NUL character"),
    ],
)
def test_a_name_that_cannot_be_stored_has_an_error_at_its_row(name: str, message: str) -> None:
    read = from_rows([PropertyRow("first", Kind.TEXT, "x"), PropertyRow(name, Kind.TEXT, "x")])
    assert read.errors == (RowError(1, "name", message),)


def test_rows_without_name_and_value_are_skipped() -> None:
    assert from_rows([PropertyRow(), PropertyRow("", Kind.WHOLE, "  ")]).errors == ()


def test_rows_are_read_from_the_fields_of_a_form() -> None:
    sent = [
        ("name", "model"),
        ("property-name", "a"), ("property-kind", "text"), ("property-value", "1"),
        ("property-name", ""), ("property-kind", ""), ("property-value", ""),
    ]  # fmt: skip
    assert rows_of_form(sent) == (PropertyRow("a", Kind.TEXT, "1"), PropertyRow("", Kind.TEXT, ""))


def test_labels_are_properties_with_an_empty_text() -> None:
    properties = to_wire({"gold": "", "team": "x", "n": 1})
    assert labels(properties) == ("gold",)
    assert labels(with_label(properties, "new")) == ("gold", "new")
    assert with_label(properties, "team") == properties
    assert "gold" not in without_label(properties, "gold")
    assert without_label(properties, "team") == properties


def test_numbers_and_texts_are_read_from_values() -> None:
    numbers = {"a": 3, "b": 0.5, "c": "3", "d": True}
    assert [number(value) for value in to_wire(numbers).values()] == [3, 0.5, None, None]
    assert shown(struct({"a": 1})) == '{\n  "a": 1\n}'


@pytest.mark.parametrize(("name", "expected"), [("_lastModified", True), ("_registeredFromX", True), ("last", False)])
def test_properties_of_tools_are_known(name: str, *, expected: bool) -> None:
    assert is_set_by_tools(name) is expected
