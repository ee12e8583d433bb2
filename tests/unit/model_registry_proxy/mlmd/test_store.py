"""MLMD over gRPC: calls that are shared, tried again, or listed page by page."""

import asyncio
from dataclasses import replace

import grpc
import pytest

from converters._generated.metadata_store_pb2 import Context, Execution
from converters.entity import Kind
from model_registry_proxy.errors import StoreError, StoreUnavailable
from model_registry_proxy.mlmd import retries
from model_registry_proxy.mlmd.listing import ExternalIdIs, Listing, NameIs, Order
from model_registry_proxy.mlmd.port import AlreadyExists, NotFound
from model_registry_proxy.mlmd.store import MetadataStore
from tests.support.fake_store import FakeStore, need_filters
from tests.support.serving import registry_on, serving

OUTAGE = grpc.StatusCode.UNAVAILABLE


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off in steps of a millisecond."""
    monkeypatch.setattr(retries, "_FIRST_WAIT", 0.001)


async def stored(count: int, *, outlasts: float = 0) -> tuple[FakeStore, MetadataStore, int]:
    """Returns a store with contexts `c1`, `c2` ... of one type `t`, and the id of the type."""
    fake = FakeStore()
    registry = await registry_on(fake, outlasts=outlasts)
    store = registry.store
    assert isinstance(store, MetadataStore)
    type_id = fake.ask("PutContextType", context_type={"name": "t"}).type_id
    store._types.names[type_id] = "t"
    contexts = [
        {"type_id": type_id, "name": f"c{number + 1}", "external_id": f"x{number + 1}"} for number in range(count)
    ]
    fake.ask("PutContexts", contexts=contexts)
    return fake, store, type_id


async def test_reads_at_the_same_time_share_a_call() -> None:
    fake, store, _ = await stored(40)
    nodes = await asyncio.gather(*(store.get(Kind.CONTEXT, id_) for id_ in [*range(40, 0, -1), 7, 7, 99]))
    names = [node.name if node else None for node in nodes]
    assert names == [*(f"c{number}" for number in range(40, 0, -1)), "c7", "c7", None]
    assert fake.counts == {"GetContextsByID": 1}
    assert len(fake.calls[0].request.context_ids) == 41


async def test_a_read_sees_every_write_that_ended_before_it() -> None:
    fake, store, type_id = await stored(1)
    gate = fake.hold("GetContextsByID")
    early = asyncio.create_task(store.get(Kind.CONTEXT, 2))
    await gate.arrived.wait()
    id_ = await store.put(Context(type_id=type_id, name="new"))
    late = asyncio.create_task(store.get(Kind.CONTEXT, id_))
    await asyncio.sleep(0)
    gate.open()
    await early
    found = await late
    assert found is not None
    assert found.name == "new"


async def test_puts_share_a_call_where_their_masks_agree() -> None:
    fake, store, type_id = await stored(4)

    def change(id_: int, name: str) -> Context:
        return Context(id=id_, type_id=type_id, name=name)

    await asyncio.gather(
        store.change(change(1, "a"), ["name"]),
        store.change(change(2, "b"), ["name"]),
        store.change(change(3, "c"), ["external_id"]),
        store.put(Context(type_id=type_id, name="new")),
    )
    assert [len(call.request.contexts) for call in fake.calls] == [2, 1, 1]
    assert [node.name for node in fake.ask("GetContexts").contexts] == ["a", "b", "c3", "c4", "new"]


async def test_puts_go_one_at_a_time_and_reads_and_links_do_not_wait_for_them() -> None:
    fake, store, type_id = await stored(2)
    gate = fake.hold("PutContexts")
    writing = asyncio.create_task(store.put(Context(type_id=type_id, name="a")))
    await gate.arrived.wait()
    another = asyncio.create_task(store.put(Execution(type_id=type_id, name="b")))
    await store.link(1, 2)
    assert await store.get(Kind.CONTEXT, 1) is not None
    assert fake.counts == {"PutContexts": 1, "PutParentContexts": 1, "GetContextsByID": 1}
    gate.open()
    assert await writing == 3
    with pytest.raises(NotFound):  # the type is one of contexts
        await another


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize("order", list(Order))
async def test_a_list_shows_all_once_and_in_order_page_by_page(order: Order, limit: int, ascending: bool) -> None:
    _, store, type_id = await stored(25)
    seen: list[int] = []
    listing = Listing(Kind.CONTEXT, types=(type_id,), order=order, is_ascending=ascending, limit=limit)
    while True:
        page = await store.list_nodes(listing)
        assert len(page.nodes) <= limit
        seen += [node.id for node in page.nodes]
        if page.rest is None:
            break
        listing = replace(listing, after=page.rest)
    assert seen == sorted(range(1, 26), reverse=not ascending)


async def test_criteria_are_joined_each_by_itself() -> None:
    _, store, type_id = await stored(5)
    listing = Listing(Kind.CONTEXT, types=(type_id,), criteria=(NameIs("c2", any_prefix=True), ExternalIdIs("x2")))
    page = await store.list_nodes(listing)
    assert [node.id for node in page.nodes] == [2]


async def test_a_find_returns_exactly_the_node_that_was_asked_for_or_nothing() -> None:
    _, store, _ = await stored(2)
    found = await store.find_by_name(Kind.CONTEXT, "t", "c2")
    assert found is not None
    assert found.id == 2
    assert await store.find_by_name(Kind.CONTEXT, "t", "C2") is None
    assert await store.find_by_name(Kind.CONTEXT, "no such type", "c2") is None
    assert [node.id for node in await store.find_by_external_id(Kind.CONTEXT, "x1")] == [1]
    assert await store.find_by_external_id(Kind.CONTEXT, "none") == []
    assert await store.find_by_external_id(Kind.EXECUTION, "x1") == []


async def test_linking_contexts_twice_is_an_error_and_attaching_twice_is_not() -> None:
    fake, store, _ = await stored(2)
    await store.link(1, 2)
    with pytest.raises(AlreadyExists):
        await store.link(1, 2)
    assert [context.id for context in await store.parents(1)] == [2]
    with pytest.raises(NotFound):
        await store.link(2, 2)
    type_id = fake.ask("PutArtifactType", artifact_type={"name": "a"}).type_id
    fake.ask("PutArtifacts", artifacts=[{"type_id": type_id, "name": "a"}])
    assert 1 not in await store.owners(Kind.ARTIFACT, 1)
    for _ in range(2):
        await store.attach(Kind.ARTIFACT, 1, 1)
    assert 1 in await store.owners(Kind.ARTIFACT, 1)
    assert 2 not in await store.owners(Kind.ARTIFACT, 1)


async def test_links_made_twice_at_the_same_time_are_made_once() -> None:
    _, store, _ = await stored(4)
    pairs = [(1, 2), (3, 4), (1, 2)]
    outcomes = await asyncio.gather(*(store.link(*pair) for pair in pairs), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), AlreadyExists]


async def test_a_call_that_was_rolled_back_is_retried() -> None:
    fake, store, _ = await stored(1)
    for code, details in ((grpc.StatusCode.ABORTED, ""), (grpc.StatusCode.INTERNAL, "database is locked")):
        fake.fail("GetContextsByID", code, details)
    assert await store.get(Kind.CONTEXT, 1) is not None
    assert fake.counts == {"GetContextsByID": 3}


async def test_a_property_that_another_transaction_has_just_put_is_put_by_a_retry() -> None:
    fake, store, type_id = await stored(0)
    clash = "INSERT INTO `ContextProperty` ... errno: 1062, error: Duplicate entry '1-description-0' for key 'PRIMARY'"
    fake.fail("PutContexts", grpc.StatusCode.INTERNAL, clash)
    assert await store.put(Context(type_id=type_id, name="a")) == 1
    assert fake.counts == {"PutContexts": 2}
    for _ in range(9):
        fake.fail("PutContexts", grpc.StatusCode.INTERNAL, clash)
    with pytest.raises(StoreError):  # it clashes with itself
        await store.put(Context(type_id=type_id, name="b"))
    assert fake.counts == {"PutContexts": 6}


async def test_reads_outlast_an_outage_within_the_time_for_retries() -> None:
    fake, store, _ = await stored(1, outlasts=5)
    for _ in range(3):
        fake.fail("GetContextsByID", OUTAGE)
    assert await store.get(Kind.CONTEXT, 1) is not None


async def test_without_time_for_retries_an_outage_is_raised_at_once() -> None:
    fake, store, _ = await stored(1)
    fake.fail("GetContextsByID", OUTAGE)
    with pytest.raises(StoreUnavailable):
        await store.get(Kind.CONTEXT, 1)
    assert fake.counts == {"GetContextsByID": 1}


async def test_other_failures_are_not_retried() -> None:
    fake, store, _ = await stored(1)
    fake.fail("GetContextsByID", grpc.StatusCode.INTERNAL, "disk full")
    with pytest.raises(StoreError) as failed:
        await store.get(Kind.CONTEXT, 1)
    assert failed.value.details == "disk full"
    assert fake.counts == {"GetContextsByID": 1}


async def test_many_names_that_wait_together_are_looked_up_by_one_call() -> None:
    need_filters()
    store = FakeStore()
    async with serving(store) as served:
        odd = ['say "when"', "back\\slash", "name", "tab\t", "é", "properties.x", "no such"]
        names = [f"m{i}" for i in range(40)] + odd[:-1]
        for name in names:
            assert (await served.client.post("/registered_models", json={"name": name})).status_code == 201
        store.forget()
        found = await asyncio.gather(
            *(served.client.get("/registered_model", params={"name": name}) for name in [*names, "no such"])
        )
        assert [answer.json().get("name") for answer in found] == [*names, None]
        assert store.counts["GetContexts"] == 1
        assert sum(store.counts.values()) <= 1 + len(odd) + 1
