"""An MLMD server that cannot filter gives the same lists and lookups as one that can, and is asked as little as possible."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import Any

import grpc
import pytest
import pytest_asyncio

from converters.entities import (
    Experiment,
    ExperimentRun,
    Metric,
    ModelArtifact,
    ModelVersion,
    Parameter,
    RegisteredModel,
    ServingEnvironment,
)
from converters.entity import Entity, Kind
from converters.filters import Filter, parse_filter
from converters.kinds import NODE_OF
from converters.nodes import from_node
from model_registry_proxy.mlmd import equal_times, families, without_filters
from model_registry_proxy.mlmd.listing import (
    Criterion,
    ExternalIdIs,
    Listing,
    MadeStandalone,
    NameIs,
    NumberIn,
    Order,
    Position,
)
from model_registry_proxy.mlmd.port import all_nodes
from model_registry_proxy.mlmd.store import MetadataStore
from model_registry_proxy.registry.registry import Limits
from tests.support import no_filters
from tests.support.fake_store import FakeStore, rpc_error
from tests.support.serving import serving
from tests.support.tiers import slow

STANDALONE = uuid.UUID(int=7)


@dataclass
class Both:
    """Two stores on one MLMD: `filtering` uses its filters, `plain` is refused them. `server` is MLMD as `plain` sees it."""

    filtering: MetadataStore
    plain: MetadataStore
    server: FakeStore
    types: Any

    async def add(self, entity: type[Entity], name: str, below: int | None = None, **fields: Any) -> int:
        """Creates a node, and links it to a context."""
        node: Any = NODE_OF[entity.kind](type_id=self.types[entity], name=name)
        if external_id := fields.pop("external_id", None):
            node.external_id = external_id
        for key, value in fields.items():
            setattr(node.properties[key], {int: "int_value", str: "string_value"}[type(value)], value)
        id_ = await self.filtering.put(node)
        if below and entity.kind is Kind.CONTEXT:
            await self.filtering.link(id_, below)
        elif below:
            await self.filtering.attach(entity.kind, id_, below)
        return id_


@pytest_asyncio.fixture
async def both() -> AsyncIterator[Both]:
    """An empty MLMD."""
    server = FakeStore()
    store: Any = MetadataStore(server, timeout=5000)  # type: ignore[arg-type]
    types = await store.ensure_types()
    refusing = FakeStore()
    refusing._methods = no_filters.without_filters(server._methods)
    plain: Any = MetadataStore(refusing, timeout=5000)  # type: ignore[arg-type]
    await plain.ensure_types()
    refusing.forget()
    yield Both(store, plain, refusing, types)


@pytest_asyncio.fixture
async def filled(both: Both) -> Both:
    """The same with nodes of several types, their rows mixed by id."""
    for number in range(6):
        await both.add(RegisteredModel, f"m{number}", external_id=f"x{number}", owner="ann" if number % 2 else "bob")
        await both.add(Experiment, f"e{number}")
    run = await both.add(ExperimentRun, "2:run", below=2)
    other = await both.add(ExperimentRun, "2:other", below=2)
    for number in range(7):
        await both.add(ModelVersion, f"1:v{number}", below=1, author="ann")
        await both.add(Metric, f"{run}:loss{number}", below=run, step=number)
        await both.add(Parameter, f"{run}:p{number}", below=run)
    for name, below in (("same", run), ("same", other), ("m3", run)):
        await both.add(Metric, f"{below}:{name}", below=below, step=9)
    late = await both.add(Metric, f"{STANDALONE}:same", below=run, external_id="late")
    await both.filtering.attach(Kind.ARTIFACT, late, other)
    await both.add(ModelArtifact, f"{uuid.UUID(int=8)}:free", external_id="free")
    await asyncio.sleep(0.002)  # the times are in ms
    for id_ in (3, 1, 7):
        change: Any = NODE_OF[Kind.CONTEXT](id=id_, type_id=both.types[RegisteredModel])
        change.properties["description"].string_value = "new"
        await both.filtering.change(change, ["properties.description"])
    return both


CONTEXTS: list[tuple[tuple[type[Entity], ...], int | None]] = [
    ((), None),
    ((RegisteredModel,), None),
    ((ModelVersion,), None),
    ((ServingEnvironment,), None),
    ((RegisteredModel, Experiment), None),
    ((ModelVersion,), 1),
    ((ModelVersion,), 3),
    ((ExperimentRun,), 2),
    ((ModelVersion,), 2),
]
RUN, OTHER = 13, 14
ARTIFACTS: list[tuple[tuple[type[Entity], ...], int | None]] = [
    ((), None),
    ((Metric,), None),
    ((), RUN),
    ((Metric,), RUN),
    ((Parameter,), RUN),
    ((ModelArtifact,), RUN),
    ((Metric,), OTHER),
    ((Metric,), 1),
]
CRITERIA: list[tuple[Criterion, ...]] = [
    (),
    (NameIs("m3"),),
    (NameIs("no such name"),),
    (NameIs("v3", prefix="1"),),
    (NameIs("same", prefix=str(RUN)),),
    (NameIs("same", any_prefix=True),),
    (NameIs("lo", any_prefix=True, suffix="s"),),
    (ExternalIdIs("x3"),),
    (ExternalIdIs("late"),),
    (ExternalIdIs("no such id"),),
    (NumberIn("step", (3, 9)),),
    (MadeStandalone(),),
    (NameIs("same", any_prefix=True), MadeStandalone()),
]


def listings(both: Both) -> Iterable[Listing]:
    """Lists of each kind, with each criterion, in each order, in pages of several sizes."""
    kinds = [(Kind.CONTEXT, each) for each in CONTEXTS] + [(Kind.ARTIFACT, each) for each in ARTIFACTS]
    orders = list(itertools.product(Order, (True, False)))
    for number, ((kind, (entities, below)), criteria) in enumerate(itertools.product(kinds, CRITERIA)):
        for order, is_ascending in orders if not criteria else [orders[number % len(orders)]]:
            types = tuple(both.types[entity] for entity in entities)
            limit = (1, 4, 100)[number % 3]
            yield Listing(kind, types, (), below, criteria, None, order, is_ascending, limit)
    yield Listing(Kind.ARTIFACT, without=(both.types[Metric],), limit=2)


@pytest.mark.parametrize("large", [2, families.LARGE])
@pytest.mark.parametrize("most", [2, *slow(5), 100])
async def test_lists_are_the_same_as_with_filters(
    filled: Both, most: int, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_filters, "MOST_LISTED", most)  # so that rows of one time exceed a page
    monkeypatch.setattr(families, "LARGE", large)
    for listing in listings(filled):
        expected = [node async for node in all_nodes(filled.filtering, listing) if listing.takes(node)]
        assert [node async for node in all_nodes(filled.plain, listing)] == expected, listing


@pytest.mark.parametrize("equal", [3, 500])
@pytest.mark.parametrize("most", [2, *slow(5), 100])
async def test_a_list_may_be_continued_at_any_position(
    filled: Both, most: int, equal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_filters, "MOST_LISTED", most)
    monkeypatch.setattr(equal_times, "_MOST_LISTED_IDS", equal)
    for order, is_ascending, below in itertools.product(Order, (True, False), (None, RUN)):
        kind = Kind.CONTEXT if below is None else Kind.ARTIFACT
        listing = Listing(kind, below=below, order=order, is_ascending=is_ascending)
        rows = [node async for node in all_nodes(filled.filtering, listing)]
        for number, node in enumerate(rows):
            behind = replace(listing, after=listing.position_of(node))
            assert [each async for each in all_nodes(filled.plain, behind)] == rows[number + 1 :]


@pytest.mark.parametrize(("most", "equal"), [(2, 500), (2, 3), (100, 500)])
async def test_a_list_by_change_ends_at_the_limit_of_its_position(
    filled: Both, most: int, equal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_filters, "MOST_LISTED", most)
    monkeypatch.setattr(equal_times, "_MOST_LISTED_IDS", equal)
    listing = Listing(Kind.CONTEXT, order=Order.LAST_UPDATE_TIME)
    rows = [node async for node in all_nodes(filled.filtering, listing)]
    until = rows[4].last_update_time_since_epoch
    ended = replace(listing, after=listing.position_of(rows[0])._replace(until=until))
    expected = [row for row in rows[1:] if row.last_update_time_since_epoch <= until]
    assert [node async for node in all_nodes(filled.plain, ended)] == expected


async def test_a_page_that_reaches_the_limit_of_a_list_by_change_is_the_last_one(
    filled: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_filters, "MOST_LISTED", 20)
    listing = Listing(Kind.CONTEXT, order=Order.LAST_UPDATE_TIME)
    rows = [node async for node in all_nodes(filled.filtering, listing)]
    until = next(row.last_update_time_since_epoch for row in rows[1:] if _is_later(row, rows[0]))
    assert rows[20:]
    page = await filled.plain.list_nodes(replace(listing, after=Position(0, 1, until)))
    assert {row.last_update_time_since_epoch for row in page.nodes} == {rows[0].last_update_time_since_epoch, until}
    assert page.rest is None


def _is_later(row: Any, other: Any) -> bool:
    return bool(row.last_update_time_since_epoch > other.last_update_time_since_epoch)


async def test_a_list_by_change_does_not_read_on_behind_its_limit(
    filled: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_filters, "MOST_LISTED", 2)
    listing = Listing(Kind.CONTEXT, order=Order.LAST_UPDATE_TIME)
    rows = [node async for node in all_nodes(filled.filtering, listing)]
    ended = replace(listing, after=Position(0, 1, rows[0].last_update_time_since_epoch - 1))
    assert await filled.plain.list_nodes(ended) == ([], None, 0)
    assert filled.server.rounds == "GetContexts"


def filter_of(text: str, *entities: type[Entity]) -> Filter:
    """A parsed filter."""
    found = parse_filter(text, entities)
    assert found
    return found


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("id = 5", "GetContextsByID"),
        ("id IN (5, 7, 8, 99) AND owner = 'bob'", "GetContextsByID"),
        ("id = '5' AND name = 'm1'", "GetContextsByID"),
        ("name = 'm2'", "GetContextByTypeAndName"),
        ("owner = 'bob' AND (name = 'm2' AND id > 0)", "GetContextByTypeAndName"),
        ("externalId = 'x2'", "GetContextsByExternalIds"),
        ("external_id = 'no such id'", "GetContextsByExternalIds"),
        ("name = 'm2' OR id = 1", "GetContextsByType"),
        ("NOT name = 'm2'", "GetContextsByType"),
        ("name LIKE 'm2'", "GetContextsByType"),
        ("name = 'M2'", "GetContextByTypeAndName"),
        ("name = ''", "GetContextsByType"),
        ("name IN ('m1', 'm2')", "GetContextsByType"),
        ("id > 3", "GetContextsByType"),
        ("id = 99999999999999999999", ""),
        ("custom = 'm2'", "GetContextsByType"),
    ],
)
async def test_a_filter_that_names_an_id_or_a_name_is_looked_up(filled: Both, text: str, calls: str) -> None:
    filter_ = filter_of(text, RegisteredModel)
    listing = Listing(Kind.CONTEXT, types=(filled.types[RegisteredModel],), filter=filter_)

    def matches(node: Any) -> bool:
        return listing.takes(node) and filter_.matches(from_node(RegisteredModel, node))

    expected = [node async for node in all_nodes(filled.filtering, listing) if matches(node)]
    assert [node async for node in all_nodes(filled.plain, listing) if matches(node)] == expected
    assert filled.server.rounds == calls


async def test_the_name_of_an_owned_entity_is_not_looked_up_since_its_parent_is_unknown(filled: Both) -> None:
    filter_ = filter_of("name = 'v3'", ModelVersion)
    listing = Listing(Kind.CONTEXT, types=(filled.types[ModelVersion],), filter=filter_)
    found = [node async for node in all_nodes(filled.plain, listing)]
    assert "1:v3" in [node.name for node in found]


async def test_a_type_whose_rows_lie_close_together_is_read_without_its_ids(both: Both) -> None:
    for number in range(12):
        await both.add(RegisteredModel, f"m{number}")
    listing = Listing(Kind.CONTEXT, types=(both.types[RegisteredModel],), limit=5)
    assert len([node async for node in all_nodes(both.plain, listing)]) == 12
    assert both.server.rounds == "GetContextsByType; GetContexts; GetContexts"
    for number in range(1000):
        both.server.ask("PutContexts", contexts=[{"type_id": both.types[Experiment], "name": f"e{number}"}])
    await both.add(RegisteredModel, "last")
    both.server.forget()
    assert len([node async for node in all_nodes(both.plain, listing)]) == 13
    assert both.server.rounds == "GetContexts; GetContexts; GetContexts; GetContextsByType"


async def test_few_rows_among_many_of_a_context_are_fetched_at_once(both: Both) -> None:
    run = await both.add(ExperimentRun, "1:run")
    for number in range(120):
        await both.add(Metric, f"{run}:m{number}", below=run)
    await both.add(Parameter, f"{run}:p", below=run)
    both.server.forget()
    listing = Listing(Kind.ARTIFACT, types=(both.types[Parameter],), below=run)
    page = await both.plain.list_nodes(listing)
    assert [node.name for node in page.nodes] == [f"{run}:p"]
    assert both.server.rounds == "GetArtifactsByContext; GetArtifactsByContext"


async def test_pages_say_how_many_rows_were_looked_at(both: Both) -> None:
    for number in range(150):
        both.server.ask("PutArtifacts", artifacts=[{"type_id": both.types[Metric], "name": f"1:m{number}"}])
    await both.add(Parameter, "1:p")
    page = await both.plain.list_nodes(Listing(Kind.ARTIFACT, without=(both.types[Metric],)))
    assert (page.nodes, page.scanned) == ([], 100)
    assert page.rest
    page = await both.plain.list_nodes(Listing(Kind.ARTIFACT, without=(both.types[Metric],), after=page.rest))
    assert ([node.name for node in page.nodes], page.rest, page.scanned) == (["1:p"], None, 51)


async def test_answers_that_are_too_large_are_fetched_in_smaller_parts(filled: Both) -> None:
    too_large = grpc.StatusCode.RESOURCE_EXHAUSTED, "Received message larger than max (9 vs. 4)"
    versions = Listing(Kind.CONTEXT, types=(filled.types[ModelVersion],), below=1, limit=3)
    expected = [node async for node in all_nodes(filled.filtering, versions)]
    filled.server.fail("GetChildrenContextsByContext", *too_large)
    assert [node async for node in all_nodes(filled.plain, versions)] == expected
    assert [node async for node in all_nodes(filled.plain, versions)] == expected
    assert filled.server.counts["GetChildrenContextsByContext"] == 1
    models = Listing(Kind.CONTEXT, types=(filled.types[RegisteredModel],), order=Order.CREATE_TIME)
    expected = [node async for node in all_nodes(filled.filtering, models)]
    for method in ("GetContextsByType", "GetContextsByType", "GetContexts"):
        filled.server.fail(method, *too_large)
    assert [node async for node in all_nodes(filled.plain, models)] == expected


async def test_many_names_of_known_contexts_take_one_call(filled: Both) -> None:
    names = [f"m{number}" for number in range(6)]

    async def find() -> list[str | None]:
        stored_as = RegisteredModel.stored_as
        asks = (filled.plain.find_by_name(Kind.CONTEXT, stored_as, name) for name in names)
        return [node and node.name for node in await asyncio.gather(*asks)]

    assert await find() == names
    assert filled.server.counts["GetContextByTypeAndName"] == 6
    filled.server.forget()
    assert await find() == names
    assert "GetContextByTypeAndName" not in filled.server.counts
    renamed: Any = NODE_OF[Kind.CONTEXT](id=1, type_id=filled.types[RegisteredModel], name="new")
    await filled.filtering.change(renamed, ["name"])
    await filled.add(RegisteredModel, "m0")
    filled.server.forget()
    assert await find() == names
    assert filled.server.counts["GetContextByTypeAndName"] == 1


async def test_attributions_are_the_same_as_with_filters(filled: Both) -> None:
    ids = [node.id async for node in all_nodes(filled.filtering, Listing(Kind.ARTIFACT))]
    plain, filtering = await filled.plain.attributions(ids), await filled.filtering.attributions(ids)
    assert {id_: sorted(plain[id_]) for id_ in plain} == {id_: sorted(filtering[id_]) for id_ in filtering}
    assert await filled.plain.attributions([]) == {}


async def test_the_server_is_asked_once_whether_it_filters(both: Both) -> None:
    plain: Any = MetadataStore(both.server, timeout=5000)  # type: ignore[arg-type]
    await plain.ensure_types()
    await plain.list_nodes(Listing(Kind.CONTEXT, types=(both.types[RegisteredModel],)))
    assert both.server.rounds == "PutTypes; GetContexts; GetContextsByType"


async def test_a_server_that_stops_filtering_is_asked_without_filters_from_then_on(filled: Both) -> None:
    server = FakeStore()
    server._methods = filled.server._methods
    store: Any = MetadataStore(server, timeout=5000)  # type: ignore[arg-type]
    listing = Listing(Kind.CONTEXT, criteria=(NameIs("m3"),))
    assert [node.name async for node in all_nodes(store, listing)] == ["m3"]
    assert [node.name async for node in all_nodes(store, listing)] == ["m3"]
    assert server.rounds == "GetContexts; GetContexts; GetContexts"


async def test_another_method_that_a_server_lacks_is_no_lack_of_filters(both: Both) -> None:
    both.server.fail_with("GetContexts", rpc_error(grpc.StatusCode.UNIMPLEMENTED, "no such method"))
    store: Any = MetadataStore(both.server, timeout=5000)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="The metadata store failed"):
        await store.ensure_types()


async def test_the_scan_limit_holds_for_a_filter_that_mlmd_does_not_apply() -> None:
    async with serving(FakeStore(filters=False), limits=Limits(scan=100)) as served:
        for number in range(250):
            await served.make("/registered_models", name=f"m{number}")
        query = {"filterQuery": "owner = 'ann'", "pageSize": "10"}
        pages = [(await served.client.get("/registered_models", params=query)).json()]
        while pages[-1]["nextPageToken"]:
            query["nextPageToken"] = pages[-1]["nextPageToken"]
            pages.append((await served.client.get("/registered_models", params=query)).json())
        assert [page["size"] for page in pages] == [0, 0, 0]


@pytest.mark.parametrize(
    "query", [{}, {"orderBy": "CREATE_TIME"}, {"orderBy": "LAST_UPDATE_TIME"}, {"filterQuery": "name LIKE 'm%'"}]
)
async def test_a_page_token_of_a_store_with_filters_continues_on_one_without_and_back(query: dict[str, str]) -> None:
    filtering, plain = FakeStore(), FakeStore()
    plain._methods = no_filters.without_filters(filtering._methods)
    seen: list[str] = []
    async with serving(filtering) as first, serving(plain) as second:
        for number in range(7):
            await first.make("/registered_models", name=f"m{number}")
        token = ""
        for served in itertools.cycle((first, second)):
            asked = {**query, "pageSize": "2"} | ({"nextPageToken": token} if token else {})
            page = (await served.client.get("/registered_models", params=asked)).json()
            seen += [row["name"] for row in page["items"]]
            token = page["nextPageToken"]
            if not token:
                break
    assert seen == [f"m{number}" for number in range(7)]
