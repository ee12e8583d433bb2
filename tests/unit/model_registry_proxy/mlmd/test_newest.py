"""The newest node of each of many contexts over MLMD: few calls, also where one has most of the nodes, or nodes are large."""

from typing import Any

import grpc
import pytest

from converters.entities import InferenceService, ServeModel
from converters.entity import Kind
from converters.kinds import NODE_OF
from model_registry_proxy.errors import MessageTooLarge
from model_registry_proxy.mlmd.port import KnownContext
from model_registry_proxy.mlmd.store import MetadataStore
from tests.support.fake_store import FakeStore, need_filters

PAGE = ["GetExecutions", "GetLineageSubgraph"]


async def filled(fake: FakeStore, counts: list[int]) -> tuple[MetadataStore, Any, list[int]]:
    """A store with contexts that have so many executions each, created context by context; returns it with the type and ids."""
    channel: Any = fake
    store = MetadataStore(channel, timeout=5000)
    types = await store.ensure_types()
    ids = []
    for number, count in enumerate(counts):
        node: Any = NODE_OF[Kind.CONTEXT](type_id=types[InferenceService], name=f"e:{number}")
        ids.append(await store.put(node))
        rows = [NODE_OF[Kind.EXECUTION](type_id=types[ServeModel], name=f"{number}:{row}") for row in range(count)]
        if rows:
            await store.put_below(KnownContext(ids[-1], node.type_id, node.name), rows)
    fake.forget()
    return store, types[ServeModel], ids


def methods(fake: FakeStore) -> list[str]:
    """The calls since `forget`."""
    return [call.method for call in fake.calls]


async def test_a_page_of_the_newest_answers_for_all_that_are_on_it() -> None:
    need_filters()
    fake = FakeStore()
    store, type_id, ids = await filled(fake, [1] * 60)
    found = await store.newest(Kind.EXECUTION, type_id, ids)
    assert [found[id_].name for id_ in ids] == [f"{number}:0" for number in range(60)]
    assert methods(fake) == PAGE


async def test_a_context_with_most_of_the_nodes_takes_one_page() -> None:
    need_filters()
    fake = FakeStore()
    store, type_id, ids = await filled(fake, [2, 0, 350])
    found = await store.newest(Kind.EXECUTION, type_id, ids)
    assert {id_: node.name for id_, node in found.items()} == {ids[0]: "0:1", ids[2]: "2:349"}
    assert methods(fake) == PAGE * 2


async def test_nodes_that_are_too_large_together_come_in_smaller_pages() -> None:
    need_filters()
    fake = FakeStore()
    store, type_id, ids = await filled(fake, [1] * 60)
    for _ in range(2):
        fake.fail("GetExecutions", grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (5 vs. 4)")
    found = await store.newest(Kind.EXECUTION, type_id, ids)
    assert found.keys() == set(ids)
    sizes = [call.request.options.max_result_size for call in fake.calls if call.method == "GetExecutions"]
    assert sizes == [100, 50, 25, 25, 25]


async def test_one_node_that_is_too_large_is_an_error() -> None:
    need_filters()
    fake = FakeStore()
    store, type_id, ids = await filled(fake, [1])
    for _ in range(7):
        fake.fail("GetExecutions", grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (5 vs. 4)")
    with pytest.raises(MessageTooLarge):
        await store.newest(Kind.EXECUTION, type_id, ids)


async def test_without_filters_each_context_takes_a_call() -> None:
    fake = FakeStore(filters=False)
    store, type_id, ids = await filled(fake, [1, 3, 0])
    found = await store.newest(Kind.EXECUTION, type_id, ids)
    assert {id_: node.name for id_, node in found.items()} == {ids[0]: "0:0", ids[1]: "1:2"}
    assert methods(fake) == ["GetExecutionsByContext"] * 3
