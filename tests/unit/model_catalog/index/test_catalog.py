"""States of the catalog: what a change replaces, what stays, and which ids entries have."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from model_catalog.entries import MODEL_ID, AssetType, Entry, Status
from model_catalog.index import identifiers
from model_catalog.index.catalog import Catalog
from model_catalog.index.identifiers import server_ids
from model_catalog.index.queries import Query
from model_catalog.reading.settings import NamedQuery, Settings, SourceSettings

from .made import artifact, catalog_of, entries_of, found, model, names, server


def shown(row: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(row.json)
    return read


def test_a_change_of_a_source_leaves_the_others_and_the_catalog_before_as_they_are() -> None:
    before = catalog_of({"s": [model("a")], "r": [model("b")]})
    after = before.with_source("s", entries_of("s", [model("c")]), Status.PARTIALLY_AVAILABLE, "one was left out")
    assert names(before.models.page(Query())) == ["a", "b"]
    assert names(after.models.page(Query())) == ["b", "c"]
    kept = {segment.source_id: segment for segment in before.models.segments}["r"]
    assert kept in after.models.segments
    assert before.servers is after.servers
    state = after.source("s")
    assert state
    assert state.shown()["status"] == "partially-available"
    assert state.shown()["error"] == "one was left out"


def test_a_failed_load_keeps_the_entries() -> None:
    before = catalog_of({"s": [model("a")]})
    after = before.with_source("s", None, Status.ERROR, "no file")
    assert after.models is before.models
    assert [state.shown()["error"] for state in after.sources] == ["no file"]
    assert before.with_source("unknown", [model("x")], Status.AVAILABLE) is before


def test_new_settings_keep_the_entries_of_sources_that_are_kept() -> None:
    before = catalog_of({"s": [model("a")], "r": [model("b")]})
    settings = Settings(
        {
            "s": SourceSettings("s", AssetType.MODELS, name="New name"),
            "r": SourceSettings("r", AssetType.MODELS, enabled=False),
            "t": SourceSettings("t", AssetType.MODELS, error="it has no type"),
            "u": SourceSettings("u", AssetType.MODELS),
        }
    )
    after = before.with_settings(settings, kept={"s"})
    assert names(after.models.page(Query())) == ["a"]
    assert [(each.shown()["name"], each.status) for each in after.sources] == [
        ("New name", Status.AVAILABLE),
        ("", Status.DISABLED),
        ("", Status.ERROR),
        ("", None),
    ]
    assert "status" not in after.sources[3].shown()


def test_sources_are_chosen_by_label_in_any_case() -> None:
    settings = Settings(
        {
            "s": SourceSettings("s", AssetType.MODELS, labels=["Good"]),
            "r": SourceSettings("r", AssetType.MODELS),
            "off": SourceSettings("off", AssetType.MODELS, labels=["good"], enabled=False),
            "mcp": SourceSettings("mcp", AssetType.MCP_SERVERS, labels=["good"]),
        }
    )
    catalog = Catalog.empty().with_settings(settings)
    assert catalog.sources_with(["GOOD", "x"], AssetType.MODELS) == {"s"}
    assert catalog.sources_with(["null"], AssetType.MODELS) == {"r"}
    assert catalog.sources_with(["good"], AssetType.MCP_SERVERS) == {"mcp"}


def test_ids_are_the_same_in_any_order_of_loads() -> None:
    sources = {"s": [model("a"), model("b")], "r": [model("b", artifact(x=1))]}
    tables = [catalog_of(sources).models, catalog_of(dict(reversed(sources.items()))).models]
    found_ids = [{(each["source_id"], each["name"]): each["id"] for each in map(json.loads, t.items)} for t in tables]
    assert found_ids[0] == found_ids[1]
    assert all(0 < int(number) < 2**53 for number in found_ids[0].values())
    assert list(tables[0].ids) == sorted(tables[0].ids)
    row = tables[0].find("r", "b")
    assert row
    assert tables[0].find_id(row.id) == row
    assert shown(row)["id"] == str(row.id)
    assert tables[0].find_id(1) is None
    assert tables[0].find("r", "B") is None


def test_of_two_entries_of_one_name_the_later_takes_the_place_of_the_first() -> None:
    table = catalog_of({"s": [model("a", description="old"), model("b"), model("a", description="new")]}).models
    assert [(each["name"], each.get("description")) for each in map(json.loads, table.items)] == [
        ("a", "new"),
        ("b", None),
    ]


def test_the_id_of_a_model_is_put_into_names_of_its_artifacts() -> None:
    table = catalog_of(
        {"s": [model("a", artifact(name=f"accuracy-{MODEL_ID}", externalId=f"x{MODEL_ID}", h="A"))]}
    ).models
    row = table.find("s", "a")
    assert row
    part = json.loads(row.parts[0])
    assert (part["name"], part["externalId"]) == (f"accuracy-{row.id}", f"x{row.id}")
    assert row.find_part(f"accuracy-{row.id}") == row.parts[0]
    assert row.find_part("other") is None
    assert found(table, f"artifacts.name = 'accuracy-{row.id}'") == ["a"]


def test_filters_may_see_other_values_than_answers_show() -> None:
    entry = Entry({**server("a").item, "endpoints": {"http": "x"}}, (), {"endpoints": {"websocket": "wss://y"}})
    servers = catalog_of({"s": [entry]}, AssetType.MCP_SERVERS).servers
    assert found(servers, "endpoints LIKE '%wss:%'") == ["a"]
    assert json.loads(servers.items[0])["endpoints"] == {"http": "x"}


def test_servers_with_one_hash_get_different_ids_in_any_order(monkeypatch: Any) -> None:
    monkeypatch.setattr(identifiers, "_hashed", lambda *_: 2**31 - 1)
    keys = [("s", "a", ""), ("s", "b", ""), ("r", "a", "")]
    assert dict(server_ids(keys)) == dict(server_ids(reversed(keys)))
    assert sorted(server_ids(keys).values()) == [1, 2, 2**31 - 1]


def test_servers_and_tools_have_ids_and_are_found_by_version() -> None:
    catalog = catalog_of(
        {"s": [server("a", "x", "y", version="1"), server("a", "x", version="2")]}, AssetType.MCP_SERVERS
    )
    row = catalog.servers.find("s", ("a", "1"))
    assert row
    assert [json.loads(tool)["id"] for tool in row.parts] == [str((row.id << 20) + 1), str((row.id << 20) + 2)]
    assert row.find_part("y") == row.parts[1]
    assert 0 < row.id < 2**31
    assert found(catalog.servers, "", named_query=None) == ["a", "a"]


def test_named_queries_are_filters_whose_bounds_are_those_of_the_options() -> None:
    queries = [
        NamedQuery("many", AssetType.MCP_SERVERS, {"seats.int_value": {"operator": ">=", "value": "max"}}),
        NamedQuery("not_a", AssetType.MCP_SERVERS, {"name": {"operator": "not in", "value": ["a"]}}),
        NamedQuery("of_models", AssetType.MODELS, {"name": {"operator": "=", "value": "a"}}),
    ]
    seats = [{"seats": {"metadataType": "MetadataIntValue", "int_value": str(number)}} for number in (3, 9, 5)]
    entries = [server(name, customProperties=custom) for name, custom in zip("abc", seats, strict=True)]
    servers = catalog_of({"s": entries}, AssetType.MCP_SERVERS, queries).servers
    assert found(servers, "", named_query="many") == ["b"]
    assert found(servers, "", named_query="not_a") == ["b", "c"]
    assert found(servers, "seats < 9", named_query="not_a") == ["c"]
    assert orjson.loads(servers.filter_options)["namedQueries"]["many"]["seats.int_value"]["value"] == 9


def test_readers_in_threads_see_one_state_while_another_is_made() -> None:
    catalog = catalog_of({"s": [model(f"m{number}", custom={"n": number}) for number in range(200)]})

    def read(number: int) -> int:
        return catalog.models.page(Query(filter=f"n >= {number}", page_size=1000, q="m")).size

    with ThreadPoolExecutor(4) as pool:
        changed = pool.submit(catalog.with_source, "s", entries_of("s", [model("x")]), Status.AVAILABLE)
        assert list(pool.map(read, range(50))) == [200 - number for number in range(50)]
    assert names(changed.result().models.page(Query())) == ["x"]
