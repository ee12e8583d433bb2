"""The contract of the store port: MLMD's C++ store with and without filters, and the store in memory, pass the same tests."""

import asyncio
import math
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from converters.entities import (
    DataSet,
    Experiment,
    ExperimentRun,
    InferenceService,
    Metric,
    ModelArtifact,
    ModelVersion,
    RegisteredModel,
    ServeModel,
    ServingEnvironment,
)
from converters.entity import Entity, Kind
from converters.extension_entities import ALIASES, LINEAGE, Alias, AliasMove, Step
from converters.kinds import NODE_OF, Node
from converters.values import is_rounding_of, survives
from model_registry_proxy.errors import StoreError
from model_registry_proxy.mlmd.listing import (
    CreatedUntil,
    ExternalIdIs,
    Listing,
    MadeStandalone,
    NameBegins,
    NameIs,
    NumberIn,
    Order,
    Position,
)
from model_registry_proxy.mlmd.port import AlreadyExists, Conflict, KnownContext, NotFound, NotUnique, Store, Taken, Use
from model_registry_proxy.mlmd.store import MetadataStore
from tests.support.fake_store import FakeStore
from tests.support.memory_store import MemoryStore


@dataclass
class Stored:
    """A store under test, with the ids of the types."""

    store: Store
    types: Any

    def node(self, entity: type[Entity], name: str, **fields: Any) -> Any:
        """Returns a node of an entity; whole numbers, texts and doubles among `fields` become properties."""
        node: Any = NODE_OF[entity.kind](type_id=self.types[entity], name=name)
        for key, value in fields.items():
            if key in ("id", "external_id", "uri"):
                setattr(node, key, value)
            else:
                kind = {int: "int_value", str: "string_value", float: "double_value"}[type(value)]
                setattr(node.properties[key], kind, value)
        return node

    async def context(self, entity: type[Entity] = RegisteredModel, name: str = "parent") -> KnownContext:
        """Creates a context."""
        id_ = await self.store.put(self.node(entity, name))
        return KnownContext(id_, self.types[entity], name)

    async def names(self, listing: Listing) -> list[str]:
        """Returns the names of a whole list, page by page."""
        found: list[str] = []
        while True:
            page = await self.store.list_nodes(listing)
            assert len(page.nodes) <= min(listing.limit, page.scanned)
            found += [node.name for node in page.nodes]
            if page.rest is None:
                return found
            listing = replace(listing, after=page.rest)


def _mlmd(*, filters: bool = True) -> Store:
    channel: Any = FakeStore(filters=filters)
    return MetadataStore(channel, timeout=5000)


STORES = {"in memory": MemoryStore, "over MLMD": _mlmd, "over MLMD without filters": partial(_mlmd, filters=False)}


@pytest_asyncio.fixture(params=STORES.values(), ids=STORES)
async def stored(request: pytest.FixtureRequest) -> AsyncIterator[Stored]:
    """An empty store of each implementation."""
    store = request.param()
    yield Stored(store, await store.ensure_types())


def names_of(nodes: Sequence[Node]) -> list[str]:
    """The names of nodes."""
    return [node.name for node in nodes]


async def test_types_keep_their_ids(stored: Stored) -> None:
    assert await stored.store.ensure_types() == stored.types
    assert len(set(stored.types.values())) == len(stored.types)


async def test_a_node_is_read_as_it_was_put(stored: Stored) -> None:
    node = stored.node(ModelArtifact, "u:a", uri="s3://x", external_id="e", model_format_name="onnx")
    id_ = await stored.store.put(node)
    found = await stored.store.get(Kind.ARTIFACT, id_)
    assert found is not None
    assert (found.id, found.type_id, found.type, found.name) == (id_, node.type_id, "kf.ModelArtifact", "u:a")
    assert (found.uri, found.external_id) == ("s3://x", "e")  # type: ignore[union-attr]
    assert found.properties["model_format_name"].string_value == "onnx"
    assert found.create_time_since_epoch == found.last_update_time_since_epoch > 1_500_000_000_000


