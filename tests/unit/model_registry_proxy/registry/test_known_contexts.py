"""The memory of contexts: it never says of two contexts that they bear one name."""

import logging

import pytest

from converters._generated.metadata_store_pb2 import Context
from model_registry_proxy.registry import known_contexts
from model_registry_proxy.registry.known_contexts import Known, KnownContexts
from tests.support.fake_store import FakeStore, registry_on


async def memory() -> tuple[FakeStore, KnownContexts, int]:
    """A store with one context named `a`; answers its type too."""
    store = FakeStore()
    registry = await registry_on(store)
    type_id = store.ask("PutContextType", context_type={"name": "t"}).type_id
    store.ask("PutContexts", contexts=[{"type_id": type_id, "name": "a"}])
    return store, registry.contexts, type_id


async def test_a_context_is_read_once() -> None:
    store, contexts, type_id = await memory()
    assert await contexts.get(1) == await contexts.get(1) == Known(1, type_id, "a")
    assert store.counts == {"GetContextsByID": 1}


async def test_what_is_not_there_is_asked_again() -> None:
    store, contexts, _ = await memory()
    assert await contexts.get(9) is None
    assert await contexts.get(9) is None
    assert store.counts == {"GetContextsByID": 2}


async def test_what_was_read_elsewhere_is_not_read_again() -> None:
    store, contexts, _ = await memory()
    contexts.remember(Context(id=5, type_id=7, name="x"))
    assert await contexts.get(5) == Known(5, 7, "x")
    assert not store.calls


async def test_a_newer_name_counts() -> None:
    _, contexts, _ = await memory()
    contexts.remember(Context(id=5, type_id=7, name="old"))
    contexts.remember(Context(id=5, type_id=7, name="new"))
    contexts.remember(Context(id=6, type_id=7, name="old"))
    assert await contexts.get(5) == Known(5, 7, "new")
    assert await contexts.get(6) == Known(6, 7, "old")


async def test_two_never_share_a_name_of_one_type() -> None:
    store, contexts, type_id = await memory()
    contexts.remember(Context(id=1, type_id=type_id, name="stolen"))
    contexts.remember(Context(id=2, type_id=type_id, name="stolen"))
    assert await contexts.get(1) == Known(1, type_id, "a")
    assert store.counts == {"GetContextsByID": 1}
    contexts.remember(Context(id=3, type_id=type_id + 1, name="stolen"))
    assert await contexts.get(2) == Known(2, type_id, "stolen")


async def test_a_context_that_lost_its_name_is_read_again_and_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    store, contexts, _ = await memory()
    known = contexts.remember(Context(id=1, type_id=7, name="was"))
    contexts.confirm(known, 1)
    assert not caplog.records
    with caplog.at_level(logging.ERROR):
        contexts.confirm(known, 2)
    assert "has lost its name 'was' to context 2" in caplog.text
    await contexts.get(1)
    assert store.counts == {"GetContextsByID": 1}


async def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_contexts, "_MOST", 3)
    _, contexts, _ = await memory()
    for id_ in range(10, 30):
        contexts.remember(Context(id=id_, type_id=7, name=str(id_)))
        assert len(contexts._by_id) <= 3
        assert len(contexts._by_name) == len(contexts._by_id)
