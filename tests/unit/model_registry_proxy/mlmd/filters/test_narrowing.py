"""The filter_query for MLMD. `tests/integration/test_filters_against_mlmd.py` shows that it never loses a row."""

import sys

import pytest

from converters.entities import (
    LISTED_ARTIFACTS,
    DocArtifact,
    ExperimentRun,
    InferenceService,
    MetricHistory,
    ModelArtifact,
    ModelVersion,
    RegisteredModel,
    ServeModel,
)
from converters.entity import Entity
from converters.filters import parse_filter
from model_registry_proxy.mlmd.filters.narrowing import wide_query

HAS = "({0}.int_value IS NULL OR {0}.int_value IS NOT NULL)"


def wide(text: str, *entities: type[Entity]) -> str | None:
    """The filter_query for a text."""
    found = parse_filter(text, entities or (RegisteredModel,))
    assert found is not None
    return wide_query(found)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ('name = "x"', 'name = "x"'),
        ('name LIKE "a_b%"', 'name LIKE "a%b%"'),
        ('name ILIKE "Best%"', 'lower(name) LIKE "best%"'),
        ('name ILIKE "Kiwi%x"', 'lower(name) LIKE "%w%x"'),
        ('externalId = "e"', 'external_id = "e"'),
        ("id = 5", "id = 5"),
        ("NOT id = 5", "id != 5"),
        ("NOT (id < 5 OR id IN (8, 9))", "id >= 5 AND NOT (id IN (8, 9))"),
        ("id = 1 OR id = 2", "(id = 1 OR id = 2)"),
        ('owner = "Ann"', 'properties.owner.string_value = "Ann"'),
        ('owner != "Ann"', HAS.format("properties.owner")),
        ('language = "en"', HAS.format("properties.language")),
        ("k IS NOT NULL", HAS.format("custom_properties.k")),
        ("k IS NULL", None),
        ("k = true", HAS.format("custom_properties.k")),
        ("k.int_value > 5", "custom_properties.k.int_value > 5"),
        ("k = 1 OR id = 2", None),
        ("k = 1 OR j = 2", None),
        ('k = "a" OR k = "b"', '(custom_properties.k.string_value = "a" OR custom_properties.k.string_value = "b")'),
        ('`a b` = "x"', 'custom_properties.`a b`.string_value = "x"'),
        ('name != "x"', None),
        ('name < "x"', None),
        ("id = 9223372036854775808", None),
        ("id IN ()", "id < 0"),
    ],
)
def test_mlmd_gets_each_condition_that_it_can_check(text: str, query: str | None) -> None:
    assert wide(text) == query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ('owner = "owner_id"', 'properties.owner.string_value = "owner_id"'),
        ('owner = "name"', 'properties.owner.string_value LIKE "name%"'),
        ('owner = "ID"', 'properties.owner.string_value LIKE "ID%"'),
        ('owner = "a\\"b"', 'properties.owner.string_value LIKE "a%b"'),
        ('owner = "a\\\\b"', 'properties.owner.string_value LIKE "a%b"'),
        ('owner = "see properties.x.y"', 'properties.owner.string_value LIKE "see%properties%x%y"'),
        ('owner = "state = LIVE"', 'properties.owner.string_value LIKE "state%LIVE"'),
        ('owner LIKE "é%x"', 'properties.owner.string_value LIKE "%x"'),
        ('owner = "é"', 'properties.owner.string_value = "é"'),
        ('owner = "it\'s"', 'properties.owner.string_value = "it\'s"'),
    ],
)
def test_texts_that_mlmd_would_misread_become_wildcards(text: str, query: str) -> None:
    assert wide(text) == query


@pytest.mark.parametrize(
    "name", ["Upper", "é", "a(b", "a`b", 'a"b', "", "string_value", "properties.x", "contexts_a", "a\\b"]
)
def test_custom_properties_that_mlmd_would_not_find_are_left_to_the_proxy(name: str) -> None:
    path = name.replace("\\", "\\\\").replace("`", "\\`")
    assert wide(f"`{path}` = 1 AND id = 3") == "id = 3"


def test_names_that_mlmd_would_confuse_are_not_in_one_query() -> None:
    assert wide("`a.b` IS NOT NULL AND `a-b` IS NOT NULL") == HAS.format("custom_properties.`a.b`")


def test_decimals_have_a_margin_for_rounding_by_the_store() -> None:
    query = wide("k = 0.5")
    assert query is not None
    assert query.startswith("(custom_properties.k.double_value >= 0.49999")
    assert "custom_properties.k.double_value <= 0.50000" in query