async def test_a_missing_id_reads_as_nothing(stored: Stored) -> None:
    for kind in Kind:
        assert await stored.store.get(kind, 99) is None
    assert await stored.store.context(99) is None


async def test_ids_are_counted_by_kind(stored: Stored) -> None:
    assert (await stored.context()).id == 1
    assert await stored.store.put(stored.node(ModelArtifact, "u:a")) == 1
    assert await stored.store.put(stored.node(ServeModel, "u:a")) == 1


async def test_a_name_is_taken_once_for_each_type(stored: Stored) -> None:
    await stored.context(RegisteredModel, "same")
    await stored.context(Experiment, "same")
    with pytest.raises(AlreadyExists) as refused:
        await stored.context(RegisteredModel, "same")
    assert refused.value.is_about("same")
    assert not refused.value.is_about("other")


async def test_an_external_id_is_taken_once_for_each_kind(stored: Stored) -> None:
    await stored.store.put(stored.node(RegisteredModel, "a", external_id="x"))
    await stored.store.put(stored.node(ModelArtifact, "u:a", external_id="x"))
    with pytest.raises((AlreadyExists, NotUnique)) as refused:
        await stored.store.put(stored.node(Experiment, "b", external_id="x"))
    assert refused.value.taken is Taken.EXTERNAL_ID
    assert await stored.store.find_by_name(Kind.CONTEXT, "kf.Experiment", "b") is None


async def test_a_node_of_an_unknown_type_or_id_is_refused(stored: Stored) -> None:
    node = stored.node(RegisteredModel, "a")
    node.type_id = 9999
    with pytest.raises(NotFound):
        await stored.store.put(node)
    with pytest.raises(NotFound):
        await stored.store.change(stored.node(RegisteredModel, "a", id=99), ["name"])
    model = await stored.context()
    with pytest.raises(NotFound):
        await stored.store.change(stored.node(Experiment, "a", id=model.id), ["name"])


async def test_a_property_that_the_type_does_not_declare_is_refused(stored: Stored) -> None:
    with pytest.raises(StoreError):
        await stored.store.put(stored.node(RegisteredModel, "m", storage_key="a field of model artifacts"))
    with pytest.raises(StoreError):
        await stored.store.put(stored.node(RegisteredModel, "m", description=1))
    assert await stored.names(Listing(Kind.CONTEXT)) == []
    model = await stored.context()
    change = stored.node(RegisteredModel, "", id=model.id, storage_key="k")
    with pytest.raises(StoreError):
        await stored.store.change(change, ["properties.storage_key"])


async def test_a_change_leaves_fields_outside_its_mask_as_they_are(stored: Stored) -> None:
    id_ = await stored.store.put(stored.node(ModelArtifact, "u:a", uri="old", external_id="e", storage_key="k"))
    change = stored.node(ModelArtifact, "never", id=id_, uri="new", storage_path="p", storage_key="never")
    await stored.store.change(change, ["uri", "properties.storage_path"])
    found: Any = await stored.store.get(Kind.ARTIFACT, id_)
    assert (found.name, found.uri, found.external_id) == ("u:a", "new", "e")
    assert {key: value.string_value for key, value in found.properties.items()} == {
        "storage_key": "k",
        "storage_path": "p",
    }


async def test_a_masked_field_without_a_value_is_removed(stored: Stored) -> None:
    node = stored.node(ModelArtifact, "u:a", storage_key="k", storage_path="p")
    node.custom_properties["mine"].string_value = "x"
    id_ = await stored.store.put(node)
    await stored.store.change(stored.node(ModelArtifact, "", id=id_), ["properties.storage_key", "custom_properties"])
    found: Any = await stored.store.get(Kind.ARTIFACT, id_)
    assert list(found.properties) == ["storage_path"]
    assert not found.custom_properties


