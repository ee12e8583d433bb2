"""What a list shows goes to its address and comes back from it, whatever the texts hold."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_registry_ui.filters import EXACT, OPERATORS, Filters, PropertyCondition
from model_registry_ui.query import PAGE_SIZES, PRESET, ListQuery, Preset, Sort, part_of_sorted

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
trimmed = texts.map(str.strip)
names = texts.filter(bool)
filters = st.builds(
    Filters,
    text=trimmed,
    in_descriptions=st.booleans(),
    **dict.fromkeys(EXACT, trimmed.filter(lambda text: text != "all")),
    model=trimmed,
    labels=st.lists(names, max_size=2).map(tuple),
    properties=st.lists(st.builds(PropertyCondition, names, st.sampled_from([*OPERATORS]), texts), max_size=3).map(
        tuple
    ),
    updated_since=trimmed,
)
views = st.builds(
    ListQuery,
    filters=filters,
    raw=texts,
    former=st.none() | texts,
    sort=st.builds(Sort, names.filter(lambda key: key.strip("+-")), st.booleans()),
    page_size=st.sampled_from(PAGE_SIZES),
    after=texts,
    columns=st.lists(names, max_size=3, unique=True).map(tuple),
)


def read(url: str, preset: Preset = PRESET) -> ListQuery:
    return ListQuery.from_url(parse_qsl(url, keep_blank_values=True), preset)


@given(views)
def test_a_list_comes_back_from_its_address(view: ListQuery) -> None:
    assert read(view.to_url()) == view


def test_a_list_as_preset_has_an_empty_address() -> None:
    preset = Preset(state="LIVE", columns=("name", "owner"), page_size=25, sort=Sort("name", is_descending=False))
    assert read("", preset).to_url(preset) == ""
    assert read("", preset).filters.state == "LIVE"
    assert read("state=all", preset).filters.state == ""


@pytest.mark.parametrize(
    "url", ["size=7", "size=x", "sort=", "sort=-", "cols=", "property=&value=5", "unknown=1", "state=LIVE"]
)
def test_what_makes_no_sense_gets_the_preset(url: str) -> None:
    assert read(url) == read("")


def test_the_parameters_of_a_form_are_read_in_groups_of_three() -> None:
    view = read("property=a&op=set&value=&property=&op=%3D&value=9&property=b&op=%3E%3D&value=0.9")
    assert view.filters.properties == (PropertyCondition("a", "set"), PropertyCondition("b", ">=", "0.9"))


def test_the_parameters_of_the_api_have_filter_order_size_and_token() -> None:
    assert read("q=fraud&sort=created&size=25&after=abc").api_parameters() == {
        "filterQuery": 'name ILIKE "%fraud%" AND state = "LIVE"',
        "pageSize": "25",
        "orderBy": "CREATE_TIME",
        "sortOrder": "ASC",
        "nextPageToken": "abc",
    }


def test_a_raw_query_replaces_the_simple_filters() -> None:
    assert read("q=fraud&query=id+%3D+7").filter_query() == "id = 7"


def test_an_order_of_the_ui_reads_one_large_page_from_its_beginning() -> None:
    assert read("sort=name&after=50&state=all").api_parameters() == {"pageSize": "1000"}


def test_another_filter_begins_at_the_first_page() -> None:
    view = read("after=abc&size=100")
    assert view.changed(raw="id = 7") == ListQuery(filters=view.filters, raw="id = 7", page_size=100)
    assert view.changed(after="def").after == "def"


def test_a_second_sort_by_a_column_turns_the_order_around() -> None:
    once = read("").sorted_by("name")
    assert (once.sort.to_url(), once.sorted_by("name").sort.to_url()) == ("name", "-name")


@pytest.mark.parametrize(
    ("after", "shown", "following"),
    [
        ("", [0, 1], "2"),
        ("2", [2, 3], "4"),
        ("4", [4], ""),
        ("99", [], ""),
        ("-1", [0, 1], "2"),
        ("token", [0, 1], "2"),
    ],
)
def test_rows_that_the_ui_sorts_are_shown_in_parts(after: str, shown: list[int], following: str) -> None:
    assert part_of_sorted(range(5), after, 2) == (
        range(5)[slice(shown[0], shown[-1] + 1)] if shown else range(5)[5:],
        following,
    )
