"""A large family is read once a second, and is nevertheless as it is now."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import grpc
import pytest
import pytest_asyncio

from converters._generated import metadata_store_pb2 as mlmd
from converters._generated import metadata_store_service_pb2 as service
from converters.entities import Experiment, ExperimentRun, Metric, ModelArtifact, RegisteredModel
from converters.entity import Entity, Kind
from converters.filters import parse_filter
from converters.kinds import NODE_OF, Node
from model_registry_proxy.mlmd import families, without_filters
from model_registry_proxy.mlmd.listing import Listing, MadeStandalone, NameIs, NumberIn, Order
from model_registry_proxy.mlmd.port import all_nodes
from model_registry_proxy.mlmd.store import MetadataStore
from tests.support.fake_store import FakeStore
from tests.support.gates import Gate

COUNT = 12
WHOLE = {Kind.CONTEXT: "GetChildrenContextsByContext", Kind.ARTIFACT: "GetArtifactsByContext"}


@dataclass
class Large:
    """An experiment with runs and metrics that this process (`store`) and another one (`other`) read and write."""

    store: MetadataStore
    other: MetadataStore
    server: FakeStore
    types: Any
    experiment: int = 0

    async def add(self, entity: type[Entity], name: str, *, linked: bool = True) -> int:
        """Creates a node by the other process, and links it to the experiment."""
        id_ = await self.other.put(NODE_OF[entity.kind](type_id=self.types[entity], name=name))
        if linked:
            await self.link(self.other, entity.kind, id_)
        return id_

    async def link(self, store: MetadataStore, kind: Kind, id_: int) -> None:
        """Links a node to the experiment."""
        await (store.link(id_, self.experiment) if kind is Kind.CONTEXT else store.attach(kind, id_, self.experiment))

    async def add_unrelated(self, kind: Kind, count: int) -> list[tuple[int, int]]:
        """Creates nodes that no list of the family shows; returns their ids and types."""
        entity = RegisteredModel if kind is Kind.CONTEXT else ModelArtifact
        return [
            (await self.add(entity, f"unrelated {time.monotonic_ns()}", linked=False), self.types[entity])
            for _ in range(count)
        ]

    def expire(self) -> None:
        """Lets what is kept be older than a second."""
        for family in self.store._way._without._families._families.values():
            family.read -= 10_000

    def listing(self, kind: Kind, **asked: Any) -> Listing:
        """A list of the family."""
        return Listing(kind, types=(self.types[ENTITY[kind]],), below=self.experiment, **asked)

    async def names(self, kind: Kind, **asked: Any) -> list[str]:
        """The names that a list of the family shows."""
        listing = self.listing(kind, **asked)
        return [node.name async for node in all_nodes(self.store, listing) if listing.takes(node)]

    async def nodes(self, kind: Kind, **asked: Any) -> list[Node]:
        """The nodes that a list of the family shows."""
        return [node async for node in all_nodes(self.store, self.listing(kind, **asked))]

    def let_a_row_be_of_the_future(self, kind: Kind) -> None:
        """Lets the row "later" have a time of change one hour ahead, as a store has after its clock was set back."""
        method = "GetContexts" if kind is Kind.CONTEXT else "GetArtifacts"
        call = self.server._methods[method]

        def shown(request: bytes) -> tuple[bytes, bytes, int]:
            content, details, code = call(request)
            answer = getattr(service, f"{method}Response").FromString(content)
            nodes = answer.contexts if kind is Kind.CONTEXT else answer.artifacts
            for node in nodes:
                node.last_update_time_since_epoch += 3_600_000 * (node.name == "later")
            asked = getattr(service, f"{method}Request").FromString(request).options.order_by_field
            if asked.field == mlmd.ListOperationOptions.OrderByField.LAST_UPDATE_TIME and not asked.is_asc:
                nodes.sort(key=lambda node: -node.last_update_time_since_epoch)
            return answer.SerializeToString(), details, code

        self.server._methods[method] = shown

    async def keep(self, kind: Kind) -> list[str]:
        """Reads the family until it is kept; returns the names."""
        for _ in range(2):
            names = await self.names(kind, criteria=(NumberIn("step", (0,)),) if kind is Kind.ARTIFACT else ())
        self.server.forget()
        return names

    @property
    def is_read(self) -> bool:
        """Whether the whole family was read since the calls were forgotten."""
        return any(
            call.method in WHOLE.values() and not getattr(call.request, "options", NO_OPTIONS).ByteSize()
            for call in self.server.calls
        )


NO_OPTIONS = mlmd.ListOperationOptions()
ENTITY: dict[Kind, type[Entity]] = {Kind.CONTEXT: ExperimentRun, Kind.ARTIFACT: Metric}


@pytest_asyncio.fixture(params=[Kind.CONTEXT, Kind.ARTIFACT])
async def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Large, Kind]]:
    """A family of one kind that is large enough to be kept."""
    monkeypatch.setattr(families, "LARGE", COUNT // 2)
    monkeypatch.setattr(families, "TRUSTED_SECONDS", 1000.0)
    monkeypatch.setattr(without_filters, "MOST_LISTED", 5)
    server = FakeStore(filters=False)
    store: Any = MetadataStore(server, timeout=5000)  # type: ignore[arg-type]
    types = await store.ensure_types()
    found = Large(store, MetadataStore(server, timeout=5000), server, types)  # type: ignore[arg-type]
    await found.other.ensure_types()
    found.experiment = await found.add(Experiment, "e", linked=False)
    for number in range(COUNT):
        await found.add(ENTITY[request.param], f"{found.experiment}:r{number}")
    await asyncio.sleep(0.005)  # the times are in ms
    await found.add(RegisteredModel if request.param is Kind.CONTEXT else ModelArtifact, "later", linked=False)
    yield found, request.param


async def test_each_page_takes_the_last_changes_and_its_own_rows(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    asked = {"criteria": (NameIs("r", str(family.experiment), suffix="1"),)} if kind is Kind.ARTIFACT else {}
    page = await family.store.list_nodes(family.listing(kind, limit=3, **asked))
    plural = "Contexts" if kind is Kind.CONTEXT else "Artifacts"
    assert family.server.rounds == f"Get{plural} || Get{plural}; Get{plural}ByID"
    assert len(page.nodes) == 3
    assert page.scanned == 3


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("is_ascending", [True, False])
async def test_pages_have_all_rows_in_every_order(
    large: tuple[Large, Kind], order: Order, *, is_ascending: bool
) -> None:
    family, kind = large
    names = await family.names(kind, order=order, is_ascending=is_ascending)
    await family.keep(kind)
    assert await family.names(kind, order=order, is_ascending=is_ascending, limit=5) == names
    if kind is Kind.CONTEXT:
        assert not family.is_read


async def test_a_row_that_another_process_adds_is_there(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    await family.add(ENTITY[kind], f"{family.experiment}:new")
    assert f"{family.experiment}:new" in await family.names(kind, criteria=(NameIs("new", any_prefix=True),))
    assert not family.is_read


async def test_a_row_that_is_linked_after_it_was_seen_is_there(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    id_ = await family.add(ENTITY[kind], f"{family.experiment}:new", linked=False)
    asked = {"criteria": (NameIs("new", any_prefix=True),)}
    assert await family.names(kind, **asked) == []
    await family.link(family.other, kind, id_)
    assert await family.names(kind, **asked) == [f"{family.experiment}:new"]
    assert not family.is_read


@pytest.mark.parametrize("large", [Kind.CONTEXT], indirect=True)  # MLMD never changes the name of an artifact
async def test_a_row_that_is_renamed_is_found_by_its_new_name(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    [first, *_] = [node async for node in all_nodes(family.other, family.listing(kind, limit=1))]
    changed = NODE_OF[kind](id=first.id, type_id=first.type_id, name=f"{family.experiment}:other")
    await family.other.change(changed, ["name"])
    family.server.forget()
    assert await family.names(kind, criteria=(NameIs("other", any_prefix=True),)) == [changed.name]
    assert await family.names(kind, criteria=(NameIs("r0", any_prefix=True),)) == []
    assert not family.is_read


async def test_a_link_by_this_process_to_an_old_row_is_there_at_once(large: tuple[Large, Kind]) -> None:
    family, kind = large
    old = await family.add(ENTITY[kind], "old", linked=False)
    await family.keep(kind)
    await family.link(family.store, kind, old)
    assert "old" in await family.names(kind)


async def test_more_new_rows_than_are_watched_make_the_family_be_read_again(
    large: tuple[Large, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "_WATCHED", 3)
    family, kind = large
    await family.keep(kind)
    await family.add(ENTITY[kind], f"{family.experiment}:new")
    await family.add_unrelated(kind, 4)
    family.server.forget()
    assert f"{family.experiment}:new" in await family.names(kind)
    assert family.is_read


async def test_more_changes_than_are_watched_make_the_family_be_read_again(
    large: tuple[Large, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "_WATCHED", 3)
    family, kind = large
    unrelated = await family.add_unrelated(kind, 4)
    await family.keep(kind)
    first = (await family.other.list_nodes(family.listing(kind, limit=1))).nodes[0]
    for id_, type_id in ((first.id, first.type_id), *unrelated):
        changed = NODE_OF[kind](id=id_, type_id=type_id)
        changed.properties["description"].string_value = "new"
        await family.other.change(changed, ["properties.description"])
        await asyncio.sleep(0.002)
    family.server.forget()
    assert (await family.names(kind, order=Order.LAST_UPDATE_TIME, is_ascending=False))[0] == first.name
    assert family.is_read


async def test_a_link_by_this_process_to_a_row_that_is_not_watched_is_there_at_once(
    large: tuple[Large, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "_WATCHED", 3)
    family, kind = large
    old = await family.add(ENTITY[kind], "old", linked=False)
    await family.add_unrelated(kind, 4)
    await family.keep(kind)
    await family.link(family.store, kind, old)
    family.server.forget()
    assert "old" in await family.names(kind)
    assert not family.is_read


async def test_a_link_by_this_process_while_the_family_is_read_is_there(
    large: tuple[Large, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "_WATCHED", 3)
    family, kind = large
    old = await family.add(ENTITY[kind], "old", linked=False)
    await family.add_unrelated(kind, 4)
    await family.keep(kind)
    family.expire()
    reading = Gate()
    ask = family.store._way._ask

    async def held(method: str, **fields: Any) -> Any:
        answer = await ask(method, **fields)
        if method == WHOLE[kind] and "options" not in fields:
            await reading.pass_through()
        return answer

    monkeypatch.setattr(family.store._way._without._families, "_ask", held)
    task = asyncio.create_task(family.names(kind, criteria=(MadeStandalone(),)))
    await reading.arrived.wait()
    await family.link(family.store, kind, old)
    reading.open()
    await task
    family.server.forget()
    assert "old" in await family.names(kind)
    assert not family.is_read


@pytest.mark.parametrize(
    "large", [Kind.ARTIFACT], indirect=True
)  # only artifacts and executions are put with their links
async def test_rows_that_were_put_before_the_family_was_read_are_there_once_this_process_has_linked_them(
    large: tuple[Large, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(families, "_WATCHED", 3)
    family, kind = large
    elsewhere = await family.add(Experiment, "elsewhere", linked=False)
    parents = [await family.store.context(id_) for id_ in (family.experiment, elsewhere)]
    gate = family.server.hold("PutAttributionsAndAssociations")
    writes = [
        asyncio.create_task(
            family.store.put_below(parent, [NODE_OF[kind](type_id=family.types[Metric], name=f"{parent.id}:own")])
        )
        for parent in parents
        if parent
    ]
    await gate.arrived.wait()
    await family.add_unrelated(kind, 4)
    await family.keep(kind)
    gate.open()
    await asyncio.gather(*writes)
    family.server.forget()
    assert f"{family.experiment}:own" in await family.names(kind)
    assert not family.is_read


async def test_a_link_by_another_process_to_an_old_row_is_there_after_a_second(
    large: tuple[Large, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    family, kind = large
    old = await family.add(ENTITY[kind], "old", linked=False)
    await family.keep(kind)
    await family.link(family.other, kind, old)
    monkeypatch.setattr(families, "TRUSTED_SECONDS", 0.0)
    assert "old" in await family.names(kind)


async def test_many_rows_of_others_are_looked_at_once(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    elsewhere = await family.add(Experiment, "elsewhere", linked=False)
    for number in range(5):
        id_ = await family.add(ENTITY[kind], f"{elsewhere}:x{number}", linked=False)
        await (family.other.link(id_, elsewhere) if kind is Kind.CONTEXT else family.other.attach(kind, id_, elsewhere))
    owners = "GetParentContextsByContext" if kind is Kind.CONTEXT else "GetContextsByArtifact"
    family.server.forget()
    await family.names(kind)
    assert family.server.counts[owners] == 5
    family.server.forget()
    await family.names(kind)
    assert owners not in family.server.counts
    assert not family.is_read


async def test_after_many_changes_the_family_is_read_again(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    for number in range(11):
        await family.add(ENTITY[kind], f"other{number}", linked=False)
    assert len(await family.names(kind)) == COUNT
    assert family.is_read


async def test_what_is_new_is_seen_where_a_row_has_a_time_in_the_future(large: tuple[Large, Kind]) -> None:
    family, kind = large
    family.let_a_row_be_of_the_future(kind)
    await family.keep(kind)
    [first, *_] = await family.nodes(kind)
    changed = NODE_OF[kind](id=first.id, type_id=first.type_id)
    changed.properties["description"].string_value = "new"
    await family.other.change(changed, ["properties.description"])
    await asyncio.sleep(0.005)
    await family.add(ENTITY[kind], f"{family.experiment}:new")
    family.server.forget()
    found = await family.names(kind, order=Order.LAST_UPDATE_TIME, is_ascending=False)
    assert found[:2] == [f"{family.experiment}:new", first.name]
    assert not family.is_read


async def test_a_row_in_creation_when_the_family_was_read_is_there_once_it_is_linked(large: tuple[Large, Kind]) -> None:
    family, kind = large
    id_ = await family.add(ENTITY[kind], "in creation", linked=False)
    for number in range(5):
        await family.add(RegisteredModel if kind is Kind.CONTEXT else ModelArtifact, f"m{number}", linked=False)
    await asyncio.sleep(0.005)
    await family.keep(kind)
    await family.link(family.other, kind, id_)
    assert "in creation" in await family.names(kind)
    assert not family.is_read


async def test_a_row_that_changes_while_a_page_is_made_is_on_a_later_page(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    method = "GetContextsByID" if kind is Kind.CONTEXT else "GetArtifactsByID"
    gate = family.server.hold(method)
    listing = family.listing(kind, order=Order.LAST_UPDATE_TIME, limit=3)
    asked = asyncio.create_task(family.store.list_nodes(listing))
    await gate.arrived.wait()
    node = (await family.other.list_nodes(family.listing(kind, limit=1))).nodes[0]
    changed = NODE_OF[kind](id=node.id, type_id=node.type_id)
    changed.properties["description"].string_value = "new"
    await family.other.change(changed, ["properties.description"])
    gate.open()
    page = await asked
    assert [each.name for each in page.nodes] == [f"{family.experiment}:r1", f"{family.experiment}:r2"]
    rest = [each.name async for each in all_nodes(family.store, replace(listing, after=page.rest))]
    assert rest[-1] == f"{family.experiment}:r0"


async def test_a_name_that_a_filter_requires_is_looked_for_in_the_family(large: tuple[Large, Kind]) -> None:
    family, kind = large
    await family.keep(kind)
    filter_ = parse_filter("name = 'r7'", (ENTITY[kind],))
    page = await family.store.list_nodes(family.listing(kind, filter=filter_))
    assert [node.name for node in page.nodes] == [f"{family.experiment}:r7"]
    assert not family.is_read


async def test_rows_that_are_too_large_for_a_message_come_in_parts(large: tuple[Large, Kind]) -> None:
    family, kind = large
    listing = family.listing(kind, criteria=(MadeStandalone(),) if kind is Kind.ARTIFACT else ())
    names = [f"{uuid.UUID(int=number)}:s" for number in range(4)]
    for name in names:
        await family.add(ENTITY[kind], name)
    await family.keep(kind)
    plural = "Contexts" if kind is Kind.CONTEXT else "Artifacts"
    too_large = grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (9 vs. 4)"
    family.server.fail(f"Get{plural}ByID", *too_large)
    found = [node.name async for node in all_nodes(family.store, listing)]
    assert found[-4:] == names
    assert not family.is_read
    family.server.fail(f"Get{plural}", *too_large)
    assert [node.name async for node in all_nodes(family.store, listing)] == found


async def test_a_family_that_became_small_is_no_longer_kept(
    large: tuple[Large, Kind], monkeypatch: pytest.MonkeyPatch
) -> None:
    family, kind = large
    await family.keep(kind)
    monkeypatch.setattr(families, "TRUSTED_SECONDS", 0.0)
    monkeypatch.setattr(families, "LARGE", 100)
    await family.keep(kind)
    await family.names(kind, criteria=(NameIs("r1", any_prefix=True),))
    assert "GetContexts" not in family.server.counts
    assert "GetArtifacts" not in family.server.counts
