"""Large whole numbers as text, and back."""

import pytest

from model_registry_proxy import safe_integers


def whole(number: int) -> dict[str, str]:
    return {"metadataType": "MetadataIntValue", "int_value": str(number)}


def text(content: str) -> dict[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": content}


@pytest.mark.parametrize("number", [10**9, -(10**9), 2**63 - 1, -(2**63)])
def test_a_large_number_is_shown_as_text_and_comes_back_as_the_number(number: int) -> None:
    row = {"id": "1", "customProperties": {"a": whole(number), "b": text("x")}}
    shown = safe_integers.shown(row)
    assert shown == {"id": "1", "customProperties": {"a": text(str(number)), "b": text("x")}}
    assert row["customProperties"] == {"a": whole(number), "b": text("x")}
    assert safe_integers.may_hold(shown)
    assert safe_integers.restored(shown, row) == row


@pytest.mark.parametrize("number", [0, 999_999_999, -999_999_999])
def test_a_small_number_stays_as_it_is(number: int) -> None:
    row = {"customProperties": {"a": whole(number)}}
    assert safe_integers.shown(row) is row
    assert safe_integers.shown({"items": [row], "size": 1}) == {"items": [row], "size": 1}
    assert not safe_integers.may_hold({"customProperties": {"a": text(str(number))}})


def test_another_text_replaces_the_number() -> None:
    stored = {"customProperties": {"a": whole(10**9), "b": text("1000000001")}}
    for body in (
        {"a": text("1000000001")},
        {"a": text("01000000000")},
        {"b": text("1000000001")},
        {"c": text("1000000000")},
    ):
        change = {"customProperties": body}
        assert safe_integers.restored(change, stored) is change