async def test_a_put_with_an_id_replaces_all_properties(stored: Stored) -> None:
    id_ = await stored.store.put(stored.node(ModelArtifact, "u:a", storage_key="k"))
    assert await stored.store.put(stored.node(ModelArtifact, "u:a", id=id_, storage_path="p")) == id_
    found: Any = await stored.store.get(Kind.ARTIFACT, id_)
    assert list(found.properties) == ["storage_path"]


async def test_a_change_to_a_taken_name_or_external_id_is_refused_and_changes_nothing(stored: Stored) -> None:
    await stored.store.put(stored.node(RegisteredModel, "a", external_id="x"))
    id_ = await stored.store.put(stored.node(RegisteredModel, "b", external_id="y"))
    for change, field, taken in (
        (stored.node(RegisteredModel, "a", id=id_), "name", Taken.NAME),
        (stored.node(RegisteredModel, "", id=id_, external_id="x"), "external_id", Taken.EXTERNAL_ID),
    ):
        with pytest.raises((AlreadyExists, NotUnique)) as refused:
            await stored.store.change(change, [field])
        assert refused.value.taken is taken
    found: Any = await stored.store.get(Kind.CONTEXT, id_)
    assert (found.name, found.external_id) == ("b", "y")


@pytest.mark.parametrize(
    ("kind", "entity"),
    [(Kind.CONTEXT, RegisteredModel), (Kind.ARTIFACT, ModelArtifact), (Kind.EXECUTION, ServeModel)],
)
async def test_a_change_moves_the_update_time_and_a_put_that_changes_nothing_does_not(
    stored: Stored, kind: Kind, entity: type[Entity]
) -> None:
    id_ = await stored.store.put(stored.node(entity, "1:a", description="d"))
    node: Any = await stored.store.get(kind, id_)
    await asyncio.sleep(0.002)  # the times are in ms
    await stored.store.put(node)
    assert await stored.store.get(kind, id_) == node
    await stored.store.change(stored.node(entity, "", id=id_, description="d"), ["properties.description"])
    changed: Any = await stored.store.get(kind, id_)
    assert changed.last_update_time_since_epoch > node.last_update_time_since_epoch
    assert changed.create_time_since_epoch == node.create_time_since_epoch


async def test_a_put_without_a_name_keeps_the_name_and_every_artifact_has_a_uri(stored: Stored) -> None:
    id_ = await stored.store.put(stored.node(ModelArtifact, "u:a"))
    await stored.store.put(stored.node(ModelArtifact, "", id=id_, storage_key="k"))
    found: Any = await stored.store.get(Kind.ARTIFACT, id_)
    assert (found.name, found.uri, found.HasField("uri")) == ("u:a", "", True)


async def test_a_change_of_an_artifact_that_has_changed_since_is_a_conflict(stored: Stored) -> None:
    id_ = await stored.store.put(stored.node(ModelArtifact, "u:a", uri="0"))
    seen: Any = await stored.store.get(Kind.ARTIFACT, id_)
    old = type(seen)()
    old.CopyFrom(seen)
    old.last_update_time_since_epoch -= 5
    with pytest.raises(Conflict):
        await stored.store.change(stored.node(ModelArtifact, "u:a", id=id_, uri="1"), ["uri"], seen=old)
    await stored.store.change(stored.node(ModelArtifact, "u:a", id=id_, uri="2"), ["uri"], seen=seen)
    found: Any = await stored.store.get(Kind.ARTIFACT, id_)
    assert found.uri == "2"


DOUBLES = (0.0, -0.0, 0.12345678901, -1e-7, 1e15, 123456.75, 1e22 + 2**22, 0.1 + 0.2, math.pi, 9.9e59, 1e-300)


@pytest.mark.parametrize("number", DOUBLES)
async def test_doubles_have_six_decimals_and_15_digits(stored: Stored, number: float) -> None:
    id_ = await stored.store.put(stored.node(Metric, "u:a", value=number))
    found: Any = await stored.store.get(Kind.ARTIFACT, id_)
    kept = found.properties["value"].double_value
    assert is_rounding_of(kept, number)
    assert survives(number) == ((kept, math.copysign(1, kept)) == (number, math.copysign(1, number)))


