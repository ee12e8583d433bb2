"""Whole numbers of 64 bits in a store with columns of 32."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters import companion
from converters.companion import COMPANION, LARGEST, SMALLEST
from converters.entities import DataSet, Metric, RegisteredModel
from converters.entity import Entity
from converters.nodes import from_node, merged_for_companion, stale_places, to_node

Json = dict[str, Any]
BEYOND = [LARGEST + 1, SMALLEST - 1, 3 * 10**9, 2**53 + 1, 2**63 - 1, -(2**63)]


def whole(number: int) -> Json:
    """A custom property of this number."""
    return {"metadataType": "MetadataIntValue", "int_value": str(number)}


def metric(**body: Any) -> Any:
    """A node of a metric."""
    return to_node(Metric, body, type_id=1, name="7:m", own_name="m")


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_a_number_that_a_narrow_store_clamps_is_read_exactly(step: int, number: int) -> None:
    node = metric(step=step, value=0.5, customProperties={"n": whole(number), "": whole(-step // 2), "a.b": whole(1)})
    narrow = companion.narrowed(node)
    kept = [narrow.properties["step"], *(narrow.custom_properties[key] for key in ("n", "", "a.b"))]
    assert all(SMALLEST <= value.int_value <= LARGEST for value in kept)
    assert from_node(Metric, narrow) == from_node(Metric, node)
    assert not stale_places(Metric, narrow)


def test_numbers_within_32_bits_need_no_companion() -> None:
    node = metric(step=LARGEST, customProperties={"n": whole(SMALLEST)})
    assert not companion.has_large(node)
    assert companion.narrowed(node) == node


def test_a_wide_store_keeps_numbers_in_full_and_without_a_companion() -> None:
    node = metric(step=2**62, customProperties={"n": whole(-(2**63))})
    assert node.properties["step"].int_value == 2**62
    assert node.custom_properties["n"].int_value == -(2**63)
    assert COMPANION not in node.custom_properties


def test_whole_numbers_and_doubles_share_a_companion_and_differ_by_kind() -> None:
    node = companion.narrowed(metric(step=2**40, value=1 / 3, customProperties={"n": whole(-(2**40))}))
    assert dict(node.custom_properties[COMPANION].struct_value.items()) == {
        "value": 1 / 3,
        "step": str(2**40),
        "customProperties.n": str(-(2**40)),
    }


@pytest.mark.parametrize("number", BEYOND)
def test_a_value_that_another_client_wrote_later_counts(number: int) -> None:
    for written in (5, LARGEST - 1, SMALLEST + 1, SMALLEST if number > 0 else LARGEST):
        node: Any = companion.narrowed(metric(step=number, customProperties={"n": whole(number)}))
        node.properties["step"].int_value = node.custom_properties["n"].int_value = written
        answer = from_node(Metric, node)
        assert (answer["step"], answer["customProperties"]) == (written, {"n": whole(written)})
        assert stale_places(Metric, node) == ["customProperties.n"]


def test_a_number_of_another_kind_that_was_written_later_counts() -> None:
    node: Any = companion.narrowed(metric(customProperties={"n": whole(2**40), "gone": whole(2**40)}))
    node.custom_properties["n"].string_value = str(LARGEST)
    del node.custom_properties["gone"]
    text = {"metadataType": "MetadataStringValue", "string_value": str(LARGEST)}
    assert from_node(Metric, node)["customProperties"] == {"n": text}


@pytest.mark.parametrize(
    "damaged", ["x", "", "-", str(2**63), "9" * 5000, "5", "3 000 000 000", "1e10", "\0", "3000000000.5"]
)
def test_a_companion_with_wrong_content_is_ignored(damaged: str) -> None:
    node: Any = companion.narrowed(metric(step=2**40, customProperties={"n": whole(2**40)}))
    node.custom_properties[COMPANION].struct_value.update(
        {"step": damaged, "customProperties.n": damaged, "name": damaged}
    )
    answer = from_node(Metric, node)
    assert (answer["step"], answer["customProperties"], answer["name"]) == (LARGEST, {"n": whole(LARGEST)}, "m")


def test_a_companion_cannot_rename_an_entity() -> None:
    node: Any = to_node(RegisteredModel, {}, type_id=1, name=str(LARGEST), own_name=str(LARGEST))
    node.custom_properties[COMPANION].struct_value.update({"name": str(2**40), "id": str(2**40)})
    assert from_node(RegisteredModel, node)["name"] == str(LARGEST)


@pytest.mark.parametrize("number", BEYOND)
def test_a_stored_node_shows_whether_the_store_clamps_large_numbers(number: int) -> None:
    sent = metric(step=number)
    assert companion.is_narrowed(sent, sent) is False
    assert companion.is_narrowed(sent, companion.narrowed(sent)) is True
    assert companion.is_narrowed(sent, metric(step=7)) is None
    assert companion.is_narrowed(sent, metric()) is None


@pytest.mark.parametrize(
    ("entity", "body", "reads_first"),
    [
        (Metric, {"step": 5}, False),
        (Metric, {"step": LARGEST - 1}, False),
        (Metric, {"step": None}, False),
        (Metric, {"step": LARGEST}, True),
        (Metric, {"step": SMALLEST}, True),
        (Metric, {"step": 3e9}, True),
        (Metric, {"customProperties": {}}, True),
        (DataSet, {"customProperties": {"n": whole(2**40)}}, False),
    ],
)
def test_a_change_has_all_numbers_that_share_its_companion(entity: type[Entity], body: Json, reads_first: bool) -> None:
    stored = {"step": 2**40, "value": 1 / 3, "customProperties": {"n": whole(2**41)}}
    assert merged_for_companion(entity, body, stored) == ({**stored, **body} if reads_first else body)
