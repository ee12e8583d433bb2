"""Simple filters become a query that the server reads as meant, and a query becomes simple filters where they can say it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_ui.filter_language import is_number, property_name
from model_registry_ui.filters import EXACT, OPERATORS, PARENTS, WITHOUT_VALUE, Filters, PropertyCondition, from_query

from converters.entities import ENTITIES
from converters.filters import parse_filter
from converters.filters.names import Names
from converters.filters.parser import parse
from converters.filters.tree import Comparison

MODEL = next(entity for entity in ENTITIES if entity.__name__ == "RegisteredModel")
HOSTILE = [
    "50%",
    "a_b",
    "back\\slash",
    'quo"te',
    "it's",
    "new\nline",
    "`tick`",
    "-- no comment",
    "\\%",
    "\\_",
    "\\n",
    "é%",
    "\u202e",
    "%",
    "(",
]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    HOSTILE
)
names = texts.filter(bool)
operators = st.sampled_from([*OPERATORS])
numbers = (
    st.integers().map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.sampled_from(["05", "1e5", ".5", "+3"])
)


def condition(name: str, operator: str, value: str) -> PropertyCondition:
    return PropertyCondition(name, operator, "" if operator in WITHOUT_VALUE else value)


conditions = st.builds(condition, names, operators, texts | numbers | st.sampled_from(["true", "false"])).filter(
    lambda one: (one.operator, one.value) != ("=", "")  # that is a label
)
filters = st.builds(
    Filters,
    text=texts,
    **dict.fromkeys(EXACT, texts),
    **dict.fromkeys(PARENTS, st.just("") | st.integers(1, 2**63 - 1).map(str)),
    labels=st.lists(names, max_size=2).map(tuple),
    properties=st.lists(conditions, max_size=3).map(tuple),
    updated_since=st.just("")
    | st.datetimes().filter(lambda when: when.year > 1970).map(lambda when: when.date().isoformat()),
).flatmap(lambda one: st.just(one) if not one.text else st.booleans().map(lambda wide: _wide(one, wide=wide)))


def _wide(one: Filters, *, wide: bool) -> Filters:
    return Filters(**{**{name: getattr(one, name) for name in Filters.__slots__}, "in_descriptions": wide})


def row(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "name": "x", "customProperties": {}, **fields}


def text_value(text: str) -> dict[str, str]:
    return {"metadataType": "MetadataStringValue", "string_value": text}


def matches(query: str, one: dict[str, Any]) -> bool:
    parsed = parse_filter(query, (MODEL,))
    assert parsed is not None
    return parsed.matches(one)


@given(filters)
def test_filters_come_back_from_their_query_and_the_server_reads_it(one: Filters) -> None:
    query = one.to_query()
    if len(query) < 8000:
        parse(query)
    assert from_query(query) == one


@given(texts.filter(bool), texts, texts)
def test_a_text_is_found_wherever_the_name_contains_it(text: str, before: str, after: str) -> None:
    assert matches(Filters(text=text).to_query(), row(name=before + text + after))


@given(texts.filter(lambda text: len(text) > 1), st.sampled_from("%_\\"))
def test_wildcards_in_a_text_stand_for_themselves(text: str, sign: str) -> None:
    assert not matches(Filters(text=f"{text}{sign}{text}").to_query(), row(name=f"{text}q{text}"))


@given(names, texts)
def test_a_property_is_compared_as_a_text_with_exactly_the_value(name: str, value: str) -> None:
    query = PropertyCondition(name, "=", value).to_query()
    assert matches(query, row(customProperties={name: text_value(value)}))
    assert not matches(query, row(customProperties={name: text_value(value + "x")}))
    assert not matches(query, row(customProperties={name + "x": text_value(value)}))


@pytest.mark.parametrize(
    ("operator", "value", "stored", "is_found"),
    [
        ("=", "5", {"int_value": "5"}, True),
        ("=", "5", {"string_value": "5"}, True),
        ("=", "5", {"string_value": "5.0"}, False),
        ("!=", "5", {"int_value": "5"}, False),
        ("!=", "5", {"string_value": "5"}, False),
        ("!=", "5", {"string_value": "6"}, True),
        (">=", "0.9", {"double_value": 0.95}, True),
        ("<", "0.9", {"double_value": 0.95}, False),
        ("=", "true", {"bool_value": True}, True),
        ("=", "true", {"string_value": "true"}, True),
        ("contains", "o_d", {"string_value": "Go_D"}, True),
        ("set", "", {"string_value": ""}, True),
        ("unset", "", {"string_value": ""}, False),
    ],
)
def test_a_property_is_compared_as_its_kind_needs(
    operator: str, value: str, stored: dict[str, Any], *, is_found: bool
) -> None:
    query = PropertyCondition("p", operator, value).to_query()
    assert matches(query, row(customProperties={"p": stored})) is is_found


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_property_is_never_taken_for_a_field_of_its_name(entity: Any) -> None:
    known = Names((entity,))
    for field in {*known._fields, *known._stored, "owner", "and", "Null", "tags", "custom_properties"}:
        parsed = parse(f"{property_name(field)} = 1")
        assert isinstance(parsed, Comparison)
        assert known.subject(parsed.path).customs == (field,)


def test_the_query_is_what_one_would_write() -> None:
    one = Filters(
        text="fraud_2", in_descriptions=True, state="LIVE", task="tabular", model="7", labels=("gold",),
        updated_since="2026-11-01",
        properties=(PropertyCondition("accuracy", ">=", "0.9"), PropertyCondition("owner", value="ann"),
        PropertyCondition("a.b", "set")),
    )  # fmt: skip
    assert one.to_query() == (
        r'(name ILIKE "%fraud\_2%" OR description ILIKE "%fraud\_2%") AND state = "LIVE" AND tasks = "tabular"'
        ' AND registeredModelId = 7 AND gold = "" AND accuracy >= 0.9 AND custom_properties.owner = "ann"'
        " AND `a.b` IS NOT NULL AND lastUpdateTimeSinceEpoch >= 1793491200000"
    )
    assert Filters().to_query() == ""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Filters()),
        ("STATE = 'LIVE'", None),
        ("state = 'LIVE' and `owner` = 'ann'", None),
        (" state='LIVE'\nand owner = \"ann\"", Filters(state="LIVE", owner="ann")),
        ('owner = "ann" AND state = "LIVE"', Filters(state="LIVE", owner="ann")),
        ('name ilike "%a%"', Filters(text="a")),
        ('name LIKE "%a%"', None),
        ('name ILIKE "a%"', None),
        ('name ILIKE "%a%b%"', None),
        ('state = "LIVE" OR owner = "ann"', None),
        ('state = "LIVE" AND state = "ARCHIVED"', None),
        ('NOT state = "LIVE"', None),
        ("accuracy = 5", None),
        ('accuracy < "5"', None),
        ("accuracy.double_value < 5", None),
        ('owner = "ann" -- a comment', None),
        ("(accuracy = 5 OR accuracy = '5')", Filters(properties=(PropertyCondition("accuracy", "=", "5"),))),
        ("(accuracy = 5 OR loss = '5')", None),
        ("AND", None),
        ("a =", None),
        ('"', None),
        ("registeredModelId = 7.5", None),
    ],
)
def test_a_query_becomes_simple_filters_where_they_say_the_same(query: str, expected: Filters | None) -> None:
    assert from_query(query) == expected


@given(
    texts
    | st.lists(st.sampled_from(["state", "=", "AND", "(", ")", '"a"', "5", "`p`", "ILIKE", "IS", "NULL", "OR"])).map(
        " ".join
    )
)
def test_any_text_is_read_or_refused(query: str) -> None:
    found = from_query(query)
    assert found is None or parse(query) is None or parse(found.to_query()) is not None


def test_what_is_wrong_is_said_and_left_out_of_the_query() -> None:
    one = Filters(model="seven", updated_since="yesterday", properties=(PropertyCondition("a", "~", "b"),))
    assert set(one.problems()) == {"model", "updated_since", "properties"}
    assert one.to_query() == ""
    assert Filters(model="7", updated_since="2026-11-01T10:00").problems() == {}


def test_each_filter_can_be_removed() -> None:
    one = Filters(
        text="a", in_descriptions=True, state="LIVE", labels=("x", "y"), properties=(PropertyCondition("p", ">", "1"),)
    )
    left = dict(one.removals())
    assert list(left) == ['name or description contains "a"', "state: LIVE", "label: x", "label: y", "p above 1"]
    assert left["label: x"].labels == ("y",)
    assert not left['name or description contains "a"'].in_descriptions


@pytest.mark.parametrize(
    ("text", "expected"), [("5", True), ("1e400", False), ("nan", False), ("", False), ("٣", False), ("1" * 101, False)]
)
def test_numbers_are_those_that_the_language_can_write(text: str, *, expected: bool) -> None:
    assert is_number(text) is expected


def test_the_stage_is_a_filter_of_its_own_and_a_label_of_that_name_stays_a_label() -> None:
    assert Filters(stage="production").to_query() == 'stage = "production"'
    assert from_query('stage = "production"') == Filters(stage="production")
    assert from_query('stage = ""') == Filters(labels=("stage",))
