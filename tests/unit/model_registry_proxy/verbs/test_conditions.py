"""Conditions for MLMD: whatever a text holds, it stays inside its quotes, and what it means is among what is found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converters.entities import DocArtifact, ModelVersion, RegisteredModel
from model_registry_proxy.verbs import conditions
from model_registry_proxy.verbs.page_tokens import Place
from tests.support.fake_store import FakeStore

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
    fake = FakeStore()
    fake.ask("PutArtifactType", artifact_type={"name": "t"})
    return fake


def found(store: FakeStore, condition: str) -> list[str]:
    """The names of the artifacts that fit a condition."""
    names: list[str] = []
    token = ""
    while token or not names:
        options = {"filter_query": condition, "max_result_size": 100, "next_page_token": token}
        answer = store.ask("GetArtifactsByType", type_name="t", options=options)
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


@settings(max_examples=25)
@given(TEXTS)
def test_any_name_is_among_what_is_found(store: FakeStore, name: str) -> None:
    assert_found(store, name)


def assert_found(store: FakeStore, name: str) -> None:
    """A name of 7, and history of a metric of that name, are found by each condition that is meant to find them."""
    below, history = f"7:{name}", f"7:{name}__123"
    for stored in (name, below, history):
        put(store, stored)
    assert name in found(store, conditions.named(RegisteredModel, None, name))
    assert below in found(store, conditions.named(ModelVersion, 7, name))
    assert below in found(store, conditions.named(ModelVersion, None, name))
    assert below in found(store, conditions.named(DocArtifact, 9, name))  # the prefix is that of its making
    assert below in found(store, conditions.named(DocArtifact, None, name))
    assert history in found(store, conditions.history_of(7, name, "__"))
    assert history in found(store, conditions.history_of(None, name, "__"))


def test_a_plain_name_is_found_alone(store: FakeStore) -> None:
    for stored in ("7:plain", "8:plain", "7:plain2", "7:plain__1", "7:plain2__1", "8:plain__1"):
        put(store, stored)
    assert found(store, conditions.named(ModelVersion, 7, "plain")) == ["7:plain"]
    assert found(store, conditions.named(DocArtifact, None, "plain")) == ["7:plain", "8:plain"]
    assert set(found(store, conditions.history_of(7, "plain", "__"))) <= {
        "7:plain__1",
        "7:plain2__1",
    }  # `_` is any sign


def test_behind_a_place_ids_decide_between_equal_times() -> None:
    assert conditions.behind("t", Place(3, 50), is_ascending=True) == ("t > 50 OR (t = 50 AND id > 3)",)
    assert conditions.behind("t", Place(3, 50), is_ascending=False) == ("t < 50 OR (t = 50 AND id < 3)",)
    assert conditions.behind("t", Place(3, 50, 60), is_ascending=True)[1] == "t <= 60"