async def test_finds_are_exact(stored: Stored) -> None:
    await stored.store.put(stored.node(RegisteredModel, "Name", external_id="Ext"))
    find, external = stored.store.find_by_name, stored.store.find_by_external_id
    found = await find(Kind.CONTEXT, "kf.RegisteredModel", "Name")
    assert found is not None
    assert found.id == 1
    for type_name, name in (("kf.RegisteredModel", "name"), ("kf.Experiment", "Name"), ("no such type", "Name")):
        assert await find(Kind.CONTEXT, type_name, name) is None
    assert names_of(await external(Kind.CONTEXT, "Ext")) == ["Name"]
    assert await external(Kind.CONTEXT, "ext") == []
    assert await external(Kind.ARTIFACT, "Ext") == []


async def test_contexts_are_linked_once(stored: Stored) -> None:
    model = await stored.context()
    version = await stored.store.put(stored.node(ModelVersion, "1:v"))
    await stored.store.link(version, model.id)
    with pytest.raises(AlreadyExists):
        await stored.store.link(version, model.id)
    assert names_of(await stored.store.parents(version)) == ["parent"]
    assert await stored.store.parents(model.id) == []
    assert await stored.store.owners(Kind.CONTEXT, version) == [model.id]


async def test_a_context_is_linked_to_an_existing_other_one_only(stored: Stored) -> None:
    model = await stored.context()
    for pair in ((model.id, 99), (99, model.id), (model.id, model.id)):
        with pytest.raises(StoreError):
            await stored.store.link(*pair)


async def test_nodes_below_a_parent_are_created_and_linked_together(stored: Stored) -> None:
    run = await stored.context(ExperimentRun, "1:run")
    nodes = [stored.node(Metric, "1:loss", value=1.0), stored.node(Metric, "1:accuracy", value=2.0)]
    ids = await stored.store.put_below(run, nodes)
    assert [await stored.store.owners(Kind.ARTIFACT, id_) for id_ in ids] == [[run.id]] * 2
    assert await stored.store.attributions(ids) == {id_: [run.id] for id_ in ids}
    listing = Listing(Kind.ARTIFACT, below=run.id)
    assert await stored.names(listing) == ["1:loss", "1:accuracy"]
    serve = stored.node(ServeModel, "1:serve")
    service = await stored.context(InferenceService, "s")
    (serve_id,) = await stored.store.put_below(service, [serve])
    assert await stored.store.owners(Kind.EXECUTION, serve_id) == [service.id]


async def test_of_nodes_below_a_parent_all_are_created_or_none(stored: Stored) -> None:
    run = await stored.context(ExperimentRun, "1:run")
    await stored.store.put_below(run, [stored.node(Metric, "1:taken", value=1.0)])
    nodes = [stored.node(Metric, "1:new", value=1.0), stored.node(Metric, "1:taken", value=1.0)]
    with pytest.raises(AlreadyExists) as refused:
        await stored.store.put_below(run, nodes)
    assert refused.value.is_about("1:taken")
    assert await stored.names(Listing(Kind.ARTIFACT)) == ["1:taken"]
    with pytest.raises(AlreadyExists):
        await stored.store.put_below(run, [stored.node(Metric, "1:twice", value=value) for value in (1.0, 2.0)])
    for parent, id_ in ((run._replace(id=99, name="1:none"), 0), (run, 99)):
        with pytest.raises(NotFound):
            await stored.store.put_below(parent, [stored.node(Metric, "1:new", id=id_, value=1.0)])
    assert await stored.names(Listing(Kind.ARTIFACT)) == ["1:taken"]