@pytest.mark.parametrize(
    ("entity", "text", "query"),
    [
        (ModelVersion, 'name = "v1"', '(name LIKE "%:v1" OR name = "v1")'),
        (ModelVersion, 'name LIKE "%v"', 'name LIKE "%v"'),
        (ModelVersion, "registeredModelId = 7", '(name LIKE "7:%" OR name LIKE "0%7:%" OR name LIKE "+%7:%")'),
        (ModelVersion, "registeredModelId > 7", None),
        (InferenceService, "registeredModelId = 7", "properties.registered_model_id.int_value = 7"),
        (ExperimentRun, "endTimeSinceEpoch = 6", 'properties.end_time_since_epoch.string_value LIKE "%6"'),
        (MetricHistory, 'name = "loss"', '(name LIKE "%:loss%" OR name LIKE "loss%")'),
        (ServeModel, 'lastKnownState = "NEW"', "((last_known_state >= 1 AND last_known_state <= 1))"),
        (DocArtifact, 'uri LIKE "s3:%"', 'uri LIKE "s3:%"'),
        (DocArtifact, 'uri = ""', None),
        (ModelArtifact, "experimentRunId = 5", 'contexts_f0.type = "kf.ExperimentRun" AND contexts_f0.id = 5'),
    ],
)
def test_each_place_where_a_field_is_kept_has_its_form_of_condition(
    entity: type[Entity], text: str, query: str | None
) -> None:
    assert wide(text, entity) == query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("step = 7", "{0} = 7"),
        ("step != 7", "NOT ({0} IN (7))"),
        ("step = 3000000000", "{0} IN (2147483647, 3000000000)"),
        ("step = 2147483647", "{0} = 2147483647"),
        ("step != 2147483647", None),
        ("step != 3000000000", None),
        ("step > 3000000000", "{0} > 2147483646"),
        ("step >= 3000000000", "{0} >= 2147483647"),
        ("step > 2147483647", "{0} > 2147483646"),
        ("step > 2147483646", "{0} > 2147483646"),
        ("step < 3000000000", "{0} < 3000000000"),
        ("step < -3000000000", "{0} < -2147483647"),
        ("step <= -3000000000", "{0} <= -2147483648"),
        ("step < -2147483648", "{0} < -2147483647"),
        ("NOT step <= 2147483647", "{0} > 2147483646"),
        ("NOT step >= -2147483648", "{0} < -2147483647"),
        ("step IN (5, -3000000000)", "{0} IN (-3000000000, -2147483648, 5)"),
        ("NOT step IN (5, 3000000000, 2147483647)", "NOT ({0} IN (5))"),
        ("NOT step IN (-2147483648)", None),
        ("step = 9223372036854775808", "{0} = 2147483647"),
        ("step > 9223372036854775808", "{0} > 2147483646"),
        ("step < 9223372036854775808", None),
        ("step = -9223372036854775808", None),
        ("step IN (1, -9223372036854775808)", None),
        ("step >= -9223372036854775808", None),
    ],
)
def test_a_column_of_32_bits_keeps_its_limits_for_all_numbers_beyond(text: str, query: str | None) -> None:
    column = "properties.step.int_value"
    assert wide(text, MetricHistory) == (query.format(column) if query else HAS.format("properties.step"))


def test_conditions_on_runs_joined_by_and_may_be_about_different_runs() -> None:
    query = wide("experimentRunId = 5 AND experimentRunId = 6", *LISTED_ARTIFACTS)
    assert query is not None
    assert "contexts_f1.id = 5" in query
    assert "contexts_f2.id = 6" in query


def test_in_artifact_lists_mlmd_gets_conditions_on_fields_that_are_kept_alike_by_all_types() -> None:
    assert wide('value = "x" AND step = 3', *LISTED_ARTIFACTS) == (
        'properties.value.string_value = "x" AND properties.step.int_value = 3'
    )


def test_all_ascii_letters_that_are_lower_case_of_other_characters_are_known() -> None:
    signs = map(chr, range(128, sys.maxunicode + 1))
    ascii_results = {low for sign in signs for low in sign.lower() if low.isascii()}
    assert ascii_results == {"i", "k"}
    for letter in "abcdefghijklmnopqrstuvwxyz":
        assert wide(f'name ILIKE "x{letter}"') == f'lower(name) LIKE "x{"%" if letter in ascii_results else letter}"'
