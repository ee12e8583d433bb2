"""Three-way merges: what only one side changed is preset, what both changed must be chosen, and nothing else is sent."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_client.custom_properties import to_wire
from model_registry_ui.conflicts import PROPERTIES, Choice, changes, differences, unresolved

values = st.sampled_from([None, "", "a", "b"])
maps = st.dictionaries(st.sampled_from("pqr"), st.sampled_from("xyz").map(str)).map(to_wire)
sides = st.fixed_dictionaries({"description": values, "owner": values, PROPERTIES: maps})


def saved(theirs: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    return {name: value or None for name, value in (theirs | body).items()}


@pytest.mark.parametrize(
    ("opened", "theirs", "mine", "preset"),
    [
        ("a", "a", "b", Choice.MINE),
        ("a", "b", "a", Choice.THEIRS),
        ("a", "b", "c", None),
        ("a", None, "a", Choice.THEIRS),
        (None, None, "a", Choice.MINE),
        ("a", "b", "", None),
    ],
)
def test_the_side_that_changed_is_preset(
    opened: str | None, theirs: str | None, mine: str, preset: Choice | None
) -> None:
    (found,) = differences({"owner": opened}, {"owner": theirs}, {"owner": mine})
    assert found.preset is preset
    assert found.key == "field:owner"


@pytest.mark.parametrize(
    ("opened", "theirs", "mine"), [("a", "b", "b"), ("a", "a", "a"), ("a", "", None), (None, "", "")]
)
def test_equal_values_are_no_difference(opened: str | None, theirs: str | None, mine: str | None) -> None:
    assert differences({"owner": opened}, {"owner": theirs}, {"owner": mine}) == ()


def test_custom_properties_are_merged_one_by_one() -> None:
    plain = ({"a": 1, "b": 1, "d": 1}, {"a": 2, "b": 1, "d": 2}, {"a": 1, "b": 1.0, "c": ""})
    opened, theirs, mine = ({PROPERTIES: to_wire(side)} for side in plain)
    found = differences(opened, theirs, mine)
    assert [(one.name, one.preset) for one in found] == [
        ("a", Choice.THEIRS),
        ("b", Choice.MINE),
        ("c", Choice.MINE),
        ("d", None),
    ]
    assert [one.key for one in unresolved(found, {})] == ["property:d"]
    assert changes(found, theirs, {"property:d": "mine"}) == {PROPERTIES: to_wire({"a": 2, "b": 1.0, "c": ""})}
    assert unresolved(found, {"property:d": "theirs"}) == ()
    assert unresolved(found, {"property:d": "nonsense"}) != ()


def test_fields_that_the_form_does_not_have_are_left_out() -> None:
    assert differences({"owner": "a", "state": "LIVE"}, {"owner": "a", "state": "ARCHIVED"}, {"owner": "a"}) == ()


def test_a_field_without_a_value_is_sent_empty() -> None:
    found = differences({"owner": "a", "tasks": ["x"]}, {"owner": "a", "tasks": ["x"]}, {"owner": "", "tasks": []})
    assert changes(found, {"owner": "a", "tasks": ["x"]}, {}) == {"owner": "", "tasks": []}


@given(sides, sides, sides)
def test_choosing_one_side_everywhere_gives_that_side(
    opened: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    found = differences(opened, theirs, mine)
    everything = dict.fromkeys((one.key for one in found), "mine")
    assert saved(theirs, changes(found, theirs, everything)) == saved(mine, {})
    assert changes(found, theirs, dict.fromkeys(everything, "theirs")) == {}


@given(sides, sides)
def test_without_a_change_of_others_everything_typed_is_saved(opened: dict[str, Any], mine: dict[str, Any]) -> None:
    found = differences(opened, opened, mine)
    assert unresolved(found, {}) == ()
    assert saved(opened, changes(found, opened, {})) == saved(mine, {})