async def test_an_existing_node_may_be_put_below_again_together_with_a_new_one(stored: Stored) -> None:
    run = await stored.context(ExperimentRun, "1:run")
    (id_,) = await stored.store.put_below(run, [stored.node(Metric, "1:loss", value=1.0)])
    again = [stored.node(Metric, "1:loss", id=id_, value=2.0), stored.node(Metric, "1:other", value=1.0)]
    assert (await stored.store.put_below(run, again))[0] == id_
    found: Any = await stored.store.get(Kind.ARTIFACT, id_)
    assert found.properties["value"].double_value == 2.0
    assert await stored.store.owners(Kind.ARTIFACT, id_) == [run.id]


async def test_an_artifact_may_be_attached_to_several_contexts_and_twice_to_one(stored: Stored) -> None:
    first, second = await stored.context(name="a"), await stored.context(name="b")
    id_ = await stored.store.put(stored.node(ModelArtifact, "u:a"))
    assert await stored.store.owners(Kind.ARTIFACT, id_) == []
    for context in (first, second, first):
        await stored.store.attach(Kind.ARTIFACT, id_, context.id)
    assert sorted(await stored.store.owners(Kind.ARTIFACT, id_)) == [first.id, second.id]
    assert {key: sorted(ids) for key, ids in (await stored.store.attributions([id_, 99])).items()} == {
        id_: [first.id, second.id]
    }
    assert await stored.store.attributions([]) == {}


@pytest.mark.parametrize(("entity", "other"), [(ServeModel, None), (Metric, ModelArtifact)])
async def test_the_newest_node_of_each_context_is_found_however_many_another_one_has(
    entity: type[Entity], other: type[Entity] | None, stored: Stored
) -> None:
    busy, quiet, empty = [await stored.context(InferenceService, name) for name in ("busy", "quiet", "empty")]
    store = stored.store
    (first,) = await store.put_below(quiet, [stored.node(entity, "q:1")])
    (last,) = await store.put_below(quiet, [stored.node(entity, "q:2")])
    rows = await store.put_below(busy, [stored.node(entity, f"b:{number}") for number in range(150)])
    if other:
        await store.put_below(quiet, [stored.node(other, "q:3")])
    if entity.kind is Kind.ARTIFACT:
        await store.attach(entity.kind, first, busy.id)
    found = await store.newest(entity.kind, stored.types[entity], [busy.id, quiet.id, empty.id, 99])
    assert {context: node.id for context, node in found.items()} == {busy.id: max(rows), quiet.id: last}
    assert await store.newest(entity.kind, stored.types[entity], []) == {}


async def test_only_what_exists_is_attached(stored: Stored) -> None:
    context = await stored.context()
    for kind, entity in ((Kind.ARTIFACT, ModelArtifact), (Kind.EXECUTION, ServeModel)):
        id_ = await stored.store.put(stored.node(entity, "u:a"))
        for node, owner in ((99, context.id), (id_, 99)):
            with pytest.raises(NotFound):
                await stored.store.attach(kind, node, owner)
        assert await stored.store.owners(kind, id_) == []


async def test_a_context_is_known_by_type_and_name(stored: Stored) -> None:
    model = await stored.context(name="m")
    assert await stored.store.context(model.id) == KnownContext(model.id, stored.types[RegisteredModel], "m")


async def test_a_context_is_known_by_its_new_name_once_it_was_read_again(stored: Stored) -> None:
    model = await stored.context(name="old")
    assert (await stored.store.context(model.id)) == model
    await stored.store.change(stored.node(RegisteredModel, "new", id=model.id), ["name"])
    known = await stored.store.context(model.id)
    assert known is not None
    assert known.name in ("old", "new")
    await stored.store.get(Kind.CONTEXT, model.id)
    assert await stored.store.context(model.id) == model._replace(name="new")


