"""Orders of lists, and pages that go on behind the last row of the page before."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.errors import RefusedError
from model_catalog.entries import AssetType, Entry, Status
from model_catalog.index.order import PagePosition, position_of
from model_catalog.index.queries import Query
from model_catalog.index.table import Table

from .made import artifact, catalog_of, entries_of, model, models_of, names, server

FLEET = models_of(
    model(
        "c", artifact(acc=5.0, h="x"), artifact(acc=1.0, h="y"), createTimeSinceEpoch="30", custom={"n": 2, "t": "b"}
    ),
    model("a", artifact(acc=3.0, h="x"), createTimeSinceEpoch="9", custom={"n": 10}),
    model("d", createTimeSinceEpoch="100", custom={"t": "a", "n": 2.5}),
    model("b", artifact(acc=4.0, h="y"), createTimeSinceEpoch="9", custom={"n": 2}),
)


def in_pages(table: Table, query: Query) -> list[str]:
    """The names of all items, page by page."""
    found: list[str] = []
    while True:
        page = table.page(query)
        assert page.size <= query.page_size
        found += names(page)
        if not page.next_token:
            return found
        query = replace(query, token=page.next_token)


@pytest.mark.parametrize(
    ("order_by", "ascending", "descending"),
    [
        ("", "abcd", "dcba"),
        ("NAME", "abcd", "dcba"),
        ("ID", "cadb", "bdac"),
        ("CREATE_TIME", "abcd", "dcab"),
        ("n.int_value", "cbad", "acbd"),
        ("n.double_value", "dcab", "dcab"),
        ("t.string_value", "dcab", "cdab"),
        ("name.string_value", "abcd", "dcba"),
        ("artifacts.acc.double_value", "cabd", "cbad"),
        ("nosuch.string_value", "cadb", "cadb"),
    ],
)
@pytest.mark.parametrize("page_size", [1, 3, 9])
def test_rows_come_in_order_on_pages_of_any_size(
    order_by: str, ascending: str, descending: str, page_size: int
) -> None:
    query = Query(order_by=order_by, page_size=page_size)
    assert "".join(in_pages(FLEET, query)) == ascending
    assert "".join(in_pages(FLEET, replace(query, descending=True))) == descending


VERSIONS = catalog_of(
    {
        source: [
            server(name, version=version, createTimeSinceEpoch="7", lastUpdateTimeSinceEpoch="8")
            for name in ("one", "two", "six")
            for version in ("", "1", "2", "0.1")
        ]
        for source in ("r", "s")
    },
    AssetType.MCP_SERVERS,
).servers
SAME_NAMES = catalog_of({source: [model(name, createTimeSinceEpoch="7") for name in "abcd"] for source in "rs"}).models


@pytest.mark.parametrize("table", [VERSIONS, SAME_NAMES], ids=["servers", "models"])
@pytest.mark.parametrize(
    "order_by", ["", "NAME", "ID", "CREATE_TIME", "LAST_UPDATE_TIME", "version.string_value", "RELEVANCE"]
)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("page_size", [1, 2, 3, 4, 5])
def test_each_row_comes_once_where_names_and_times_are_equal(
    table: Table, order_by: str, descending: bool, page_size: int
) -> None:
    query = Query(order_by=order_by, descending=descending, page_size=page_size)
    page = table.page(query)
    rows = list(page.rows)
    while page.next_token:
        page = table.page(replace(query, token=page.next_token))
        rows += page.rows
    assert sorted(rows) == list(range(len(table)))
    assert rows == list(table.page(replace(query, page_size=len(table))).rows)


def test_conditions_on_artifacts_choose_those_that_count_for_the_order() -> None:
    query = Query(order_by="artifacts.acc.double_value", page_size=1)
    assert in_pages(FLEET, replace(query, filter="artifacts.h = 'x'")) == ["a", "c"]
    assert in_pages(FLEET, replace(query, filter="artifacts.h = 'y' AND n = 2")) == ["c", "b"]


def test_pages_after_a_reload_go_on_behind_the_last_row() -> None:
    entries = [model(name) for name in "abcdef"]
    before = catalog_of({"s": entries})
    page = before.models.page(Query(page_size=3))
    after = before.with_source("s", entries_of("s", [model(name) for name in "zabdefyc"]), Status.AVAILABLE).models
    assert names(after.page(Query(page_size=3, token=page.next_token))) == ["d", "e", "f"]
    without = before.with_source("s", entries_of("s", [model(name) for name in "adx"]), Status.AVAILABLE).models
    assert names(without.page(Query(page_size=3, token=page.next_token))) == ["d", "x"]


def test_pages_by_long_texts_are_complete_and_their_tokens_short() -> None:
    texts = ["\N{SNOWMAN}" * 500 + str(number) for number in range(5)]
    table = models_of(*[model(str(number), description=text) for number, text in enumerate(texts)])
    query = Query(order_by="description.string_value", page_size=2)
    assert in_pages(table, query) == list("01234")
    assert len(table.page(query).next_token) <= 1024


@pytest.mark.parametrize(
    "token", ["%%%", "eDp5", "AAAA", "!!!", "x" * 1366, "W10", "bnVsbA", "WzEsW11d", "WyIxIiwyXQ", "5", "\N{SNOWMAN}"]
)
def test_a_token_that_no_page_gave_is_refused(token: str) -> None:
    with pytest.raises(RefusedError, match=r"^invalid nextPageToken: "):
        FLEET.page(Query(token=token))


def test_a_token_of_another_order_is_refused_or_gives_a_page() -> None:
    token = FLEET.page(Query(order_by="CREATE_TIME", page_size=1)).next_token
    with pytest.raises(RefusedError, match="another order"):
        FLEET.page(Query(order_by="NAME", token=token))


@given(
    st.none() | st.text(max_size=300) | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 2**53),
)
def test_a_token_says_where_the_page_ended(value: str | float | None, number: int) -> None:
    if isinstance(value, str):
        value = value.encode("utf-8", "ignore").decode()
    token = PagePosition(value, number, 2**32 - 1).token()
    position = position_of(token)
    assert position.number == number
    assert position.value == value or (position.is_cut and str(value).startswith(str(position.value)))
    assert len(token) <= 1024


def test_parts_are_ordered_and_paged_too() -> None:
    parts = [artifact(x=2.0, name="p"), artifact(x=1.0), artifact(), artifact(x=3.0, metricsType="performance-metrics")]
    table = models_of(model("other", artifact(x=9.0)), model("m", *parts))
    row = table.find("a", "m")
    assert row

    def numbers(**query: object) -> list[int]:
        found: list[int] = []
        asked = Query(page_size=1, **query)  # type: ignore[arg-type]
        while True:
            page = table.parts(row.number, asked)
            found += page.rows
            if not page.next_token:
                return found
            asked = replace(asked, token=page.next_token)

    assert numbers() == numbers(order_by="ID") == numbers(order_by="x") == [0, 1, 2, 3]
    assert numbers(order_by="ID", descending=True) == [3, 2, 1, 0]
    assert numbers(order_by="x.double_value") == [1, 0, 3, 2]
    assert numbers(order_by="x.double_value", descending=True) == [3, 0, 1, 2]
    assert numbers(order_by="NAME") == [0, 1, 2, 3]
    assert numbers(part_types=frozenset({"metrics-artifact"})) == [3]
    assert numbers(part_types=frozenset({"performance-metrics", "model-artifact"})) == [0, 1, 2, 3]
    with pytest.raises(RefusedError, match="invalid custom property value type 'bool_value'"):
        numbers(order_by="x.bool_value")


def test_servers_are_in_the_order_of_ids_and_names_of_servers_are_exact() -> None:
    servers = catalog_of(
        {"s": [server("one", version="1"), server("two"), server("one", version="2")], "r": [server("two")]},
        AssetType.MCP_SERVERS,
    ).servers
    ids = [servers.row(row).id for row in servers.page(Query()).rows]
    assert ids == sorted(ids)
    assert len(set(ids)) == 4
    assert names(servers.page(Query(name="one"))) == ["one", "one"]
    assert names(servers.page(Query(name="one", sources=frozenset({"r"})))) == []
    assert in_pages(servers, Query(page_size=1)) == names(servers.page(Query()))


def test_an_empty_table_has_empty_pages() -> None:
    table = models_of()
    for query in (Query(), Query(filter="x = 1"), Query(q="x"), Query(filter="artifacts.x = 1", order_by="ACCURACY")):
        assert table.page(query).size == 0


def test_rows_are_chosen_by_source() -> None:
    entries: dict[str, list[Entry]] = {"s": [model("a"), model("c")], "r": [model("b")], "q": []}
    table = catalog_of(entries).models
    assert names(table.page(Query(sources=frozenset({"s", "nosuch"})))) == ["a", "c"]
    assert names(table.page(Query(sources=frozenset({"q"})))) == []
    assert names(table.page(Query())) == ["a", "b", "c"]
