"""The memory of contexts: two contexts never share a name in it."""

import logging

import pytest

from converters._generated.metadata_store_pb2 import Context
from converters.entity import Kind
from model_registry_proxy.mlmd import known_contexts
from model_registry_proxy.mlmd.known_contexts import KnownContexts
from model_registry_proxy.mlmd.listing import Listing
from model_registry_proxy.mlmd.port import KnownContext
from model_registry_proxy.mlmd.store import MetadataStore
from tests.support.fake_store import FakeStore
from tests.support.serving import registry_on


async def memory() -> tuple[FakeStore, MetadataStore, int]:
    """Returns a store with one context named `a`, and the id of its type."""
    fake = FakeStore()
    registry = await registry_on(fake)
    type_id = fake.ask("PutContextType", context_type={"name": "t"}).type_id
    fake.ask("PutContexts", contexts=[{"type_id": type_id, "name": "a"}])
    assert isinstance(registry.store, MetadataStore)
    registry.store._types.names[type_id] = "t"
    return fake, registry.store, type_id


async def test_a_context_is_read_once() -> None:
    fake, store, type_id = await memory()
    assert await store.context(1) == await store.context(1) == KnownContext(1, type_id, "a")
    assert fake.counts == {"GetContextsByID": 1}


async def test_a_missing_context_is_asked_for_again() -> None:
    fake, store, _ = await memory()
    assert await store.context(9) is None
    assert await store.context(9) is None
    assert fake.counts == {"GetContextsByID": 2}


async def test_a_context_that_was_read_in_a_list_is_not_read_again() -> None:
    fake, store, type_id = await memory()
    await store.list_nodes(Listing(Kind.CONTEXT, types=(type_id,)))
    fake.forget()
    assert await store.context(1) == KnownContext(1, type_id, "a")
    assert not fake.calls


def test_a_newer_name_counts() -> None:
    contexts = KnownContexts()
    contexts.remember(Context(id=5, type_id=7, name="old"))
    contexts.remember(Context(id=5, type_id=7, name="new"))
    contexts.remember(Context(id=6, type_id=7, name="old"))
    assert contexts.get(5) == KnownContext(5, 7, "new")
    assert contexts.get(6) == KnownContext(6, 7, "old")


def test_two_never_share_a_name_of_one_type() -> None:
    contexts = KnownContexts()
    contexts.remember(Context(id=1, type_id=7, name="stolen"))
    contexts.remember(Context(id=2, type_id=7, name="stolen"))
    assert contexts.get(1) is None
    contexts.remember(Context(id=3, type_id=8, name="stolen"))
    assert contexts.get(2) == KnownContext(2, 7, "stolen")


def test_a_context_that_lost_its_name_is_read_again_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    contexts = KnownContexts()
    contexts.remember(Context(id=1, type_id=7, name="was"))
    known = contexts.get(1)
    assert known
    contexts.confirm(known, 1)
    assert not caplog.records
    with caplog.at_level(logging.ERROR):
        contexts.confirm(known, 2)
    assert "has lost its name 'was' to context 2" in caplog.text
    assert contexts.get(1) is None


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_contexts, "_MOST", 3)
    contexts = KnownContexts()
    for id_ in range(10, 30):
        contexts.remember(Context(id=id_, type_id=7, name=str(id_)))
        assert len(contexts._by_id) <= 3
        assert len(contexts._by_name) == len(contexts._by_id)