async def test_nodes_are_created_below_a_parent_whose_name_has_changed(stored: Stored) -> None:
    run = await stored.context(ExperimentRun, "1:old")
    await stored.store.change(stored.node(ExperimentRun, "1:new", id=run.id), ["name"])
    (id_,) = await stored.store.put_below(run, [stored.node(Metric, "1:loss", value=1.0)])
    assert await stored.store.owners(Kind.ARTIFACT, id_) == [run.id]
    assert await stored.names(Listing(Kind.CONTEXT)) == ["1:new"]


@pytest.mark.parametrize("is_ascending", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 100])
@pytest.mark.parametrize("order", list(Order))
async def test_a_list_shows_each_row_once_and_in_order(
    stored: Stored, order: Order, limit: int, is_ascending: bool
) -> None:
    for number in range(7):
        await stored.context(name=f"m{number}")
    await stored.context(Experiment, "other")
    listing = Listing(
        Kind.CONTEXT, types=(stored.types[RegisteredModel],), order=order, is_ascending=is_ascending, limit=limit
    )
    expected = [f"m{number}" for number in range(7)]
    assert await stored.names(listing) == (expected if is_ascending else expected[::-1])


async def test_a_list_by_time_ends_at_the_limit_of_its_position(stored: Stored) -> None:
    node: Any = await stored.store.get(Kind.CONTEXT, (await stored.context(name="m")).id)
    time = node.last_update_time_since_epoch
    listing = Listing(Kind.CONTEXT, order=Order.LAST_UPDATE_TIME)
    assert await stored.names(replace(listing, after=Position(0, 0, time))) == ["m"]
    assert await stored.names(replace(listing, after=Position(0, 0, time - 1))) == []


async def test_a_list_has_the_wanted_types_and_not_the_unwanted(stored: Stored) -> None:
    for entity in (RegisteredModel, Experiment, ServingEnvironment):
        await stored.context(entity, entity.__name__)
    model, experiment = stored.types[RegisteredModel], stored.types[Experiment]
    assert await stored.names(Listing(Kind.CONTEXT, types=(model, experiment))) == ["RegisteredModel", "Experiment"]
    assert await stored.names(Listing(Kind.CONTEXT, without=(model,))) == ["Experiment", "ServingEnvironment"]


@pytest.mark.parametrize("is_repeated", [False, True], ids=["first", "again"])
async def test_a_list_of_children_has_those_of_its_parent(stored: Stored, is_repeated: bool) -> None:
    parents = [await stored.context(name=name) for name in ("a", "b")]
    for parent in parents:
        for number in range(3):
            child = await stored.store.put(stored.node(ModelVersion, f"{parent.id}:v{number}"))
            await stored.store.link(child, parent.id)
    listing = Listing(Kind.CONTEXT, types=(stored.types[ModelVersion],), below=parents[1].id, limit=2)
    if is_repeated:
        await stored.names(replace(listing, limit=100))
    assert await stored.names(listing) == ["2:v0", "2:v1", "2:v2"]
    assert await stored.names(replace(listing, is_ascending=False)) == ["2:v2", "2:v1", "2:v0"]


async def test_criteria_narrow_a_list_and_miss_no_row(stored: Stored) -> None:
    standalone = str(uuid.UUID(int=7))
    for name in ("7:loss", "8:loss", "7:loss__5", "8:loss__6", f"{standalone}:loss", "7:other"):
        await stored.store.put(stored.node(Metric, name, step=len(name)))
    await stored.store.put(stored.node(Metric, "7:named", external_id="x"))
    for criterion, wanted in (
        (NameIs("loss", prefix="7"), {"7:loss"}),
        (NameIs("loss", any_prefix=True), {"7:loss", "8:loss", f"{standalone}:loss"}),
        (NameIs("loss", prefix="7", suffix="__"), {"7:loss__5"}),
        (NameIs("loss", any_prefix=True, suffix="__"), {"7:loss__5", "8:loss__6"}),
        (ExternalIdIs("x"), {"7:named"}),
        (NumberIn("step", (9,)), {"7:loss__5", "8:loss__6"}),
        (MadeStandalone(), {f"{standalone}:loss"}),
    ):
        found = set(await stored.names(Listing(Kind.ARTIFACT, criteria=(criterion,))))
        assert wanted <= found, criterion
        assert len(found) < 7, criterion
    both = (NameIs("loss", any_prefix=True), MadeStandalone())
    assert await stored.names(Listing(Kind.ARTIFACT, criteria=both)) == [f"{standalone}:loss"]


