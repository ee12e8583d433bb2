"""Search by `q`: which entries it finds, and how well they fit."""

import pytest

from model_catalog.entries import AssetType
from model_catalog.index.queries import RELEVANCE, Query

from .made import catalog_of, model, models_of, names, server

FLEET = models_of(
    model("x/readme-only", readme="A GRANITE model for\nchat"),
    model("x/described", description="Not as good as Granite-7"),
    model("x/task", tasks=["granite", "chat"], provider="Ann Inc"),
    model("x/igranite", provider="Quarry"),
    model("x/my-granite-7", libraryName="vLLM"),
    model("granite/other"),
    model("x/granite"),
)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("granite", "granite/other x/described x/granite x/igranite x/my-granite-7 x/task"),
        ("RANIT", "granite/other x/described x/granite x/igranite x/my-granite-7 x/task"),
        ("granite chat", "x/task"),
        ("  chat\tgranite ", "x/task"),
        ("ann inc", "x/task"),
        ("vllm 7", "x/my-granite-7"),
        ("%", ""),
        ("x/_granite", ""),
        ("", "granite/other x/described x/granite x/igranite x/my-granite-7 x/readme-only x/task"),
    ],
)
def test_each_word_must_stand_somewhere_in_any_case(q: str, expected: str) -> None:
    assert names(FLEET.page(Query(q=q))) == expected.split()


def test_the_readme_is_searched_on_request() -> None:
    assert names(FLEET.page(Query(q="granite for", q_in_readme=True))) == ["x/readme-only"]
    assert names(FLEET.page(Query(q="granite for"))) == []


def test_the_best_come_first_by_relevance() -> None:
    query = Query(q="Granite", q_in_readme=True, order_by=RELEVANCE)
    assert names(FLEET.page(query)) == [
        "x/granite",
        "granite/other",
        "x/my-granite-7",
        "x/igranite",
        "x/task",
        "x/described",
        "x/readme-only",
    ]


def test_relevance_without_a_word_is_the_order_by_name() -> None:
    assert names(FLEET.page(Query(order_by=RELEVANCE))) == names(FLEET.page(Query()))


def test_search_and_filter_hold_together() -> None:
    assert names(FLEET.page(Query(q="granite", filter="provider = 'Quarry'"))) == ["x/igranite"]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("srv1@0.1", "srv1"),
        ("SRV1@", "srv1 srv1"),
        ("0.1", "srv1 srv2"),
        ("my@2", "other my"),
        ("srv3", "srv3"),
        ("srv3@", ""),
    ],
)
def test_a_server_is_found_by_its_name_with_its_version(q: str, expected: str) -> None:
    servers = [
        server("srv1", version="0.1"),
        server("srv1", version="0.2"),
        server("srv2", version="0.1"),
        server("srv3"),
    ]
    table = catalog_of({"s": [*servers, server("other my", version="2")]}, AssetType.MCP_SERVERS).servers
    assert " ".join(names(table.page(Query(q=q, order_by="NAME")))) == expected
