"""Lists of MLMD: whatever a text holds, it stays inside its quotes, and every row that is meant is found."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters._generated.metadata_store_pb2 import Context
from converters.entity import Kind
from model_registry_proxy.mlmd.filters.listings import options
from model_registry_proxy.mlmd.listing import Criterion, ExternalIdIs, Listing, MadeStandalone, NameIs, Order, Position
from tests.support.fake_store import FakeStore, need_filters
from tests.support.tiers import many_cases

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
AWKWARD = [
    '"',
    "'",
    "\\",
    '\\"',
    "a\nb",
    "\t",
    "é",
    "🦜",
    "%",
    "_",
    "`",
    "--",
    '" OR id > 0 OR "',
    "\u2028",
    "a:b",
    "\x7f",
    "$",
    "@a",
]


@pytest.fixture(scope="module")
def store() -> FakeStore:
    """A store with an artifact type 10."""
    need_filters()
    fake = FakeStore()
    fake.ask("PutArtifactType", artifact_type={"name": "t"})
    return fake


def found(store: FakeStore, criterion: Criterion) -> list[str]:
    """The names of the artifacts that a list with this criterion has."""
    condition = options(Listing(Kind.ARTIFACT, criteria=(criterion,)))["filter_query"]
    names: list[str] = []
    token = ""
    while token or not names:
        asked = {"filter_query": condition, "max_result_size": 100, "next_page_token": token}
        answer = store.ask("GetArtifactsByType", type_name="t", options=asked)
        names += [node.name for node in answer.artifacts]
        token = answer.next_page_token
        if not answer.artifacts:
            break
    return names


def put(store: FakeStore, name: str) -> None:
    """Makes an artifact of this name unless there is one."""
    type_id = store.ask("GetArtifactType", type_name="t").artifact_type.id
    if not store.ask("GetArtifactByTypeAndName", type_name="t", artifact_name=name).artifact.id:
        store.ask("PutArtifacts", artifacts=[{"type_id": type_id, "name": name}])


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_name_is_among_what_is_found(store: FakeStore, name: str) -> None:
    assert_found(store, name)


@settings(max_examples=many_cases())
@given(TEXTS)
def test_any_name_is_among_what_is_found(store: FakeStore, name: str) -> None:
    assert_found(store, name)


def assert_found(store: FakeStore, name: str) -> None:
    """A name, the same below 7, and history of a metric of that name are found by each criterion that is meant to find them."""
    below, history = f"7:{name}", f"7:{name}__123"
    for stored in (name, below, history):
        put(store, stored)
    assert name in found(store, NameIs(name))
    assert below in found(store, NameIs(name, prefix="7"))
    assert {name, below} <= set(found(store, NameIs(name, any_prefix=True)))
    assert history in found(store, NameIs(name, prefix="7", suffix="__"))
    assert history in found(store, NameIs(name, any_prefix=True, suffix="__"))


def test_a_plain_name_is_found_and_no_other(store: FakeStore) -> None:
    for stored in ("7:plain", "8:plain", "7:plain2", "7:plain__1", "7:plain2__1", "8:plain__1"):
        put(store, stored)
    assert found(store, NameIs("plain", prefix="7")) == ["7:plain"]
    assert found(store, NameIs("plain", any_prefix=True)) == ["7:plain", "8:plain"]
    history = found(store, NameIs("plain", prefix="7", suffix="__"))
    assert set(history) <= {"7:plain__1", "7:plain2__1"}  # `_` matches any character


def test_names_that_begin_with_a_uuid_are_found(store: FakeStore) -> None:
    standalone = "0f8fad5b-d9cb-469f-a165-70867728950e:standalone"
    for stored in (standalone, "7:not standalone"):
        put(store, stored)
    assert found(store, MadeStandalone()) == [standalone]


def test_an_external_id_is_found(store: FakeStore) -> None:
    type_id = store.ask("GetArtifactType", type_name="t").artifact_type.id
    store.ask("PutArtifacts", artifacts=[{"type_id": type_id, "name": "has one", "external_id": "x"}])
    assert found(store, ExternalIdIs("x")) == ["has one"]


def test_behind_a_position_ids_decide_between_equal_times() -> None:
    def condition(after: Position, *, is_ascending: bool) -> str:
        listing = Listing(Kind.CONTEXT, order=Order.CREATE_TIME, after=after, is_ascending=is_ascending)
        return str(options(listing)["filter_query"])

    time = "create_time_since_epoch"
    assert condition(Position(3, 50), is_ascending=True) == f"({time} > 50 OR ({time} = 50 AND id > 3))"
    assert condition(Position(3, 50), is_ascending=False) == f"({time} < 50 OR ({time} = 50 AND id < 3))"
    assert condition(Position(3, 50, 60), is_ascending=True).endswith(f" AND ({time} <= 60)")


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("is_ascending", [True, False])
def test_the_rest_of_nodes_at_hand_is_what_a_list_would_show(order: Order, is_ascending: bool) -> None:
    nodes = [
        Context(id=number, create_time_since_epoch=number // 3, last_update_time_since_epoch=9)
        for number in range(1, 9)
    ]
    listing = Listing(Kind.CONTEXT, order=order, is_ascending=is_ascending)
    ids = [node.id for node in listing.behind(nodes)]
    assert ids == sorted(range(1, 9), reverse=not is_ascending)
    for number, node in enumerate(listing.behind(nodes)):
        behind = replace(listing, after=listing.position_of(node)).behind(nodes)
        assert [node.id for node in behind] == ids[number + 1 :]