async def test_what_a_store_returns_may_be_changed_without_changing_the_store(stored: Stored) -> None:
    model = await stored.context(name="m")
    node: Any = await stored.store.get(Kind.CONTEXT, model.id)
    node.name = "changed"
    again: Any = await stored.store.get(Kind.CONTEXT, model.id)
    assert again.name == "m"


@dataclass
class Recording:
    """A model with two versions, and an alias of it whose changes are recorded."""

    stored: Stored
    model: KnownContext
    versions: list[KnownContext]

    @classmethod
    async def of(cls, stored: Stored) -> "Recording":
        """Makes the types, the model and the versions."""
        stored.types = {**stored.types, **await stored.store.make_types(ALIASES)}
        model = await stored.context(RegisteredModel, "model")
        versions = [await stored.context(ModelVersion, f"{model.id}:{name}") for name in ("one", "two")]
        return cls(stored, model, versions)

    async def move(self, serial: int, to: int, **fields: Any) -> int:
        """Stores that the alias points to a version, with the record of this serial."""
        node = self.stored.node(Alias, f"{self.model.id}:production", version_id=to, serial=serial, **fields)
        record = self.stored.node(AliasMove, f"{self.model.id}:production:{serial}", to=to)
        return await self.stored.store.put_recorded(node, record, [self.model, *self.versions])

    async def alias(self) -> Node | None:
        """The alias as it is stored."""
        return await self.stored.store.find_by_name(Kind.CONTEXT, "mr.Alias", f"{self.model.id}:production")

    async def records(self, below: int) -> list[str]:
        """The names of the records that are linked to a context."""
        listing = Listing(Kind.EXECUTION, types=(self.stored.types[AliasMove],), below=below)
        return await self.stored.names(listing)


async def test_types_of_an_extension_are_there_once_they_are_made(stored: Stored) -> None:
    assert await stored.store.find_types(ALIASES) is None
    made = await stored.store.make_types(ALIASES)
    assert set(made) == set(ALIASES)
    assert await stored.store.find_types(ALIASES) == await stored.store.make_types(ALIASES) == made
    assert not set(made.values()) & set(stored.types.values())


async def test_a_recorded_context_is_stored_with_its_record_and_links(stored: Stored) -> None:
    recording = await Recording.of(stored)
    id_ = await recording.move(1, recording.versions[0].id)
    found = await recording.alias()
    assert found is not None
    assert (found.id, found.properties["version_id"].int_value) == (id_, recording.versions[0].id)
    for context in (id_, recording.model.id, *(version.id for version in recording.versions)):
        assert await recording.records(context) == [f"{recording.model.id}:production:1"]
    model = await stored.store.get(Kind.CONTEXT, recording.model.id)
    assert model is not None
    assert dict(model.custom_properties) == {}


async def test_a_recorded_context_with_an_id_is_replaced(stored: Stored) -> None:
    recording = await Recording.of(stored)
    id_ = await recording.move(1, recording.versions[0].id, top=1)
    assert await recording.move(2, recording.versions[1].id, id=id_) == id_
    found = await recording.alias()
    assert found is not None
    assert {key: value.int_value for key, value in found.properties.items()} == {
        "version_id": recording.versions[1].id,
        "serial": 2,
    }


async def test_a_record_whose_name_is_taken_leaves_the_context_as_it_is(stored: Stored) -> None:
    recording = await Recording.of(stored)
    id_ = await recording.move(1, recording.versions[0].id)
    for chosen in ({"id": id_}, {}):
        with pytest.raises(AlreadyExists):
            await recording.move(1, recording.versions[1].id, **chosen)
    found = await recording.alias()
    assert found is not None
    assert found.properties["version_id"].int_value == recording.versions[0].id
    assert await recording.records(id_) == [f"{recording.model.id}:production:1"]


async def test_a_record_of_a_missing_context_is_refused(stored: Stored) -> None:
    recording = await Recording.of(stored)
    recording.versions.append(KnownContext(9999, stored.types[ModelVersion], "1:three"))
    with pytest.raises(NotFound):
        await recording.move(1, recording.versions[0].id)
    assert await recording.alias() is None


async def test_a_record_follows_a_version_that_was_renamed(stored: Stored) -> None:
    recording = await Recording.of(stored)
    version = recording.versions[0]
    renamed = stored.node(ModelVersion, f"{recording.model.id}:new", id=version.id)
    await stored.store.put(renamed)
    id_ = await recording.move(1, version.id)
    assert await recording.records(version.id) == await recording.records(id_) == [f"{recording.model.id}:production:1"]
    assert await stored.store.find_by_name(Kind.CONTEXT, "kf.ModelVersion", version.name) is None


async def test_nodes_are_listed_by_the_beginning_of_their_names_and_by_time(stored: Stored) -> None:
    for name in ("5:a_b:1", "5:axb:1", "5:a_b:2", "15:a_b:3"):
        await stored.store.put(stored.node(ModelVersion, name))
    listing = Listing(Kind.CONTEXT, types=(stored.types[ModelVersion],), criteria=(NameBegins("5:a_b:"),))
    page = await stored.store.list_nodes(listing)
    assert [node.name for node in page.nodes if listing.takes(node)] == ["5:a_b:1", "5:a_b:2"]
    newest = max(node.create_time_since_epoch for node in page.nodes)
    for time, names in ((newest, ["5:a_b:1", "5:a_b:2"]), (newest - 3_600_000, [])):
        until = replace(listing, criteria=(*listing.criteria, CreatedUntil(time)))
        page = await stored.store.list_nodes(until)
        assert [node.name for node in page.nodes if until.takes(node)] == names


async def test_a_step_is_stored_with_what_it_took_and_made(stored: Stored) -> None:
    stored.types = {**stored.types, **await stored.store.make_types(LINEAGE)}
    ids = [await stored.store.put(stored.node(DataSet, f"u{number}:data")) for number in range(3)]
    before = [await stored.store.get(Kind.ARTIFACT, id_) for id_ in ids]
    first = await stored.store.put_step(stored.node(Step, "u:first"), ids[:2], ids[2:])
    second = await stored.store.put_step(stored.node(Step, "u:second"), ids[2:], [])
    expected = {
        Use(ids[0], first, True),
        Use(ids[1], first, True),
        Use(ids[2], first, False),
        Use(ids[2], second, True),
    }
    assert set(await stored.store.uses(Kind.ARTIFACT, ids)) == expected
    assert set(await stored.store.uses(Kind.EXECUTION, [first, second, 9999])) == expected
    assert await stored.store.uses(Kind.ARTIFACT, []) == await stored.store.uses(Kind.ARTIFACT, [9999]) == []
    assert [await stored.store.get(Kind.ARTIFACT, id_) for id_ in ids] == before
    assert await stored.store.owners(Kind.EXECUTION, first) == []


async def test_a_step_of_a_taken_name_is_refused_and_leaves_nothing(stored: Stored) -> None:
    stored.types = {**stored.types, **await stored.store.make_types(LINEAGE)}
    id_ = await stored.store.put(stored.node(DataSet, "u:data"))
    await stored.store.put_step(stored.node(Step, "u:taken"), [id_], [])
    with pytest.raises(AlreadyExists):
        await stored.store.put_step(stored.node(Step, "u:taken"), [], [id_])
    assert [use.is_input for use in await stored.store.uses(Kind.ARTIFACT, [id_])] == [True]
